package config

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/fetch"
	"feedmill/feed/rows"
)

// Block makes a feed of every row of a list. Its words were checked as far as they can be without a row.
type Block struct {
	// Key is the block's name, with {column} in it.
	Key string
	// Each says where the rows come from; exactly one kind is set. Digest tells that place from others.
	Each   EachKinds
	Digest string
	// Schedule says when the rows are looked at, Guard which lists are not believed.
	Schedule feed.Schedule
	Guard    Guard
	// Columns are those that the block names, sorted.
	Columns []string
	// File and Line are where the block's key stands.
	File string
	Line int

	shape    *regexp.Regexp // of its keys
	node     *yaml.Node
	at       place
	walk     walk
	config   *Config
	defaults feedDefaults
	env      *environment
}

// Grown is what became of one row: a feed, or what is wrong with the row.
type Grown struct {
	Key  string
	Feed Feed
	Err  error
}

// block reads a block as far as can be done without rows.
func (l *loader) block(entry entry[deferred[*feedWords]], w *walk) {
	b := &Block{Key: entry.Key, File: entry.At.file, Line: entry.At.line, node: entry.Value.node, at: entry.At, env: w.env, defaults: l.defaults}
	if problem := blockKeyProblem(entry.Key); problem != "" {
		l.report(entry.At, "%s", problem)
		return
	}
	b.shape = shapeOf(entry.Key)
	probe := &rowReader{probe: true, names: map[string]bool{}}
	for _, name := range named(entry.Key) {
		probe.names[name] = true
	}
	trial := *w
	trial.row, trial.problems = probe, nil
	scratch := *l
	scratch.problems, scratch.references, scratch.dressed = nil, nil, nil
	scratch.keys, scratch.reports = map[string]place{}, maps.Clone(l.reports)
	entry.Value.read(&trial)
	words := entry.Value.Value
	l.problems = append(l.problems, trial.problems...)
	if words == nil {
		return
	}
	f := scratch.feed(exampleKey(entry.Key), entry.At, words)
	l.problems = append(l.problems, scratch.problems...)
	switch words.Each.State {
	case missing:
		l.report(entry.At, "a key with { } in it makes many feeds and says where their rows come from; write each: {csv: teams.csv}, or a key without { }")
	case good:
		b.Each = words.Each.Value.EachKinds
		b.Digest = digest(b.Each)
	case refused:
	}
	b.Schedule, b.Guard = f.Schedule, f.Guard
	b.Columns = slices.Sorted(maps.Keys(probe.names))
	c := *l.config
	b.walk = *w
	if probe.elsewhere {
		// Whoever writes the rows says who is asked: what is meant for hosts that the operator chose stays here.
		c.Fetch, b.walk.fetch = stranger(c.Fetch), stranger(w.fetch)
		l.noSecrets(entry.Value.node, entry.At.path, w)
	}
	b.config = &c
	l.config.Blocks = append(l.config.Blocks, b)
}

// stranger takes the secrets and the ways into private networks out of manners.
func stranger(c fetch.Config) fetch.Config {
	c = c.Clone()
	c.Headers, c.Cookies, c.Auth, c.AllowPrivate = nil, nil, fetch.Auth{}, nil
	return c
}

// noSecrets reports secrets that a block would send to hosts that its rows choose.
func (l *loader) noSecrets(n *yaml.Node, shown string, w *walk) {
	var search func(n *yaml.Node, inFetch bool)
	search = func(n *yaml.Node, inFetch bool) {
		n = resolve(n)
		if n.Kind == yaml.ScalarNode && inFetch && strings.Contains(strings.ReplaceAll(n.Value, "$${", ""), "${") {
			at := w.place(n, path{shown: shown})
			l.report(at, "is a secret, and the rows choose the host that it is sent to; write the host into the address, such as https://api.example.org/{team}, or take the secret out")
		}
		if n.Kind != yaml.MappingNode {
			for _, c := range n.Content {
				search(c, inFetch)
			}
			return
		}
		for _, pair := range pairsOf(n) {
			search(pair.value, inFetch || pair.key.Value == "fetch")
		}
	}
	for _, pair := range pairsOf(resolve(n)) {
		if pair.key.Value != "each" { // the list lies where the operator says
			search(pair.value, false)
		}
	}
}

// blockKeyProblem says why a block's key cannot become the keys of feeds; empty when it can.
func blockKeyProblem(key string) string {
	if len(named(key)) == 0 {
		return "a key with { } in it names a column of the rows of each, such as teams/{team}"
	}
	if strings.Contains(key, "{{") {
		return "a feed's key has no { } in it; write {column} with single ones"
	}
	if problem := keyProblem(exampleKey(key)); problem != "" {
		return problem
	}
	return ""
}

// exampleKey is a key that the block could make.
func exampleKey(key string) string { return placeholder.ReplaceAllString(key, "x") }

// Makes reports whether a key is one that the block could make.
func (b *Block) Makes(key string) bool { return b.shape.MatchString(key) }

// shapeOf matches the keys that a block could make.
func shapeOf(key string) *regexp.Regexp {
	var pattern strings.Builder
	at := 0
	for _, found := range placeholder.FindAllStringIndex(key, -1) {
		pattern.WriteString(regexp.QuoteMeta(key[at:found[0]]) + "[a-z0-9_-]+")
		at = found[1]
	}
	return regexp.MustCompile("^" + pattern.String() + regexp.QuoteMeta(key[at:]) + "$")
}

// KeyOf is the key of the feed that a row makes. Values become parts of an address: lower case, with - for what cannot
// stand there.
func (b *Block) KeyOf(row rows.Row) (string, error) {
	var wrong error
	key := placeholder.ReplaceAllStringFunc(b.Key, func(found string) string {
		name := found[1 : len(found)-1]
		part := row.Values[name]
		if !segmentPattern.MatchString(part) {
			part = slug(part)
		}
		switch {
		case row.Values[name] == "":
			wrong = errors.Join(wrong, fmt.Errorf("has no %s, which the address of its feed is made of", name))
		case part == "":
			wrong = errors.Join(wrong, fmt.Errorf("has a %s of which no address can be made; it takes letters a-z, digits, - and _", name))
		}
		return part
	})
	if wrong != nil {
		return "", wrong
	}
	if problem := keyProblem(key); problem != "" {
		return "", errors.New("makes the key " + key + ": " + problem)
	}
	return key, nil
}

// slug makes one part of a key, or nothing where letters would be lost: what is left might be another's name.
func slug(s string) string {
	made := clean.Slug(s)
	if strings.ContainsFunc(made, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return ""
	}
	return made
}

// Grow makes a feed of each row. What is wrong with one row is told with it and concerns no other; whether the feeds go
// together is asked of [Config.With].
func (b *Block) Grow(list []rows.Row) []Grown {
	grown := make([]Grown, 0, len(list))
	l := &loader{config: b.config, env: b.env, defaults: b.defaults, schedules: map[string]feed.Schedule{}}
	for _, row := range list {
		key, err := b.KeyOf(row)
		g := Grown{Key: key}
		if err == nil {
			g.Feed, err = b.grow(l, key, row)
		}
		if err != nil {
			g.Err = fmt.Errorf("%s: %w", row.Place, err)
		}
		grown = append(grown, g)
	}
	return grown
}

func (b *Block) grow(l *loader, key string, row rows.Row) (Feed, error) {
	l.problems, l.references, l.dressed = nil, nil, nil
	l.keys, l.reports = map[string]place{}, map[string]place{}
	w := b.walk
	w.row, w.problems = &rowReader{row: row}, nil
	var words *feedWords
	at := b.at
	w.read(b.node, &words, path{at.path, "feeds.*"})
	var f Feed
	if words != nil {
		f = l.feed(key, at, words)
	}
	problems := slices.Concat(w.problems, l.problems)
	if len(problems) > 0 {
		var texts []string
		for _, p := range problems {
			texts = append(texts, strings.TrimPrefix(p.Path, at.path+".")+" "+p.Message)
		}
		return Feed{}, feed.Classify(feed.Unreadable, errors.New(strings.Join(texts, "; ")))
	}
	f.Block, f.Place = b.Key, row.Place
	return f, nil
}

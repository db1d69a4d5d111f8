package config

import (
	"errors"
	"fmt"
	"net/url"
	slash "path"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"feedmill/feed/fetch"
)

// leave is what an included file may do that is not fully trusted. What it does not allow is refused. A nil leave allows
// all that the main file may do.
type leave struct {
	prefix  string
	kinds   []string
	hosts   []hostPattern
	secrets []secretPattern
	// folder is where the file lies, which holds all files that it may name; dir is where relative paths begin.
	folder, dir string
}

// grantable are the kinds of sources that can be allowed. The others reach what no host stands for. A program reaches more than
// that, and command is never among what is allowed without being named.
var grantable = []string{"feed", "page", "json", "sitemap", "opml", "files", "from", "command"}

// leave makes a leave of what include says of some files. Nothing but a path is full trust.
func (l *loader) leave(entry word[includeWords]) (*leave, bool) {
	words, before := entry.Value, len(l.problems)
	if words.Path.State == missing && entry.State == good {
		l.report(entry.At, "names no files; write path: \"teams/*.yaml\"")
	}
	if words.Prefix.State == missing && words.Kinds.State == missing && words.Hosts.State == missing && words.Secrets.State == missing {
		return nil, len(l.problems) == before
	}
	le := &leave{prefix: string(words.Prefix.or("")), hosts: words.Hosts.or(nil), secrets: words.Secrets.or(nil)}
	if words.Kinds.State == missing {
		l.report(entry.At, "says what these files may do, but names no kinds; write those that they may use, such as kinds: [feed, page]")
	}
	for _, kind := range words.Kinds.Value {
		if kind.State != good {
			continue
		}
		if !slices.Contains(grantable, kind.Value) {
			l.report(kind.At, "%q cannot be allowed to a file that is not fully trusted; there are %s", kind.Shown, strings.Join(grantable, ", "))
		}
		le.kinds = append(le.kinds, kind.Value)
	}
	return le, len(l.problems) == before
}

// in is the leave of one file.
func (le *leave) in(name, dir string) *leave {
	if le == nil {
		return nil
	}
	own := *le
	own.dir, own.folder = dir, filepath.Dir(identity(name))
	if target, err := filepath.EvalSymlinks(dir); err == nil {
		own.dir = target
	}
	return &own
}

// key is the key of a feed that the file calls so.
func (le *leave) key(written string) string {
	if le == nil {
		return written
	}
	return le.prefix + written
}

// each reports a block of a file that may have none.
func (le *leave) each(l *loader, at place) bool {
	if le == nil {
		return true
	}
	l.report(at, "makes many feeds, which this file may not; write each feed by itself, or move the block into the main file")
	return false
}

// manners are those of the main file without what is meant for hosts that it chose itself.
func (le *leave) manners(c fetch.Config) fetch.Config {
	c = stranger(c)
	c.Only = []string{} // not nil: no host at all
	for _, h := range le.hosts {
		c.Only = append(c.Only, string(h))
	}
	return c
}

// secret says why a variable may not be named.
func (le *leave) secret(name string) error {
	if le == nil {
		return nil
	}
	for _, p := range le.secrets {
		if ok, err := slash.Match(string(p), name); ok && err == nil {
			return nil
		}
	}
	return fmt.Errorf("names the variable %s, which this file may not; %s", name, allowed("secrets", le.secrets))
}

// allowed says what of a sort a file may name.
func allowed[T ~string](word string, list []T) string {
	if len(list) == 0 {
		return "its include allows none; add " + word + ": there"
	}
	return "its include allows " + strings.Join(texts(list), ", ")
}

// word reports a word that the file may not write, or not with this value.
func (le *leave) word(w *walk, n *yaml.Node, p path) bool {
	if le == nil {
		return true
	}
	n = resolve(n)
	name, inFeed := strings.CutPrefix(p.word, "feeds.*.")
	err := error(nil)
	switch kind, inSource := strings.CutPrefix(name, "source."); {
	case !inFeed:
	case name == "each":
		err = errors.New("makes many feeds, which this file may not; write each feed by itself")
	case name == "outputs" || name == "editions.*.outputs":
		err = errors.New("cannot be chosen in this file; leave it out: the feed goes to all outputs that may have it")
	case name == "access.file":
		err = le.file(w, n, p)
	case name == "source":
		err = le.bare(n)
	case inSource:
		err = le.source(w, n, p, strings.Split(kind, "."))
	}
	if err != nil {
		w.report(n, p, "%v", err)
	}
	return err == nil
}

// bare refuses a source of which nothing but an address is written: what is there may name other hosts.
func (le *leave) bare(n *yaml.Node) error {
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	for _, item := range items {
		if resolve(item).Kind == yaml.ScalarNode {
			return errors.New("names no kind, which this file must; write it before the address, such as {feed: https://host/path}")
		}
	}
	return nil
}

func (le *leave) source(w *walk, n *yaml.Node, p path, words []string) error {
	kind, single := words[0], len(words) == 1
	switch {
	case kind == "name":
		return nil
	case !slices.Contains(le.kinds, kind):
		return fmt.Errorf("is a kind of source that this file may not use; %s", allowed("kinds", le.kinds))
	case single && n.Kind != yaml.ScalarNode || kind == "from":
		return nil
	case kind == "command":
		return le.program(w, n, p, words)
	}
	inner := words[len(words)-1]
	switch {
	case kind == "files" && (single || inner == "path" || inner == "media"):
		return le.file(w, n, p)
	case kind == "opml" && (single || inner == "path"):
		if text, _, err := w.expand(n.Value, p); err == nil && !strings.Contains(text, "://") {
			return le.file(w, n, p)
		}
		return le.host(w, n, p)
	case single || len(words) == 2 && inner == "url":
		return le.host(w, n, p)
	case len(words) == 2 && inner == "render":
		return errors.New("is not allowed in this file: the scripts of a page may ask any host; leave it out")
	case len(words) == 3 && words[1] == "fetch" && !slices.Contains([]string{"timeout", "headers", "cookies", "auth"}, inner):
		return errors.New("is not for this file to say; it may write timeout, headers, cookies and auth under fetch")
	}
	return nil
}

// program refuses variables that a program is given and the file may not name.
func (le *leave) program(w *walk, n *yaml.Node, p path, words []string) error {
	if len(words) != 2 || words[1] != "env" {
		return nil
	}
	names := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		names = n.Content
	}
	for _, n := range names {
		if name, _, err := w.expand(resolve(n).Value, p); err == nil {
			if err := le.secret(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// host refuses an address of a host that is not allowed.
func (le *leave) host(w *walk, n *yaml.Node, p path) error {
	text, _, err := w.expand(n.Value, p)
	if err != nil {
		return nil // reported when the word is read
	}
	u, err := url.Parse(text)
	if err == nil && fetch.HostIn(u.Hostname(), texts(le.hosts)) {
		return nil
	}
	return fmt.Errorf("lies on a host that this file may not ask; %s", allowed("hosts", le.hosts))
}

// file refuses a path that leads out of the folder of the file.
func (le *leave) file(w *walk, n *yaml.Node, p path) error {
	text, _, err := w.expand(n.Value, p)
	if err != nil {
		return nil // reported when the word is read
	}
	full := filepath.Join(le.dir, filepath.FromSlash(text))
	if inside, _ := filepath.Rel(le.dir, le.folder); filepath.IsAbs(text) || slices.Contains(strings.Split(text, "/"), "..") || !within(full, le.folder) || full == le.folder {
		return fmt.Errorf("lies outside of the folder of this file; begin it with %s/", filepath.ToSlash(inside))
	}
	// A link below the folder may lead out of it.
	for dir := full; within(dir, le.folder); dir = filepath.Dir(dir) {
		if target, err := filepath.EvalSymlinks(dir); err == nil && !within(target, le.folder) {
			return errors.New("leads out of the folder of this file by a symbolic link; take the link away")
		}
	}
	return nil
}

// confine keeps the sources of a feed to what is the file's own: its folder, also by links, and the feeds with its prefix.
func (le *leave) confine(words *feedWords) {
	if le == nil {
		return
	}
	for i := range words.Source.Value {
		if f := words.Source.Value[i].Value.Files; f != nil {
			f.Within = le.folder
		}
		if from := &words.Source.Value[i].Value.From; from.State == good {
			from.Value = le.key(from.Value)
		}
	}
}

package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v3"
)

// substitute is what takes the place of a broken included file: its last good text, or nothing.
type substitute struct {
	text   []byte // nil: nothing
	broken Problems
}

// include reads the files that the globs match: each once, in the order of the globs and, within one, of the names. A
// glob without a wildcard names a file that must be there; others may match nothing. Dot files are never read: editors
// leave their own beside those they edit.
func (l *loader) include(entries []word[includeWords]) {
	main := l.config.Files[0]
	seen := map[string]bool{identity(main): true}
	for _, entry := range entries {
		g := entry.Value.Path
		leave, fit := l.leave(entry)
		if g.State != good || !fit {
			continue
		}
		found, err := l.match(string(g.Value))
		switch {
		case err != nil:
			l.report(g.At, "the files of %q cannot be listed: %v", g.Shown, reason(err))
		case len(found) == 0 && !hasWildcard(string(g.Value)):
			if name := l.named(string(g.Value)); l.broken[name] != nil {
				found = []string{name}
				break
			}
			at := g.At
			at.of = l.named(string(g.Value))
			l.report(at, "there is no file %q", g.Shown)
		}
		for _, name := range found {
			if id := identity(name); !seen[id] {
				seen[id] = true
				l.included(name, g.At, leave)
			}
		}
	}
}

// named is a file of include without a wildcard, in the manner of the main file.
func (l *loader) named(pattern string) string {
	if filepath.IsAbs(pattern) {
		return filepath.Clean(pattern)
	}
	return filepath.Join(filepath.Dir(l.config.Files[0]), filepath.FromSlash(pattern))
}

// match returns the files of a glob, named in the manner of the main file.
func (l *loader) match(pattern string) ([]string, error) {
	base, rest := doublestar.SplitPattern(filepath.ToSlash(pattern))
	root, shown := filepath.FromSlash(base), filepath.FromSlash(base)
	if !filepath.IsAbs(root) {
		root = filepath.Join(l.config.Dir, base)
		shown = filepath.Join(filepath.Dir(l.config.Files[0]), base)
	}
	names, err := doublestar.Glob(os.DirFS(root), rest,
		doublestar.WithFilesOnly(), doublestar.WithNoHidden(), doublestar.WithFailOnIOErrors())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	slices.Sort(names)
	for i, name := range names {
		names[i] = filepath.Join(shown, filepath.FromSlash(name))
	}
	return names, nil
}

func hasWildcard(pattern string) bool { return strings.ContainsAny(pattern, `*?[{\`) }

// identity is one name for a file however it is reached.
func identity(name string) string {
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	if abs, err := filepath.Abs(name); err == nil {
		name = abs
	}
	return name
}

// included reads one file with feeds, or what takes its place.
func (l *loader) included(name string, from place, leave *leave) {
	file := Included{Name: name, ID: identity(name)}
	l.config.Files = append(l.config.Files, name)
	defer func() { l.config.Included = append(l.config.Included, file) }()
	if instead := l.broken[name]; instead != nil {
		file.Broken, file.Text, file.Kept = instead.broken, instead.text, instead.text != nil
		if !file.Kept {
			return
		}
	} else {
		data, err := l.file(name)
		if err != nil {
			from.of = name
			l.report(from, "%s cannot be read: %v", name, reason(err))
			return
		}
		file.Text = data
	}
	root, problems := parse(name, file.Text)
	l.problems = append(l.problems, problems...)
	if root == nil {
		return
	}
	w := &walk{file: name, included: true, env: l.env, fetch: l.config.Fetch, leave: leave.in(name, l.config.Dir)}
	if leave != nil {
		env := *l.env
		env.may = leave
		w.env, w.fetch = &env, leave.manners(w.fetch)
	}
	w.anchors(root, map[string]*yaml.Node{})
	var words includedWords
	w.read(root, &words, path{})
	trusted := l.config.Fetch
	l.config.Fetch, l.current, l.may = w.fetch, name, w.leave
	l.feeds(words.Feeds, w)
	l.config.Fetch, l.current, l.may = trusted, "", nil
	l.problems = append(l.problems, w.problems...)
}

// replace puts something else in the place of the included files that have problems: first what was kept of them, then
// nothing. It reports whether all problems were theirs.
func (l *loader) replace(problems Problems) bool {
	found := map[string]Problems{}
	for _, p := range problems {
		name := p.File
		if p.of != "" {
			name = p.of
		}
		if p.of == "" && !slices.Contains(l.config.Files[1:], name) {
			return false
		}
		found[name] = append(found[name], p)
	}
	for name, of := range found {
		switch before := l.broken[name]; {
		case before == nil:
			l.broken[name] = &substitute{text: l.kept(l.config.State, identity(name)), broken: of}
		case before.text != nil:
			before.text = nil
			before.broken = append(before.broken, Problem{File: name, Message: "what was last good of it does not fit any more either"})
		default:
			return false
		}
	}
	return true
}

// twice reports a key that two feeds have. Of two included files the one that had it when both were last good keeps it: no
// file takes a feed from another.
func (l *loader) twice(key string, at, first place) {
	if l.current != "" && slices.Contains(l.config.Files[1:], first.file) && !l.had(first.file, key) && l.had(l.current, key) {
		l.keys[key] = at
		at, first = first, at
		at.of = at.file
	}
	l.report(at, "there is already a feed %s, in %s on line %d", key, first.file, first.line)
}

// had reports whether a feed was in the last good text of an included file.
func (l *loader) had(file, key string) bool {
	if l.kept == nil {
		return false
	}
	root, problems := parse(file, l.kept(l.config.State, identity(file)))
	if root == nil || len(problems) > 0 || root.Kind != yaml.MappingNode {
		return false
	}
	feeds := valueOf(root, "feeds")
	return feeds != nil && feeds.Kind == yaml.MappingNode && slices.ContainsFunc(pairsOf(feeds), func(p pair) bool {
		return key == p.key.Value || strings.HasSuffix(key, "/"+p.key.Value)
	})
}

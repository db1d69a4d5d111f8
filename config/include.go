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

// include reads the files that the globs match: each once, in the order of the globs and, within one, of the names. A
// glob without a wildcard names a file that must be there; others may match nothing. Dot files are never read: editors
// leave their own beside those they edit.
func (l *loader) include(globs []word[glob]) {
	main := l.config.Files[0]
	seen := map[string]bool{identity(main): true}
	for _, g := range globs {
		if g.State != good {
			continue
		}
		found, err := l.match(string(g.Value))
		switch {
		case err != nil:
			l.report(g.At, "the files of %q cannot be listed: %v", g.Shown, reason(err))
		case len(found) == 0 && !hasWildcard(string(g.Value)):
			l.report(g.At, "there is no file %q", g.Shown)
		}
		for _, name := range found {
			if id := identity(name); !seen[id] {
				seen[id] = true
				l.included(name, g.At)
			}
		}
	}
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

// included reads one file with feeds.
func (l *loader) included(name string, from place) {
	data, err := l.file(name)
	if err != nil {
		l.report(from, "%s cannot be read: %v", name, reason(err))
		return
	}
	l.config.Files = append(l.config.Files, name)
	root, problems := parse(name, data)
	l.problems = append(l.problems, problems...)
	if root == nil {
		return
	}
	w := &walk{file: name, included: true, env: l.env, fetch: l.config.Fetch}
	w.anchors(root, map[string]*yaml.Node{})
	var words includedWords
	w.read(root, &words, path{})
	l.problems = append(l.problems, w.problems...)
	l.feeds(words.Feeds)
}

package why

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"feedmill/feed"
	"feedmill/feed/store"
)

// examiner is a source that can look at one of its files again.
type examiner interface {
	// Examine says whether the source reads the file with a key, and what is wrong with it; [fs.ErrNotExist]: there is none.
	Examine(key string) (reads bool, err error)
	// Unfit are the keys of the files of which it made no article.
	Unfit(m feed.Memory) []string
}

// unread tells of a file of which the state knows no article why that is so. It reports whether there is such a file.
func (t *Teller) unread(name string) (found bool) {
	var others [][]string
	for i := range t.Config.Feeds {
		words, opened := &t.Config.Feeds[i], t.Plan.Feeds[i]
		for j := range words.Sources {
			source, ok := opened.Sources[j].Source.(examiner)
			if !ok {
				continue
			}
			for _, key := range t.keys(name) {
				reads, err := source.Examine(key)
				switch {
				case errors.Is(err, fs.ErrNotExist):
				case reads:
					t.examined(key, words.Key, words.Sources[j].Name, err)
					return true
				default:
					others = append(others, []string{words.Key, words.Sources[j].Name, words.Sources[j].Origin()})
				}
			}
		}
	}
	if !t.exists(name) || len(others) == 0 {
		return false
	}
	fmt.Fprintf(t.Out, "%s\n  no source reads this file: its name or folder does not fit\n", name)
	section(t.Out, "Sources of files", others)
	return true
}

// unfit tells which files of the feed make no article.
func (t *Teller) unfit(ctx context.Context, s subject) error {
	var lines [][]string
	for i := range s.feed.Sources {
		source, ok := s.feed.Sources[i].Source.(examiner)
		if !ok {
			continue
		}
		m, err := s.Memory(ctx, &s.feed.Sources[i])
		if err != nil {
			return err
		}
		for _, key := range source.Unfit(m) {
			why := "it is read anew at the next refresh"
			if len(lines) < mostDropped {
				if _, err := source.Examine(key); err != nil {
					why = wrongWith(key, err).Error()
				}
			}
			lines = append(lines, []string{key, why})
		}
	}
	section(t.Out, "Not read", first(lines, mostDropped))
	return nil
}

// keys are the names that a file may have for a source.
func (t *Teller) keys(name string) []string {
	keys := []string{filepath.ToSlash(name)}
	if file, err := filepath.Abs(name); err == nil {
		if below, err := filepath.Rel(t.Config.Dir, file); err == nil && filepath.IsLocal(below) && filepath.ToSlash(below) != keys[0] {
			keys = append(keys, filepath.ToSlash(below))
		}
	}
	return keys
}

// wrongWith is an error of a file without its name.
func wrongWith(key string, err error) error {
	p, ok := errors.AsType[*feed.Problem](err)
	switch {
	case !ok || p.Where != key:
		return err
	case p.Line > 0:
		return fmt.Errorf("line %d: %w", p.Line, p.Err)
	}
	return p.Err
}

func (t *Teller) examined(key, in, source string, err error) {
	if err == nil {
		fmt.Fprintf(t.Out, "%s\n  %s · not read yet\n\nSource %s reads this file at the next refresh: feedmill refresh %s\n", key, in, source, in)
		return
	}
	fmt.Fprintf(t.Out, "%s\n  %s · not published\n\nSource %s makes no article of it: %v\n", key, in, source, wrongWith(key, err))
}

// exists reports whether a name is that of a file, seen from the operator or from the configuration.
func (t *Teller) exists(name string) bool {
	for _, file := range []string{name, filepath.Join(t.Config.Dir, name)} {
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			return true
		}
	}
	return false
}

// now says what is wrong with the file of an article as it is now, empty when nothing is or nobody knows.
func (s subject) now(row store.Article) string {
	source, _ := s.Source(row)
	if source == nil || row.Key == "" {
		return ""
	}
	looks, ok := source.Source.(examiner)
	if !ok {
		return ""
	}
	switch reads, err := looks.Examine(row.Key); {
	case errors.Is(err, fs.ErrNotExist):
		return "it is no longer there"
	case reads && err != nil:
		return "what is in it now makes no article, and its last good state stays: " + wrongWith(row.Key, err).Error()
	}
	return ""
}

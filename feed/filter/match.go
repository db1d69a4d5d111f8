package filter

import (
	"context"
	"errors"
	"slices"
	"strings"

	"feedmill/feed/setting"
)

// Fields are the words of keep and drop: patterns by field. A field matches if any of its patterns does; several fields
// must all match. Content is matched on its plain text, tags and authors each by itself, authors by name.
type Fields struct {
	Title    []setting.Pattern `yaml:"title" words:"single"`
	Summary  []setting.Pattern `yaml:"summary" words:"single"`
	Content  []setting.Pattern `yaml:"content" words:"single"`
	Author   []setting.Pattern `yaml:"author" words:"single"`
	Tags     []setting.Pattern `yaml:"tags" words:"single"`
	Link     []setting.Pattern `yaml:"link" words:"single"`
	ID       []setting.Pattern `yaml:"id" words:"single"`
	Language []setting.Pattern `yaml:"language" words:"single"`
	// Source is the title of the source that the article came from.
	Source []setting.Pattern `yaml:"source" words:"single"`
}

// Validate reports words without any pattern.
func (f Fields) Validate() error {
	if len(f.conditions()) == 0 {
		return errors.New("names no field; write one such as  title: golang")
	}
	for _, c := range f.conditions() {
		for _, p := range c.patterns {
			if p.IsZero() {
				return errors.New(c.name + " holds an empty pattern")
			}
		}
	}
	return nil
}

// condition is the patterns of one field.
type condition struct {
	name     string
	patterns []setting.Pattern
	of       func(it *item) []string
}

// conditions returns the fields that are written, the cheap ones first.
func (f Fields) conditions() []condition {
	one := func(of func(it *item) string) func(it *item) []string {
		return func(it *item) []string { return []string{of(it)} }
	}
	var written []condition
	for _, c := range []condition{
		{"source", f.Source, one(func(it *item) string { return it.source })},
		{"language", f.Language, one(func(it *item) string { return it.Language })},
		{"title", f.Title, one(func(it *item) string { return it.Title })},
		{"author", f.Author, authorNames},
		{"tags", f.Tags, func(it *item) []string { return it.Tags }},
		{"link", f.Link, one(func(it *item) string { return it.Link })},
		{"id", f.ID, one(func(it *item) string { return it.ID })},
		{"summary", f.Summary, one(func(it *item) string { return it.Summary })},
		{"content", f.Content, one((*item).text)},
	} {
		if len(c.patterns) > 0 {
			written = append(written, c)
		}
	}
	return written
}

func authorNames(it *item) []string {
	names := make([]string, len(it.Authors))
	for i, p := range it.Authors {
		names[i] = p.Name
	}
	return names
}

// found returns the first pattern that matches.
func (c condition) found(it *item) (setting.Pattern, bool) {
	texts := c.of(it)
	for _, p := range c.patterns {
		if slices.ContainsFunc(texts, p.Match) {
			return p, true
		}
	}
	return setting.Pattern{}, false
}

// describe returns the field and its patterns as they may be written.
func (c condition) describe() string {
	texts := make([]string, len(c.patterns))
	for i, p := range c.patterns {
		texts[i] = p.String()
	}
	return c.name + ": " + strings.Join(texts, " or ")
}

// match is keep, or else drop.
type match struct {
	*Fields
	keep bool
}

func (m match) describe() string {
	var all []string
	for _, c := range m.conditions() {
		all = append(all, c.describe())
	}
	return short(strings.Join(all, ", "))
}

func (m match) start(Env) step { return matching{m.conditions(), m.keep} }

type matching struct {
	conditions []condition
	keep       bool
}

func (m matching) apply(_ context.Context, it *item) outcome {
	var because []string
	for _, c := range m.conditions {
		p, ok := c.found(it)
		switch {
		case !ok && m.keep:
			return outcome{action: Dropped, why: short(c.describe())}
		case !ok:
			return outcome{}
		}
		because = append(because, c.name+": "+p.String())
	}
	if m.keep {
		return outcome{}
	}
	return outcome{action: Dropped, why: short(strings.Join(because, ", "))}
}

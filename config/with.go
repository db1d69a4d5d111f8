package config

import (
	"errors"
	"fmt"
	"slices"
)

// Refusal is a feed of a row that cannot be put beside the others.
type Refusal struct {
	Block string // the key of the block
	Err   error
}

// With returns the configuration with feeds that blocks made of rows, after its own. A feed that does not go together with
// the others is left out and named: one whose key is taken, or lies where an edition does, one that takes articles from a
// feed that is not there, from itself by way of others, or from a private one that it would show to everybody. Of several
// rows with one key the first counts.
//
// c itself stays as it is.
func (c *Config) With(grown []Feed) (*Config, []Refusal) {
	m := merger{feeds: make(map[string]*Feed, len(c.Feeds)+len(grown)), taken: map[string]string{}, below: map[string]string{}, files: map[string]string{}}
	whole := *c
	whole.Feeds = slices.Clip(slices.Clone(c.Feeds))
	for i := range whole.Feeds {
		m.feeds[whole.Feeds[i].Key] = &whole.Feeds[i]
		m.dress(&whole.Feeds[i])
	}
	own := len(m.feeds)
	var fit []*Feed
	for i := range grown {
		f := &grown[i]
		if err := m.place(f); err != nil {
			m.refuse(f, err)
			continue
		}
		fit = append(fit, f)
	}
	for again := own < len(m.feeds); again; { // what is left out may be what another one takes articles from
		again = false
		for i, f := range fit {
			if f == nil {
				continue
			}
			if err := m.origins(f); err != nil {
				m.refuse(f, err)
				delete(m.feeds, f.Key)
				fit[i], again = nil, len(f.Parents) > 0
			}
		}
	}
	for _, f := range fit {
		if f != nil {
			whole.Feeds = append(whole.Feeds, *f)
		}
	}
	return &whole, m.refused
}

// merger puts feeds beside each other.
type merger struct {
	feeds   map[string]*Feed
	taken   map[string]string // addresses of editions, with their feeds
	below   map[string]string // addresses that feeds lie at or below, with one of them
	files   map[string]string // stems of named documents, with their addresses
	refused []Refusal
}

func (m *merger) refuse(f *Feed, err error) {
	m.refused = append(m.refused, Refusal{f.Block, fmt.Errorf("%s makes the feed %s, which %w", f.Place, f.Key, err)})
}

// place takes a feed in, or says why its address is taken.
func (m *merger) place(f *Feed) error {
	if other := m.feeds[f.Key]; other != nil {
		if other.Place != "" {
			return fmt.Errorf("%s makes too; that one stays", other.Place)
		}
		return fmt.Errorf("stands in %s on line %d", other.File, other.Line)
	}
	if of := m.taken[f.Key]; of != "" {
		return fmt.Errorf("lies where an edition of %s does", of)
	}
	for _, e := range f.Editions {
		if m.feeds[f.Key+"/"+e.Name] != nil {
			return fmt.Errorf("has the edition %s where another feed lies", e.Name)
		}
	}
	if err := m.apart(f); err != nil {
		return err
	}
	m.feeds[f.Key] = f
	m.dress(f)
	return nil
}

// apart says why a document with a name of its own would lie where a feed or an edition does.
func (m *merger) apart(f *Feed) error {
	for _, part := range above(f.Key) {
		if file := m.files[part]; file != "" && (part == f.Key || isFolder(file)) {
			return fmt.Errorf("lies where the document %s of another feed does", file)
		}
	}
	for _, address := range f.files() {
		at := stem(address)
		if other := m.below[at]; other != "" && (m.feeds[at] != nil || isFolder(address)) {
			return fmt.Errorf("has the document %s where the feed %s lies", address, other)
		}
	}
	return nil
}

func (m *merger) dress(f *Feed) {
	for _, e := range f.Editions {
		m.taken[f.Key+"/"+e.Name] = f.Key
	}
	for _, part := range above(f.Key) {
		m.below[part] = f.Key
	}
	for _, address := range f.files() {
		m.files[stem(address)] = address
	}
}

// origins says why a feed cannot take its articles from those that it names.
func (m *merger) origins(f *Feed) error {
	for _, key := range f.Parents {
		parent := m.feeds[key]
		switch {
		case parent == nil:
			return fmt.Errorf("takes articles from %s, and there is no such feed", key)
		case parent.Access != nil && f.Access == nil:
			return fmt.Errorf("would show everybody the articles of %s, which is private; write access: for it too", key)
		}
	}
	if m.reaches(f.Parents, f.Key, map[string]bool{}) {
		return errors.New("would be made from itself by way of its word from")
	}
	return nil
}

// reaches reports whether key is among the ancestors.
func (m *merger) reaches(parents []string, key string, seen map[string]bool) bool {
	for _, p := range parents {
		if p == key {
			return true
		}
		if seen[p] || m.feeds[p] == nil {
			continue
		}
		seen[p] = true
		if m.reaches(m.feeds[p].Parents, key, seen) {
			return true
		}
	}
	return false
}

// Block returns the block with a key, nil when there is none.
func (c *Config) Block(key string) *Block {
	for _, b := range c.Blocks {
		if b.Key == key {
			return b
		}
	}
	return nil
}

package render

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// Press says how documents are made. The zero value holds each whole in memory and reads none back.
type Press struct {
	// Large opens a place for the body of the document at path, of which more than Most bytes were made; nil: all are held.
	Large func(path string) (Large, error)
	Most  int64
	// Check reads what is new in a document back: d is the document with the given articles alone, some hundred at a time,
	// or with none when none is new. A document that it refuses is not made.
	Check func(d feed.Document, items []Item) error
}

// Large takes a body that is too large to be held. It must not keep the bytes it is given.
type Large interface {
	io.WriteCloser
	// Open returns a new reader of what was written, once it is closed.
	Open() (io.ReadSeekCloser, error)
}

// atOnce is how many articles are read, encoded and checked at once.
const atOnce = 200

// spot is an article in the order of a snapshot, its dates in whole seconds.
type spot struct {
	Listed
	item *Item // nil: it is taken from a document before, or read
}

// spots puts articles in their order: newest first, ties by ID.
func spots(items []Item, listed []Listed, asOf time.Time) ([]spot, error) {
	all := make([]spot, 0, len(items)+len(listed))
	for i := range items {
		it := &items[i]
		if err := publishable(*it); err != nil {
			return nil, err
		}
		all = append(all, spot{Listed{it.Version, it.ID, it.Published, it.Updated}, it})
	}
	for _, l := range listed {
		all = append(all, spot{l, nil})
	}
	ids := make(map[string]bool, len(all))
	for i := range all {
		s := &all[i]
		if s.Published.After(asOf) || s.Updated.After(asOf) {
			return nil, fmt.Errorf("article %q bears a date after %s, the moment of this document", s.ID, asOf.Format(time.RFC3339))
		}
		if s.item != nil {
			s.ID = clean.Line(s.ID)
		}
		if ids[s.ID] {
			return nil, fmt.Errorf("two articles have the id %q", s.ID)
		}
		ids[s.ID] = true
		s.Published, s.Updated = seconds(s.Published), seconds(s.Updated)
	}
	slices.SortFunc(all, func(a, b spot) int {
		return cmp.Or(b.Published.Compare(a.Published), strings.Compare(a.ID, b.ID))
	})
	return all, nil
}

// newestUpdate is the date of the newest change, or otherwise when there is none.
func newestUpdate(all []spot, otherwise time.Time) time.Time {
	if len(all) == 0 {
		return seconds(otherwise)
	}
	newest := all[0].Updated
	for _, s := range all[1:] {
		if s.Updated.After(newest) {
			newest = s.Updated
		}
	}
	return newest
}

// run makes sheets at the same time, so that each article is read once. first are articles that stand before the others
// in the sheets that skip them.
type run struct {
	Press
	sheets []*sheet
	read   func([]Listed) ([]Item, error)
}

func (r *run) sheet(s *sheet, before ...Made) *sheet {
	for _, made := range before {
		if len(made.Parts) > 0 {
			s.old = append(s.old, &earlier{Made: made})
		}
	}
	if r.Large != nil {
		s.body.most, s.body.spill = r.Most, func() (Large, error) { return r.Large(s.path) }
	}
	r.sheets = append(r.sheets, s)
	return s
}

// add puts articles into the sheets, in portions of which not too many have to be encoded.
func (r *run) add(all []spot, sheets []*sheet) error {
	for len(all) > 0 {
		n, anew := 0, make([]int, 0, min(len(all), 16))
		for ; n < len(all) && len(anew) < atOnce; n++ {
			if all[n].item != nil || slices.ContainsFunc(sheets, func(s *sheet) bool { return s.reaches(n) && s.lacks(all[n].Version) }) {
				anew = append(anew, n)
			}
		}
		if err := r.portion(all[:n], anew, sheets); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

// portion adds articles of which those at the given places are to be encoded for some sheet.
func (r *run) portion(some []spot, anew []int, sheets []*sheet) error {
	items, err := r.items(some, anew)
	if err != nil {
		return err
	}
	var es []entry
	var shown Content // of each
	for _, s := range sheets {
		if s.done() {
			continue
		}
		if len(anew) > 0 && (es == nil || s.channel.Content != shown) {
			es, shown = make([]entry, len(anew)), s.channel.Content
			for j, it := range items {
				es[j] = newEntry(s.channel, *it)
			}
		}
		switch err := r.fill(s, some, anew, items, es); {
		case err != nil && s.apart:
			s.failed = s.named(err)
		case err != nil:
			return s.named(err)
		}
	}
	return nil
}

// items are the articles at the given places.
func (r *run) items(some []spot, places []int) ([]*Item, error) {
	items := make([]*Item, len(places))
	var unread []Listed
	for i, n := range places {
		if items[i] = some[n].item; items[i] == nil {
			unread = append(unread, some[n].Listed)
		}
	}
	if len(unread) == 0 {
		return items, nil
	}
	if r.read == nil {
		return nil, fmt.Errorf("article %q is not in the documents before", unread[0].ID)
	}
	read, err := r.read(unread)
	if err != nil {
		return nil, err
	}
	found := make(map[Version]*Item, len(read))
	for i := range read {
		found[read[i].Version] = &read[i]
	}
	for i, n := range places {
		if items[i] != nil {
			continue
		}
		it := found[some[n].Version]
		if it == nil {
			return nil, fmt.Errorf("article %q is no longer what it was", some[n].ID)
		}
		if err := publishable(*it); err != nil {
			return nil, err
		}
		items[i] = it
	}
	return items, nil
}

// fill adds a portion to one sheet, and has what is new in it read back.
func (r *run) fill(s *sheet, some []spot, anew []int, items []*Item, es []entry) error {
	var mine []int // of those that are encoded, the ones that this sheet needs
	needed := make([]entry, 0, len(es))
	for i, n := range anew {
		if !s.skipped[some[n].ID] && (some[n].item != nil || s.lacks(some[n].Version)) {
			mine, needed = append(mine, i), append(needed, es[i])
		}
	}
	fragments, err := s.fragments(s.channel, needed)
	if err != nil {
		return err
	}
	var checked []Item
	next := 0
	for n := range some {
		if s.skipped[some[n].ID] {
			continue
		}
		if next == len(mine) || anew[mine[next]] != n {
			err = s.keep(some[n].Version)
		} else {
			var added bool
			if added, err = s.add(some[n].Version, fragments[next], sum(fragments[next])); added {
				checked = append(checked, *items[mine[next]])
			}
			next++
		}
		if err != nil {
			return fmt.Errorf("article %q: %w", some[n].ID, err)
		}
		if s.full {
			break
		}
	}
	if len(checked) == 0 {
		return nil
	}
	return r.check(s, fragments[:len(checked)], checked)
}

func (r *run) check(s *sheet, fragments [][]byte, items []Item) error {
	s.checked = true
	if r.Check == nil {
		return nil
	}
	d, err := s.fresh(fragments)
	if err != nil {
		return err
	}
	s.failed = r.Check(d, items)
	return nil
}

// finish ends all sheets. The error joins what was refused when they were read back; the others are finished.
func (r *run) finish() ([]Made, error) {
	var all []Made
	var refused []error
	for _, s := range r.sheets {
		if !s.checked && s.failed == nil {
			if err := r.check(s, nil, nil); err != nil {
				return nil, s.named(err)
			}
		}
		if s.failed != nil {
			refused = append(refused, s.failed)
			continue
		}
		made, err := s.finish()
		if err != nil {
			return nil, s.named(err)
		}
		all = append(all, made)
	}
	return all, errors.Join(refused...)
}

func (r *run) close() error {
	var errs []error
	for _, s := range r.sheets {
		errs = append(errs, s.close())
	}
	return errors.Join(errs...)
}

func (s *sheet) named(err error) error { return fmt.Errorf("document %s: %w", s.path, err) }

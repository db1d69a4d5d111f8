package record

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"feedmill/feed"
	"feedmill/feed/field"
)

// Finder takes articles by words of which some may be missing: these it finds, and remembers what it found, so that
// it stays until it no longer fits.
type Finder struct {
	written Words
	kept    Shape
	saved   []byte
	now     *Shape // what the words of this fetch are found by; nil: not yet
}

// foundKey is where what was found is remembered.
const foundKey = "record.found"

// Remembered makes a finder for what is written, with what m holds from the last time.
func Remembered(m feed.Memory, written Words) *Finder {
	f := &Finder{written: written, saved: m.Get(foundKey)}
	if json.Unmarshal(f.saved, &f.kept) != nil {
		f.kept = Shape{}
	}
	return f
}

// Take takes the articles of a document: of the first one with the words of last time, if these still fit, else with those that
// it has; of those behind it with the words of the first.
func (f *Finder) Take(ctx context.Context, document any, env field.Env) (Taken, error) {
	if !f.written.Items.IsZero() && !f.written.Fields.IsZero() {
		return f.written.Take(ctx, document, env)
	}
	if f.now != nil {
		return f.take(ctx, *f.now, document, env)
	}
	if f.kept.Items != "" {
		if taken, err := f.take(ctx, f.kept, document, env); err == nil || ctx.Err() != nil {
			f.now = &f.kept
			return taken, err
		}
	}
	found, empty, err := f.find(ctx, document)
	if err != nil || empty {
		return Taken{}, feed.Classify(feed.Unreadable, err)
	}
	f.now = &found
	return f.take(ctx, found, document, env)
}

// take takes with what is written and, where nothing is, with a shape.
func (f *Finder) take(ctx context.Context, s Shape, document any, env field.Env) (Taken, error) {
	words, err := s.Words()
	if err != nil {
		return Taken{}, err
	}
	if !f.written.Items.IsZero() {
		words.Items = f.written.Items
	}
	if !f.written.Fields.IsZero() {
		words.Fields = f.written.Fields
	}
	return words.Take(ctx, document, env)
}

// find finds what is not written. empty: there are no records to find anything in, which is no fault.
func (f *Finder) find(ctx context.Context, document any) (s Shape, empty bool, err error) {
	switch {
	case !f.written.Items.IsZero():
		items, _, err := f.written.Records(ctx, document, mostItems)
		if err != nil || len(items) == 0 {
			return Shape{}, len(items) == 0, err
		}
		s.Items = f.written.Items.String()
		var ok bool
		if s.Fields, ok = FindFields(items); !ok {
			return s, false, errors.New("no words of an article were found in the items; write fields. The first is " + describe(items[0]))
		}
		return s, false, nil
	case !f.written.Fields.IsZero():
		s.Items = FindItems(document)
	default:
		s, _ = Find(document)
	}
	if s.Items == "" {
		list, ok := document.([]any)
		if ok && len(list) == 0 {
			return s, true, nil
		}
		return s, false, &Missed{Word: "items", Has: describe(document)}
	}
	return s, false, nil
}

// Save remembers what was found. What is new is told in a note, as it would be written.
func (f *Finder) Save(m feed.Memory) (notes []string) {
	if f.now == nil {
		return nil
	}
	value, err := json.Marshal(*f.now)
	if err != nil || bytes.Equal(value, f.saved) {
		return nil // texts can be written
	}
	m.Put(foundKey, value)
	return []string{"found by itself, and kept until it no longer fits; write it down to have it otherwise: " + f.now.String()}
}

package sourcetest

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/field"
)

// Desk is where a source is tested: with a site, what it remembers, and a clock that stands at 23 November 2026, noon.
type Desk struct {
	testing.TB
	Site   *Site
	Memory *Memory
	Client *fetch.Client // reaches the site and nothing else
	Now    time.Time

	source func() feed.Source
}

// NewDesk makes a desk for a source, which is made anew for each of its fetches.
func NewDesk(t testing.TB, source func() feed.Source) *Desk {
	t.Helper()
	d := &Desk{TB: t, Site: NewSite(), Memory: NewMemory(), Now: time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC), source: source}
	d.Client = fetch.New(d.Clock, slog.New(slog.DiscardHandler), d.Site.Option())
	return d
}

// Clock tells the time.
func (d *Desk) Clock() time.Time { return d.Now }

// Read fetches seven hours later, and commits what the source remembers.
func (d *Desk) Read() (feed.Batch, error) {
	d.Helper()
	d.Now = d.Now.Add(7 * time.Hour)
	b, err := d.source().Fetch(d.Context(), d.Memory)
	d.Memory.Commit()
	return b, err
}

// MustRead is Read that fails the test on an error.
func (d *Desk) MustRead() feed.Batch {
	d.Helper()
	b, err := d.Read()
	if err != nil {
		d.Fatal(err)
	}
	return b
}

// Refused fetches and expects an error with these words.
func (d *Desk) Refused(class feed.Class, words ...string) {
	d.Helper()
	b, err := d.Read()
	if err == nil {
		d.Fatalf("%d articles and no error", len(b.Articles))
	}
	if feed.ClassOf(err) != class {
		d.Errorf("class %s: %v", feed.ClassOf(err), err)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			d.Errorf("the error does not say %q: %v", w, err)
		}
	}
}

// IsPoison reads twice what ends the process before the work does; the third time it is left alone.
func (d *Desk) IsPoison() {
	d.Helper()
	for range 2 {
		if _, err := d.source().Fetch(d.Context(), &dying{d.Memory}); err != nil {
			d.Fatal(err)
		}
		d.Memory.Restart()
	}
	if _, err := d.Read(); feed.ClassOf(err) != feed.Internal || !strings.Contains(err.Error(), "left alone") {
		d.Errorf("the third fetch gives %v", err)
	}
}

// dying is a memory whose process ends before the work does.
type dying struct{ *Memory }

func (d *dying) Begin(ctx context.Context, work string) (int, func(), error) {
	deaths, _, err := d.Memory.Begin(ctx, work)
	return deaths, func() {}, err
}

// Selector compiles a selector with a language's own compiler.
func Selector[S field.Selector](t testing.TB, compile func(string) (S, error), selector string) S {
	t.Helper()
	s, err := compile(selector)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Rules compiles selectors as the rules of one field.
func Rules[S field.Selector](t testing.TB, compile func(string) (S, error), selectors ...string) (rs field.Rules[S]) {
	t.Helper()
	for _, selector := range selectors {
		rs = append(rs, field.Rule[S]{Select: Selector(t, compile, selector)})
	}
	return rs
}

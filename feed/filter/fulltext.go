package filter

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"feedmill/feed"
	"feedmill/feed/markup"
)

// FullText takes the article from the page that its link leads to: the text always, and what the list does not say of it.
// An article waits until its page is there.
type FullText struct {
	// Select is a CSS selector or XPath for what of the page is the text; without one it is found.
	Select PageSelector `yaml:"select"`
	// Remove are selectors for what is taken off the page first.
	Remove []markup.Selector `yaml:"remove" words:"single"`
}

// PageSelector is a selector that may be left empty.
type PageSelector struct{ markup.Selector }

// UnmarshalText reads a selector, or nothing.
func (s *PageSelector) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*s = PageSelector{}
		return nil
	}
	return s.Selector.UnmarshalText(text)
}

// ErrWaits says that an article waits for its page.
var ErrWaits = errors.New("waits for its page")

// Validate finds nothing wrong: selectors are read one by one.
func (f FullText) Validate() error { return nil }

func (f FullText) describe() string {
	var words []string
	if written := f.Select.String(); written != "" {
		words = append(words, "select: "+written)
	}
	for _, s := range f.Remove {
		words = append(words, "remove: "+s.String())
	}
	return short(strings.Join(words, ", "))
}

func (f FullText) start(env Env) step { return reading{f, env.Page} }

// reading is full_text in one run.
type reading struct {
	FullText
	page func(i int, a feed.Article) (feed.Article, error)
}

func (r reading) apply(_ context.Context, it *item) outcome {
	if r.page == nil {
		return failed(r.describe(), errors.New("no pages are read here"))
	}
	whole, err := r.page(it.index, it.Article)
	switch {
	case errors.Is(err, ErrWaits):
		return outcome{action: Waiting, why: r.describe()}
	case err != nil:
		return failed(r.describe(), fmt.Errorf("the article stays as it was listed: %w", err))
	case whole.Content == it.Content && whole.Markdown == it.Markdown && whole.Title == it.Title:
		it.Article = whole
		return outcome{}
	}
	it.Article = whole
	it.edited, it.hasText = true, false
	return outcome{action: Changed, why: r.describe()}
}

// FullText returns the words of the chain's filter that takes articles from their pages, nil when it has none.
func (c Chain) FullText() *FullText {
	for _, k := range c.kinds {
		if k.FullText != nil {
			return k.FullText
		}
	}
	return nil
}

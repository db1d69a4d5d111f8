package mill

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"feedmill/feed"
	"feedmill/feed/store"
)

// anyKnown reports whether any article of a listing is known by what it is, or some by what they are called: a title alone
// may be a coincidence.
func (r *refresh) anyKnown(ctx context.Context, b *batch) (bool, error) {
	asked, called := sample(b.Articles), 0
	for _, a := range asked {
		row, err := r.metItself(ctx, a)
		if row != nil || err != nil {
			return row != nil, err
		}
	}
	for _, a := range asked {
		row, err := r.metTitle(ctx, a)
		if err != nil {
			return false, err
		}
		if row != nil {
			called++
		}
	}
	return called >= max(2, len(asked)/5), nil
}

// met returns a stored article that this one probably is. It need not be exact: identity decides what is published.
func (r *refresh) met(ctx context.Context, a feed.Article) (*store.Article, error) {
	row, err := r.metItself(ctx, a)
	if row != nil || err != nil {
		return row, err
	}
	return r.metTitle(ctx, a)
}

func (r *refresh) metItself(ctx context.Context, a feed.Article) (*store.Article, error) {
	lookups := []store.Lookup{{Given: a.ID, Key: a.Key, Link: a.Link}}
	for _, form := range formsOf(a.Link) {
		lookups = append(lookups, store.Lookup{Link: form})
	}
	for _, l := range lookups {
		if l == (store.Lookup{}) {
			continue
		}
		found, err := r.ledger.Find(ctx, r.state.Serial, l)
		if err != nil {
			return nil, err
		}
		for i := range found {
			row := &found[i]
			byID := a.ID != "" && row.Given == a.ID
			// Every site numbers its articles.
			if !byID || isURI(a.ID) || a.Title == row.Said.Title || sameHost(hostOf(a.Link), hostOf(row.Said.Link)) {
				return row, nil
			}
		}
	}
	return nil, nil
}

func (r *refresh) metTitle(ctx context.Context, a feed.Article) (*store.Article, error) {
	if a.Title == "" {
		return nil, nil
	}
	if r.titles == nil {
		rows, err := r.library.Window(ctx, r.state.Serial, knownForDedupe)
		if err != nil {
			return nil, err
		}
		r.titles = map[string]*store.Article{}
		for i := range rows {
			r.titles[rows[i].Said.Title] = &rows[i]
		}
	}
	return r.titles[a.Title], nil
}

// sample is a bounded number of articles from all over a batch.
func sample(all []feed.Article) []feed.Article {
	if len(all) <= mostAsked {
		return all
	}
	some := make([]feed.Article, mostAsked)
	for i := range some {
		some[i] = all[i*len(all)/mostAsked]
	}
	return some
}

func titled(all []feed.Article) int {
	n := 0
	for _, a := range all {
		if a.Title != "" {
			n++
		}
	}
	return n
}

// siteOf tells by its articles whose a batch is: the host of most links, else of the feeds they come from, and the title of
// most of these. Empty when there is no most.
func siteOf(all []feed.Article) (host, title string) {
	links, homes, titles := map[string]int{}, map[string]int{}, map[string]int{}
	for _, a := range all {
		links[hostOf(a.Link)]++
		homes[hostOf(a.Source.Link)]++
		titles[a.Source.Title]++
	}
	if host = most(links, len(all)); host == "" {
		host = most(homes, len(all))
	}
	return host, most(titles, len(all))
}

func most(counts map[string]int, of int) string {
	for word, n := range counts {
		if n*2 > of {
			return word
		}
	}
	return ""
}

func hostOf(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
}

// sameHost reports that nothing speaks against one site: one of them is not known, or lies below the other.
func sameHost(a, b string) bool {
	return a == "" || b == "" || a == b || strings.HasSuffix(a, "."+b) || strings.HasSuffix(b, "."+a)
}

// sameTitle reports that nothing speaks against one feed: its two titles have a word in common, or one says nothing.
func sameTitle(a, b string) bool {
	before, now := longWords(a), longWords(b)
	return a == b || len(before) == 0 || len(now) == 0 ||
		slices.ContainsFunc(now, func(word string) bool { return slices.Contains(before, word) })
}

// longWords are the words of a title that mean something: numbers and dates change, and every title has a "the".
func longWords(title string) []string {
	words := strings.FieldsFunc(strings.ToLower(title), func(c rune) bool { return !unicode.IsLetter(c) })
	return slices.DeleteFunc(words, func(word string) bool { return len(word) < 4 })
}

package listing

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"

	"feedmill/feed"
	"feedmill/feed/field"
	"feedmill/feed/markup"
)

// foundKey is where a source remembers how its page is read.
const foundKey = "listing.found"

// mostMet bounds the articles that a reading is recognised by.
const mostMet = 100

// reading is a finding as it is remembered, with the articles it gave last.
type reading struct {
	Finding
	Met []uint64 `json:"met"`
}

// Find takes the articles of a page for which nobody wrote selectors. What [Detect] found the first time is remembered in
// m and holds for the fetches that follow, so that a page is not read in another way because it has another mix of
// articles today. When it fits the page no more, the page is searched again, and what is found counts if an article that was
// there before is among it; else the page is not to be believed: an error of class Suspicious. It fits no more either when it
// gives no article that was there before, and the search does: its selectors find another list then.
//
// The notes explain a reading that is new.
func Find(ctx context.Context, m feed.Memory, page *markup.Page, env field.Env) (taken Taken, notes []string, err error) {
	known, isKnown := recall(m)
	fits := false
	if isKnown {
		taken, err = Take(ctx, page, known.Items, known.Fields, env)
		if fits = err == nil; fits && known.met(taken.Articles) {
			known.remember(m, taken.Articles)
			return taken, nil, nil
		}
	}
	found, missed := Detect(ctx, page, env)
	switch {
	case fits && (missed != nil || !known.met(found.Articles)):
		known.remember(m, taken.Articles)
		return taken, nil, nil
	case missed != nil:
		return Taken{}, nil, missed
	case isKnown && !known.met(found.Articles):
		return Taken{}, nil, feed.Classify(feed.Suspicious, fmt.Errorf("the articles that were found here before are gone, and what looks like a list now has none of them; "+
			"what was published stays; look at the page, and write items and fields under page: if it is the new list"))
	}
	if taken, err = Take(ctx, page, found.Items, found.Fields, env); err != nil {
		return Taken{}, nil, err
	}
	anew := reading{Finding: found}
	anew.remember(m, taken.Articles)
	return taken, found.Told, nil
}

// FindMore takes the articles of another page of the list: in the way in which [Find] read the one before it, and no other.
// What is remembered stays as it is.
func FindMore(ctx context.Context, m feed.Memory, page *markup.Page, env field.Env) (Taken, error) {
	known, _ := recall(m)
	return Take(ctx, page, known.Items, known.Fields, env)
}

// recall reads what m has of the page.
func recall(m feed.Memory) (known reading, isKnown bool) {
	isKnown = json.Unmarshal(m.Get(foundKey), &known) == nil && !known.Items.IsZero()
	return known, isKnown
}

// remember keeps the reading with the articles it gave, unless it is what m has already.
func (r *reading) remember(m feed.Memory, articles []feed.Article) {
	met := make([]uint64, 0, mostMet)
	for _, a := range articles[:min(len(articles), mostMet)] {
		met = append(met, markOf(&a))
	}
	if slices.Equal(met, r.Met) {
		return
	}
	r.Met = met
	if value, err := json.Marshal(r); err == nil { // texts and numbers only: it cannot fail
		m.Put(foundKey, value)
	}
}

// met reports whether any of the articles was given by the reading before.
func (r *reading) met(articles []feed.Article) bool {
	return slices.ContainsFunc(articles, func(a feed.Article) bool { return slices.Contains(r.Met, markOf(&a)) })
}

func markOf(a *feed.Article) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(bareAddress(a.Link))) // a hash takes everything
	return h.Sum64() >> 11                      // as exact as JSON numbers are everywhere
}

package mill_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/filter"
	"feedmill/feed/mill"
)

// weather is a web whose pages come and go by chance, each always with the same text. It notes which it gave.
type weather struct {
	*library
	dice  *rand.Rand
	given map[string]int
}

func (w *weather) whole(_ context.Context, a feed.Article) (feed.Article, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, a.Link)
	classes := []feed.Class{feed.Unavailable, feed.Throttled, feed.Unreadable, feed.Refused, feed.Gone}
	if n := w.dice.IntN(12); n < len(classes) {
		return a, feed.Classify(classes[n], errors.New("bad weather"))
	}
	w.given[a.Link]++
	a.Content = "<p>WHOLE " + a.Link + "</p>"
	return a, nil
}

// stormy is a source whose articles have such pages.
type stormy struct {
	*script
	*weather
}

func (s stormy) Completer() func(context.Context, feed.Article) (feed.Article, error) {
	return s.whole
}

// TestNothingIsPublishedShortAndThenChanged lets a list grow, be edited, fail and say nothing, its pages fail by chance, and
// the process end: what a reader sees of an article is its page or the list's words, the same for ever; no page is given
// twice; every article appears once, whatever it is recognised by.
func TestNothingIsPublishedShortAndThenChanged(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { stormyMonth(t, seed) })
	}
}

func stormyMonth(t *testing.T, seed uint64) {
	dice := rand.New(rand.NewPCG(seed, 5))
	bySource := seed%2 == 0
	s, pages := newReader(t, bySource)
	w := &weather{library: pages, dice: rand.New(rand.NewPCG(seed, 7)), given: map[string]int{}}
	if bySource {
		s.feed.Sources[0].Source = stormy{s.source, w}
	} else {
		s.feed.Sources[0].Page = readsLike(w)
	}
	s.feed.Limit.Articles = 1000
	change := unmarked
	if seed%3 == 0 {
		change = func(a *feed.Article) { a.ID = "" } // known by its link alone
	}
	readers := reader{seen: map[string]string{}}
	last, edits, first := dice.IntN(60), 0, 0
	for range 70 {
		s.now = s.now.Add(time.Duration(dice.IntN(40)) * time.Minute)
		switch dice.IntN(5) {
		case 0:
			last += dice.IntN(5)
			edits++
			fallthrough
		case 1, 2:
			from := max(1, last-40)
			if first == 0 {
				first = from
			}
			s.refreshBatch(listing(alice.articles(from, last, change, func(a *feed.Article) {
				a.Content = "<p>SHORT " + a.Link + "</p>"
				if strings.HasSuffix(a.Link, fmt.Sprint(edits%10)) {
					a.Summary = fmt.Sprint("Edited: ", edits)
				}
			})...))
		case 3:
			s.mill = mill.New(s.store, s.store, func() time.Time { return s.now })
			fallthrough
		default:
			s.nothing()
		}
		readers.look(t, s.site.documents["world.atom"])
	}
	for range 30 {
		s.now = s.now.Add(time.Hour)
		s.nothing()
		readers.look(t, s.site.documents["world.atom"])
	}
	if all := last - first + 1; len(readers.seen) < all {
		t.Errorf("%d of %d articles appeared", len(readers.seen), all)
	}
	for link, n := range w.given {
		if n > 1 {
			t.Errorf("the page %s was read %d times", link, n)
		}
	}
}

func readsLike(w *weather) func(context.Context, feed.Article, filter.FullText) (feed.Article, error) {
	return func(ctx context.Context, a feed.Article, _ filter.FullText) (feed.Article, error) {
		return w.whole(ctx, a)
	}
}

// reader remembers the text of each article, by its number.
type reader struct{ seen map[string]string }

var (
	entryText  = regexp.MustCompile(`(WHOLE|SHORT) https://alice\.example/(\d+)`)
	entryTitle = regexp.MustCompile(`Alice writes: number (\d+)`)
)

func (r reader) look(t *testing.T, document []byte) {
	t.Helper()
	var there []string
	for _, entry := range strings.Split(string(document), "<entry")[1:] {
		text, title := entryText.FindStringSubmatch(entry), entryTitle.FindStringSubmatch(entry)
		if text == nil || title == nil || text[2] != title[1] {
			t.Fatalf("an entry says\n%s", entry)
		}
		if was := r.seen[text[2]]; was != "" && was != text[1] {
			t.Fatalf("article %s is %s and was %s", text[2], text[1], was)
		}
		r.seen[text[2]] = text[1]
		there = append(there, text[2])
	}
	slices.Sort(there)
	if len(slices.Compact(slices.Clone(there))) != len(there) {
		t.Fatalf("some stand there twice: %q", there)
	}
	if len(there) < len(r.seen) {
		t.Fatalf("%d of %d articles are gone", len(r.seen)-len(there), len(r.seen))
	}
}

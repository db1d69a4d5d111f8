package mill_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
)

// oldFeed is the feed of another generator: ids of its own, titles, links, dates, and a summary for a content.
func oldFeed(n int, change ...func(int, *feed.Article)) []feed.Article {
	return upstreamOf(n, append([]func(int, *feed.Article){func(i int, a *feed.Article) {
		a.ID, a.Content, a.Source = fmt.Sprintf("post-%d", i), "<p>In short.</p>", feed.Origin{}
	}}, change...)...)
}

// fileOf makes articles those of files, which have neither ids nor links.
func fileOf(i int, a *feed.Article) {
	a.Key, a.ID, a.Link, a.Slug, a.Source = fmt.Sprintf("%02d.md", i), "", "", fmt.Sprintf("%d", i), feed.Origin{}
}

// An adopted feed shows the same articles under the same ids and dates, whatever the sources call them, and goes on so.
func TestAdoptedArticlesKeepIDsAndDates(t *testing.T) {
	permalink := func(a feed.Article) (string, error) { return "http://old.example/2026/" + a.Slug + "/", nil }
	for name, test := range map[string]struct {
		old, now changes
		link     func(feed.Article) (string, error)
	}{
		"same links":                 {},
		"same links, https":          {now: changes{moving("http:", "https:")}},
		"another host":               {now: changes{moving("http://old.example", "https://new.example")}},
		"same ids":                   {old: changes{ids("urn:p%d")}, now: changes{ids("urn:p%d"), links("https://new.example/%d")}},
		"same titles and dates":      {now: changes{links("https://new.example/%d"), ids("%d")}},
		"same titles":                {now: changes{links("https://new.example/%d"), ids(""), func(_ int, a *feed.Article) { a.Published = a.Published.Add(50 * 24 * time.Hour) }}},
		"titles in another case":     {now: changes{links("https://new.example/%d"), func(_ int, a *feed.Article) { a.Title = strings.ToUpper(a.Title) }}},
		"no ids in the old feed":     {old: changes{ids("")}},
		"files and permalinks":       {now: changes{fileOf, titled(", says the file")}, link: permalink},
		"files, undated, permalinks": {now: changes{fileOf, noDate, titled(", says the file"), modified}, link: permalink},
		"files":                      {now: changes{fileOf}},
		"files with ids":             {now: changes{fileOf, ids("%d")}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t)
			sources := s.merge("a")
			old := oldFeed(12, test.old...)
			batch := feed.Batch{Articles: upstreamOf(12, test.now...), Link: test.link, Foreign: test.link == nil}
			sources["a"].batch = batch
			a, err := s.mill.Adopt(t.Context(), s.feed, old)
			if err != nil || a.Matched != 12 || a.Old != 12 || a.Older != 0 || len(a.Newer) != 0 {
				t.Fatalf("the adoption is %+v, %v", a, err)
			}
			for round := range 3 {
				if round == 2 {
					for i := range batch.Articles {
						batch.Articles[i].Content += "<p>Corrected.</p>"
					}
				}
				s.mustTick()
				if got := len(s.links()); got != 12 {
					t.Fatalf("the feed shows %d articles", got)
				}
				for _, e := range s.entries() {
					at := slices.IndexFunc(old, func(o feed.Article) bool { return o.ID == e.id || o.ID == "" && o.Link == e.id })
					if at < 0 || old[at].Published.Format(time.RFC3339) != e.published || round < 2 && e.updated > e.published[:17]+"59Z" {
						t.Errorf("round %d: %+v was not in the old feed", round, e)
					}
				}
			}
			if !s.shows("Corrected.") || !s.shows("told at length") {
				t.Error("the feed does not show what the sources say")
			}
		})
	}
}

func modified(_ int, a *feed.Article) { a.Modified = time.Date(2026, 11, 20, 5, 0, 0, 0, time.UTC) }

// What the old feed shows and no source has stays; what sources have beside it and is older comes behind it; what is
// newer comes with the next refresh, once.
func TestAdoptionPutsArticlesInTheOrderOfTheirDates(t *testing.T) {
	s := newStand(t)
	s.feed.Limit.Articles = 10
	sources := s.merge("a")
	sources["a"].quiet = false
	all := upstreamOf(30)
	sources["a"].batch = listing(slices.Concat(all[:5], all[8:])...) // 5, 6, 7 are in the old feed only
	a, err := s.mill.Adopt(t.Context(), s.feed, oldFeed(12)[2:])
	if err != nil || a.Old != 10 || a.Matched != 7 || a.Older != 18 || fmt.Sprint(a.Newer) != "[Title 00 Title 01]" {
		t.Fatalf("the adoption is %+v, %v", a, err)
	}
	if m, err := s.store.Memory(t.Context(), 1, "a"); err != nil || len(m) > 0 {
		t.Errorf("the source remembers %q, %v: it would say that nothing is new", m, err)
	}
	if err := s.mill.Deliver(t.Context(), s.feed); err != nil {
		t.Fatal(err)
	}
	s.want("Title 02", "Title 03", "Title 04", "Title 05", "Title 06", "Title 07", "Title 08", "Title 09", "Title 10", "Title 11")
	s.mustTick()
	s.want("Title 00", "Title 01", "Title 02", "Title 03", "Title 04", "Title 05", "Title 06", "Title 07", "Title 08", "Title 09")
	s.mustTick()
	s.want("Title 00", "Title 01", "Title 02", "Title 03", "Title 04", "Title 05", "Title 06", "Title 07", "Title 08", "Title 09")
	state, err := s.store.Feed(t.Context(), "world", "")
	if err != nil || state.Number != 30 {
		t.Errorf("the history has %d articles, %v; not 30", state.Number, err)
	}
}

// A new article with an old title is new, once the feed is adopted.
func TestAfterAnAdoptionANewArticleIsNew(t *testing.T) {
	s := newStand(t)
	sources := s.merge("a")
	sources["a"].batch = listing()
	old := foreign("1", "https://old.example/1", "Weekly links")
	if _, err := s.mill.Adopt(t.Context(), s.feed, []feed.Article{old}); err != nil {
		t.Fatal(err)
	}
	next := article("links.txt", "Weekly links")
	next.Published = old.Published.Add(7 * 24 * time.Hour)
	sources["a"].batch = feed.Batch{Articles: []feed.Article{next}}
	s.now = s.now.Add(10 * 24 * time.Hour)
	s.mustTick()
	if got := len(s.links()); got != 2 {
		t.Errorf("the feed shows %d articles, not 2", got)
	}
}

func TestWhatCannotBeAdopted(t *testing.T) {
	s := newStand(t)
	sources := s.merge("a")
	adopt := func(old ...feed.Article) error {
		_, err := s.mill.Adopt(t.Context(), s.feed, old)
		return err
	}
	if err := adopt(); feed.ClassOf(err) != feed.Refused {
		t.Errorf("an empty feed gave %v", err)
	}
	sources["a"].batch = listing(upstreamOf(1)...)
	s.mustTick()
	if err := adopt(oldFeed(3)...); feed.ClassOf(err) != feed.Refused || !strings.Contains(err.Error(), "before its first refresh") {
		t.Errorf("a feed with articles gave %v", err)
	}
	s = newStand(t)
	s.merge("a")["a"].err = feed.Classify(feed.Unavailable, errors.New("away"))
	if err := adopt(oldFeed(3)...); feed.ClassOf(err) != feed.Unavailable {
		t.Errorf("a source that is away gave %v", err)
	}
}

// Two items with one id are one to readers, and items without anything get an id.
func TestOddOldFeeds(t *testing.T) {
	s := newStand(t)
	s.merge("a")["a"].batch = listing()
	first := foreign("1", "https://old.example/1", "First")
	again := foreign("1", "https://old.example/2", "Again")
	bare := feed.Article{Title: "Bare", Content: "<p>Text.</p>"}
	future := foreign("3", "https://old.example/3", "From the future")
	future.Published = s.now.Add(time.Hour)
	a, err := s.mill.Adopt(t.Context(), s.feed, []feed.Article{first, again, bare, future})
	if err != nil || a.Old != 3 {
		t.Fatalf("the adoption is %+v, %v", a, err)
	}
	s.mustTick()
	s.want("Bare", "First", "From the future")
	for title, e := range s.entries() {
		if e.id == "" || e.published > s.now.Format(time.RFC3339) {
			t.Errorf("%s is %+v", title, e)
		}
	}
}

// A state takes an adopted feed that was tried elsewhere, unless it has published it meanwhile.
func TestTakingAFeedOver(t *testing.T) {
	tried, s := newStand(t), newStand(t)
	tried.merge("a")["a"].batch = listing(upstreamOf(5)...)
	if _, err := tried.mill.Adopt(t.Context(), tried.feed, oldFeed(3)); err != nil {
		t.Fatal(err)
	}
	s.merge("a")["a"].batch = listing(upstreamOf(5)...)
	if err := s.store.TakeFeed(t.Context(), tried.store, "world"); err != nil {
		t.Fatal(err)
	}
	s.mustTick()
	tried.mustTick()
	for title, e := range tried.entries() {
		if s.entries()[title] != e {
			t.Errorf("%s is %+v, and was tried as %+v", title, s.entries()[title], e)
		}
	}
	if len(s.links()) != 5 {
		t.Errorf("the feed holds %q", s.titles())
	}
	if err := s.store.TakeFeed(t.Context(), tried.store, "world"); feed.ClassOf(err) != feed.Refused {
		t.Errorf("a feed that has published gave way: %v", err)
	}
}

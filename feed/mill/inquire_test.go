package mill_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/filter"
	"feedmill/feed/mill"
	"feedmill/feed/render"
	"feedmill/feed/store"
)

// inquire asks about the stand's feed.
func (s *stand) inquire() *mill.Inquiry {
	s.Helper()
	q, known, err := mill.Inquire(s.Context(), s.store, s.feed, s.now)
	if err != nil || !known {
		s.Fatalf("inquire: %v, %v", known, err)
	}
	return q
}

// one is the only article that a name may mean.
func (s *stand) one(q *mill.Inquiry, name string) store.Article {
	s.Helper()
	rows, err := q.Articles(s.Context(), name)
	if err != nil || len(rows) != 1 {
		s.Fatalf("%s means %d articles, %v", name, len(rows), err)
	}
	return rows[0]
}

func TestAnInquiryAboutNothingMakesNothing(t *testing.T) {
	s := newStand(t)
	if _, known, err := mill.Inquire(t.Context(), s.store, s.feed, s.now); known || err != nil {
		t.Errorf("of a feed that never was: %v, %v", known, err)
	}
	if _, found, err := s.store.State(t.Context(), "world"); found || err != nil {
		t.Errorf("after it the feed is there: %v, %v", found, err)
	}
}

func TestAnInquiryFindsAnArticleByAllItsNames(t *testing.T) {
	s := newStand(t)
	linked := article("b.txt", "Second")
	linked.ID, linked.Link = "b-7", "https://news.example.org/b"
	s.refresh(article("a.txt", "First"), linked)
	q := s.inquire()
	public := s.one(q, "a.txt").ID
	for _, name := range []string{public, "a", "https://feeds.example.org/world/a/a"} {
		if got := s.one(q, name).Said.Title; got != "First" {
			t.Errorf("%s is %s", name, got)
		}
	}
	for _, name := range []string{"b-7", "b.txt", "https://news.example.org/b", "http://news.example.org/b/"} {
		if got := s.one(q, name).Said.Title; got != "Second" {
			t.Errorf("%s is %s", name, got)
		}
	}
	if rows, err := q.Articles(t.Context(), "c.txt"); err != nil || len(rows) > 0 {
		t.Errorf("c.txt is %v, %v", rows, err)
	}
}

func TestAnInquirySaysWhereAnArticleIsAndIsNot(t *testing.T) {
	s := newStand(t)
	s.feed.Limit.Articles = 4
	short := s.edition("short")
	short.Limit.Articles, short.Channel.Formats = 1, []render.Format{render.Atom}
	picky := s.edition("picky")
	picky.Filters, picky.Channel.Formats = s.chain(s.drop("Article 5")), []render.Format{render.JSON}
	for i := range 6 {
		s.refresh(article(fmt.Sprintf("%d.txt", i), fmt.Sprintf("Article %d", i)))
		s.now = s.now.Add(time.Minute)
	}
	for name, want := range map[string]string{
		"5.txt": "world.atom world.json world.rss world/ world/short.atom world/a/5 | picky: dropped by filter 1 (drop title: Article 5)",
		"4.txt": "world.atom world.json world.rss world/ world/picky.json world/a/4 | short: another article is newer, and it shows no more (limit)",
		"0.txt": "world/archive/1.rss archive world/archive/1.atom archive world/a/0 | " +
			": 4 articles are newer, and it shows no more (limit) picky: 4 articles are newer, and it shows no more (limit) " +
			"short: another article is newer, and it shows no more (limit)",
	} {
		if got := s.whereabouts(name); got != want {
			t.Errorf("%s is in\n%s, want\n%s", name, got, want)
		}
	}
	s.refresh(article("0.txt", "Article 0, edited"))
	if got := s.whereabouts("0.txt"); !strings.Contains(got, "world/archive/1.rss archive stale") {
		t.Errorf("after an edit the archive is told of as %s", got)
	}
}

// whereabouts is where an article is and why it is not elsewhere.
func (s *stand) whereabouts(name string) string {
	s.Helper()
	q := s.inquire()
	row := s.one(q, name)
	places, err := q.Places(s.Context(), row)
	if err != nil {
		s.Fatal(err)
	}
	var words []string
	for _, p := range places {
		words = append(words, p.Path)
		if p.Archive {
			words = append(words, "archive")
		}
		if p.Stale {
			words = append(words, "stale")
		}
	}
	absent, err := q.Absent(s.Context(), row, places)
	if err != nil {
		s.Fatal(err)
	}
	words = append(words, "|")
	for _, edition := range []string{"", "picky", "short"} {
		if why := absent[edition]; why != "" {
			words = append(words, edition+": "+why)
		}
	}
	return strings.Join(words, " ")
}

func TestWhatFiltersSaidIsKept(t *testing.T) {
	s := newStand(t)
	s.filters(filter.Kinds{Drop: &filter.Fields{Content: pattern(t, "sponsored")}}, filter.Kinds{Set: &filter.Set{Language: new("en")}})
	good, bad := article("a.txt", "First"), article("b.txt", "Second")
	bad.Content = "<p>This is sponsored.</p>"
	s.refresh(good, bad)
	want := func(name, filtered string) {
		t.Helper()
		if got := s.one(s.inquire(), name).Filtered; got != filtered {
			t.Errorf("of %s is kept %q, want %q", name, got, filtered)
		}
	}
	want("a.txt", "2\nchanged by filter 2 (set language: en)")
	want("b.txt", "2\ndropped by filter 1 (drop content: sponsored)")
	good.Content = bad.Content
	s.refresh(good)
	want("a.txt", "2\ndropped by filter 1 (drop content: sponsored)")
	if row := s.one(s.inquire(), "a.txt"); row.State != store.Live || strings.Contains(row.Said.Content, "sponsored") {
		t.Errorf("an article whose change was dropped is %s: %s", row.State, row.Said.Content)
	}
	s.filters()
	good.Content = "<p>There are no filters now.</p>"
	s.refresh(good)
	want("a.txt", "")
}

func TestDeliveriesAreRemembered(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "First"))
	first := s.now
	s.now = s.now.Add(time.Hour)
	s.site.err = errors.New("the disk is full")
	s.source.batch = feed.Batch{Articles: []feed.Article{article("b.txt", "Second")}, Extent: feed.Increment}
	if _, err := s.tick(); err == nil {
		t.Fatal("an output that fails is no error")
	}
	s.now = s.now.Add(time.Hour)
	s.site.err, s.source.batch = nil, feed.Batch{Extent: feed.Unchanged}
	if _, err := s.tick(); err != nil {
		t.Fatal(err)
	}
	all, err := s.inquire().Handovers(t.Context())
	if err != nil || len(all) != 2 {
		t.Fatalf("there were %d deliveries, %v", len(all), err)
	}
	q := s.inquire()
	for i, h := range []struct {
		name string
		at   time.Time
	}{{"a.txt", first}, {"b.txt", s.now}} {
		row := s.one(q, h.name)
		if all[i].Output != "site" || all[i].Revision < row.Revision || !all[i].At.Equal(h.at) {
			t.Errorf("%s came with %+v, want it at %v", h.name, all[i], h.at)
		}
	}
	if all[0].Revision >= s.one(q, "b.txt").Revision {
		t.Error("the second article is told of as delivered before it was")
	}
}

func TestATraceStaysWithItsFeed(t *testing.T) {
	s := newStand(t)
	planet := s.derive("planet")
	a := article("a.txt", "First")
	a.Trace.Add("title", "line 1")
	s.refresh(a)
	planet()
	if got := s.one(s.inquire(), "a.txt").Said.Trace; got != "title line 1\n" {
		t.Errorf("the trace kept is %q", got)
	}
	state, _, err := s.store.State(t.Context(), "planet")
	if err != nil {
		t.Fatal(err)
	}
	taken, err := s.store.LastSeen(t.Context(), state.Serial, 1)
	if err != nil || len(taken) != 1 || taken[0].Said.Trace != "" {
		t.Errorf("the feed that took it has %+v, %v", taken, err)
	}
}

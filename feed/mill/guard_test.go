package mill_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/mill"
)

// usual is the guard as the configuration has it when nothing is written.
var usual = mill.Guard{Shrink: 0.2, ReleaseAfter: 3}

// press is a site whose articles have numbers: each a link, a title, and an hour of its own.
type press struct{ host, title string }

var alice = press{"alice.example", "Alice writes"}

func (p press) article(n int) feed.Article {
	link := fmt.Sprintf("https://%s/%d", p.host, n)
	return feed.Article{
		ID: link, Link: link, Title: fmt.Sprintf("%s: number %d", p.title, n), Content: fmt.Sprintf("<p>Text %d.</p>", n),
		Published: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Hour),
		Source:    feed.Origin{Title: p.title, Link: "https://" + p.host + "/", FeedURL: "https://" + p.host + "/feed.xml"},
	}
}

// articles are those from one number to another, the newest first, as sites list them.
func (p press) articles(from, to int, changes ...func(*feed.Article)) []feed.Article {
	var all []feed.Article
	for n := to; n >= from; n-- {
		a := p.article(n)
		for _, change := range changes {
			change(&a)
		}
		all = append(all, a)
	}
	return all
}

func undated(a *feed.Article)   { a.Published = time.Time{} }
func nameless(a *feed.Article)  { a.Title = "" }
func unmarked(a *feed.Article)  { a.Source = feed.Origin{} }
func renumber(a *feed.Article)  { a.ID = "urn:x:" + strings.ReplaceAll(a.Link, "/", ":") }
func elsewhere(a *feed.Article) { a.Link = strings.Replace(a.Link, "alice.example", "new.example", 1) }

func dated(at time.Time) func(*feed.Article) {
	return func(a *feed.Article) { a.Published = at }
}

func increment(articles []feed.Article, gone ...string) feed.Batch {
	return feed.Batch{Extent: feed.Increment, Articles: articles, Gone: gone, WithdrawGone: true}
}

// desk is what reporters leave in a folder: files from one number to another.
func desk(from, to int) []feed.Article {
	var all []feed.Article
	for n := from; n <= to; n++ {
		all = append(all, article(fmt.Sprintf("%03d.txt", n), fmt.Sprintf("Title %03d", n)))
	}
	return all
}

// embargoed are six files that may not appear before a moment.
func embargoed(from int, until time.Time) []feed.Article {
	all := desk(from, from+5)
	for i := range all {
		all[i].Published = until
	}
	return all
}

func keys(from, to int) []string {
	var all []string
	for _, a := range desk(from, to) {
		all = append(all, a.Key)
	}
	return all
}

// give refreshes with a batch of the stand's one source.
func (s *stand) give(b feed.Batch) (mill.Report, error) {
	s.source.batch = b
	return s.tick()
}

func (s *stand) mustGive(b feed.Batch) mill.Report {
	s.Helper()
	r, err := s.give(b)
	if err != nil {
		s.Fatalf("refresh: %v", err)
	}
	return r
}

// TestGuard gives a source's batches one after the other, of which the last is held, for a reason, or not: those are real
// ways of publishing.
func TestGuard(t *testing.T) {
	guard := func(change func(*mill.Guard)) mill.Guard { g := usual; change(&g); return g }
	casino := press{"casino.example", "Win tonight"}
	soon := time.Date(2026, 11, 24, 12, 1, 30, 0, time.UTC) // between the first and the second look
	for _, c := range []struct {
		name    string
		guard   mill.Guard
		batches []feed.Batch
		held    string // empty: not held
	}{
		{"the first look, whatever it is", guard(func(g *mill.Guard) { g.MinArticles, g.MaxNew = 5, 1 }),
			[]feed.Batch{listing(alice.articles(1, 3, nameless)...)}, ""},

		{"min_articles", guard(func(g *mill.Guard) { g.MinArticles = 5 }),
			[]feed.Batch{listing(alice.articles(1, 6)...), listing(alice.articles(1, 4)...)}, "4 articles, and min_articles is 5"},
		{"min_articles: as many", guard(func(g *mill.Guard) { g.MinArticles = 5 }),
			[]feed.Batch{listing(alice.articles(1, 6)...), listing(alice.articles(3, 7)...)}, ""},
		{"min_articles: a file is saved", guard(func(g *mill.Guard) { g.MinArticles = 5 }),
			[]feed.Batch{listing(desk(1, 6)...), increment(desk(7, 7))}, ""},

		{"max_new", guard(func(g *mill.Guard) { g.MaxNew = 3 }),
			[]feed.Batch{listing(alice.articles(1, 6)...), listing(alice.articles(5, 10)...)}, "more than 3 of 6 articles are new"},
		{"max_new: an edit of everything", guard(func(g *mill.Guard) { g.MaxNew = 3 }),
			[]feed.Batch{listing(alice.articles(1, 6)...), listing(alice.articles(1, 8, func(a *feed.Article) { a.Content += "!" })...)}, ""},
		{"max_new: all ids change", guard(func(g *mill.Guard) { g.MaxNew = 3 }),
			[]feed.Batch{listing(alice.articles(1, 6)...), listing(alice.articles(1, 6, renumber)...)}, ""},
		{"max_new: an archive is copied into the folder", guard(func(g *mill.Guard) { g.MaxNew = 3 }),
			[]feed.Batch{listing(desk(1, 6)...), increment(desk(7, 30))}, ""},

		{"empty", usual, []feed.Batch{listing(alice.articles(1, 3)...), listing()}, "none of 3 articles left"},
		{"empty: it never had any", usual, []feed.Batch{listing(), listing()}, ""},
		{"empty: shrink is off", mill.Guard{}, []feed.Batch{listing(alice.articles(1, 3)...), listing()}, ""},

		{"shrunk", usual, []feed.Batch{listing(alice.articles(1, 40)...), listing(alice.articles(1, 3)...)}, "3 of 40 articles left (fewer than 20 %)"},
		{"shrunk: the site lists fewer from now on", usual, []feed.Batch{listing(alice.articles(1, 40)...), listing(alice.articles(31, 40)...)}, ""},
		{"shrunk: one of two is taken back", guard(func(g *mill.Guard) { g.Shrink = 0.9 }),
			[]feed.Batch{listing(alice.articles(1, 2)...), listing(alice.articles(1, 1)...)}, ""},

		{"lost files", usual, []feed.Batch{listing(desk(1, 40)...), increment(nil, keys(1, 38)...)}, "38 of 40 files are gone (fewer than 20 % left)"},
		{"lost files: all", guard(func(g *mill.Guard) { g.Shrink = 1 }), []feed.Batch{listing(desk(1, 40)...), increment(nil, keys(1, 40)...)}, "40 of 40 files are gone"},
		{"lost files: a reporter deletes one of two", usual, []feed.Batch{listing(desk(1, 2)...), increment(nil, keys(1, 1)...)}, ""},
		{"lost files: a desk takes back its only four", usual, []feed.Batch{listing(desk(1, 4)...), increment(nil, keys(1, 4)...)}, ""},
		{"lost files: last year's are cleared away", usual, []feed.Batch{listing(desk(1, 40)...), increment(nil, keys(1, 30)...)}, ""},
		{"lost files: all are moved into another folder", usual, []feed.Batch{listing(desk(1, 40)...), increment(func() []feed.Article {
			moved := desk(1, 40)
			for i := range moved {
				moved[i].Key = "2026/" + moved[i].Key
			}
			return moved
		}(), keys(1, 40)...)}, ""},

		{"another site", usual, []feed.Batch{listing(alice.articles(1, 20)...), listing(casino.articles(500, 520)...)},
			"none of the 21 articles is known, and they are of casino.example, not of alice.example"},
		{"another site at the same host", usual,
			[]feed.Batch{listing(alice.articles(1, 20)...), listing(press{"alice.example", "Win tonight"}.articles(500, 520)...)},
			`the feed is called "Win tonight", not "Alice writes"`},
		{"another site that numbers its articles too", usual, []feed.Batch{
			listing(alice.articles(1, 20, func(a *feed.Article) { a.ID = a.Published.Format("1504") })...),
			listing(casino.articles(1, 20, func(a *feed.Article) { a.ID = a.Published.Format("1504") })...)}, "casino.example"},
		{"another part of the site", usual, []feed.Batch{listing(alice.articles(100, 120)...), listing(alice.articles(1, 20)...)}, "are not dated later"},
		{"another part of a page without dates", usual,
			[]feed.Batch{listing(alice.articles(1, 20, undated, unmarked)...), listing(alice.articles(100, 120, undated, unmarked)...)}, "are not dated later"},
		{"a busy site that is seldom asked", usual, []feed.Batch{listing(alice.articles(1, 20)...), listing(alice.articles(30, 50)...)}, ""},
		{"a site whose feed is called by the day", usual, []feed.Batch{
			listing(press{"alice.example", "Papers (Mon, 23 Nov)"}.articles(1, 20)...),
			listing(press{"alice.example", "Papers (Tue, 24 Nov)"}.articles(30, 50)...)}, ""},
		{"a week's letter that always has all new items", usual, []feed.Batch{increment(alice.articles(1, 20)), increment(alice.articles(100, 120))}, ""},
		{"a small site begins anew", usual, []feed.Batch{listing(alice.articles(1, 4)...), listing(casino.articles(1, 4)...)}, ""},
		{"all ids change, links stay", usual, []feed.Batch{listing(alice.articles(1, 20)...), listing(alice.articles(1, 20, renumber)...)}, ""},
		{"the site moves to another host", usual, []feed.Batch{listing(alice.articles(1, 20)...), listing(alice.articles(1, 20, elsewhere, renumber)...)}, ""},
		{"one that was known comes back among new ones", usual,
			[]feed.Batch{listing(alice.articles(1, 20)...), listing(append(casino.articles(1, 20), alice.article(7))...)}, ""},

		{"untitled", usual, []feed.Batch{listing(alice.articles(1, 20)...), listing(alice.articles(2, 21, nameless)...)},
			"20 of 20 articles have no title, and 20 of 20 had one before"},
		{"untitled: of an increment too", usual, []feed.Batch{listing(alice.articles(1, 20)...), increment(alice.articles(21, 25, nameless))}, "5 of 5 articles have no title"},
		{"untitled: short messages never have one", usual,
			[]feed.Batch{listing(alice.articles(1, 20, nameless)...), listing(alice.articles(2, 21, nameless)...)}, ""},
		{"untitled: a few notes among essays", usual, []feed.Batch{listing(alice.articles(1, 20)...),
			listing(append(alice.articles(21, 23, nameless), alice.articles(4, 20)...)...)}, ""},
		{"untitled: a site of notes and essays", usual, []feed.Batch{
			listing(append(alice.articles(1, 9, nameless), alice.articles(10, 20)...)...),
			listing(append(alice.articles(1, 11, nameless), alice.articles(12, 20)...)...)}, ""},

		{"redated", usual, []feed.Batch{listing(alice.articles(1, 20)...), listing(alice.articles(1, 20, dated(soon))...)},
			"all of 20 articles are dated 2026-11-24 12:01 UTC, and 100 % bore other dates before"},
		{"redated: with new ids and links too", usual, []feed.Batch{listing(alice.articles(1, 20)...), listing(alice.articles(1, 20, elsewhere, renumber, dated(soon))...)}, "bore other dates"},
		{"redated: of an increment too", usual, []feed.Batch{listing(alice.articles(1, 20)...), increment(alice.articles(1, 6, dated(soon)))}, "bore other dates"},
		{"redated: the first edit of an old one", usual, []feed.Batch{listing(alice.articles(1, 20)...),
			listing(append(alice.articles(2, 20), func() feed.Article { a := alice.article(1); dated(soon)(&a); return a }())...)}, ""},
		{"redated: a wire that sends six at once", usual, []feed.Batch{listing(alice.articles(1, 20)...), increment(alice.articles(21, 26, dated(soon)))}, ""},
		{"redated: a site that dates all when it is asked", usual, []feed.Batch{
			listing(alice.articles(1, 20, dated(soon.Add(-time.Minute)))...), listing(alice.articles(2, 21, dated(soon))...)}, ""},
		{"redated: an embargo is moved", usual, []feed.Batch{listing(desk(1, 20)...), increment(embargoed(21, soon.Add(20*time.Hour))),
			increment(embargoed(21, soon.Add(26*time.Hour)))}, ""},
		{"redated: dates jump into the past", usual, []feed.Batch{listing(alice.articles(1, 20)...), listing(alice.articles(1, 20, dated(time.Unix(0, 0)))...)}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t)
			s.feed.Guard, s.feed.Limit.Articles = c.guard, 100
			last := len(c.batches) - 1
			for _, b := range c.batches[:last] {
				s.mustGive(b)
			}
			var before map[string]entry
			if last > 0 {
				before = s.entries()
			}
			r, err := s.give(c.batches[last])
			if c.held == "" {
				if err != nil || len(r.Held) > 0 {
					t.Fatalf("held: %v", err)
				}
				return
			}
			held, ok := errors.AsType[*mill.SourceError](err)
			if !ok || held.Source != "files" || feed.ClassOf(err) != feed.Suspicious || !strings.Contains(err.Error(), c.held) {
				t.Fatalf("the error is %v, want %s", err, c.held)
			}
			if !strings.HasSuffix(err.Error(), "; the feed stays as it was. If that is right: feedmill accept world") {
				t.Errorf("it does not say what to do: %v", err)
			}
			if r.Partial || len(r.Held) != 1 || slices.Contains(r.Answered, "files") {
				t.Errorf("the report is %+v", r)
			}
			if after := s.entries(); fmt.Sprint(after) != fmt.Sprint(before) {
				t.Errorf("the feed was\n%v and is\n%v", before, after)
			}
			if _, err := s.mill.Withdraw(t.Context(), s.feed, "nothing"); err == nil { // the lease was given back
				t.Error("no error")
			}
		})
	}
}

package mill_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/filter"
	"feedmill/feed/mill"
	"feedmill/feed/setting"
)

// foreign is an article of somebody else's feed.
func foreign(id, link, title string) feed.Article {
	return feed.Article{ID: id, Link: link, Title: title, Content: "<p>About " + title + ".</p>", Published: time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC)}
}

// merge gives the stand's feed as many sources as there are names.
func (s *stand) merge(names ...string) map[string]*script {
	s.feed.Sources = nil
	sources := map[string]*script{}
	for _, name := range names {
		sources[name] = &script{quiet: true}
		s.feed.Sources = append(s.feed.Sources, mill.Source{Name: name, Digest: name, Source: sources[name]})
	}
	return sources
}

func (s *stand) tick() (mill.Report, error) {
	s.now = s.now.Add(time.Minute)
	return s.mill.Refresh(s.Context(), s.feed)
}

func listing(articles ...feed.Article) feed.Batch {
	return feed.Batch{Articles: articles, Foreign: true}
}

func TestAMergeLivesWhenMostSourcesDoNot(t *testing.T) {
	s := newStand(t)
	var names []string
	for i := range 40 {
		names = append(names, fmt.Sprintf("source %02d", i))
	}
	sources := s.merge(names...)
	for _, name := range names[1:] {
		sources[name].err = feed.Classify(feed.Unavailable, errors.New("connection refused"))
	}
	sources[names[0]].batch = listing(foreign("", "https://a.example/1", "A"))
	r, err := s.tick()
	if err == nil || strings.Count(err.Error(), "connection refused") != 39 || !strings.Contains(err.Error(), "source 39") || !r.Partial {
		t.Errorf("the error is %v, partial: %v", err, r.Partial)
	}
	s.want("A")
	sources[names[0]].err = errors.New("down too")
	if r, err = s.tick(); err == nil || r.Partial {
		t.Errorf("the error is %v, partial: %v", err, r.Partial)
	}
	s.want("A")
}

func TestOneArticleInTwoSourcesIsOne(t *testing.T) {
	s := newStand(t)
	sources := s.merge("a", "b")
	sources["a"].batch = listing(foreign("", "https://x.example/1", "As A has it"))
	sources["b"].batch = listing(foreign("", "https://x.example/1", "As B has it"), foreign("", "https://x.example/2", "Only B"))
	for range 2 {
		if _, err := s.tick(); err != nil {
			t.Fatal(err)
		}
		s.want("As A has it", "Only B")
	}
	sources["a"].batch = feed.Batch{Extent: feed.Unchanged}
	sources["b"].batch = listing(foreign("", "https://x.example/1", "As B has it now"))
	if _, err := s.tick(); err != nil {
		t.Fatal(err)
	}
	s.want("As A has it", "Only B")
	before := s.entries()["As A has it"]
	s.feed.Sources = s.feed.Sources[1:] // without A, B's word counts
	if _, err := s.tick(); err != nil {
		t.Fatal(err)
	}
	if after := s.entries()["As B has it now"]; after.id != before.id || after.published != before.published {
		t.Errorf("it was %+v and is %+v", before, after)
	}
}

func TestNotesOfSourcesAreReported(t *testing.T) {
	s := newStand(t)
	sources := s.merge("a")
	sources["a"].batch = feed.Batch{Extent: feed.Unchanged, Notes: []string{"it has moved"}}
	r, err := s.tick()
	if err != nil || len(r.Notes) != 1 || r.Notes[0] != "it has moved" || s.outcome(r, "a").Err != nil {
		t.Errorf("the report holds %q, %v", r.Notes, err)
	}
}

func TestNumbersAsIDsBelongToTheirSource(t *testing.T) {
	s := newStand(t)
	sources := s.merge("a", "b")
	sources["a"].batch = listing(foreign("1", "", "First of A"))
	sources["b"].batch = listing(foreign("1", "", "First of B"))
	for range 2 {
		if _, err := s.tick(); err != nil {
			t.Fatal(err)
		}
		s.want("First of A", "First of B")
	}
	got := s.entries()
	if got["First of A"].id == got["First of B"].id {
		t.Error("they share an id")
	}
}

func TestAForeignFutureDateIsNoEmbargo(t *testing.T) {
	s := newStand(t)
	sources := s.merge("a")
	a := foreign("", "https://x.example/1", "From tomorrow")
	a.Published = s.now.Add(20 * time.Hour)
	sources["a"].batch = listing(a)
	for range 3 {
		if _, err := s.tick(); err != nil {
			t.Fatal(err)
		}
		s.want("From tomorrow")
		if got := s.entries()["From tomorrow"].published; got != "2026-11-24T12:01:00Z" {
			t.Errorf("it is dated %s", got)
		}
	}
}

func TestWhatComesFromOutsideIsMadeSafe(t *testing.T) {
	s := newStand(t)
	sources := s.merge("a")
	a := foreign("", "https://x.example/1", "A")
	a.Content = `<p class="x" onclick="y()">Text</p><script>alert(1)</script>`
	sources["a"].batch = feed.Batch{Articles: []feed.Article{a}} // whatever the source says of itself
	if _, err := s.tick(); err != nil {
		t.Fatal(err)
	}
	if got := string(s.site.documents["world.json"]); strings.Contains(got, "alert") || strings.Contains(got, "onclick") || !strings.Contains(got, "Text") {
		t.Errorf("published as %s", got)
	}
}

func (s *stand) filters(kinds ...filter.Kinds) {
	s.Helper()
	chain, err := filter.New(kinds)
	if err != nil {
		s.Fatal(err)
	}
	s.feed.Filters, s.feed.Dedupes = chain, true
}

func pattern(t *testing.T, text string) []setting.Pattern {
	t.Helper()
	var p setting.Pattern
	if err := p.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return []setting.Pattern{p}
}

func TestFiltersRunOnceWhenAnArticleComesInOrChanges(t *testing.T) {
	s := newStand(t)
	sources := s.merge("a")
	s.filters(filter.Kinds{Drop: &filter.Fields{Title: pattern(t, "advert")}})
	good, bad := foreign("", "https://x.example/1", "News"), foreign("", "https://x.example/2", "An advert")
	sources["a"].batch = listing(good, bad)
	r, err := s.tick()
	if err != nil {
		t.Fatal(err)
	}
	s.want("News")
	if len(r.Verdicts) != 1 || !strings.Contains(r.Verdicts[0], "An advert: dropped by filter 1 (drop title: advert)") {
		t.Errorf("the verdicts are %q", r.Verdicts)
	}
	s.filters() // another filter touches neither what is published nor what was dropped
	if r, err = s.tick(); err != nil || len(r.Verdicts) != 0 {
		t.Errorf("unchanged articles were filtered again: %q, %v", r.Verdicts, err)
	}
	s.want("News")
	bad.Title = "An advert no more"
	sources["a"].batch = listing(good, bad)
	if _, err = s.tick(); err != nil {
		t.Fatal(err)
	}
	s.want("An advert no more", "News")
	s.filters(filter.Kinds{Drop: &filter.Fields{Title: pattern(t, "news")}})
	good.Content += "<p>Edited.</p>"
	sources["a"].batch = listing(good, bad)
	if _, err = s.tick(); err != nil {
		t.Fatal(err)
	}
	s.want("An advert no more", "News")
}

func TestAFilterThatDropsEverythingSaysSo(t *testing.T) {
	s := newStand(t)
	sources := s.merge("a")
	s.filters(filter.Kinds{Keep: &filter.Fields{Title: pattern(t, "golang")}})
	sources["a"].batch = listing(foreign("", "https://x.example/1", "A"), foreign("", "https://x.example/2", "B"))
	r, err := s.tick()
	if err != nil {
		t.Fatal(err)
	}
	if o := s.outcome(r, "filters"); !strings.Contains(o.State, "dropped every article") {
		t.Errorf("reported as %+v", o)
	}
}

func TestDedupeKnowsWhatWasPublished(t *testing.T) {
	s := newStand(t)
	sources := s.merge("a", "b")
	s.filters(filter.Kinds{Dedupe: &filter.Keys{filter.ByTitle}})
	sources["a"].batch = listing(foreign("", "https://a.example/1", "The same story"))
	if _, err := s.tick(); err != nil {
		t.Fatal(err)
	}
	sources["b"].batch = listing(foreign("", "https://b.example/9", "The  SAME story"), foreign("", "https://b.example/10", "Another"))
	edited := foreign("", "https://a.example/1", "The same story")
	edited.Content += "<p>Edited.</p>"
	sources["a"].batch = listing(edited)
	if _, err := s.tick(); err != nil {
		t.Fatal(err)
	}
	s.want("Another", "The same story")
	if got := string(s.site.documents["world.atom"]); !strings.Contains(got, "Edited.") || !strings.Contains(got, "https://a.example/1") {
		t.Error("the article was taken for a double of itself")
	}
}

// list is an expander that a test drives by hand.
type list struct {
	children map[string]feed.Source
	err      error
}

func (l *list) Expand(context.Context, feed.Memory) (map[string]feed.Source, error) {
	return maps.Clone(l.children), l.err
}

func TestEachOfAListFailsForItself(t *testing.T) {
	s := newStand(t)
	one, two := &script{batch: listing(foreign("", "https://x.example/1", "One"))}, &script{err: errors.New("down")}
	l := &list{children: map[string]feed.Source{"one": one, "two": two}}
	s.feed.Sources = []mill.Source{{Name: "friends", Digest: "d", Expander: l}}
	if _, err := s.tick(); err == nil || !strings.Contains(err.Error(), "friends two: down") {
		t.Errorf("the error is %v", err)
	}
	s.want("One")
	two.err, two.batch, l.err = nil, listing(foreign("", "https://x.example/2", "Two")), errors.New("the list is away")
	if _, err := s.tick(); err == nil || !strings.Contains(err.Error(), "the list is away") {
		t.Errorf("the error is %v", err)
	}
	s.want("One", "Two")
}

func TestFromAnotherFeed(t *testing.T) {
	s := newStand(t)
	refreshChild := s.derive("planet")
	s.refresh(article("a.txt", "A"), article("b.txt", "B"))
	if got, want := refreshChild(), s.entries(); !maps.Equal(got, want) {
		t.Errorf("the child holds %v, the parent %v", got, want)
	}
	s.refresh(article("a.txt", "A, edited"))
	if got, want := refreshChild(), s.entries(); !maps.Equal(got, want) {
		t.Errorf("after an edit the child holds %v, the parent %v", got, want)
	}
	if _, err := s.mill.Withdraw(t.Context(), s.feed, "b.txt"); err != nil {
		t.Fatal(err)
	}
	if got := refreshChild(); len(got) != 2 || got["A, edited"].id == "" || got[notice].id == "" {
		t.Errorf("after a withdrawal the child holds %v", got)
	}
}

// derive returns what refreshes a feed of what the stand's feed publishes, and reads it.
func (s *stand) derive(name string) func() map[string]entry {
	child := *s.feed
	child.Name, child.Channel.Feed = name, name
	child.Sources = []mill.Source{{Name: "world", Digest: "from world", From: "world"}}
	return func() map[string]entry {
		s.Helper()
		s.now = s.now.Add(time.Second)
		if _, err := s.mill.Refresh(s.Context(), &child); err != nil {
			s.Fatal(err)
		}
		return readAtom(s.T, s.site.documents[name+".atom"])
	}
}

func TestAFilterDoesNotStopAWithdrawal(t *testing.T) {
	s := newStand(t)
	s.filters(filter.Kinds{Drop: &filter.Fields{Title: pattern(t, "advert")}})
	child := s.derive("planet")
	s.refresh(article("a.txt", "A"), article("b.txt", "B"))
	child()
	a := article("a.txt", "A turned out to be an advert")
	a.Status = feed.Withdrawn
	s.refresh(a)
	s.want("B")
	if _, there := child()["A"]; there {
		t.Error("the derived feed shows it")
	}
}

// A withdrawal in one feed takes nothing from another that has the article from a source of its own.
func TestFollowingAParentLeavesOthersTheirs(t *testing.T) {
	s := newStand(t)
	s.source.batch = listing(foreign("https://x.example/1", "https://x.example/1", "One"), foreign("https://x.example/2", "https://x.example/2", "Two"))
	s.mustTick()
	own := &script{batch: listing(foreign("https://x.example/1", "https://x.example/1", "One"))}
	child := *s.feed
	child.Name, child.Channel.Feed = "planet", "planet"
	child.Sources = []mill.Source{
		{Name: "friends", Digest: "list", Expander: &list{children: map[string]feed.Source{"x": own}}},
		{Name: "world", Digest: "from world", From: "world"},
	}
	refresh := func(do func(*mill.Mill, context.Context, *mill.Feed) (mill.Report, error)) map[string]entry {
		t.Helper()
		s.now = s.now.Add(time.Minute)
		if _, err := do(s.mill, t.Context(), &child); err != nil {
			t.Fatal(err)
		}
		return readAtom(t, s.site.documents["planet.atom"])
	}
	refresh((*mill.Mill).Refresh)
	for _, id := range []string{"https://x.example/1", "https://x.example/2"} {
		if _, err := s.mill.Withdraw(t.Context(), s.feed, id); err != nil {
			t.Fatal(err)
		}
	}
	got := refresh((*mill.Mill).Follow)
	if _, there := got["One"]; !there || got[notice].id != "https://x.example/2" || len(got) != 2 {
		t.Errorf("the feed holds %v", got)
	}
	own.batch.Articles[0].Title = "One, edited"
	if got = refresh((*mill.Mill).Refresh); got["One, edited"].id != "https://x.example/1" {
		t.Errorf("after an edit by its own source the feed holds %v", got)
	}
}

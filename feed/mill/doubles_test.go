package mill_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/mill"
)

// shows reports whether the feed holds the words.
func (s *stand) shows(words string) bool {
	return strings.Contains(string(s.site.documents["world.atom"]), words)
}

// Two sources have the same article: who had it first in the feed has the word, in whatever order they are configured.
func TestOnlyTheOwnerOfAnArticleEditsIt(t *testing.T) {
	for name, of := range map[string]struct{ inA, inB feed.Article }{
		"same link":     {foreign("", "https://x.example/1", "As A has it"), foreign("", "https://x.example/1", "As B has it")},
		"same id":       {foreign("tag:x,1", "https://a.example/1", "As A has it"), foreign("tag:x,1", "https://b.example/1", "As B has it")},
		"over to https": {foreign("", "http://x.example/1", "As A has it"), foreign("", "https://x.example/1", "As B has it")},
		"same key":      {feed.Article{Key: "~k", Title: "As A has it"}, feed.Article{Key: "~k", Title: "As B has it"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t)
			sources := s.merge("a", "b")
			sources["b"].batch = listing(of.inB)
			s.mustTick()
			s.want("As B has it")
			was := s.entries()["As B has it"]
			edited := of.inB
			edited.Content = "<p>B corrected it.</p>"
			sources["a"].batch, sources["b"].batch = listing(of.inA), listing(edited)
			for range 2 {
				s.mustTick()
				s.want("As B has it")
				s.stays("As B has it", was)
				if !s.shows("B corrected it.") {
					t.Fatal("the edit of the owner was lost")
				}
			}
			edited.Content = "<p>B corrected it again.</p>"
			sources["a"].batch = feed.Batch{Extent: feed.Unchanged}
			sources["b"].batch = listing(edited)
			s.mustTick()
			sources["a"].batch, sources["b"].batch = listing(of.inA), feed.Batch{Extent: feed.Unchanged}
			s.mustTick()
			s.want("As B has it")
			if !s.shows("B corrected it again.") {
				t.Error("somebody else's word took the place of the owner's")
			}
		})
	}
}

// Articles that are known as two stay two when their sources give them one link.
func TestTwoKnownArticlesOfTwoSourcesStayTwo(t *testing.T) {
	s := newStand(t)
	sources := s.merge("a", "b")
	a, b := passedOn(foreign("tag:a,1", "https://a.example/1", "A")), passedOn(foreign("tag:b,1", "https://b.example/1", "B"))
	sources["a"].batch, sources["b"].batch = listing(a), listing(b)
	s.mustTick()
	b.Link, b.Content = a.Link, "<p>B corrected it.</p>"
	sources["b"].batch = listing(b)
	s.mustTick()
	s.want("A", "B")
	if !s.shows("B corrected it.") {
		t.Error("the edit was lost")
	}
}

// ids are the public ids by title; it is an error when two articles share one.
func (s *stand) ids() map[string]string {
	s.Helper()
	ids, owner := map[string]string{}, map[string]string{}
	for title, e := range s.entries() {
		if other := owner[e.id]; other != "" {
			s.Errorf("%s and %s share the id %s", title, other, e.id)
		}
		ids[title], owner[e.id] = e.id, title
	}
	return ids
}

func TestOneIDForDistinctLinksMakesDistinctArticles(t *testing.T) {
	const same = "https://x.example/feed"
	many := func(n int) (all []feed.Article) {
		for i := range n {
			a := foreign(same, fmt.Sprintf("https://x.example/%d", i), fmt.Sprintf("Title %02d", i))
			a.Published = a.Published.Add(-time.Duration(i) * time.Minute)
			all = append(all, a)
		}
		return all
	}
	numbers := []feed.Article{foreign("7", "https://x.example/1", "One"), foreign("7", "https://x.example/2", "Two")}
	for name, all := range map[string][]feed.Article{"two": many(2), "twenty": many(20), "no URI": numbers} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t)
			sources := s.merge("a")
			check := func(ids map[string]string, batch ...feed.Article) {
				t.Helper()
				sources["a"].batch = listing(batch...)
				s.mill = mill.New(s.store, s.store, func() time.Time { return s.now }) // a restart
				s.mustTick()
				if got := s.ids(); !maps.Equal(got, ids) {
					t.Errorf("the ids are %v, were %v", got, ids)
				}
			}
			sources["a"].batch = listing(all...)
			s.mustTick()
			ids := s.ids()
			if len(ids) != len(all) {
				t.Fatalf("%d of %d are published", len(ids), len(all))
			}
			check(ids, all...)
			reversed := slices.Clone(all)
			slices.Reverse(reversed)
			check(ids, reversed...)
			check(ids, all[1])
			edited := slices.Clone(all)
			for i := range edited {
				edited[i].Content += "<p>Edited.</p>"
			}
			check(ids, edited[1:]...)
			check(ids, all...)
			another := foreign(all[0].ID, "https://x.example/another", "Another")
			sources["a"].batch = listing(another, all[0], all[1])
			s.mustTick()
			got := s.ids()
			if _, published := got["Another"]; !published || len(got) != len(ids)+1 {
				t.Errorf("beside a new one the feed holds %v", got)
			}
			delete(got, "Another")
			if !maps.Equal(got, ids) {
				t.Errorf("beside a new one the ids are %v, were %v", got, ids)
			}
		})
	}
}

// The first of those that share an id may be known already when the second comes.
func TestAnIDThatIsGivenAgainWithAnotherLinkIsAnother(t *testing.T) {
	s := newStand(t)
	sources := s.merge("a")
	first, second := foreign("tag:x,1", "https://x.example/1", "First"), foreign("tag:x,1", "https://x.example/2", "Second")
	sources["a"].batch = listing(first)
	s.mustTick()
	was := s.entries()["First"]
	sources["a"].batch = listing(second, first)
	s.mustTick()
	s.want("First", "Second")
	s.stays("First", was)
}

func TestOneIDWithOneLinkOrNoneIsOneArticle(t *testing.T) {
	const link = "https://x.example/1"
	for name, second := range map[string]feed.Article{
		"same link":   foreign("tag:x,1", link, "Second"),
		"none":        foreign("tag:x,1", "", "Second"),
		"https":       foreign("tag:x,1", "http://x.example/1", "Second"),
		"same id, no": foreign("", link, "Second"),
	} {
		t.Run(name, func(t *testing.T) {
			for _, turned := range []bool{false, true} {
				s := newStand(t)
				sources := s.merge("a")
				first := foreign(second.ID, link, "First")
				batch := []feed.Article{first, second}
				want := "First"
				if turned {
					batch, want = []feed.Article{second, first}, "Second"
				}
				sources["a"].batch = listing(batch...)
				for range 2 {
					s.mustTick()
					s.want(want)
				}
			}
		})
	}
}

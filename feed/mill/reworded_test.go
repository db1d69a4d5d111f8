package mill_test

import (
	"testing"

	"feedmill/feed"
)

// TestSourceInOtherWords: when the words of a source change, as selectors do, its articles are its own still: an id that
// means something within it alone names the same article, wherever that is moved, and no other source takes it.
func TestSourceInOtherWords(t *testing.T) {
	s := newStand(t)
	minutes := feed.Article{ID: "4711", Title: "Minutes", Link: "https://council.example/minutes-draft", Content: "<p>What was said.</p>"}
	s.refreshBatch(listing(minutes))
	before := s.entries()["Minutes"]

	s.feed.Sources[0].Digest = "e"
	s.refreshBatch(listing(minutes))
	moved := minutes
	moved.Link = "https://council.example/minutes"
	s.refreshBatch(listing(moved))
	if got := s.entries(); len(got) != 1 || got["Minutes"].id != before.id || got["Minutes"].link != moved.Link {
		t.Errorf("an article that moved after its source got other words: %v, before: %v", got, before)
	}

	q := s.inquire()
	rows, err := q.Latest(t.Context(), 1)
	if err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	if source, _ := q.Source(rows[0]); source == nil {
		t.Error("nobody knows any more which source it was read from")
	}
}

// TestSourceInOtherWordsWhileArticlesWait: the articles that wait for their pages are read on by the source as it is now.
func TestSourceInOtherWordsWhileArticlesWait(t *testing.T) {
	eitherWay(t, func(s *stand, pages *library) {
		all := listing(alice.articles(1, 60)...)
		s.feed.Limit.Articles = 100
		s.refreshBatch(all)
		s.feed.Sources[0].Digest = "e"
		s.refreshBatch(all)
		for range 3 {
			s.nothing()
		}
		if n := len(s.entries()); n != 60 || pages.times() != 60 {
			t.Errorf("%d of 60 articles are there", n)
		}
	})
}

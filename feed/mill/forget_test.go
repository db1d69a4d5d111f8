package mill_test

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/mill"
)

// What need not be kept goes, archive by archive, and never comes again as new.
func TestKeep(t *testing.T) {
	s := newStand(t)
	s.feed.Limit.Articles, s.feed.Keep = 4, mill.Keep{Count: 10}
	all := func(n int) (batch []feed.Article) {
		for i := range n {
			batch = append(batch, article(fmt.Sprintf("%02d.txt", i), fmt.Sprintf("Article %d", i)))
		}
		return batch
	}
	s.refresh(all(4)...)
	for n := 5; n <= 40; n++ {
		s.refresh(all(n)...)
	}
	kept := s.walkKept("world.atom")
	if len(kept) < 10 || len(kept) > 13 {
		t.Errorf("%d articles are kept", len(kept))
	}
	if _, there := s.site.documents["world/a/00"]; there {
		t.Error("the page of a forgotten article stays")
	}
	edited := article("00.txt", "Article 0, edited")
	r := s.refresh(edited)
	if r.Published+r.Changed > 0 {
		t.Errorf("a forgotten article came back: %+v", r)
	}
	child := s.derive("planet")
	if got := child(); len(got) > 13 || len(got) < 4 {
		t.Errorf("a derived feed takes over %d articles", len(got))
	}
	s.feed.Keep = mill.Keep{Age: 24 * time.Hour}
	s.now = s.now.Add(48 * time.Hour)
	s.refresh(article("new.txt", "New"))
	if kept = s.walkKept("world.atom"); len(kept) > 4+2 {
		t.Errorf("%d articles are kept for their age", len(kept))
	}
}

func TestForgettingIsDelivered(t *testing.T) {
	s := newStand(t)
	s.feed.Limit.Articles = 4
	for i := range 20 {
		s.refresh(linked(i, i+1)...)
	}
	s.feed.Keep = mill.Keep{Count: 6}
	edited := linked(3, 4)
	edited[0].Content += "<p>Edited.</p>"
	s.refresh(edited...)
	if paths := s.holding("Article 2<"); len(paths) > 0 {
		t.Errorf("a forgotten article stands in %q", paths)
	}
}

func TestForgettingKeepsAPageThatPassedOn(t *testing.T) {
	s := newStand(t)
	s.feed.Limit.Articles, s.feed.Keep = 4, mill.Keep{Count: 6}
	first := article("first.txt", "First")
	first.Slug = "budget"
	s.refresh(first)
	if _, err := s.mill.Withdraw(t.Context(), s.feed, "first.txt"); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		s.refresh(numbered(i, i+1)...)
	}
	second := article("second.txt", "Second")
	second.Slug = "budget"
	s.refresh(second)
	for i := range 9 {
		s.refresh(numbered(10+i, 11+i)...)
		_, there := s.site.documents["world/a/budget"]
		_, shown := s.entries()["Second"]
		if !there && shown {
			t.Fatal("the page of a live article was taken away")
		}
	}
}

// A feed of few articles keeps those that it shows, however old they are, and a notice has its time.
func TestWhatIsShownIsKept(t *testing.T) {
	s := newStand(t)
	s.feed.Limit.Articles = 4
	for i := range 12 {
		s.refresh(linked(i, i+1)...)
	}
	if _, err := s.mill.Withdraw(t.Context(), s.feed, "001.txt"); err != nil {
		t.Fatal(err)
	}
	s.feed.Keep = mill.Keep{Age: time.Hour}
	s.now = s.now.Add(48 * time.Hour)
	s.refresh(linked(12, 13)...)
	if _, there := s.entries()[notice]; !there {
		t.Error("the notice went with the archive")
	}
	s.now = s.now.Add(7 * 24 * time.Hour)
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	s.refresh(linked(0, 1)...)
	s.want("Article 10", "Article 11", "Article 12", "Article 9")
	if paths := s.holding("Article 2<"); len(paths) > 0 {
		t.Errorf("a forgotten article stands in %q", paths)
	}
}

// linked articles have no page of ours.
func linked(from, to int) []feed.Article {
	batch := numbered(from, to)
	for i := range batch {
		batch[i].Link = "https://news.example.org/" + batch[i].Key
	}
	return batch
}

// walkKept is walk up to the first archive that is no longer there.
func (s *stand) walkKept(path string) map[string]string {
	s.Helper()
	found := map[string]string{}
	for body, there := s.site.documents[path]; there; body, there = s.site.documents[path] {
		for _, id := range regexp.MustCompile(`(?s)<entry>.*?<id>([^<]*)`).FindAllStringSubmatch(string(body), -1) {
			found[id[1]] = path
		}
		path = ""
		for _, l := range archiveLink.FindAllStringSubmatch(string(body), -1) {
			if l[1] == "prev-archive" {
				path = l[2]
			}
		}
	}
	return found
}

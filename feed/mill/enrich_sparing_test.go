package mill_test

import (
	"strings"
	"testing"

	"feedmill/feed"
)

// sparing is a follower that lists whole what is called news.
type sparing struct{ follower }

func (s sparing) Whole(a feed.Article) bool { return strings.HasPrefix(a.Title, "News") }

// Articles that are listed whole need no page, however many they are.
func TestWhatIsListedWholeNeedsNoPage(t *testing.T) {
	s, pages := newReader(t, true)
	s.feed.Sources[0].Source = sparing{s.feed.Sources[0].Source.(follower)}
	articles := alice.articles(1, 30)
	for i := range articles[:29] {
		articles[i].Title = "News " + articles[i].Title
	}
	r := s.refreshBatch(listing(articles...))
	if n := pages.times(); n != 1 || r.Published != 30 {
		t.Errorf("%d pages were asked for, %d articles published", n, r.Published)
	}
}

// Another revision is an edit, though the article says what it said before; the page is not asked for again.
func TestARevisionIsAnEdit(t *testing.T) {
	s, pages := newReader(t, true)
	revised := func(revision string) feed.Batch {
		return listing(alice.articles(1, 1, func(a *feed.Article) { a.Revision = revision })...)
	}
	s.refreshBatch(revised("1"))
	before := s.entries()["Alice writes: number 1"]
	if r := s.refreshBatch(revised("1")); r.Changed != 0 {
		t.Errorf("%d changed by the same revision", r.Changed)
	}
	r := s.refreshBatch(revised("2"))
	after := s.entries()["Alice writes: number 1"]
	if n := pages.times(); n != 1 || r.Changed != 1 || after.id != before.id || after.updated == before.updated {
		t.Errorf("%d pages were asked for, %d changed: %+v, was %+v", n, r.Changed, after, before)
	}
}

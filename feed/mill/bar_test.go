package mill_test

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/mill"
)

// bar makes the feed private as a new plan does: the site may hold it no more.
func (s *stand) bar() *mill.Feed {
	private := *s.feed
	private.Outputs, private.Barred = nil, s.feed.Outputs
	return &private
}

func (s *stand) wantEmpty() {
	s.Helper()
	if len(s.site.documents) != 0 {
		s.Fatalf("the output still holds %v", slices.Sorted(maps.Keys(s.site.documents)))
	}
}

// restart makes a mill that knows only what is stored.
func (s *stand) restart() { s.mill = mill.New(s.store, s.store, func() time.Time { return s.now }) }

func TestABarredOutputIsEmptied(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "First"), article("b.txt", "Second"))
	other := feed.NewDocument("sport.rss", feed.TypeRSS, s.now, []byte("sport"))
	if err := s.site.Publish(t.Context(), feed.Release{Feed: "sport", Documents: []feed.Document{other}}); err != nil {
		t.Fatal(err)
	}
	public, private := s.feed, s.bar()
	if err := s.mill.Deliver(t.Context(), private); err != nil {
		t.Fatal(err)
	}
	if got := slices.Collect(maps.Keys(s.site.documents)); !slices.Equal(got, []string{"sport.rss"}) {
		t.Fatalf("the output holds %v, want only another feed's", got)
	}
	delete(s.site.documents, "sport.rss")

	// What is published from now on does not go there, also not by a refresh that began under the old plan.
	published := s.site.published
	s.feed = private
	s.refresh(article("c.txt", "Third"))
	s.feed = public
	s.refresh(article("d.txt", "Fourth"))
	s.wantEmpty()
	if s.site.published != published {
		t.Errorf("the output was asked %d times more for nothing", s.site.published-published)
	}

	// Made public again, all of it is back, older pages included.
	if err := s.mill.Deliver(t.Context(), public); err != nil {
		t.Fatal(err)
	}
	s.want("First", "Fourth", "Second", "Third")
	if _, ok := s.site.documents["world/a/a"]; !ok {
		t.Error("an older page is missing")
	}
	if err := s.mill.Deliver(t.Context(), private); err != nil {
		t.Fatal(err)
	}
	s.wantEmpty()
}

// A process may be killed after it wrote and before that is recorded; another process may not know of the new plan yet.
func TestABarredOutputIsEmptiedWhateverIsRecorded(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "First"))
	left := maps.Clone(s.site.documents)
	state, err := s.store.Feed(t.Context(), "world", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.store.Forget(t.Context(), state.Serial, "site"); err != nil {
		t.Fatal(err)
	}
	public := s.feed
	s.feed = s.bar()
	s.restart()
	s.refresh()
	s.wantEmpty()

	ours := s.mill
	s.restart() // the other process
	if err := s.mill.Deliver(t.Context(), public); err != nil {
		t.Fatal(err)
	}
	if !maps.EqualFunc(left, s.site.documents, slices.Equal) {
		t.Fatal("nothing was brought back; the test shows nothing")
	}
	s.mill = ours
	s.refresh()
	s.wantEmpty()
}

func TestABarredOutputThatFailsIsTriedAgain(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "First"))
	s.feed = s.bar()
	s.site.err = errors.New("the disk is away")
	if err := s.mill.Deliver(t.Context(), s.feed); err == nil {
		t.Error("documents that could not be taken away are no error")
	}
	s.site.err = nil
	s.refresh()
	s.wantEmpty()
	s.restart()
	s.refresh()
	s.wantEmpty()
}

// A feed may be made private before it ever published, while its first refresh waits.
func TestAnOutputIsBarredBeforeTheFirstRelease(t *testing.T) {
	s := newStand(t)
	if err := s.mill.Deliver(t.Context(), s.bar()); err != nil {
		t.Fatal(err)
	}
	s.refresh(article("a.txt", "First"))
	s.wantEmpty()
}

package mill_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/mill"
)

// folder is a stand whose source has given forty files.
func folder(t *testing.T) *stand {
	t.Helper()
	s := newStand(t)
	s.feed.Guard, s.feed.Limit.Articles = usual, 100
	s.mustGive(listing(desk(1, 40)...))
	return s
}

func (s *stand) mustHold(b feed.Batch, words string) {
	s.Helper()
	if _, err := s.give(b); feed.ClassOf(err) != feed.Suspicious || !strings.Contains(err.Error(), words) {
		s.Fatalf("the error is %v", err)
	}
}

// A folder that was emptied by mistake withdraws nothing; what is saved there meanwhile is published, and what was only
// renamed stays the article it was.
func TestNewsGoesOnWhileFilesAreMissing(t *testing.T) {
	s := folder(t)
	before := s.entries()["Title 040"]
	renamed := desk(40, 40)
	renamed[0].Key = "last.txt"
	for day := range 2 {
		s.mustHold(increment(append(desk(41, 41+day), renamed...), keys(1, 40)...), "files are gone (fewer than 20 % left)")
		s.wantCount(41 + day)
		if got := s.entries()["Title 040"]; got != before {
			t.Errorf("the renamed one was %+v and is %+v", before, got)
		}
	}
	s.mustGive(increment(append(desk(41, 42), renamed...), keys(1, 40)...))
	s.want("Title 040", "Title 041", "Title 042")
}

// A source whose words were changed is another one, and has the articles of the old one all the same.
func TestALossIsSeenAfterTheSourceWasWrittenAnew(t *testing.T) {
	s := folder(t)
	s.feed.Sources[0].Digest = "watched more often"
	s.mustGive(listing(desk(1, 40)...))
	s.feed.Sources = append(s.feed.Sources, mill.Source{Name: "wire", Digest: "wire", Source: &script{batch: listing(desk(101, 120)...)}})
	s.mustGive(feed.Batch{Extent: feed.Unchanged})
	s.mustHold(increment(nil, keys(1, 38)...), "38 of 40 files are gone")
}

func TestAcceptingALossWithdraws(t *testing.T) {
	s := folder(t)
	s.mustHold(increment(nil, keys(1, 38)...), "38 of 40 files are gone")
	if accepted, err := s.accept(""); err != nil || len(accepted) != 1 {
		t.Fatalf("accepted %v, %v", accepted, err)
	}
	s.want("Title 039", "Title 040")
	s.mustGive(feed.Batch{Extent: feed.Unchanged})
}

func TestFilesThatComeBackHealTheFeed(t *testing.T) {
	s := folder(t)
	s.mustHold(increment(nil, keys(1, 38)...), "38 of 40")
	s.mustGive(feed.Batch{Extent: feed.Unchanged})
	if accepted, err := s.accept(""); err != nil || len(accepted) > 0 {
		t.Errorf("accepted %v, %v", accepted, err)
	}
	s.wantCount(40)
}

// A folder that is watched says first that nothing changed, and a look later that files are missing. That is one state, not
// a recovery and a relapse.
func TestALossIsNotOverBetweenTwoLooks(t *testing.T) {
	s := folder(t)
	s.feed.Guard.Apart = 15 * time.Minute
	s.mustHold(increment(nil, keys(1, 38)...), "38 of 40")
	s.now = s.now.Add(30 * time.Minute)
	s.mustHold(feed.Batch{Extent: feed.Unchanged}, "38 of 40")
	s.mustHold(increment(desk(41, 41)), "38 of 40")
	s.mustHold(increment(nil, keys(1, 38)...), "38 of 40")
	s.wantCount(41)
	s.now = s.now.Add(30 * time.Minute)
	s.mustHold(feed.Batch{Extent: feed.Unchanged}, "38 of 40")
	s.now = s.now.Add(30 * time.Minute)
	s.mustGive(feed.Batch{Extent: feed.Unchanged})
	if accepted, err := s.accept(""); err != nil || len(accepted) > 0 {
		t.Errorf("accepted %v, %v", accepted, err)
	}
	s.wantCount(41)
}

func TestSilence(t *testing.T) {
	s := newStand(t)
	s.feed.Guard.MaxSilence = 60 * 24 * time.Hour
	old := alice.articles(1, 3, dated(time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)))
	s.mustGive(listing(old...)) // the feed is new, however old its articles are
	since := s.now
	s.now = s.now.Add(60*24*time.Hour - time.Minute)
	s.mustGive(listing(old...))
	r, err := s.give(feed.Batch{Extent: feed.Unchanged})
	silent, ok := errors.AsType[*mill.SilenceError](err)
	if !ok || !silent.Since.Equal(since) || silent.Limit != 60*24*time.Hour || feed.ClassOf(err) != feed.Suspicious ||
		!strings.Contains(err.Error(), "nothing new since 2026-11-24 (more than 60d)") {
		t.Errorf("the error is %v", err)
	}
	if !r.Partial || len(r.Answered) != 1 {
		t.Errorf("a silent feed counts as failed: %+v", r)
	}
	if _, held := errors.AsType[*mill.SourceError](err); held {
		t.Errorf("a source failed: %v", err)
	}
	s.mustGive(listing(append(old, alice.article(4))...))
}

func TestAFeedWithoutAnyArticleIsSilentInTheEnd(t *testing.T) {
	s := newStand(t)
	s.feed.Guard.MaxSilence = time.Hour
	s.mustGive(listing())
	since := s.now
	s.now = s.now.Add(59 * time.Minute)
	s.mustGive(listing())
	_, err := s.give(feed.Batch{Extent: feed.Unchanged})
	if silent, ok := errors.AsType[*mill.SilenceError](err); !ok || !silent.Since.Equal(since) || !strings.Contains(err.Error(), "more than 1h)") {
		t.Errorf("the error is %v", err)
	}
}

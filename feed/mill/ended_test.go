package mill_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/mill"
	"feedmill/feed/render"
)

// TestEnded goes to the end of a feed and beyond it.
func TestEnded(t *testing.T) {
	s := newStand(t)
	s.feed.Channel.Facets, s.feed.Limit.Articles = true, 3
	s.feed.Editions = []mill.Edition{{Channel: render.Channel{Feed: "world", Edition: "full", Base: s.feed.Channel.Base, Title: "World", Formats: []render.Format{render.RSS}}, Limit: s.feed.Limit}}
	s.feed.Ended = s.now.Add(10 * time.Minute)
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		s.refresh(tagged(name+".txt", "Article "+name, "town"))
	}
	report := s.refresh()
	if !report.Wake.Equal(s.feed.Ended) || len(s.headlines("world.rss")) != 3 {
		t.Fatalf("before the end the mill wakes at %v, want %v; there are %q", report.Wake, s.feed.Ended, s.headlines("world.rss"))
	}
	s.now = s.feed.Ended
	s.source.err = errors.New("it is gone")
	report = s.refresh(article("late.txt", "Late"))
	if report.Published != 1 || !report.Wake.Equal(s.feed.Ended.Add(30*24*time.Hour)) {
		t.Errorf("at the end: %+v", report)
	}
	last := string(s.site.documents["world.rss"])
	if !strings.Contains(last, "<title>World has come to its end</title>") || !strings.Contains(last, "no more articles") || strings.Contains(last, "Late") {
		t.Errorf("the last document is\n%s", last)
	}
	if !strings.Contains(string(s.site.documents["world/full.rss"]), "has come to its end") {
		t.Error("the edition does not say that it has ended")
	}
	s.now = s.now.Add(29 * 24 * time.Hour)
	if r := s.refresh(); r.Rendered || string(s.site.documents["world.rss"]) != last {
		t.Error("the last article changes, or comes again")
	}
	s.now = s.now.Add(24 * time.Hour)
	if r := s.refresh(); !r.Wake.IsZero() {
		t.Errorf("it wakes at %v", r.Wake)
	}
	for path := range s.site.documents {
		if path != "world/" && !strings.HasPrefix(path, "world/a/") {
			t.Errorf("%s is left", path)
		}
	}
	if page := string(s.site.documents["world/"]); !strings.Contains(page, "has come to its end") || strings.Contains(page, "world.rss") {
		t.Errorf("the page of the feed is\n%s", page)
	}
	if s.site.documents["world/a/a"] == nil {
		t.Error("an article's page is gone")
	}
	if _, err := s.mill.Archive(t.Context(), s.feed, "world/archive/1.rss"); feed.ClassOf(err) != feed.Gone {
		t.Errorf("an archive: %v", err)
	}
	if _, err := s.asked("world/tag/town.rss"); feed.ClassOf(err) != feed.Gone {
		t.Errorf("a tag: %v", err)
	}

	// An end that was called off.
	s.feed.Ended = time.Time{}
	s.source.err = nil
	s.refresh(article("late.txt", "Late"))
	if body := string(s.site.documents["world.rss"]); !strings.Contains(body, "Late") {
		t.Errorf("it does not go on:\n%s", body)
	}
}

package storetest

import (
	"fmt"
	"testing"

	"feedmill/feed"
	"feedmill/feed/store"
)

func rename(t *testing.T, open func(*testing.T) *store.Store) {
	s, f := filled(t, open, 3)
	page := store.Document{Document: feed.NewDocument("world/a/slug2", feed.TypeHTML, epoch, []byte("<p>")), Body: []byte("<p>"), Page: true}
	rss := store.Document{Document: feed.NewDocument("world.rss", feed.TypeRSS, epoch, []byte("<rss/>")), Body: []byte("<rss/>")}
	f.Rendered, f.Dress, f.Release = f.Revision, "dress", 4
	must(t, s.SaveRendering(t.Context(), store.Rendering{Feed: f, Changed: []store.Document{rss, page}}))
	must(t, s.SetDelivered(t.Context(), f.Serial, store.Handover{Output: "site", Release: 4}))
	if got, err := s.Sources(t.Context()); err != nil || fmt.Sprint(got) != "map[world:[source]]" {
		t.Errorf("the sources are %v, %v", got, err)
	}
	must(t, s.SaveVisits(t.Context(), "2026-11-24", epoch, []store.Visits{{Feed: "world", Pollers: 7}}))
	_, err := s.Feed(t.Context(), "new/name", "urn:x:empty") // one that was begun and has nothing
	must(t, err)

	if renamed, err := s.Rename(t.Context(), "world", "new/name"); err != nil || !renamed {
		t.Fatalf("renamed: %v, %v", renamed, err)
	}
	if renamed, err := s.Rename(t.Context(), "world", "new/name"); err != nil || renamed {
		t.Errorf("renamed a second time: %v, %v", renamed, err)
	}
	s = open(t)
	now, err := s.Feed(t.Context(), "new/name", "another uid")
	must(t, err)
	want := f
	want.Name, want.Rendered, want.Dress = "new/name", 0, ""
	if now != want {
		t.Errorf("the feed is %+v, want %+v", now, want)
	}
	articles, err := s.Window(t.Context(), now.Serial, 9)
	must(t, err)
	memory, err := s.Memory(t.Context(), now.Serial, "source")
	must(t, err)
	documents, err := s.LiveDocuments(t.Context(), now.Serial)
	must(t, err)
	pages, err := s.Pages(t.Context(), now.Serial, 0)
	must(t, err)
	if got := audiences(t, s, epoch); got != "new/name [{2026-11-24 7}] [] []" {
		t.Errorf("the audience is\n%s", got)
	}
	delivered, err := s.Delivered(t.Context(), now.Serial)
	must(t, err)
	if len(articles) != 3 || string(memory["etag"]) != "v1" || len(delivered) != 0 {
		t.Errorf("it has %d articles, memory %q, deliveries %v", len(articles), memory, delivered)
	}
	if len(documents) != 1 || documents[0].Path != "new/name.rss" || len(pages) != 1 || pages[0].Path != "new/name/a/slug2" {
		t.Errorf("it has documents %+v, pages %+v", documents, pages)
	}

	fresh, err := s.Feed(t.Context(), "world", "urn:x:fresh") // a feed of the old name is another one
	must(t, err)
	fresh.Position = 1
	must(t, s.Commit(t.Context(), store.Commit{Feed: fresh, Articles: []store.Article{live(1)}}))
	if renamed, err := s.Rename(t.Context(), "world", "new/name"); renamed || feed.ClassOf(err) != feed.Refused {
		t.Errorf("two feeds with articles became one: %v, %v", renamed, err)
	}
	if again, err := s.Feed(t.Context(), "new/name", ""); err != nil || again != now {
		t.Errorf("after the refusal the feed is %+v, %v", again, err)
	}
}

// Package storetest is the suite that every database behind package store passes.
package storetest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/store"
)

// Run runs the suite. open returns the same state each time it is called within one test, as a restart or another
// process would see it.
func Run(t *testing.T, open func(t *testing.T) *store.Store) {
	for _, c := range []struct {
		name string
		test func(*testing.T, func(*testing.T) *store.Store)
	}{
		{"CommitSurvives", commitSurvives},
		{"CommitIsFenced", commitIsFenced},
		{"CommitIsAllOrNothing", commitIsAllOrNothing},
		{"Find", find},
		{"FindAll", findAll},
		{"Window", window},
		{"Waiting", waiting},
		{"Documents", documents},
		{"Large", large},
		{"Media", media},
		{"MediaSwept", mediaSwept},
		{"Deliveries", deliveries},
		{"Due", due},
		{"Begun", begun},
		{"Remember", remember},
		{"Empty", empty},
		{"Held", held},
		{"There", there},
		{"CopyFeed", copyFeed},
		{"Conditions", conditions},
		{"Alerts", alerts},
		{"Summaries", summaries},
		{"Audience", audience},
		{"Kept", kept},
		{"Rename", rename},
		{"RunLock", runLock},
		{"Lease", lease},
		{"LeaseSeesOthers", leaseSeesOthers},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open) })
	}
}

var epoch = time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func live(position int64) store.Article {
	return store.Article{
		Position: position, Number: position, State: store.Live, ID: fmt.Sprint("urn:x:", position), Key: fmt.Sprint("key", position),
		Link: fmt.Sprint("https://x.example/", position), Slug: fmt.Sprint("slug", position), Hosted: position%2 == 0,
		Published: epoch, Updated: epoch.Add(time.Second), Released: epoch.Add(time.Duration(position) * time.Hour),
		Digest: fmt.Sprint("d", position), Material: "m",
		Said: feed.Article{Title: fmt.Sprint("Title ", position), Content: "<p>It’s “öffentlich”.</p>", Tags: []string{"a"}},
	}
}

// filled opens a state whose feed "world" holds n live articles.
func filled(t *testing.T, open func(*testing.T) *store.Store, n int64) (*store.Store, store.Feed) {
	t.Helper()
	s := open(t)
	f, err := s.Feed(t.Context(), "world", "urn:x:feed")
	must(t, err)
	var articles []store.Article
	for i := int64(1); i <= n; i++ {
		articles = append(articles, live(i))
	}
	f.Position, f.Number, f.AsOf = n, n, epoch
	must(t, s.Commit(t.Context(), store.Commit{
		Feed: f, Articles: articles, Memory: map[string]map[string][]byte{"source": {"etag": []byte("v1")}},
	}))
	f, err = s.Feed(t.Context(), "world", "another uid")
	must(t, err)
	return s, f
}

func commitSurvives(t *testing.T, open func(*testing.T) *store.Store) {
	filled(t, open, 3)
	s := open(t)
	f, err := s.Feed(t.Context(), "world", "")
	must(t, err)
	if f.UID != "urn:x:feed" || f.Revision != 1 || f.Position != 3 || f.Number != 3 || !f.AsOf.Equal(epoch) {
		t.Errorf("the feed came back as %+v", f)
	}
	got, err := s.Window(t.Context(), f.Serial, 1)
	must(t, err)
	want := live(3)
	want.Revision = 1
	if len(got) != 1 || fmt.Sprintf("%+v", got[0]) != fmt.Sprintf("%+v", want) {
		t.Errorf("the article came back as\n%+v, want\n%+v", got, want)
	}
	memory, err := s.Memory(t.Context(), f.Serial, "source")
	must(t, err)
	if string(memory["etag"]) != "v1" {
		t.Errorf("the memory came back as %q", memory)
	}
	if other, err := s.Memory(t.Context(), f.Serial, "changed source"); err != nil || len(other) != 0 {
		t.Errorf("a source with other words remembers %q, %v", other, err)
	}
}

func commitIsFenced(t *testing.T, open func(*testing.T) *store.Store) {
	s, f := filled(t, open, 1)
	changed := live(1)
	changed.Said.Title = "Changed"
	must(t, s.Commit(t.Context(), store.Commit{Feed: f, Articles: []store.Article{changed}}))
	late := live(1)
	late.Said.Title = "Too late"
	if err := s.Commit(t.Context(), store.Commit{Feed: f, Articles: []store.Article{late}}); !errors.Is(err, store.ErrFenced) {
		t.Errorf("a commit over another one gave %v", err)
	}
	if err := s.SaveRendering(t.Context(), store.Rendering{Feed: f}); !errors.Is(err, store.ErrFenced) {
		t.Errorf("a rendering of an old revision gave %v", err)
	}
	got, err := s.Window(t.Context(), f.Serial, 5)
	must(t, err)
	if len(got) != 1 || got[0].Said.Title != "Changed" || got[0].Revision != 2 {
		t.Errorf("the article is %+v", got)
	}
}

func commitIsAllOrNothing(t *testing.T, open func(*testing.T) *store.Store) {
	s, f := filled(t, open, 1)
	twin := live(3)
	twin.ID = live(1).ID // no two articles share an id
	f.Position, f.Number = 3, 3
	err := s.Commit(t.Context(), store.Commit{
		Feed: f, Articles: []store.Article{live(2), twin}, Memory: map[string]map[string][]byte{"source": {"etag": []byte("v2")}},
	})
	if err == nil {
		t.Fatal("two articles share an id")
	}
	s = open(t)
	after, err := s.Feed(t.Context(), "world", "")
	must(t, err)
	got, err := s.Window(t.Context(), f.Serial, 5)
	must(t, err)
	memory, err := s.Memory(t.Context(), f.Serial, "source")
	must(t, err)
	if after.Revision != 1 || len(got) != 1 || string(memory["etag"]) != "v1" {
		t.Errorf("half a commit is left: %+v, %d articles, memory %q", after, len(got), memory)
	}
}

func find(t *testing.T, open func(*testing.T) *store.Store) {
	s, f := filled(t, open, 4)
	given, gone, plain := live(5), live(6), live(7)
	given.Given, gone.Gone = "g5", true
	plain.ID = plain.Link // as nearly all feeds on the web have it
	plain.Given = plain.Link
	waits := store.Article{Position: 8, State: store.Waiting, Given: "https://x.example/8", Link: "https://x.example/8", Digest: "d8", Material: "m"}
	f.Position, f.Number = 8, 7
	must(t, s.Commit(t.Context(), store.Commit{Feed: f, Articles: []store.Article{given, gone, plain, waits}}))
	for _, c := range []struct {
		lookup store.Lookup
		want   []int64
	}{
		{store.Lookup{}, nil},
		{store.Lookup{Key: "key2"}, []int64{2}},
		{store.Lookup{Given: "g5", Link: "https://x.example/1"}, []int64{1, 5}},
		{store.Lookup{Digest: "d1"}, nil}, // only of those whose origin is gone
		{store.Lookup{Digest: "d6"}, []int64{6}},
		{store.Lookup{Given: "https://x.example/7"}, []int64{7}},
		{store.Lookup{Link: "https://x.example/7"}, []int64{7}},
		{store.Lookup{Given: "https://x.example/8"}, []int64{8}}, // without an id
		{store.Lookup{Link: "https://x.example/8", Given: "https://x.example/7"}, []int64{7, 8}},
		{store.Lookup{Given: "urn:x:2", Link: "urn:x:2"}, nil}, // an id alone is no word of the source
	} {
		got, err := s.Find(t.Context(), f.Serial, c.lookup)
		must(t, err)
		if fmt.Sprint(positions(got)) != fmt.Sprint(c.want) {
			t.Errorf("%+v finds %v, want %v", c.lookup, positions(got), c.want)
		}
		all, err := s.FindAll(t.Context(), f.Serial, []store.Lookup{c.lookup, {}})
		must(t, err)
		if fmt.Sprint(positions(all)) != fmt.Sprint(c.want) {
			t.Errorf("%+v and another find %v, want %v", c.lookup, positions(all), c.want)
		}
	}
	newest, err := s.LastSeen(t.Context(), f.Serial, 3)
	must(t, err)
	if fmt.Sprint(positions(newest)) != "[8 7 6]" {
		t.Errorf("the newest are %v", positions(newest))
	}
	for _, name := range []string{"urn:x:2", "https://x.example/2", "key2", "slug2"} {
		got, err := s.Named(t.Context(), f.Serial, name)
		must(t, err)
		if len(got) != 1 || got[0].Position != 2 {
			t.Errorf("%s names %v", name, positions(got))
		}
	}
	for position, want := range map[int64]bool{1: false, 2: true} {
		if taken, err := s.Taken(t.Context(), f.Serial, "urn:x:1", position); err != nil || taken != want {
			t.Errorf("the id of article 1 is taken for %d: %v, %v", position, taken, err)
		}
	}
}

// findAll is find for more lookups than one statement makes.
func findAll(t *testing.T, open func(*testing.T) *store.Store) {
	s, f := filled(t, open, 100)
	lookups := []store.Lookup{{}}
	var want []int64
	for i := int64(1); i <= 100; i += 2 {
		lookups = append(lookups, store.Lookup{Key: fmt.Sprint("key", i), Link: fmt.Sprint("https://x.example/", i+1), Digest: "d1", Given: "none"})
		want = append(want, i, i+1)
	}
	lookups = append(lookups, lookups...)
	got, err := s.FindAll(t.Context(), f.Serial, lookups)
	must(t, err)
	if !slices.Equal(positions(got), want) {
		t.Errorf("found %v, want %v", positions(got), want)
	}
	if got, err := s.FindAll(t.Context(), f.Serial, []store.Lookup{{}, {}}); err != nil || len(got) != 0 {
		t.Errorf("empty words find %v, %v", positions(got), err)
	}
}

func positions(articles []store.Article) []int64 {
	var out []int64
	for _, a := range articles {
		out = append(out, a.Position)
	}
	return out
}

func window(t *testing.T, open func(*testing.T) *store.Store) {
	s, f := filled(t, open, 9)
	withdrawn := live(8)
	withdrawn.State = store.Withdrawn
	must(t, s.Commit(t.Context(), store.Commit{Feed: f, Articles: []store.Article{withdrawn}}))
	for _, c := range []struct {
		n     int
		since time.Time
		want  []int64
	}{
		{3, time.Time{}, []int64{9, 7, 6}},
		{100, time.Time{}, []int64{9, 7, 6, 5, 4, 3, 2, 1}},
		{2, epoch.Add(4 * time.Hour), []int64{9, 7, 6, 5}}, // released after hour 4
		{4, epoch.Add(7 * time.Hour), []int64{9, 7, 6, 5}}, // at least n
	} {
		shown, err := s.Shown(t.Context(), f.Serial, c.n, c.since)
		must(t, err)
		var got []int64
		for _, a := range shown {
			got = append(got, a.Position)
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%d and those since %v are %v, want %v", c.n, c.since, got, c.want)
		}
		read, err := s.Articles(t.Context(), f.Serial, got)
		must(t, err)
		if len(read) != len(got) || read[0].Digest == "" {
			t.Errorf("%d of %d articles were read", len(read), len(got))
		}
	}
}

func waiting(t *testing.T, open func(*testing.T) *store.Store) {
	s, f := filled(t, open, 2)
	draft := store.Article{Position: 3, State: store.Waiting, Reason: "draft", Key: "key3", Digest: "d3", Material: "m"}
	short := live(2)
	short.Expires = epoch.Add(time.Hour)
	f.Position = 3
	must(t, s.Commit(t.Context(), store.Commit{Feed: f, Articles: []store.Article{draft, short}}))
	got, err := s.Pending(t.Context(), f.Serial)
	must(t, err)
	if fmt.Sprint(positions(got)) != "[3]" {
		t.Errorf("%v wait", positions(got))
	}
	at, err := s.NextExpiry(t.Context(), f.Serial, epoch)
	must(t, err)
	if !at.Equal(short.Expires) {
		t.Errorf("the next life ends at %v", at)
	}
	if at, err = s.NextExpiry(t.Context(), f.Serial, short.Expires); err != nil || !at.IsZero() {
		t.Errorf("after it ends %v, %v", at, err)
	}
	got, err = s.Expiring(t.Context(), f.Serial, short.Expires)
	must(t, err)
	if fmt.Sprint(positions(got)) != "[2]" {
		t.Errorf("%v expire", positions(got))
	}
}

func documents(t *testing.T, open func(*testing.T) *store.Store) {
	s, f := filled(t, open, 2)
	document := func(path, mediaType, body string) store.Document {
		return store.Document{Document: feed.NewDocument(path, mediaType, epoch, []byte(body)), Body: []byte(body)}
	}
	rss, page := document("world.rss", feed.TypeRSS, "<rss/>"), document("world/a/slug2", feed.TypeHTML, "<p>")
	rss.Parts, page.Page = []byte("parts"), true
	f.Rendered, f.Dress, f.Release = f.Revision, "dress", 1
	must(t, s.SaveRendering(t.Context(), store.Rendering{Feed: f, Changed: []store.Document{rss, page}}))

	s = open(t)
	got, err := s.LiveDocuments(t.Context(), f.Serial)
	must(t, err)
	if len(got) != 1 || got[0].Path != "world.rss" || got[0].ETag != rss.ETag || !got[0].Modified.Equal(epoch) || got[0].Type != feed.TypeRSS || string(got[0].Parts) != "parts" {
		t.Fatalf("the live documents are %+v", got)
	}
	body, err := got[0].Bytes()
	must(t, err)
	if !bytes.Equal(body, []byte("<rss/>")) {
		t.Errorf("the document holds %q", body)
	}
	stale, err := s.Stale(t.Context(), f.Serial, 0, "world/a/")
	must(t, err)
	if fmt.Sprint(positions(stale)) != "[2]" {
		t.Errorf("the pages of %v are stale", positions(stale))
	}

	f.Release = 2
	must(t, s.SaveRendering(t.Context(), store.Rendering{Feed: f, Removed: []string{"world/a/slug2"}}))
	changed, err := s.Pages(t.Context(), f.Serial, 1)
	must(t, err)
	if len(changed) != 1 || !changed[0].Removed || changed[0].Path != "world/a/slug2" {
		t.Errorf("after release 1 changed %+v", changed)
	}
	for path, want := range map[string]string{"world.rss": rss.ETag, "world/a/slug2": ""} {
		if tag, err := s.ETag(t.Context(), f.Serial, path); err != nil || tag != want {
			t.Errorf("the tag of %s is %q, %v", path, tag, err)
		}
	}
	paths, err := s.Paths(t.Context(), f.Serial)
	must(t, err)
	if fmt.Sprint(paths) != "[world.rss world/a/slug2]" {
		t.Errorf("the feed had documents at %v", paths)
	}
	if stale, err = s.Stale(t.Context(), f.Serial, 0, "world/a/"); err != nil || len(stale) != 0 {
		t.Errorf("after the removal the pages of %v are stale, %v", positions(stale), err)
	}
	if again, err := s.Feed(t.Context(), "world", ""); err != nil || again.Release != 2 || again.Dress != "dress" || again.Rendered != 1 {
		t.Errorf("the feed is %+v, %v", again, err)
	}
}

func deliveries(t *testing.T, open func(*testing.T) *store.Store) {
	s, f := filled(t, open, 1)
	hand := func(output string, release int64, at time.Time) {
		must(t, s.SetDelivered(t.Context(), f.Serial, store.Handover{Output: output, Release: release, Revision: 7, At: at}))
	}
	hand("site", 1, epoch)
	hand("site", 4, epoch.Add(time.Minute))
	hand("site", 4, epoch.Add(time.Hour)) // once more, which is no news
	got, err := open(t).Delivered(t.Context(), f.Serial)
	must(t, err)
	if len(got) != 1 || got["site"] != 4 {
		t.Errorf("delivered is %v", got)
	}
	all, err := open(t).Handovers(t.Context(), f.Serial)
	must(t, err)
	want := []store.Handover{{Output: "site", Release: 1, Revision: 7, At: epoch}, {Output: "site", Release: 4, Revision: 7, At: epoch.Add(time.Minute)}}
	if !slices.Equal(all, want) {
		t.Errorf("handed over was %v", all)
	}
	hand("mirror", 4, epoch)
	must(t, s.Forget(t.Context(), f.Serial, "site"))
	must(t, s.Forget(t.Context(), f.Serial, "nowhere"))
	if got, err = open(t).Delivered(t.Context(), f.Serial); err != nil || len(got) != 1 || got["mirror"] != 4 {
		t.Errorf("after one is forgotten, delivered is %v, %v", got, err)
	}
	hand("mirror", 5, epoch)
	hand("mirror", 505, epoch)
	if all, err = s.Handovers(t.Context(), f.Serial); err != nil || len(all) != 1 || all[0].Release != 505 {
		t.Errorf("of deliveries that are 500 releases apart are kept %v, %v", all, err)
	}
}

func due(t *testing.T, open func(*testing.T) *store.Store) {
	s, _ := filled(t, open, 1)
	must(t, s.SaveDue(t.Context(), map[string]time.Time{"world": epoch, "unknown": epoch}))
	got, err := open(t).Due(t.Context())
	must(t, err)
	if len(got) != 1 || !got["world"].Equal(epoch) {
		t.Errorf("due is %v", got)
	}
}

func remember(t *testing.T, open func(*testing.T) *store.Store) {
	s, f := filled(t, open, 1) // remembers v1
	etag := func(s *store.Store) string {
		t.Helper()
		memory, err := s.Memory(t.Context(), f.Serial, "source")
		must(t, err)
		return string(memory["etag"])
	}
	note := func(value string) {
		t.Helper()
		must(t, s.Remember(t.Context(), f.Serial, map[string]map[string][]byte{"source": {"etag": []byte(value)}}))
		if got := etag(s); got != value {
			t.Errorf("the store itself remembers %q, want %q", got, value)
		}
	}
	note("v2")
	if got := etag(open(t)); got != "v1" {
		t.Errorf("a note was stored by itself: %q", got)
	}
	must(t, s.SaveDue(t.Context(), map[string]time.Time{"world": epoch}))
	if got := etag(open(t)); got != "v2" {
		t.Errorf("with the due times %q was stored, want v2", got)
	}
	note("v3")
	must(t, s.Commit(t.Context(), store.Commit{Feed: f, Memory: map[string]map[string][]byte{"source": {"etag": []byte("v4")}}}))
	must(t, s.SaveDue(t.Context(), map[string]time.Time{"world": epoch}))
	if got := etag(open(t)); got != "v4" {
		t.Errorf("a note overtook a commit: %q, want v4", got)
	}
	note("v5")
	f.Revision++
	if err := s.Commit(t.Context(), store.Commit{Feed: store.Feed{Serial: f.Serial, Revision: 77}}); !errors.Is(err, store.ErrFenced) {
		t.Fatal(err)
	}
	if got := etag(s); got != "v5" {
		t.Errorf("a commit that failed lost the note: %q, want v5", got)
	}
	must(t, s.Close())
	if got := etag(open(t)); got != "v5" {
		t.Errorf("at the end %q was stored, want v5", got)
	}
}

func begun(t *testing.T, open func(*testing.T) *store.Store) {
	s := open(t)
	for want := range int64(3) { // twice it is never ended
		got, err := s.Begin(t.Context(), "w")
		must(t, err)
		if got != want {
			t.Errorf("begun %d times before, want %d", got, want)
		}
	}
	must(t, s.End(t.Context(), "w", 2))
	if got, err := open(t).Begin(t.Context(), "w"); err != nil || got != 2 {
		t.Errorf("begun %d times before, %v; want 2", got, err)
	}
	must(t, s.End(t.Context(), "w", 0))
	if got, err := s.Begin(t.Context(), "w"); err != nil || got != 0 {
		t.Errorf("begun %d times before, %v; want 0", got, err)
	}
}

func empty(t *testing.T, open func(*testing.T) *store.Store) {
	s := open(t)
	_, err := s.Feed(t.Context(), "world", "urn:x:feed") // known by name alone
	must(t, err)
	if is, err := s.Empty(t.Context()); err != nil || !is {
		t.Errorf("a state without articles is empty: %v, %v", is, err)
	}
	filled(t, open, 1)
	if is, err := s.Empty(t.Context()); err != nil || is {
		t.Errorf("a state with an article is empty: %v, %v", is, err)
	}
}

func copyFeed(t *testing.T, open func(*testing.T) *store.Store) {
	s, f := filled(t, open, 3)
	_, err := s.Feed(t.Context(), "other", "urn:x:other")
	must(t, err)
	scratch := open(t)
	if scratch == s {
		t.Fatal("open gave the same store twice")
	}
	// A copy within one database would collide with itself; what is tested is that nothing is left of a failed one.
	if err := s.CopyFeed(t.Context(), scratch, "world"); err == nil {
		t.Error("a feed was copied over itself")
	}
	if err := s.CopyFeed(t.Context(), scratch, "nothing"); !errors.Is(err, sql.ErrNoRows) {
		t.Errorf("an unknown feed gave %v", err)
	}
	after, err := s.Feed(t.Context(), "world", "")
	must(t, err)
	if after != f {
		t.Errorf("the feed is %+v, was %+v", after, f)
	}
}

func runLock(t *testing.T, open func(*testing.T) *store.Store) {
	s := open(t)
	release, err := s.Run()
	must(t, err)
	if _, err := s.Run(); !errors.Is(err, store.ErrHeld) {
		t.Errorf("a second run gave %v", err)
	}
	release()
	release, err = s.Run()
	must(t, err)
	release()
}

func lease(t *testing.T, open func(*testing.T) *store.Store) {
	s := open(t)
	release, err := s.Lease(t.Context(), "world")
	must(t, err)
	other, err := s.Lease(t.Context(), "another feed")
	must(t, err)
	other()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Lease(ctx, "world"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a held lease gave %v", err)
	}
	time.AfterFunc(20*time.Millisecond, release)
	again, err := s.Lease(t.Context(), "world")
	must(t, err)
	again()
}

package storetest

import (
	"bytes"
	"errors"
	"io/fs"
	"slices"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/store"
)

// keep keeps a file of n bytes under a name, in pieces of 1,000.
func keep(t *testing.T, s *store.Store, name string, n int, at time.Time) (feed.Media, []byte) {
	t.Helper()
	body := bytes.Repeat([]byte(name), n/len(name)+1)[:n]
	l := s.NewMedia(t.Context(), at, 1000)
	_, err := l.Write(body)
	must(t, err)
	must(t, l.Close())
	m := feed.Media{Name: name, Type: "image/png", Size: int64(n)}
	must(t, s.SaveMedia(t.Context(), l, m, at))
	return m, body
}

// refer commits the article at a position as one that refers to media.
func refer(t *testing.T, s *store.Store, f *store.Feed, position int64, state string, media ...feed.Media) {
	t.Helper()
	a := live(position)
	a.State, a.Said.Media = state, media
	must(t, s.Commit(t.Context(), store.Commit{Feed: *f, Articles: []store.Article{a}}))
	now, err := s.Feed(t.Context(), f.Name, "")
	must(t, err)
	*f = now
}

func media(t *testing.T, open func(*testing.T) *store.Store) {
	s, f := filled(t, open, 3)
	one, body := keep(t, s, "one-a.png", 12_345, epoch)
	two, _ := keep(t, s, "two-b.png", 10, epoch)
	keep(t, s, "one-a.png", 12_345, epoch.Add(time.Hour)) // the same again
	before := f.Revision
	changed := func(added, removed []string) {
		t.Helper()
		a, r, err := s.ChangedMedia(t.Context(), f.Serial, before)
		must(t, err)
		var paths []string
		for _, d := range a {
			paths = append(paths, d.Path)
		}
		if !slices.Equal(paths, added) || !slices.Equal(r, removed) {
			t.Fatalf("documents are to get %q and to lose %q, not %q and %q", paths, r, added, removed)
		}
		rendering := store.Rendering{Feed: f, Removed: r}
		for _, d := range a {
			rendering.Changed = append(rendering.Changed, store.Document{Document: d, Page: true})
		}
		rendering.Feed.Release++
		rendering.Feed.Rendered = f.Revision
		must(t, s.SaveRendering(t.Context(), rendering))
		f, before = rendering.Feed, f.Revision
	}
	feeds := func(name string, want ...string) {
		t.Helper()
		d, got, err := s.Media(t.Context(), name)
		must(t, err)
		if !slices.Equal(got, want) || d.Path != "media/"+name || !d.Fixed {
			t.Fatalf("%s is shown by %q, not %q: %+v", name, got, want, d)
		}
	}
	changed(nil, nil)
	feeds("one-a.png")
	refer(t, s, &f, 1, store.Waiting, one)
	changed(nil, nil)
	feeds("one-a.png")
	refer(t, s, &f, 1, store.Live, one, two)
	refer(t, s, &f, 2, store.Live, one)
	changed([]string{"media/one-a.png", "media/two-b.png"}, nil)
	changed(nil, nil)
	feeds("one-a.png", "world")

	s = open(t)
	pages, err := s.Pages(t.Context(), f.Serial, 0)
	must(t, err)
	if len(pages) != 2 || pages[0].Size != 12_345 || pages[0].Type != "image/png" || !pages[0].Fixed {
		t.Fatalf("pages are %+v", pages)
	}
	got, err := pages[0].Bytes()
	must(t, err)
	if !bytes.Equal(got, body) {
		t.Error("a file came back with other bytes")
	}
	anywhere(t, pages[0].Document, body)
	found, err := s.Document(t.Context(), f.Serial, "media/one-a.png")
	must(t, err)
	if found == nil || found.Size != 12_345 {
		t.Fatalf("the file's document is %+v", found)
	}

	refer(t, s, &f, 1, store.Live, one) // without two
	changed(nil, []string{"media/two-b.png"})
	feeds("two-b.png")
	refer(t, s, &f, 1, store.Withdrawn, one)
	changed(nil, nil) // the other article has it
	refer(t, s, &f, 2, store.Expired, one)
	changed(nil, []string{"media/one-a.png"})
	feeds("one-a.png")
	refer(t, s, &f, 1, store.Live, one)
	changed([]string{"media/one-a.png"}, nil)
	if _, _, err := s.Media(t.Context(), "nobody-x.png"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that never was is %v", err)
	}
}

func mediaSwept(t *testing.T, open func(*testing.T) *store.Store) {
	s, f := filled(t, open, 3)
	one, _ := keep(t, s, "one-a.png", 3000, epoch)
	keep(t, s, "two-b.png", 3000, epoch)
	three, body := keep(t, s, "three-c.png", 3000, epoch)
	unfinished := s.NewMedia(t.Context(), epoch, 1000)
	_, err := unfinished.Write(make([]byte, 5000))
	must(t, err)
	refer(t, s, &f, 1, store.Live, one)
	refer(t, s, &f, 2, store.Withdrawn, three)
	swept := func(after time.Duration, want int) {
		t.Helper()
		n, err := s.SweepMedia(t.Context(), epoch.Add(after))
		must(t, err)
		if n != want {
			t.Errorf("after %v, %d files were taken away, not %d", after, n, want)
		}
	}
	swept(time.Hour, 0)
	swept(29*24*time.Hour, 0)
	if kept, err := s.TouchMedia(t.Context(), "three-c.png", epoch.Add(29*24*time.Hour)); err != nil || !kept {
		t.Fatalf("a file is kept: %v, %v", kept, err)
	}
	swept(31*24*time.Hour, 1)
	for name, want := range map[string]bool{"one-a.png": true, "two-b.png": false, "three-c.png": true} {
		if kept, err := s.TouchMedia(t.Context(), name, epoch.Add(31*24*time.Hour)); err != nil || kept != want {
			t.Errorf("%s is kept: %v, %v", name, kept, err)
		}
	}
	d, _, err := s.Media(t.Context(), "three-c.png")
	must(t, err)
	if got, err := d.Bytes(); err != nil || !bytes.Equal(got, body) {
		t.Errorf("a file that is kept came back with other bytes: %v", err)
	}
	if err := unfinished.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveMedia(t.Context(), unfinished, feed.Media{Name: "late-d.png", Size: 5000}, epoch.Add(31*24*time.Hour)); err == nil {
		t.Error("a file whose bytes were swept up was kept")
	}
}

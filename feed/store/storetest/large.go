package storetest

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"feedmill/feed"
	"feedmill/feed/store"
)

// spill writes a body of n bytes in pieces of 1,000, some bytes at a time.
func spill(t *testing.T, s *store.Store, f store.Feed, n int) (*store.Large, []byte) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, uint64(n))) //nolint:gosec // the same each time
	body := make([]byte, n)
	for i := range body {
		body[i] = byte(random.Uint32())
	}
	l := s.NewLarge(t.Context(), f.Serial, 1000)
	for rest := body; len(rest) > 0; {
		some := rest[:min(len(rest), random.IntN(2500))]
		if n, err := l.Write(some); err != nil || n != len(some) {
			t.Fatalf("%d of %d bytes are written: %v", n, len(some), err)
		}
		rest = rest[len(some):]
	}
	must(t, l.Close())
	return l, body
}

func large(t *testing.T, open func(*testing.T) *store.Store) {
	s, f := filled(t, open, 1)
	bodies := map[string][]byte{}
	save := func(path string, size int) {
		t.Helper()
		l, body := spill(t, s, f, size)
		d := store.Document{Document: feed.NewTagged(path, feed.TypeRSS, `"tag"`, epoch, nil), Large: l, Parts: []byte("parts"), Page: path != "world.rss"}
		f.Release++
		must(t, s.SaveRendering(t.Context(), store.Rendering{Feed: f, Changed: []store.Document{d}}))
		bodies[path] = body
	}
	save("world.rss", 12_345)
	save("world/archive/1.rss", 3000)
	old, err := s.Document(t.Context(), f.Serial, "world.rss")
	must(t, err)
	oldBody := bodies["world.rss"]
	save("world.rss", 9_999)
	spill(t, s, f, 5000) // of a rendering that comes to no end

	s = open(t)
	for range 2 {
		live, err := s.LiveDocuments(t.Context(), f.Serial)
		must(t, err)
		pages, err := s.Pages(t.Context(), f.Serial, 0)
		must(t, err)
		for _, d := range append(live, pages...) {
			if d.Body != nil || d.Size != int64(len(bodies[d.Path])) || d.ETag != `"tag"` {
				t.Fatalf("%s has %d bytes, of which %d are held", d.Path, d.Size, len(d.Body))
			}
			got, err := d.Bytes()
			must(t, err)
			if !bytes.Equal(got, bodies[d.Path]) {
				t.Errorf("%s holds other bytes than were written", d.Path)
			}
			anywhere(t, d.Document, bodies[d.Path])
		}
		if len(live) != 1 || len(pages) != 1 {
			t.Fatalf("there are %d live documents and %d pages", len(live), len(pages))
		}
		if got, err := old.Bytes(); err != nil || !bytes.Equal(got, oldBody) {
			t.Errorf("what was replaced cannot be read to its end: %v", err)
		}
	}
	must(t, s.DropLarge(t.Context(), f.Serial))
	if _, err := old.Bytes(); err == nil {
		t.Error("what was replaced long ago is still there")
	}

	l, _ := spill(t, s, f, 5000)
	must(t, s.DropLarge(t.Context(), f.Serial))
	lost := store.Document{Document: feed.NewTagged("world.rss", feed.TypeRSS, `"new"`, epoch, nil), Large: l}
	f.Release++
	if err := s.SaveRendering(t.Context(), store.Rendering{Feed: f, Changed: []store.Document{lost}}); !errors.Is(err, store.ErrFenced) {
		t.Errorf("a document without its pieces was saved: %v", err)
	}
	if tag, err := s.ETag(t.Context(), f.Serial, "world.rss"); err != nil || tag != `"tag"` {
		t.Errorf("the tag is %q, %v", tag, err)
	}
	must(t, s.SaveRendering(t.Context(), store.Rendering{Feed: f, Removed: []string{"world.rss"}}))
	if d, err := s.Document(t.Context(), f.Serial, "world.rss"); err != nil || d != nil {
		t.Errorf("a removed document is %+v, %v", d, err)
	}
}

// anywhere reads from places all over a document.
func anywhere(t *testing.T, d feed.Document, want []byte) {
	t.Helper()
	r, err := d.Open()
	must(t, err)
	defer r.Close()
	random := rand.New(rand.NewPCG(2, 2)) //nolint:gosec // the same each time
	for range 50 {
		at := random.IntN(len(want))
		got := make([]byte, random.IntN(len(want)-at))
		_, err := r.Seek(int64(at), io.SeekStart)
		must(t, err)
		_, err = io.ReadFull(r, got)
		must(t, err)
		if !bytes.Equal(got, want[at:at+len(got)]) {
			t.Fatalf("%s: other bytes at %d", d.Path, at)
		}
	}
}

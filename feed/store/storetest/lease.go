package storetest

import (
	"testing"
	"time"

	"feedmill/feed/store"
)

// leaseSeesOthers shows that whoever has the lease sees what was committed under it before, by itself or by another
// process, whatever it read meanwhile.
func leaseSeesOthers(t *testing.T, open func(*testing.T) *store.Store) {
	s, _ := filled(t, open, 1)
	other := open(t)
	type seen struct {
		feed   store.Feed
		memory string
	}
	under := func(s *store.Store, do func(store.Feed)) (at seen) {
		t.Helper()
		release, err := s.Lease(t.Context(), "world")
		must(t, err)
		defer release()
		for range 2 { // the second time it need not ask the database
			at.feed, err = s.Feed(t.Context(), "world", "")
			must(t, err)
			memory, err := s.Memory(t.Context(), at.feed.Serial, "source")
			must(t, err)
			at.memory = string(memory["etag"])
		}
		if do != nil {
			do(at.feed)
		}
		return at
	}
	commit := func(s *store.Store, etag string) func(store.Feed) {
		return func(f store.Feed) {
			t.Helper()
			must(t, s.Commit(t.Context(), store.Commit{Feed: f, Memory: map[string]map[string][]byte{"source": {"etag": []byte(etag)}}}))
			f.Revision++
			f.Rendered, f.Release = f.Revision, f.Release+1
			must(t, s.SaveRendering(t.Context(), store.Rendering{Feed: f}))
		}
	}
	want := seen{under(s, nil).feed, "v1"}
	for _, step := range []struct {
		by   *store.Store
		etag string
	}{{s, "v2"}, {other, "v3"}, {other, "v4"}, {s, "v5"}, {other, "v6"}} {
		under(step.by, commit(step.by, step.etag))
		want.memory = step.etag
		want.feed.Revision++
		want.feed.Release++
		want.feed.Rendered = want.feed.Revision
		if got := under(s, nil); got != want {
			t.Errorf("after %s it sees\n%+v, want\n%+v", step.etag, got, want)
		}
	}
	must(t, s.Remember(t.Context(), want.feed.Serial, map[string]map[string][]byte{"source": {"etag": []byte("v7")}}))
	if got := under(s, nil); got.memory != "v7" {
		t.Errorf("a note is not seen: %q", got.memory)
	}
	must(t, s.SaveDue(t.Context(), map[string]time.Time{"world": epoch}))
	want.memory, want.feed.Due = "v7", epoch
	for name, store := range map[string]*store.Store{"the one that wrote": s, "another": other} {
		if got := under(store, nil); got != want {
			t.Errorf("after the due times %s sees\n%+v, want\n%+v", name, got, want)
		}
	}
}

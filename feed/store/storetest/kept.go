package storetest

import (
	"bytes"
	"testing"

	"feedmill/feed/store"
)

// kept keeps last good forms under their names: the newest holds, over restarts, and no other name's is touched.
func kept(t *testing.T, open func(*testing.T) *store.Store) {
	s := open(t)
	if body, err := s.Kept(t.Context(), "each teams/{team}"); err != nil || body != nil {
		t.Errorf("%q is kept before anything was, %v", body, err)
	}
	large := bytes.Repeat([]byte{0, 0xff, '\''}, 1<<20)
	for _, keep := range []struct {
		name string
		body []byte
	}{
		{"each teams/{team}", []byte("one")}, {"include /etc/a.yaml", []byte("feeds: {}")}, {"each teams/{team}", large}, {"each ", []byte{}},
	} {
		must(t, s.Keep(t.Context(), keep.name, keep.body))
	}
	s = open(t)
	for name, want := range map[string][]byte{"each teams/{team}": large, "include /etc/a.yaml": []byte("feeds: {}"), "each ": {}, "each teams/{TEAM}": nil} {
		if body, err := s.Kept(t.Context(), name); err != nil || !bytes.Equal(body, want) {
			t.Errorf("%d bytes are kept as %q, %v; want %d", len(body), name, err, len(want))
		}
	}
}

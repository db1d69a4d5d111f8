package serve

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// ask asks for a private document from an address, with a token.
func ask(s *Server, from, token string) *httptest.ResponseRecorder {
	w, r := httptest.NewRecorder(), request(http.MethodGet, "/world/inside.rss")
	r.RemoteAddr = netip.AddrPortFrom(netip.MustParseAddr(from), 4711).String()
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	s.ServeHTTP(w, r)
	return w
}

// TestWrongTokens tries tokens from everywhere.
func TestWrongTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := privy(t, "", quiet(), alice)
		wants := func(from, token string, want int) *httptest.ResponseRecorder {
			t.Helper()
			w := ask(s, from, token)
			if w.Code != want {
				t.Fatalf("%s with %q: %d, want %d", from, token, w.Code, want)
			}
			return w
		}
		for range 50 {
			w := wants("192.0.2.1", "", 401) // who has no token yet has not failed
			if w.Header().Get("Www-Authenticate") != `Basic realm="feeds", charset="UTF-8"` {
				t.Errorf("no challenge: %v", w.Header())
			}
		}
		for range failuresAtOnce {
			wants("192.0.2.1", "wrong", 401)
		}
		w := wants("192.0.2.1", "wrong", 429)
		h := w.Header()
		wait, err := strconv.Atoi(h.Get("Retry-After"))
		if err != nil || wait < 1 || wait > 60 || h.Get("Www-Authenticate") != "" || h.Get("Cache-Control") != "no-store" || h.Get("Vary") != privateVary[0] {
			t.Errorf("refused with %v", h)
		}
		wants("192.0.2.1", "", 401)
		wants("192.0.2.1", alice, 200) // behind the same address
		wants("192.0.2.2", "wrong", 401)
		time.Sleep(time.Duration(wait) * time.Second)
		wants("192.0.2.1", "wrong", 401)
		wants("192.0.2.1", "wrong", 429)
		time.Sleep(failuresAtOnce * failureInterval)
		for range failuresAtOnce {
			wants("192.0.2.1", "wrong", 401)
		}
		wants("192.0.2.1", "wrong", 429)

		for i := range failuresAtOnce {
			wants(fmt.Sprintf("2001:db8::%x", i), "wrong", 401)
		}
		wants("2001:db8::ffff:0:0:1", "wrong", 429)
		wants("2001:db8:0:1::1", "wrong", 401)
	})
}

// TestManyOffenders fails from more networks than are remembered: memory does not grow, and whoever fails most is not
// forgotten for those who fail once.
func TestManyOffenders(t *testing.T) {
	var f failures
	worst, now := netip.MustParseAddr("192.0.2.1"), time.Unix(1e9, 0)
	for range failuresAtOnce {
		f.note(worst, now)
	}
	for i := range 10 * offenderSets {
		f.note(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), now)
	}
	if f.note(worst, now) == 0 {
		t.Error("the worst is forgotten")
	}
	if len(f.sets) != offenderSets {
		t.Errorf("%d sets", len(f.sets))
	}
}

// TestNoTableWithoutFailures: a site without private feeds pays nothing.
func TestNoTableWithoutFailures(t *testing.T) {
	s := privy(t, "", quiet(), alice)
	ask(s, "192.0.2.1", alice)
	ask(s, "192.0.2.1", "")
	if s.failures.sets != nil {
		t.Error("the table is there before the first failure")
	}
}

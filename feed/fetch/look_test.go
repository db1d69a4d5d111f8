package fetch_test

import (
	"compress/gzip"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/fetch"
)

func client(t *testing.T) *fetch.Client {
	t.Helper()
	c := fetch.New(time.Now, slog.New(slog.DiscardHandler))
	t.Cleanup(c.Close)
	return c
}

// look asks for an address of a server on this machine.
func look(t *testing.T, server *httptest.Server, l fetch.Look) (fetch.Sight, error) {
	t.Helper()
	c := client(t)
	l.URL = server.URL + l.URL
	l.Config = fetch.Default()
	l.Config.AllowPrivate = []string{server.Listener.Addr().String()}
	return c.Look(t.Context(), l)
}

func TestLookShowsAnAnswerAsItCame(t *testing.T) {
	var asked http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.Header
		w.Header().Set("Etag", `"a"`)
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(http.StatusTeapot)
		z := gzip.NewWriter(w)
		_, _ = z.Write([]byte(strings.Repeat("tea ", 1000)))
		_ = z.Close()
	}))
	defer server.Close()
	seen, err := look(t, server, fetch.Look{URL: "/pot", Header: http.Header{"User-Agent": {"reader/1"}, "Accept-Encoding": {"gzip"}, "Range": {"bytes=0-"}}})
	if err != nil {
		t.Fatal(err)
	}
	if seen.Status != http.StatusTeapot || seen.Header.Get("Etag") != `"a"` || len(seen.Body) != 4000 || seen.Broken != nil || seen.Size == 0 || seen.Size > 200 {
		t.Errorf("status %d, header %v, %d bytes of %d, broken: %v", seen.Status, seen.Header, len(seen.Body), seen.Size, seen.Broken)
	}
	if len(asked) != 3 || asked.Get("User-Agent") != "reader/1" || asked.Get("Range") == "" {
		t.Errorf("asked with %v, want the given headers and no other", asked)
	}
}

func TestLookFollowsNoRedirectAndReadsNoBodyOfHEAD(t *testing.T) {
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	}))
	defer server.Close()
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		seen, err := look(t, server, fetch.Look{URL: "/", Method: method, Header: http.Header{"User-Agent": {"reader/1"}}})
		if err != nil || seen.Status != http.StatusFound || seen.Header.Get("Location") != "/elsewhere" || method == http.MethodHead && seen.Body != nil {
			t.Errorf("%s: %+v, %v", method, seen, err)
		}
	}
	if requests != 2 {
		t.Errorf("%d requests, want 2", requests)
	}
}

func TestLookSaysWhyABodyIsNotWhole(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/cut":
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("short"))
		case "/packed":
			w.Header().Set("Content-Encoding", "br")
			_, _ = w.Write([]byte("this is not brotli at all"))
		}
	}))
	defer server.Close()
	for path, want := range map[string]string{"/cut": "broke off", "/packed": "cannot be unpacked"} {
		seen, err := look(t, server, fetch.Look{URL: path, Header: http.Header{"User-Agent": {"reader/1"}}})
		if err != nil || seen.Broken == nil || !strings.Contains(seen.Broken.Error(), want) {
			t.Errorf("%s: broken: %v, err %v; want %q", path, seen.Broken, err, want)
		}
	}
}

func TestLookRefusesPrivateNetworksAndTellsTheCause(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	c := client(t)
	_, err := c.Look(t.Context(), fetch.Look{URL: server.URL, Header: http.Header{}, Config: fetch.Default()})
	if feed.ClassOf(err) != feed.Refused || !strings.Contains(err.Error(), "this machine itself") {
		t.Errorf("a private place: %v", err)
	}
	server.Close()
	_, err = look(t, server, fetch.Look{Header: http.Header{}})
	if !errors.Is(err, syscall.ECONNREFUSED) || feed.ClassOf(err) != feed.Unavailable {
		t.Errorf("nobody there: %v, want ECONNREFUSED within it", err)
	}
	if _, err := c.Look(t.Context(), fetch.Look{URL: "ftp://x/"}); feed.ClassOf(err) != feed.Refused {
		t.Errorf("another scheme: %v", err)
	}
}

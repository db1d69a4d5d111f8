package serve

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/output/outputtest"
)

var modified = time.Date(2026, 11, 20, 6, 30, 15, 0, time.UTC)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// site is a running server and a client that shows what really came over the wire.
type site struct {
	*Server
	address string
	client  *http.Client
}

func start(t testing.TB, s *Server) *site {
	t.Helper()
	return startOn(t, s, listen(t))
}

func startOn(t testing.TB, s *Server, l net.Listener) *site {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, l) }()
	transport := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 16}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		stop()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return &site{Server: s, address: "http://" + l.Addr().String(), client: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// response is an answer with its body read.
type response struct {
	*http.Response
	body []byte
}

func (s *site) do(t testing.TB, method, target string, headers ...string) response {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, s.address+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	res, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{res, body}
}

func (s *site) get(t testing.TB, target string, headers ...string) response {
	t.Helper()
	return s.do(t, http.MethodGet, target, headers...)
}

func (r response) wants(t testing.TB, status int, headers ...string) {
	t.Helper()
	if r.StatusCode != status {
		t.Errorf("%s %s: status %d, want %d", r.Request.Method, r.Request.URL, r.StatusCode, status)
	}
	for i := 0; i < len(headers); i += 2 {
		if got := strings.Join(r.Header.Values(headers[i]), " | "); got != headers[i+1] {
			t.Errorf("%s %s: %s is %q, want %q", r.Request.Method, r.Request.URL, headers[i], got, headers[i+1])
		}
	}
}

// aged are feeds for everybody that may be cached for as long.
func aged(ages map[string]time.Duration) map[string]Feed {
	feeds := map[string]Feed{}
	for key, age := range ages {
		feeds[key] = Feed{Age: age}
	}
	return feeds
}

func publish(t testing.TB, s *Server, r feed.Release) {
	t.Helper()
	if err := s.Publish(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

func unzip(t testing.TB, body []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// body is long enough to be worth compressing.
var body = []byte("<rss>" + strings.Repeat("Größe 日本 news ", 200) + "</rss>")

// worldly makes a server with one feed, its page, an article's page and an index.
func worldly(t testing.TB, base string) *Server {
	t.Helper()
	s := New(base, quiet())
	s.SetFeeds(aged(map[string]time.Duration{"world": 10 * time.Minute}))
	publish(t, s, feed.Release{Feed: "world", Documents: []feed.Document{
		feed.NewDocument("world.rss", feed.TypeRSS, modified, body),
		feed.NewDocument("world.atom", feed.TypeAtom, modified, body),
		feed.NewDocument("world.json", feed.TypeJSON, modified, []byte("{}")),
		feed.NewDocument("world/", feed.TypeHTML, modified, []byte("feed page")),
		feed.NewDocument("world/a/slug", feed.TypeHTML, modified, []byte("article page")),
		feed.NewDocument("world/a/日本", feed.TypeHTML, modified, []byte("japan page")),
	}})
	publish(t, s, feed.Release{Documents: []feed.Document{feed.NewDocument("", feed.TypeHTML, modified, []byte("index"))}})
	settle(t, s)
	return s
}

// settle compresses what is compressed later, as [Server.Run] does.
func settle(t testing.TB, s *Server) {
	t.Helper()
	for _, doc := range s.lacking(codingZstd, 0) {
		if err := s.squeeze(doc); err != nil {
			t.Fatal(err)
		}
	}
}

// everybody is the Cache-Control of what everybody may read.
func everybody(seconds string) string {
	return "public, max-age=" + seconds + ", stale-while-revalidate=" + seconds + ", stale-if-error=86400"
}

// archive publishes like the mill does: the store has every page before the release goes out.
type archive struct {
	server *Server
	mu     sync.Mutex
	ages   map[string]time.Duration
	pages  map[string]feed.Document
}

func (a *archive) Publish(ctx context.Context, r feed.Release) error {
	a.mu.Lock()
	if _, ok := a.ages[r.Feed]; !ok && r.Feed != "" {
		a.ages[r.Feed] = time.Hour
		a.server.SetFeeds(aged(a.ages))
	}
	for _, path := range r.Removed {
		delete(a.pages, path)
	}
	for _, d := range r.Documents {
		a.pages[d.Path] = d
	}
	a.mu.Unlock()
	return a.server.Publish(ctx, r)
}

func (a *archive) page(_ context.Context, path string) (feed.Document, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	d, ok := a.pages[path]
	if !ok {
		return feed.Document{}, fs.ErrNotExist
	}
	return d, nil
}

func TestSuite(t *testing.T) {
	for _, base := range []string{"", "/v1"} {
		t.Run("base "+base, func(t *testing.T) {
			a := &archive{server: New(base, quiet()), ages: map[string]time.Duration{}, pages: map[string]feed.Document{}}
			a.server.SetPages(a.page)
			s := start(t, a.server)
			outputtest.Run(t, a, func(path string) ([]byte, bool) {
				res := s.get(t, (&url.URL{Path: base + "/" + path}).EscapedPath(), "Accept-Encoding", "gzip")
				switch res.StatusCode {
				case http.StatusOK:
					return expand(t, res.Header.Get("Content-Encoding"), res.body), true
				case http.StatusNotFound, http.StatusServiceUnavailable:
					return nil, false
				}
				t.Errorf("%q: status %d", path, res.StatusCode)
				return nil, false
			})
		})
	}
}

func TestHeaders(t *testing.T) {
	s := start(t, worldly(t, ""))
	csp := contentPolicy[0]
	const feeds, pages = "Accept-Encoding, Sec-Fetch-Dest", "Accept-Encoding"
	for _, c := range []struct{ path, mediaType, age, cors, vary, link, csp string }{
		{"/world.rss", feed.TypeRSS, "600", "*", feeds, `</world.rss>; rel="self"; type="application/rss+xml", </world/>; rel="alternate"; type="text/html"`, ""},
		{"/world.atom", feed.TypeAtom, "600", "*", feeds, `</world.atom>; rel="self"; type="application/atom+xml", </world/>; rel="alternate"; type="text/html"`, ""},
		{"/world.json", feed.TypeJSON, "600", "*", feeds, `</world.json>; rel="self"; type="application/feed+json", </world/>; rel="alternate"; type="text/html"`, ""},
		{"/world/", feed.TypeHTML, "300", "", pages, `</world.rss>; rel="alternate"; type="application/rss+xml", </world.atom>; rel="alternate"; type="application/atom+xml", </world.json>; rel="alternate"; type="application/feed+json"`, csp},
		{"/world/a/slug", feed.TypeHTML, "300", "", pages, "", csp},
		{"/", feed.TypeHTML, "300", "", pages, "", csp},
	} {
		var full response
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			res := s.do(t, method, c.path)
			res.wants(t, 200, "Content-Type", c.mediaType, "Cache-Control", everybody(c.age), "Vary", c.vary,
				"X-Content-Type-Options", "nosniff", "Last-Modified", "Fri, 20 Nov 2026 06:30:15 GMT", "Access-Control-Allow-Origin", c.cors,
				"Link", c.link, "Content-Security-Policy", c.csp, "Content-Encoding", "", "Set-Cookie", "", "Server", "")
			if c.csp != "" && res.Header.Get("Referrer-Policy") == "" {
				t.Errorf("%s has no Referrer-Policy", c.path)
			}
			if method == http.MethodGet {
				full = res
				continue
			}
			full.Header.Del("Date")
			res.Header.Del("Date")
			if got, want := fmt.Sprint(res.Header), fmt.Sprint(full.Header); got != want || len(res.body) != 0 {
				t.Errorf("HEAD %s: %s and %d bytes, want the headers of GET: %s", c.path, got, len(res.body), want)
			}
		}
		if int64(len(full.body)) != full.ContentLength {
			t.Errorf("%s: Content-Length %d for %d bytes", c.path, full.ContentLength, len(full.body))
		}
	}
}

// TestNotModifiedHeaders checks what RFC 9110 section 15.4.5 asks a 304 to repeat, and that it says nothing of a body.
func TestNotModifiedHeaders(t *testing.T) {
	s := start(t, worldly(t, ""))
	for _, coding := range []string{"identity", "gzip"} {
		full := s.get(t, "/world.rss", "Accept-Encoding", coding)
		res := s.get(t, "/world.rss", "Accept-Encoding", coding, "If-None-Match", full.Header.Get("Etag"))
		res.wants(t, 304, "Etag", full.Header.Get("Etag"), "Cache-Control", full.Header.Get("Cache-Control"), "Vary", "Accept-Encoding, Sec-Fetch-Dest",
			"Last-Modified", full.Header.Get("Last-Modified"), "Access-Control-Allow-Origin", "*", "Content-Type", "", "Content-Encoding", "")
		if len(res.body) != 0 {
			t.Errorf("a 304 has a body of %d bytes", len(res.body))
		}
	}
}

func TestCacheTimes(t *testing.T) {
	s := worldly(t, "")
	site := start(t, s)
	for _, c := range []struct {
		age  time.Duration
		want string
	}{
		{0, "60"}, {-time.Hour, "60"}, {time.Second, "60"}, {90 * time.Second, "90"}, {15 * time.Minute, "900"}, {24 * time.Hour, "900"},
	} {
		s.SetFeeds(aged(map[string]time.Duration{"world": c.age}))
		site.get(t, "/world.rss").wants(t, 200, "Cache-Control", everybody(c.want))
		site.get(t, "/world/").wants(t, 200, "Cache-Control", everybody("300"))
	}
}

func TestBadDocumentKeepsTheOld(t *testing.T) {
	s := worldly(t, "")
	site := start(t, s)
	good := feed.NewDocument("world.rss", feed.TypeRSS, modified, []byte("new"))
	for name, spoil := range map[string]func(*feed.Document){
		"size":       func(d *feed.Document) { d.Size++ },
		"no tag":     func(d *feed.Document) { d.ETag = "" },
		"weak tag":   func(d *feed.Document) { d.ETag = `W/"x"` },
		"broken tag": func(d *feed.Document) { d.ETag = "\"x\r\n\"" },
		"type":       func(d *feed.Document) { d.Type = "" },
		"unreadable": func(d *feed.Document) { d.Open = func() (io.ReadSeekCloser, error) { return nil, fs.ErrPermission } },
	} {
		bad := feed.NewDocument("world.atom", feed.TypeAtom, modified, []byte("other"))
		spoil(&bad)
		err := s.Publish(t.Context(), feed.Release{Feed: "world", Documents: []feed.Document{good, bad}})
		if feed.ClassOf(err) != feed.Internal || !strings.Contains(fmt.Sprint(err), "world.atom") {
			t.Errorf("%s: Publish = %v", name, err)
		}
		if got := site.get(t, "/world.rss").body; !bytes.Equal(got, body) {
			t.Errorf("%s: a release that failed is half served: %.40q", name, got)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Publish(ctx, feed.Release{Feed: "world", Documents: []feed.Document{good}}); feed.ClassOf(err) != feed.Unavailable {
		t.Errorf("cancelled: Publish = %v", err)
	}
}

func TestSetFeeds(t *testing.T) {
	s := worldly(t, "")
	site := start(t, s)
	if err := s.Publish(t.Context(), feed.Release{Feed: "sport"}); feed.ClassOf(err) != feed.Internal {
		t.Errorf("a feed nobody named: %v", err)
	}
	site.get(t, "/sport.rss").wants(t, 404)
	s.SetFeeds(aged(map[string]time.Duration{"world": time.Minute, "sport": time.Minute}))
	site.get(t, "/world.rss").wants(t, 200)
	site.get(t, "/sport.rss").wants(t, 503)
	s.SetFeeds(aged(map[string]time.Duration{"sport": time.Minute}))
	for _, path := range []string{"/world.rss", "/world/", "/world", "/world/a/slug"} {
		site.get(t, path).wants(t, 404)
	}
	site.get(t, "/").wants(t, 200)
	s.SetFeeds(aged(map[string]time.Duration{"world": time.Minute}))
	site.get(t, "/world.rss").wants(t, 503)
}

func TestListen(t *testing.T) {
	for _, listen := range []string{"127.0.0.1:8080", ":8080", "[::1]:8080", "localhost:0"} {
		if err := (Config{Listen: listen}).Validate(); err != nil {
			t.Errorf("%q: %v", listen, err)
		}
	}
	for _, listen := range []string{"", "8080", "localhost", "::1:8080", ":http-alt", ":70000", "host:"} {
		if err := (Config{Listen: listen}).Validate(); err == nil || !strings.Contains(err.Error(), "127.0.0.1:8080") {
			t.Errorf("%q: %v", listen, err)
		}
	}
}

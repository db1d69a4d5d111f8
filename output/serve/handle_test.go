package serve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
)

func TestAddresses(t *testing.T) {
	for _, c := range []struct {
		base, target string
		status       int
		location     string
		body         string
	}{
		{"", "/", 200, "", "index"},
		{"", "/world/", 200, "", "feed page"},
		{"", "/world", 301, "/world/", ""},
		{"", "/world/a/slug", 200, "", "article page"},
		{"", "/world/a/slug/", 301, "/world/a/slug", ""},
		{"", "/world/a/%E6%97%A5%E6%9C%AC", 200, "", "japan page"},
		{"", "/world/a/日本", 200, "", "japan page"},
		{"", "/world/a/日本/", 301, "/world/a/%E6%97%A5%E6%9C%AC", ""},
		{"", "/w%6Frld/", 200, "", "feed page"},
		{"", "/world.rss?utm_source=x", 200, "", string(body)},
		{"", "/world.rss/", 301, "/world.rss", ""},
		{"", "/world.xml", 404, "", ""},
		{"", "/worldly.rss", 404, "", ""},
		{"", "/World.rss", 404, "", ""},
		{"", "/world/a/", 404, "", ""},
		{"", "/world/a", 404, "", ""},
		{"", "/world/a/none", 404, "", ""},
		{"", "/world/a/../", 404, "", ""},
		{"", "/world/../world.rss", 404, "", ""},
		{"", "//", 404, "", ""},
		{"", "//evil.example", 404, "", ""},
		{"", "//evil.example/", 404, "", ""},
		{"", "//world", 404, "", ""},
		{"", "//world/a/slug/", 404, "", ""},
		{"", "/%2Fevil.example", 404, "", ""},
		{"", `/\evil.example`, 404, "", ""},
		{"", "/world%00.rss", 404, "", ""},
		{"", "/%FF%FE", 404, "", ""},
		{"", "/" + strings.Repeat("world.", 2000), 404, "", ""},
		{"", "/" + strings.Repeat("world/", 2000), 404, "", ""},
		{"/v1", "/v1/", 200, "", "index"},
		{"/v1", "/v1", 301, "/v1/", ""},
		{"/v1", "/", 302, "/v1/", ""},
		{"/v1", "/v1/world.rss", 200, "", string(body)},
		{"/v1", "/v1/world", 301, "/v1/world/", ""},
		{"/v1", "/v1/world/a/slug/", 301, "/v1/world/a/slug", ""},
		{"/v1", "/world.rss", 404, "", ""},
		{"/v1", "/v1world.rss", 404, "", ""},
		{"/v1", "/v1//world", 404, "", ""},
		{"/v1", "//v1/world.rss", 404, "", ""},
		{"/nach richten/ü/", "/nach%20richten/%C3%BC/world", 301, "/nach%20richten/%C3%BC/world/", ""},
	} {
		t.Run(fmt.Sprintf("%s %.40s", c.base, c.target), func(t *testing.T) {
			s := start(t, worldly(t, c.base))
			res := s.get(t, c.target)
			res.wants(t, c.status, "Location", c.location, "X-Content-Type-Options", "nosniff")
			if c.status == 200 && string(res.body) != c.body {
				t.Errorf("body %.40q, want %.40q", res.body, c.body)
			}
			if c.status == 404 {
				res.wants(t, 404, "Content-Type", "text/plain; charset=utf-8", "Cache-Control", "no-store")
				if want := "There is no document at this address.\n"; string(res.body) != want {
					t.Errorf("a 404 says %q, want %q", res.body, want)
				}
			}
		})
	}
}

func TestMethods(t *testing.T) {
	s := start(t, worldly(t, ""))
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"} {
		for _, target := range []string{"/world.rss", "/nothing"} {
			s.do(t, method, target).wants(t, 405, "Allow", "GET, HEAD", "Content-Type", "text/plain; charset=utf-8")
		}
	}
}

func TestBeforeTheFirstRelease(t *testing.T) {
	server := New("", quiet())
	server.SetFeeds(aged(map[string]time.Duration{"world": 0, "region/north": 0, "kept": 0}))
	kept := newAttic(feed.NewDocument("kept.rss", feed.TypeRSS, modified, body), feed.NewDocument("kept/", feed.TypeHTML, modified, []byte("page")),
		feed.NewDocument("kept/a/slug", feed.TypeHTML, modified, []byte("article")))
	kept.docs["kept/"] = kept.docs["kept"]
	delete(kept.docs, "kept")
	server.SetPages(kept.page)
	s := start(t, server)
	// What was kept of the last run is there at once.
	s.get(t, "/kept.rss").wants(t, 200, "Cache-Control", everybody("60"), "Content-Type", feed.TypeRSS)
	s.get(t, "/kept/").wants(t, 200, "Content-Type", feed.TypeHTML)
	s.get(t, "/kept/a/slug").wants(t, 200)
	s.get(t, "/kept.atom").wants(t, 503)
	for _, path := range []string{"/", "/world.rss", "/world.json", "/world", "/world/", "/world/a/slug", "/region/north.atom", "/region/north/"} {
		s.get(t, path).wants(t, 503, "Retry-After", "5", "Cache-Control", "no-store", "Content-Type", "text/plain; charset=utf-8")
	}
	for _, path := range []string{"/other.rss", "/region.rss", "/region/", "/worldwide.rss"} {
		s.get(t, path).wants(t, 404)
	}
	publish(t, server, feed.Release{Feed: "world"})
	s.get(t, "/world.rss").wants(t, 404)
	s.get(t, "/region/north.rss").wants(t, 503)
}

// TestNestedFeeds serves a feed whose key begins with another's, and documents that look like the other's.
func TestNestedFeeds(t *testing.T) {
	server := New("", quiet())
	server.SetFeeds(aged(map[string]time.Duration{"world": 2 * time.Minute, "world/europe": 4 * time.Minute}))
	doc := func(path string) feed.Document { return feed.NewDocument(path, feed.TypeRSS, modified, []byte(path)) }
	publish(t, server, feed.Release{Feed: "world", Documents: []feed.Document{doc("world.rss"), doc("world/full.rss"), doc("world/europe-daily.rss")}})
	s := start(t, server)
	s.get(t, "/world/europe.rss").wants(t, 503)
	publish(t, server, feed.Release{Feed: "world/europe", Documents: []feed.Document{doc("world/europe.rss"), doc("world/europe/full.rss")}})
	for path, age := range map[string]string{"world.rss": "120", "world/full.rss": "120", "world/europe-daily.rss": "120",
		"world/europe.rss": "240", "world/europe/full.rss": "240"} {
		res := s.get(t, "/"+path)
		res.wants(t, 200, "Cache-Control", everybody(age))
		if string(res.body) != path {
			t.Errorf("%s: %q", path, res.body)
		}
	}
}

func TestOlderPages(t *testing.T) {
	var log bytes.Buffer
	server := worldly(t, "")
	server.log = slog.New(slog.NewTextHandler(&log, nil))
	s := start(t, server)
	s.get(t, "/world/a/old").wants(t, 404)

	var broken error
	asked := []string{}
	server.SetPages(func(ctx context.Context, path string) (feed.Document, error) {
		asked = append(asked, path)
		if _, limited := ctx.Deadline(); !limited {
			t.Error("a page may take for ever")
		}
		switch {
		case broken != nil:
			return feed.Document{}, broken
		case path == "world/a/gone":
			return feed.Document{}, feed.Classify(feed.Gone, errors.New("withdrawn by <b>desk</b>"))
		case path == "world/a/old", path == "world/a/older", path == "world/a/größe":
			return feed.NewDocument(path, feed.TypeHTML, modified, []byte("old page")), nil
		case path == "world/archive/1.atom":
			return feed.NewDocument(path, feed.TypeAtom, modified, []byte("<feed/>")), nil
		}
		return feed.Document{}, fmt.Errorf("page %q: %w", path, fs.ErrNotExist)
	})
	old := s.get(t, "/world/a/old")
	old.wants(t, 200, "Content-Type", feed.TypeHTML, "Cache-Control", everybody("300"), "Vary", "Accept-Encoding",
		"Content-Security-Policy", contentPolicy[0], "Content-Length", "8")
	s.get(t, "/world/a/old", "If-None-Match", old.Header.Get("Etag")).wants(t, 304)
	zipped := s.get(t, "/world/a/old", "Accept-Encoding", "gzip")
	zipped.wants(t, 200, "Content-Encoding", "gzip")
	if got := string(unzip(t, zipped.body)); got != "old page" {
		t.Errorf("the page is %q", got)
	}
	s.get(t, "/world/a/gr%C3%B6%C3%9Fe").wants(t, 200)
	s.get(t, "/world/archive/1.atom").wants(t, 200, "Content-Type", feed.TypeAtom, "Cache-Control", everybody("31536000"))
	s.get(t, "/world/archive/2.atom").wants(t, 404)
	s.get(t, "/world/a/old/").wants(t, 301, "Location", "/world/a/old")
	s.get(t, "/world/a/none/").wants(t, 404)
	gone := s.get(t, "/world/a/gone")
	gone.wants(t, 410, "Content-Type", "text/plain; charset=utf-8")
	if bytes.Contains(gone.body, []byte("desk")) {
		t.Errorf("a 410 tells the reader %q", gone.body)
	}
	asked = nil
	for _, path := range []string{"/world/a/slug", "/world/a/", "/world/b/old", "/other/a/old", "/a/old", "/world.rss"} {
		s.get(t, path)
	}
	if len(asked) != 0 {
		t.Errorf("asked for %v, which are no older pages", asked)
	}

	broken = errors.New("the store is <b>closed</b>")
	for range 3 {
		res := s.get(t, "/world/a/older")
		res.wants(t, 503, "Retry-After", "5")
		if bytes.Contains(res.body, []byte("store")) {
			t.Errorf("a 503 tells the reader %q", res.body)
		}
	}
	s.get(t, "/world/a/old").wants(t, 200) // it was made before
	broken = nil
	s.get(t, "/world/a/older").wants(t, 200)
	if got := strings.Count(log.String(), "\n"); got != 2 || !strings.Contains(log.String(), "store is") {
		t.Errorf("three failures and a recovery are logged as:\n%s", log.String())
	}
}

// TestNothingComesBack looks for parts of the request in refusals.
func TestNothingComesBack(t *testing.T) {
	s := start(t, worldly(t, ""))
	for _, target := range []string{"/%3Cscript%3Ealert(1)%3C/script%3E", "/world/a/%3Cscript%3E/", "/?x=%3Cscript%3E"} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			res := s.do(t, method, target)
			if bytes.Contains(res.body, []byte("script")) || res.Header.Get("Location") != "" {
				t.Errorf("%s %s: %q %v", method, target, res.body, res.Header)
			}
		}
	}
}

package serve

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"

	"feedmill/feed"
)

// attic is what a mill makes on request, and counts how often it was asked.
type attic struct {
	mu    sync.Mutex
	docs  map[string]feed.Document // by the path that is asked for
	asked map[string]int
}

func newAttic(docs ...feed.Document) *attic {
	a := &attic{docs: map[string]feed.Document{}, asked: map[string]int{}}
	for _, d := range docs {
		a.docs[strings.TrimSuffix(d.Path, "/")] = d
	}
	return a
}

func (a *attic) page(_ context.Context, path string) (feed.Document, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked[path]++
	d, ok := a.docs[path]
	if !ok {
		return feed.Document{}, fs.ErrNotExist
	}
	return d, nil
}

func (a *attic) times(path string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.asked[path]
}

// TestFacets asks for the feeds and pages of tags, which are made when somebody wants them.
func TestFacets(t *testing.T) {
	a := newAttic(
		feed.NewDocument("world/tag/日本.rss", feed.TypeRSS, modified, body),
		feed.NewDocument("world/tag/日本/", feed.TypeHTML, modified, []byte("page")),
	)
	server := worldly(t, "/v1")
	server.SetPages(a.page)
	s := start(t, server)
	s.get(t, "/v1/world/tag/%E6%97%A5%E6%9C%AC.rss").wants(t, 200, "Content-Type", feed.TypeRSS, "Access-Control-Allow-Origin", "*")
	s.get(t, "/v1/world/tag/日本/").wants(t, 200, "Content-Type", feed.TypeHTML, "Content-Security-Policy", contentPolicy[0])
	s.get(t, "/v1/world/tag/日本").wants(t, 301, "Location", "/v1/world/tag/%E6%97%A5%E6%9C%AC/")
	s.get(t, "/v1/world/tag/日本.rss/").wants(t, 301, "Location", "/v1/world/tag/%E6%97%A5%E6%9C%AC.rss")
	s.get(t, "/v1/world/tag/none.rss").wants(t, 404)
	s.get(t, "/v1/world/tag/").wants(t, 404)
	s.get(t, "/v1/tag/日本.rss").wants(t, 404)
}

// TestMedia asks for files that articles show: they never change, may be asked for in ranges, and cannot run in our origin.
func TestMedia(t *testing.T) {
	a := newAttic(
		feed.NewDocument("media/0a1b-song.mp3", "audio/mpeg", modified, []byte("0123456789")),
		feed.NewDocument("media/0a1b-drawing.svg", "image/svg+xml", modified, []byte("<svg><script/></svg>")),
	)
	server := worldly(t, "/v1")
	server.SetPages(a.page)
	s := start(t, server)
	whole := s.get(t, "/v1/media/0a1b-song.mp3", "Accept-Encoding", "gzip, br, zstd")
	whole.wants(t, 200, "Content-Type", "audio/mpeg", "Cache-Control", "public, max-age=31536000, immutable", "Accept-Ranges", "bytes",
		"Content-Length", "10", "Content-Encoding", "", "X-Content-Type-Options", "nosniff", "Access-Control-Allow-Origin", "*",
		"Last-Modified", "Fri, 20 Nov 2026 06:30:15 GMT")
	if string(whole.body) != "0123456789" {
		t.Errorf("the file is %q", whole.body)
	}
	part := s.get(t, "/v1/media/0a1b-song.mp3", "Range", "bytes=2-4", "If-Range", whole.Header.Get("Etag"))
	part.wants(t, 206, "Content-Range", "bytes 2-4/10", "Content-Length", "3")
	if string(part.body) != "234" {
		t.Errorf("the range is %q", part.body)
	}
	s.do(t, "HEAD", "/v1/media/0a1b-song.mp3").wants(t, 200, "Content-Length", "10", "Accept-Ranges", "bytes")
	s.get(t, "/v1/media/0a1b-song.mp3", "If-None-Match", whole.Header.Get("Etag")).wants(t, 304)
	svg := s.get(t, "/v1/media/0a1b-drawing.svg")
	svg.wants(t, 200, "Content-Type", "image/svg+xml", "Link", "")
	if policy := svg.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "sandbox") || strings.Contains(policy, "script") {
		t.Errorf("a drawing is sent with the policy %q", policy)
	}
	for _, path := range []string{"/v1/media/", "/v1/media", "/v1/media/none.mp3", "/v1/media/a/b", "/v1/media/0a1b-song.mp3/x", "/media/0a1b-song.mp3"} {
		s.get(t, path).wants(t, 404)
	}
	s.get(t, "/v1/media/0a1b-song.mp3/").wants(t, 301, "Location", "/v1/media/0a1b-song.mp3")
}

// TestMadeOnce asks for the same page again and again: it is made once for each release of its feed.
func TestMadeOnce(t *testing.T) {
	const path = "world/archive/1.atom"
	a := newAttic(feed.NewDocument(path, feed.TypeAtom, modified, []byte("with an article")))
	server := worldly(t, "")
	server.SetPages(a.page)
	s := start(t, server)
	for range 3 {
		s.get(t, "/"+path).wants(t, 200, "Cache-Control", everybody("31536000"))
	}
	if n := a.times(path); n != 1 {
		t.Errorf("it was made %d times", n)
	}
	a.mu.Lock()
	a.docs[path] = feed.NewDocument(path, feed.TypeAtom, modified, []byte("without"))
	a.mu.Unlock()
	publish(t, server, feed.Release{Feed: "world", Revision: 2})
	if res := s.get(t, "/"+path); string(res.body) != "without" {
		t.Errorf("after a withdrawal the archive is %q", res.body)
	}
	a.mu.Lock()
	delete(a.docs, path)
	a.mu.Unlock()
	server.SetFeeds(aged(map[string]time.Duration{"world": time.Minute}))
	s.get(t, "/"+path).wants(t, 404)
}

// TestCacheIsBounded makes more than the cache may hold.
func TestCacheIsBounded(t *testing.T) {
	c := newCache(17_500)
	made := func(name string, size int) *document {
		doc := &document{path: name, size: size}
		doc.forms[codingIdentity].Store(newForm(bytes.Repeat([]byte("x"), size)))
		return doc
	}
	for i := range 100 {
		c.put(fmt.Sprint(i), 1, made(fmt.Sprint(i), 1000))
		c.get("0", 1) // which stays, for it is asked for
		if c.held > c.most || len(c.byName) != c.order.Len() {
			t.Fatalf("%d bytes and %d documents are held", c.held, len(c.byName))
		}
	}
	if c.get("0", 1) == nil || c.get("99", 1) == nil || c.get("50", 1) != nil {
		t.Error("what was not asked for longest is to go first")
	}
	c.put("large", 1, made("large", 5000))
	if c.get("large", 1) != nil || c.held != 17_500 {
		t.Error("one document drives out half of the others")
	}
	c.put("0", 2, made("0", 10))
	if c.get("0", 1) != nil || c.get("0", 2) == nil {
		t.Error("a document of an older release is served")
	}
}

// TestFileThatIsGone asks for a file that cannot be read any more.
func TestFileThatIsGone(t *testing.T) {
	d := feed.NewDocument("media/0a1b-song.mp3", "audio/mpeg", modified, []byte("x"))
	d.Open = func() (io.ReadSeekCloser, error) { return nil, fs.ErrPermission }
	server := worldly(t, "")
	server.SetPages(newAttic(d).page)
	start(t, server).get(t, "/media/0a1b-song.mp3").wants(t, 503, "Retry-After", "5", "Cache-Control", "no-store")
}

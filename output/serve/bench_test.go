package serve

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
)

// recorder takes an answer and makes no garbage of its own.
type recorder struct {
	header  http.Header
	status  int
	written int
}

func newRecorder() *recorder                       { return &recorder{header: http.Header{}} }
func (r *recorder) Header() http.Header            { return r.header }
func (r *recorder) WriteHeader(status int)         { r.status = status }
func (r *recorder) Write(body []byte) (int, error) { r.written += len(body); return len(body), nil }

func request(method, path string) *http.Request {
	return &http.Request{Method: method, URL: &url.URL{Path: path}, Header: http.Header{}, RemoteAddr: "192.0.2.1:4711"}
}

// newsroom makes a server with 1,000 feeds besides the one that is asked for.
func newsroom(b *testing.B) *Server {
	s := New("", quiet())
	ages := map[string]time.Duration{"desk/world": time.Minute}
	for i := range 1000 {
		ages[fmt.Sprintf("desk/feed-%d", i)] = time.Minute
	}
	s.SetFeeds(aged(ages))
	publish(b, s, feed.Release{Feed: "desk/world", Documents: documents(0)})
	return s
}

// documents are three feeds of 240 KB that compress about as well as articles do.
func documents(revision int) []feed.Document {
	var text strings.Builder
	for i := 0; text.Len() < 240<<10; i++ {
		fmt.Fprintf(&text, "<p>Paragraph %x of revision %d says %x about %x.</p>", i*i, revision, i*7919, i*i*31)
	}
	var docs []feed.Document
	for path, mediaType := range map[string]string{"desk/world.rss": feed.TypeRSS, "desk/world.atom": feed.TypeAtom, "desk/world.json": feed.TypeJSON} {
		docs = append(docs, feed.NewDocument(path, mediaType, modified, []byte(text.String())))
	}
	return docs
}

func benchmark(b *testing.B, want int, headers map[string]string) {
	s, w, r := newsroom(b), newRecorder(), request("GET", "/desk/world.rss")
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		w.status = http.StatusOK
		s.ServeHTTP(w, r)
	}
	if w.status != want {
		b.Fatalf("status %d", w.status)
	}
}

func BenchmarkNotModified(b *testing.B) {
	tag := strings.TrimSuffix(documents(0)[0].ETag, `"`) + `-gzip"`
	benchmark(b, http.StatusNotModified, map[string]string{"Accept-Encoding": "gzip, deflate, br", "If-None-Match": tag})
}

func BenchmarkNotModifiedSince(b *testing.B) {
	benchmark(b, http.StatusNotModified, map[string]string{"Accept-Encoding": "gzip", "If-Modified-Since": modified.Format(http.TimeFormat)})
}

func BenchmarkGzip(b *testing.B) {
	benchmark(b, http.StatusOK, map[string]string{"Accept-Encoding": "gzip, deflate, br"})
}

func BenchmarkPlain(b *testing.B) { benchmark(b, http.StatusOK, nil) }

func BenchmarkNotFound(b *testing.B) {
	s, w, r := newsroom(b), newRecorder(), request("GET", "/"+strings.Repeat("desk/world.", 1000))
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		s.ServeHTTP(w, r)
	}
}

func BenchmarkPublishChanged(b *testing.B) {
	s := newsroom(b)
	releases := []feed.Release{{Feed: "desk/world", Documents: documents(1)}, {Feed: "desk/world", Documents: documents(2)}}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		publish(b, s, releases[i%2])
	}
}

func BenchmarkPublishUnchanged(b *testing.B) {
	s := newsroom(b)
	r := feed.Release{Feed: "desk/world", Documents: documents(0)}
	b.ReportAllocs()
	for b.Loop() {
		publish(b, s, r)
	}
}

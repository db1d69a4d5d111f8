package serve

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
)

// A document that is too large to be held is read for each answer: whole, in ranges, and not at all for who has it.
func TestLargeDocument(t *testing.T) {
	modified := time.Date(2026, 11, 20, 6, 30, 15, 0, time.UTC)
	text := bytes.Repeat([]byte("0123456789abcdef"), 600<<10)
	opened, broken := 0, false
	d := feed.NewTagged("world.rss", feed.TypeRSS, `"tag"`, modified, text)
	open := d.Open
	d.Open = func() (io.ReadSeekCloser, error) {
		if opened++; broken {
			return nil, errors.New("it is gone")
		}
		return open()
	}
	s := New("", quiet())
	s.SetFeeds(aged(map[string]time.Duration{"world": time.Minute}))
	publish(t, s, feed.Release{Feed: "world", Revision: 1, Documents: []feed.Document{d}})
	if opened > 0 {
		t.Error("it is read before anybody asks for it")
	}
	web := start(t, s)
	length := fmt.Sprint(len(text))
	since := modified.Format(http.TimeFormat)
	for _, c := range []struct {
		name, method string
		send         []string
		status       int
		want         []byte
		headers      []string
	}{
		{"whole", "GET", nil, 200, text, []string{"Content-Length", length, "Accept-Ranges", "bytes"}},
		{"whole though gzip is taken", "GET", []string{"Accept-Encoding", "gzip"}, 200, text, []string{"Content-Encoding", ""}},
		{"head", "HEAD", nil, 200, nil, []string{"Content-Length", length, "Content-Type", feed.TypeRSS}},
		{"known by tag", "GET", []string{"If-None-Match", `W/"tag"`}, 304, nil, []string{"Content-Length", ""}},
		{"known by tag before date", "GET", []string{"If-None-Match", `"other"`, "If-Modified-Since", since}, 200, text, nil},
		{"known by date", "GET", []string{"If-Modified-Since", since}, 304, nil, nil},
		{"head of one that is known", "HEAD", []string{"If-None-Match", `"tag"`}, 304, nil, nil},
		{"range", "GET", []string{"Range", "bytes=1048570-1048585"}, 206, text[1048570:1048586], []string{"Content-Range", "bytes 1048570-1048585/" + length, "Content-Length", "16"}},
		{"end", "GET", []string{"Range", "bytes=-5"}, 206, []byte("bcdef"), nil},
		{"range of the same", "GET", []string{"Range", "bytes=0-3", "If-Range", `"tag"`}, 206, []byte("0123"), nil},
		{"range of another", "GET", []string{"Range", "bytes=0-3", "If-Range", `"old"`}, 200, text, nil},
		{"range behind the end", "GET", []string{"Range", "bytes=999999999-"}, 416, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := web.do(t, c.method, "/world.rss", c.send...)
			r.wants(t, c.status, c.headers...)
			if c.status < 400 {
				r.wants(t, c.status, "Etag", `"tag"`, "Last-Modified", since, "Vary", "Accept-Encoding, Sec-Fetch-Dest")
			}
			if c.status < 300 && !bytes.Equal(r.body, c.want) {
				t.Errorf("%d bytes came, not %d", len(r.body), len(c.want))
			}
		})
	}
	broken = true
	r := web.get(t, "/world.rss")
	r.wants(t, 503, "Retry-After", "5", "Etag", "", "Cache-Control", "no-store")
	if strings.Contains(string(r.body), "gone") {
		t.Errorf("the reader is told %q", r.body)
	}
}

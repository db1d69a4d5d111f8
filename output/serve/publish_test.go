package serve

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"feedmill/feed"
)

// noise is text that hardly compresses.
func noise(size int) []byte {
	r, out := rand.New(rand.NewPCG(uint64(size), 1)), make([]byte, size)
	for i := range out {
		out[i] = byte(' ' + r.IntN(90))
	}
	return out
}

// TestMoreThanMemory publishes more than may be held: what does not fit is read when somebody asks for it and has not got
// it, and is held once there is room.
func TestMoreThanMemory(t *testing.T) {
	server := New("", quiet())
	server.room = 800_000
	feeds := map[string]time.Duration{}
	var docs []feed.Document
	for i := range 8 {
		key := fmt.Sprintf("f%d", i)
		feeds[key] = time.Minute
		docs = append(docs, feed.NewDocument(key+".rss", feed.TypeRSS, modified, noise(200_000+i)), feed.NewDocument(key+"/", feed.TypeHTML, modified, fmt.Append(nil, "page of ", i)))
	}
	a := newAttic(docs...)
	server.SetPages(a.page)
	server.SetFeeds(aged(feeds))
	for i := range 8 {
		publish(t, server, feed.Release{Feed: fmt.Sprintf("f%d", i), Documents: docs[2*i : 2*i+2]})
	}
	held := server.table.Load().held("")
	if held > server.room || held < server.room/2 {
		t.Errorf("%d bytes are held, and there is room for %d", held, server.room)
	}
	s := start(t, server)
	for i := range 8 {
		path, want := fmt.Sprintf("/f%d.rss", i), string(noise(200_000+i))
		for _, coding := range []string{"identity", "gzip", "zstd", "identity"} {
			res := s.get(t, path, "Accept-Encoding", coding)
			res.wants(t, 200, "Vary", "Accept-Encoding, Sec-Fetch-Dest", "Cache-Control", everybody("60"), "Link",
				fmt.Sprintf(`<%s>; rel="self"; type="application/rss+xml", </f%d/>; rel="alternate"; type="text/html"`, path, i))
			if got := string(expand(t, res.Header.Get("Content-Encoding"), res.body)); got != want {
				t.Errorf("%s as %s: %d other bytes", path, coding, len(got))
			}
			before := a.times(path[1:])
			s.get(t, path, "Accept-Encoding", coding, "If-None-Match", res.Header.Get("Etag")).wants(t, 304, "Etag", res.Header.Get("Etag"))
			if a.times(path[1:]) != before {
				t.Errorf("%s is read for somebody who has it", path)
			}
		}
		if n := a.times(path[1:]); n > 1 {
			t.Errorf("%s is read %d times", path, n)
		}
	}
	if a.times("f0.rss") != 0 || a.times("f7.rss") == 0 {
		t.Error("the first are to be held and the last to be read")
	}
	for i := range 7 {
		publish(t, server, feed.Release{Feed: fmt.Sprintf("f%d", i), Revision: 2})
	}
	publish(t, server, feed.Release{Feed: "f7", Documents: docs[14:16]})
	if n := a.times("f7.rss"); server.table.Load().shelf("f7").docs["f7.rss"].elsewhere {
		t.Errorf("there is room now, and the document is still read from elsewhere (%d)", n)
	}
}

// TestReadingFails asks for a document beyond memory while the state cannot be read.
func TestReadingFails(t *testing.T) {
	server := New("", quiet())
	server.room = 0
	server.SetFeeds(aged(map[string]time.Duration{"world": 0}))
	server.SetPages(func(context.Context, string) (feed.Document, error) {
		return feed.Document{}, fmt.Errorf("disk on fire")
	})
	d := feed.NewDocument("world.rss", feed.TypeRSS, modified, body)
	publish(t, server, feed.Release{Feed: "world", Documents: []feed.Document{d}})
	s := start(t, server)
	s.get(t, "/world.rss").wants(t, 503, "Retry-After", "5", "Etag", "", "Last-Modified", "", "Link", "", "Cache-Control", "no-store")
	s.get(t, "/world.rss", "If-None-Match", d.ETag).wants(t, 304, "Etag", d.ETag)
}

// TestCompressedLater publishes as after a start: documents are shown at once, and compressed soon.
func TestCompressedLater(t *testing.T) {
	server := New("", quiet())
	server.standing = 100 * time.Millisecond
	server.SetFeeds(aged(map[string]time.Duration{"world": 0}))
	d := feed.NewDocument("world.rss", feed.TypeRSS, modified, body)
	publish(t, server, feed.Release{Feed: "world", Documents: []feed.Document{d}})
	if server.lacking(codingGzip, 0) == nil {
		t.Error("the first release is compressed before it is shown")
	}
	s := start(t, server)
	await := func(coding string) response {
		t.Helper()
		for range 500 {
			if res := s.get(t, "/world.rss", "Accept-Encoding", coding); res.Header.Get("Content-Encoding") == coding {
				return res
			}
			time.Sleep(5 * time.Millisecond)
		}
		t.Fatalf("it is never compressed with %s", coding)
		return response{}
	}
	tag := await("zstd").Header.Get("Etag")
	next := feed.NewDocument("world.rss", feed.TypeRSS, modified, append([]byte("<!-- new -->"), body...))
	publish(t, server, feed.Release{Feed: "world", Revision: 2, Documents: []feed.Document{next}})
	if server.lacking(codingGzip, 0) != nil {
		t.Error("a change is shown before it is compressed")
	}
	s.get(t, "/world.rss", "Accept-Encoding", "zstd", "If-None-Match", tag).wants(t, 200, "Content-Encoding", "zstd")
	old := s.get(t, "/world.rss", "Accept-Encoding", "gzip").Header.Get("Etag")
	time.Sleep(server.standing)
	server.bare <- struct{}{}
	await("br")
	s.get(t, "/world.rss", "Accept-Encoding", "br, gzip", "If-None-Match", old).wants(t, 304, "Etag", old)
}

// TestInsists asks for what is not compressed yet and takes it in no other way.
func TestInsists(t *testing.T) {
	server := New("", quiet())
	server.worker <- struct{}{} // nobody compresses
	server.SetFeeds(aged(map[string]time.Duration{"world": 0}))
	publish(t, server, feed.Release{Feed: "world", Documents: []feed.Document{feed.NewDocument("world.rss", feed.TypeRSS, modified, body)}})
	s := start(t, server)
	s.get(t, "/world.rss", "Accept-Encoding", "gzip").wants(t, 200, "Content-Encoding", "")
	s.get(t, "/world.rss", "Accept-Encoding", "br, identity;q=0").wants(t, 406)
	s.get(t, "/world.rss", "Accept-Encoding", "gzip, identity;q=0").wants(t, 200, "Content-Encoding", "gzip")
}

// TestNothingStays ends a server and counts what is left running.
func TestNothingStays(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("serve", func(t *testing.T) {
		server := worldly(t, "")
		start(t, server).get(t, "/world.rss").wants(t, 200)
	})
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines are left of %d", runtime.NumGoroutine(), before)
}

package serve

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"feedmill/feed"
)

// bulk is a release whose documents are 10 MB as they are, and much less compressed.
func bulk(key string) feed.Release {
	r := feed.Release{Feed: key}
	for i := range 100 {
		text := strings.Repeat(fmt.Sprintf("<p>Paragraph of document %d says more of the same.</p>", i), 2000)
		r.Documents = append(r.Documents, feed.NewDocument(fmt.Sprintf("%s/%d.rss", key, i), feed.TypeRSS, modified, []byte(text)))
	}
	return r
}

// TestPlainTakesNoMemory publishes documents of 10 MB, and has them read as they are by many at once: each reader gets every
// byte, and nothing of it stays.
func TestPlainTakesNoMemory(t *testing.T) {
	s := start(t, worldly(t, ""))
	s.SetFeeds(aged(map[string]time.Duration{"bulk": time.Minute}))
	// What pools keep is gone after the second collection.
	settled := func() int64 { inUse(); return int64(inUse()) }
	before := settled()
	publish(t, s.Server, bulk("bulk"))
	settle(t, s.Server)
	if held := settled() - before; held > 6<<20 {
		t.Errorf("documents of 10 MB take %d bytes", held)
	}
	want := map[string][]byte{}
	for _, d := range bulk("bulk").Documents {
		body, err := d.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		want[d.Path] = body
	}
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for path, body := range want {
				res := s.get(t, "/"+path)
				if !bytes.Equal(res.body, body) || res.ContentLength != int64(len(body)) {
					t.Errorf("%s has %d bytes, Content-Length %d", path, len(res.body), res.ContentLength)
				}
			}
		})
	}
	readers.Wait()
	runtime.KeepAlive(want)
	clear(want)
	if held := settled() - before; held > 6<<20 {
		t.Errorf("when they were read as they are, documents of 10 MB take %d bytes", held)
	}
}

// TestPlainIsShared asks for a document as it is while somebody is reading it: there is one of it in memory.
func TestPlainIsShared(t *testing.T) {
	s := worldly(t, "")
	settle(t, s)
	doc := s.table.Load().find("world.rss").doc
	one, err := s.plain(doc)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	other, err := s.plain(doc)
	if err != nil {
		t.Fatal(err)
	}
	if one != other || !bytes.Equal(one.body, body) {
		t.Error("two readers at once have a copy each, or a wrong one")
	}
	runtime.KeepAlive(one)
}

// TestBrotliUsesItsMemoryAgain compresses documents that have stood: what that takes is taken once, not for each.
func TestBrotliUsesItsMemoryAgain(t *testing.T) {
	s := worldly(t, "")
	s.SetFeeds(aged(map[string]time.Duration{"bulk": time.Minute}))
	r := bulk("bulk")
	r.Documents = r.Documents[:20]
	publish(t, s, r)
	settle(t, s)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s.standing = 0
	<-s.bare // nothing waits that is more pressing
	s.round(t.Context())
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 64<<20 || len(s.lacking(codingBrotli, 0)) > 0 {
		t.Errorf("20 documents of 100 KB took %d MB; %d were not compressed", took>>20, len(s.lacking(codingBrotli, 0)))
	}
}

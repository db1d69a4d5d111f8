package serve

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"feedmill/feed"
)

// TestEverySize sends bodies of many sizes over one connection: head and body of an answer are sent together, whatever fits
// into which buffer.
func TestEverySize(t *testing.T) {
	server := New("", quiet())
	server.SetFeeds(aged(map[string]time.Duration{"world": time.Minute}))
	sizes := []int{0, 1, 2, 8191, 8192, 8193, 65_536, atOnce - 1, atOnce, atOnce + 1, 2*atOnce + 1, 3_000_000}
	for size := 3200; size < 4200; size++ { // around the buffer of a connection, less a head
		sizes = append(sizes, size)
	}
	var docs []feed.Document
	for _, size := range sizes {
		docs = append(docs, feed.NewDocument(fmt.Sprintf("world/%d.rss", size), feed.TypeRSS, modified, noise(size)))
	}
	publish(t, server, feed.Release{Feed: "world", Documents: docs})
	s := start(t, server)
	for _, size := range sizes {
		res := s.get(t, fmt.Sprintf("/world/%d.rss", size))
		if res.StatusCode != 200 || !bytes.Equal(res.body, noise(size)) {
			t.Errorf("%d bytes are sent as %d %d others", size, res.StatusCode, len(res.body))
		}
	}
}

// TestDoor opens more connections than are let in: the others wait, and are answered when one goes.
func TestDoor(t *testing.T) {
	l := listen(t)
	door := newDoor(l, 2, false)
	server := worldly(t, "").httpServer()
	go func() { _ = server.Serve(door) }()
	defer server.Close()
	ask := func() (net.Conn, error) {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(c, "GET /world.rss HTTP/1.1\r\nHost: x\r\n\r\n")
		_ = c.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
		_, err = c.Read(make([]byte, 1))
		return c, err
	}
	first, err := ask()
	if err != nil {
		t.Fatal(err)
	}
	if c, err := ask(); err != nil {
		t.Fatal(err)
	} else {
		defer c.Close()
	}
	third, waiting := ask()
	if waiting == nil {
		t.Error("a third is let in")
	}
	defer third.Close()
	first.Close()
	_ = third.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := third.Read(make([]byte, 1)); err != nil {
		t.Errorf("the third is not let in when the first goes: %v", err)
	}
}

// TestFieldsInBothVersions asks for the same in both versions of HTTP, of which one sends fields that were written before:
// they say the same, also when a feed's terms change.
func TestFieldsInBothVersions(t *testing.T) {
	server := New("", quiet())
	docs := func(key string) (docs []feed.Document) {
		for _, d := range shopDocuments(bytes.Repeat(body, 20)) {
			docs = append(docs, feed.NewDocument(key+strings.TrimPrefix(d.Path, "world"), d.Type, modified, noise(3000)))
		}
		return docs
	}
	terms := func(age time.Duration) map[string]Feed {
		return map[string]Feed{"world": {Age: age}, "staff": {Age: age, Readers: NewReaders(Reader{"ana", "secret-of-ana"})}}
	}
	server.SetFeeds(terms(5 * time.Minute))
	for _, key := range []string{"world", "staff"} {
		publish(t, server, feed.Release{Feed: key, Documents: docs(key)})
	}
	settle(t, server)
	squeezeAll(t, server)
	one, two := onSocket(t, server, false), onSocket(t, server, true)
	seen := map[string]bool{}
	compare := func(method, path string, headers ...string) string {
		headers = append(headers, "Authorization", "Bearer secret-of-ana")
		a, b := one.do(t, method, path, headers...), two.do(t, method, path, headers...)
		a.Header.Del("Date")
		b.Header.Del("Date")
		if a.Proto == b.Proto || a.StatusCode != b.StatusCode || !reflect.DeepEqual(a.Header, b.Header) || !bytes.Equal(a.body, b.body) {
			t.Errorf("%s %s %q:\n%s %d %v\n%s %d %v", method, path, headers, a.Proto, a.StatusCode, a.Header, b.Proto, b.StatusCode, b.Header)
		}
		seen[fmt.Sprint(a.StatusCode, a.Header["Cache-Control"], a.Header["Vary"], a.Header["Content-Encoding"])] = true
		return a.Header.Get("Etag")
	}
	for _, age := range []time.Duration{5 * time.Minute, 10 * time.Minute} {
		server.SetFeeds(terms(age))
		for _, path := range []string{"/world.rss", "/world.json", "/world/", "/staff.atom", "/staff/"} {
			for _, coding := range []string{"identity", "gzip", "zstd", "br"} {
				for _, dest := range []string{"empty", "document"} {
					for _, method := range []string{"GET", "HEAD"} {
						tag := compare(method, path, "Accept-Encoding", coding, "Sec-Fetch-Dest", dest)
						compare(method, path, "Accept-Encoding", coding, "Sec-Fetch-Dest", dest, "If-None-Match", tag)
					}
				}
			}
		}
	}
	if len(seen) < 30 {
		t.Errorf("only %d kinds of answers were seen", len(seen))
	}
}

// TestEverySplit sends requests in two parts, cut at every byte around the end of a reader's buffer and of a line.
func TestEverySplit(t *testing.T) {
	s := start(t, worldly(t, ""))
	request := "GET /world.rss HTTP/1.1\r\nHost: x\r\nCookie: " + strings.Repeat("c", 4200) + "\r\nConnection: close\r\n\r\n"
	var wait sync.WaitGroup
	for cut := range len(request) - 1 {
		if 60 < cut && cut < 4080 {
			continue
		}
		wait.Go(func() {
			c, err := net.Dial("tcp", strings.TrimPrefix(s.address, "http://"))
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			_, _ = io.WriteString(c, request[:cut+1])
			time.Sleep(50 * time.Millisecond)
			_, _ = io.WriteString(c, request[cut+1:])
			_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
			if answer, err := io.ReadAll(c); err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 200 OK\r\n")) {
				t.Errorf("cut after %d bytes: %v, %.40q", cut+1, err, answer)
			}
		})
	}
	wait.Wait()
}

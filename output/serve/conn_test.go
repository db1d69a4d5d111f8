package serve

import (
	"bytes"
	"fmt"
	"io"
	"net"
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
	door := newDoor(l, 2)
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

package serve

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"feedmill/feed"
)

// TestDrain stops the server while somebody reads slowly, and while somebody who keeps the connection waits for an answer.
func TestDrain(t *testing.T) {
	server, l := worldly(t, ""), listen(t)
	large := bytes.Repeat([]byte("0123456789abcdef"), 6<<20/16)
	publish(t, server, feed.Release{Feed: "world", Documents: []feed.Document{feed.NewDocument("world.rss", feed.TypeRSS, modified, large)}})
	started, release := make(chan struct{}), make(chan struct{})
	server.SetPages(func(_ context.Context, path string) (feed.Document, error) {
		close(started)
		<-release
		return feed.NewDocument(path, feed.TypeHTML, modified, []byte("late")), nil
	})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx, l) }()

	slow := dial(t, l.Addr())
	if err := slow.(*net.TCPConn).SetReadBuffer(16 << 10); err != nil {
		t.Fatal(err)
	}
	ask := func(c net.Conn, path string) *http.Response {
		t.Helper()
		if _, err := io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: x\r\nAccept-Encoding: identity\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(bufio.NewReaderSize(c, 16<<10), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { res.Body.Close() })
		return res
	}
	res := ask(slow, "/world.rss") //nolint:bodyclose // ask closes it, as the following
	idle := dial(t, l.Addr())
	if res := ask(idle, "/world.atom"); res.Close { //nolint:bodyclose // likewise
		t.Error("a connection is closed before the end")
	}
	waiting := make(chan *http.Response, 1)
	keeps := dial(t, l.Addr())
	go func() { waiting <- ask(keeps, "/world/a/late") }() //nolint:bodyclose // likewise
	<-started
	stop()

	var got bytes.Buffer
	for piece := int64(256 << 10); ; {
		n, err := io.CopyN(&got, res.Body, piece)
		if err != nil || n < piece {
			break
		}
		time.Sleep(60 * time.Millisecond) // one second and a half in all
	}
	if !bytes.Equal(got.Bytes(), large) {
		t.Errorf("the slow reader got %d of %d bytes", got.Len(), len(large))
	}
	if err := idle.SetReadDeadline(time.Now().Add(2 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, idle); err != nil {
		t.Errorf("an idle connection is not closed: %v", err)
	}
	select {
	case err := <-done:
		t.Fatalf("Run ended under an answer: %v", err)
	default:
	}
	close(release)
	if last := <-waiting; last.StatusCode != 200 || !last.Close {
		t.Errorf("the last answer is %d, and to close is %v", last.StatusCode, last.Close)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func dial(t *testing.T, to net.Addr) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", to.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

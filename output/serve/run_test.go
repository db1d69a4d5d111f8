package serve

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"feedmill/feed"
)

// tagOf is the entity tag of a body, as feed.NewDocument makes it.
func tagOf(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:15]) + `"`
}

// TestSwap reads without pause while releases follow each other: the tag always belongs to the bytes, and the feeds of
// one release never go back to an older one.
func TestSwap(t *testing.T) {
	server := worldly(t, "")
	s := start(t, server)
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for i := range 6 {
		readers.Go(func() {
			coding := []string{"gzip", "identity"}[i%2]
			var tag string
			for ctx.Err() == nil {
				res := s.get(t, "/world.rss", "Accept-Encoding", coding, "If-None-Match", tag)
				if res.StatusCode == http.StatusNotModified {
					if res.Header.Get("Etag") != tag {
						t.Errorf("304 with %s for %s", res.Header.Get("Etag"), tag)
					}
					continue
				}
				tag = res.Header.Get("Etag")
				plain, want := res.body, tag
				if res.Header.Get("Content-Encoding") == "gzip" {
					plain, want = unzip(t, res.body), strings.Replace(tag, `-gzip"`, `"`, 1)
				}
				if got := tagOf(plain); res.StatusCode != 200 || got != want {
					t.Errorf("%s: status %d, tag %s for bytes of %s", coding, res.StatusCode, tag, got)
					return
				}
			}
		})
	}
	for revision := range 40 {
		text := strings.Repeat(fmt.Sprintf("revision %d ", revision), 3000+revision)
		publish(t, server, feed.Release{Feed: "world", Revision: int64(revision), Documents: []feed.Document{
			feed.NewDocument("world.rss", feed.TypeRSS, modified.Add(time.Duration(revision)*time.Second), []byte(text)),
		}})
		server.SetFeeds(aged(map[string]time.Duration{"world": time.Duration(revision) * time.Minute}))
	}
	stop()
	readers.Wait()
}

// TestOneReleaseAtOnce asks for the two documents of a feed one after the other while releases follow each other: the
// second may be newer than the first, never older.
func TestOneReleaseAtOnce(t *testing.T) {
	server := worldly(t, "")
	paths := []string{"world.rss", "world.atom"}
	release := func(revision int) feed.Release {
		r := feed.Release{Feed: "world"}
		for _, path := range paths {
			r.Documents = append(r.Documents, feed.NewDocument(path, feed.TypeRSS, modified, fmt.Append(nil, revision)))
		}
		return r
	}
	publish(t, server, release(0))
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for i := range paths {
		readers.Go(func() {
			for ctx.Err() == nil {
				first, second := revisionOf(t, server, paths[i]), revisionOf(t, server, paths[1-i])
				if second < first {
					t.Errorf("%s is of revision %d, and after it %s of %d", paths[i], first, paths[1-i], second)
					return
				}
			}
		})
	}
	for revision := range 60 {
		publish(t, server, release(revision))
	}
	stop()
	readers.Wait()
}

func revisionOf(t *testing.T, server *Server, path string) int {
	w := httptest.NewRecorder()
	server.ServeHTTP(w, request(http.MethodGet, "/"+path))
	revision, err := strconv.Atoi(w.Body.String())
	if err != nil {
		t.Errorf("%s: %v", path, err)
	}
	return revision
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestRunEnds(t *testing.T) {
	server, l := worldly(t, ""), listen(t)
	started, release := make(chan struct{}), make(chan struct{})
	server.SetPages(func(context.Context, string) (feed.Document, error) {
		close(started)
		<-release
		return feed.NewDocument("world/a/late", feed.TypeHTML, modified, []byte("late")), nil
	})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx, l) }()

	got := make(chan string, 1)
	go func() {
		res, err := http.Get("http://" + l.Addr().String() + "/world/a/late")
		if err != nil {
			got <- err.Error()
			return
		}
		defer res.Body.Close()
		text, _ := io.ReadAll(res.Body)
		got <- string(text)
	}()
	<-started
	stop()
	select {
	case err := <-done:
		t.Fatalf("Run ended under an answer: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(release)
	if text := <-got; text != "late" {
		t.Errorf("the answer under way became %q", text)
	}
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("Run: %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("Run did not end within 5 s")
	}
	if _, err := net.Dial("tcp", l.Addr().String()); err == nil {
		t.Error("the listener is still open")
	}
}

func TestRunFails(t *testing.T) {
	l := listen(t)
	l.Close()
	err := New("", quiet()).Run(t.Context(), l)
	if feed.ClassOf(err) != feed.Unavailable || !strings.Contains(err.Error(), l.Addr().String()) {
		t.Errorf("Run on a closed listener: %v", err)
	}
}

// TestWaits begins to ask, or asks once, and waits: the server hangs up.
func TestWaits(t *testing.T) {
	l := listen(t)
	server := worldly(t, "").httpServer()
	if server.ReadHeaderTimeout != 5*time.Second || server.ReadTimeout != 10*time.Second ||
		server.WriteTimeout != time.Minute || server.IdleTimeout != 90*time.Second || server.MaxHeaderBytes != 16<<10 {
		t.Errorf("the limits are %+v", server)
	}
	server.ReadHeaderTimeout, server.IdleTimeout = 200*time.Millisecond, 400*time.Millisecond
	go func() { _ = server.Serve(newDoor(l, 8, false)) }()
	defer server.Close()
	const whole = "GET /world.rss HTTP/1.1\r\nHost: x\r\n\r\n"
	for answers, requests := range [][]string{{"", "GET", strings.TrimSuffix(whole, "\r\n")}, {whole, whole + "GET"}, {whole + whole}} {
		for _, request := range requests {
			hangsUp(t, l.Addr().String(), request, answers)
		}
	}
}

// hangsUp sends what may be no whole request, counts answers and waits for the end.
func hangsUp(t *testing.T, address, request string, answers int) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(3 * time.Second)); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Errorf("%q: the server did not hang up: %v", request, err)
	}
	if n := strings.Count(string(answer), "200 OK"); n != answers {
		t.Errorf("%q is answered %d times: %q", request, n, answer)
	}
}

// TestRawRequests sends bytes that no client library would.
func TestRawRequests(t *testing.T) {
	s := start(t, worldly(t, ""))
	for _, c := range []struct {
		request string
		want    int
	}{
		{"GET /world.rss HTTP/1.0\r\n\r\n", 200},
		{"GET http://evil.example/world.rss HTTP/1.1\r\nHost: evil.example\r\n\r\n", 200},
		{"GET http://evil.example HTTP/1.1\r\nHost: evil.example\r\n\r\n", 200},
		{"GET //evil.example/%2e%2e HTTP/1.1\r\nHost: x\r\n\r\n", 404},
		{"GET /\\evil.example HTTP/1.1\r\nHost: x\r\n\r\n", 404},
		{"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 405},
		{"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n", 405},
		{"GET /world.rss HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("x", 32<<10) + "\r\n\r\n", 431},
		{"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400},
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.address, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, c.request); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("%.60q: %v", c.request, err)
		}
		if res.StatusCode != c.want || res.Header.Get("Location") != "" {
			t.Errorf("%.60q gives %d %v, want %d", c.request, res.StatusCode, res.Header, c.want)
		}
		res.Body.Close()
		conn.Close()
	}
}

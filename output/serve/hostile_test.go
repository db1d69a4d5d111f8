package serve

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"feedmill/feed"
)

// dial opens a connection that the test closes.
func (s *site) dial(t testing.TB) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// raw sends bytes and reads all answers until the server hangs up or says nothing more.
func (s *site) raw(t testing.TB, request string) []response {
	t.Helper()
	conn := s.dial(t)
	go func() { _, _ = io.WriteString(conn, request) }() // which fails when the server has read enough
	_ = conn.SetReadDeadline(time.Now().Add(2 * time.Second))
	var answers []response
	for in := bufio.NewReader(conn); ; {
		res, err := http.ReadResponse(in, &http.Request{Method: strings.SplitN(request, " ", 2)[0]}) //nolint:bodyclose // it goes with the connection
		if err != nil {
			return answers
		}
		body, err := io.ReadAll(res.Body)
		answers = append(answers, response{res, body})
		if res.Close || err != nil { // one who sent far too much is cut off after the answer
			return answers
		}
		_ = conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	}
}

// guarded is a server that asks a mill for what it does not have, and complains when it asks for what cannot be.
func guarded(t *testing.T) *site {
	server := worldly(t, "")
	attic := newAttic(feed.NewDocument("media/0a-song.mp3", "audio/mpeg", modified, []byte("0123456789")))
	server.SetPages(attic.page)
	t.Cleanup(func() {
		for path := range attic.asked {
			if len(path) > mostName || strings.ContainsAny(path, "\x00\r\n") || !utf8.ValidString(path) {
				t.Errorf("somebody is asked for %.100q", path)
			}
		}
	})
	return start(t, server)
}

// TestBadAddresses asks for what lies nowhere, in all ways that have ever been good for something.
func TestBadAddresses(t *testing.T) {
	s := guarded(t)
	long := strings.Repeat("evilname", 1280)
	for target, want := range map[string]int{
		"/../../etc/passwd": 404, "/world/../../etc/passwd": 404, "/world/a/../../world.rss": 404, "/./world.rss": 404,
		"/%2e%2e/%2e%2e/etc/passwd": 404, "/world/a/%2e%2e%2fevil": 404, "/world/a/..%2f..%2fworld.rss": 404, "/media/..%2fworld.rss": 404, "/media/%2e%2e": 404,
		"/world%2frss": 404, "/world/a%5cevil": 404, "/%5c%5cevil.example": 404, "/%2f%2fevil.example": 404,
		"/world/a/evil%00": 404, "/world/a/evil%0d%0aX-Evil:%201": 404, "/world.rss%00": 404, "/world/a/%ff%fe": 404, "/media/%c0%ae": 404,
		"/" + long: 404, "/world/a/" + long: 404, "/world/tag/" + long + ".rss": 404, "/media/" + long: 404,
		"/world.rss?" + long: 200, "/world.rss?" + strings.Repeat("&", 9000): 200, "/world.rss?a=%zz;%%%": 200, "/world.rss?=&==&?": 200,
		"/world.rss/../evil": 404, "/world/a/" + strings.Repeat("../", 3000): 404, "/" + strings.Repeat("%2e%2e/", 2000): 404,
		"/%": 400, "/%zz": 400, "/world.rss%": 400,
	} {
		answers := s.raw(t, "GET "+target+" HTTP/1.1\r\nHost: x\r\n\r\n")
		if len(answers) != 1 || answers[0].StatusCode != want {
			t.Errorf("%.60s gives %d answers, want one of %d", target, len(answers), want)
			continue
		}
		refused(t, target, answers[0])
	}
}

// refused looks for what a refusal must not be: anything but plain text, or an echo.
func refused(t *testing.T, name string, res response) {
	t.Helper()
	if res.StatusCode < 400 {
		return
	}
	if mediaType := res.Header.Get("Content-Type"); len(res.body) > 0 && !strings.HasPrefix(mediaType, "text/plain") {
		t.Errorf("%.60q: %d is %q", name, res.StatusCode, mediaType)
	}
	if bytes.Contains(bytes.ToLower(res.body), []byte("evil")) || strings.Contains(strings.ToLower(fmt.Sprint(res.Header)), "evil") || len(res.body) > 200 {
		t.Errorf("%.60q: %d says %.200q %v", name, res.StatusCode, res.body, res.Header)
	}
}

// TestBadHeaders sends conditions and ranges that are none, and far too much.
func TestBadHeaders(t *testing.T) {
	s := guarded(t)
	for _, c := range []struct {
		path, headers string
		want          int
	}{
		{"world.rss", "If-None-Match: \"evil\r\n", 200},
		{"world.rss", "If-None-Match: " + strings.Repeat(`"",`, 4000) + "\r\n", 200},
		{"world.rss", "If-None-Match: W/W/\"evil\"\r\n", 200},
		{"world.rss", "If-Modified-Since: \x01\r\n", 400},
		{"world.rss", "If-Modified-Since: 99999999999999999999\r\n", 200},
		{"world.rss", "If-Modified-Since: Mon, 32 Foo 20260 99:99:99 GMT\r\n", 200},
		{"world.rss", "Range: bytes=0-0\r\n", 200}, // what is held is sent whole
		{"world.rss", "Accept-Encoding: " + strings.Repeat("gzip;q=0.1,", 1000) + "\r\n", 200},
		{"media/0a-song.mp3", "Range: bytes=0-0\r\n", 206},
		{"media/0a-song.mp3", "Range: bytes=5-2\r\n", 416},
		{"media/0a-song.mp3", "Range: bytes=evil\r\n", 416},
		{"media/0a-song.mp3", "Range: bytes=-99999999999999999999\r\n", 416},
		{"media/0a-song.mp3", "Range: bytes=18446744073709551615-\r\n", 416},
		{"media/0a-song.mp3", "Range: lines=0-1\r\n", 416},
		{"media/0a-song.mp3", "Range: bytes=" + strings.Repeat("0-,", 4000) + "0-\r\n", 200},
		{"media/0a-song.mp3", "Range: bytes=0-1\r\nIf-Range: evil\r\n", 200},
		{"world.rss", "X-Long: " + strings.Repeat("evil", 1<<18) + "\r\n", 431},
		{"world.rss", strings.Repeat("X-Many: evil\r\n", 80_000), 431},
		{"world.rss", "X-Evil : 1\r\n", 400},
		{"world.rss", "X-Evil\r\n", 400},
		{"world.rss", "X-Evil: \x00\r\n", 400},
		{"world.rss", "Host: evil.example\r\n", 400},
		{"world.rss", "Expect: evil\r\n", 417},
	} {
		answers := s.raw(t, "GET /"+c.path+" HTTP/1.1\r\nHost: x\r\n"+c.headers+"\r\n")
		if len(answers) != 1 || answers[0].StatusCode != c.want {
			t.Errorf("%.60q gives %v, want one of %d", c.headers, answers, c.want)
			continue
		}
		refused(t, c.headers, answers[0])
	}
}

// TestNoSmuggling sends requests on whose end two servers might not agree: what is hidden in them is not answered.
func TestNoSmuggling(t *testing.T) {
	s := guarded(t)
	const hidden = "GET /world.json HTTP/1.1\r\nHost: x\r\n\r\n"
	for name, c := range map[string]struct {
		request string
		want    []int
	}{
		"length and chunks":         {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden, []int{405, 400}},
		"chunks and length":         {"GET /world.rss HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + hidden, []int{400}},
		"two lengths":               {"GET /world.rss HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 40\r\n\r\n" + hidden, []int{400}},
		"list of lengths":           {"GET /world.rss HTTP/1.1\r\nHost: x\r\nContent-Length: 0, 40\r\n\r\n" + hidden, []int{400}},
		"signed length":             {"GET /world.rss HTTP/1.1\r\nHost: x\r\nContent-Length: +0\r\n\r\n" + hidden, []int{400}},
		"negative length":           {"GET /world.rss HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n" + hidden, []int{400}},
		"body of a GET":             {"GET /world.rss HTTP/1.1\r\nHost: x\r\nContent-Length: " + fmt.Sprint(len(hidden)) + "\r\n\r\n" + hidden, []int{400}},
		"other transfer coding":     {"GET /world.rss HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: evil\r\n\r\n" + hidden, []int{501, 400}},
		"two transfer codings":      {"GET /world.rss HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + hidden, []int{501, 400}},
		"blank before the colon":    {"GET /world.rss HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n" + hidden, []int{400}},
		"folded transfer coding":    {"GET /world.rss HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + hidden, []int{400}},
		"folded first line":         {"GET /world.rss HTTP/1.1\r\n Host: x\r\n\r\n" + hidden, []int{400}},
		"version that is none":      {"GET /world.rss HTTP/1.10\r\nHost: x\r\n\r\n" + hidden, []int{400}},
		"another version":           {"GET /world.rss HTTP/3.0\r\nHost: x\r\n\r\n" + hidden, []int{505}},
		"prior knowledge of HTTP/2": {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + hidden, []int{505, 405, 400}},
		"carriage returns alone":    {"GET /world.rss HTTP/1.1\rHost: x\r\r" + hidden, []int{400}},
		"chunk that is none":        {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n\r\n" + hidden, []int{405, 400}},
	} {
		answers := s.raw(t, c.request)
		if len(answers) != 1 || !slices.Contains(c.want, answers[0].StatusCode) {
			t.Errorf("%s gives %d answers, want one of %d: %v", name, len(answers), c.want, answers)
			continue
		}
		refused(t, name, answers[0])
	}
	// Lines that end with a line feed alone, and folded ones that are none of the body, are what they seem (RFC 9112 section 2.2).
	for _, request := range []string{"GET /world.rss HTTP/1.1\nHost: x\n\n" + hidden, "GET /world.rss HTTP/1.1\r\nHost: x\r\nX-Folded: a\r\n b\r\n\r\n" + hidden} {
		if answers := s.raw(t, request); len(answers) != 2 || answers[1].Header.Get("Content-Type") != feed.TypeJSON {
			t.Errorf("%.40q: %d answers", request, len(answers))
		}
	}
}

// TestHalfBodies promises bodies that never come: the answer does not wait for them.
func TestHalfBodies(t *testing.T) {
	s := guarded(t)
	for _, request := range []string{
		"POST /world.rss HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc",
		"GET /world.rss HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n",
		"PUT /world.rss HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nabc",
		"POST /world.rss HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n",
	} {
		begun := time.Now()
		answers := s.raw(t, request)
		if len(answers) != 1 || answers[0].StatusCode/100 != 4 || !answers[0].Close || time.Since(begun) > time.Second {
			t.Errorf("%.50q: %v after %s", request, answers, time.Since(begun))
		}
	}
}

// narrow has connections that take little of what is sent until it is read.
type narrow struct{ net.Listener }

func (n narrow) Accept() (net.Conn, error) {
	c, err := n.Listener.Accept()
	if err == nil {
		err = c.(*net.TCPConn).SetWriteBuffer(32 << 10)
	}
	return c, err
}

// TestSlowLines reads a document slowly: whoever takes some of it in time gets all of it, and whoever stops is let go.
func TestSlowLines(t *testing.T) {
	server := New("", quiet())
	server.slowest = time.Second
	server.SetFeeds(aged(map[string]time.Duration{"world": time.Minute}))
	held, read := noise(2<<20), noise(9<<20)
	publish(t, server, feed.Release{Feed: "world", Documents: []feed.Document{
		feed.NewDocument("world.rss", feed.TypeRSS, modified, held), feed.NewDocument("world.atom", feed.TypeAtom, modified, read),
	}})
	s := startOn(t, server, narrow{listen(t)})
	var wait sync.WaitGroup
	for path, want := range map[string][]byte{"/world.rss": held, "/world.atom": read} {
		wait.Go(func() {
			conn := s.dial(t)
			_ = conn.(*net.TCPConn).SetReadBuffer(64 << 10)
			_, _ = io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
			res, err := http.ReadResponse(bufio.NewReaderSize(conn, 512), nil) //nolint:bodyclose // likewise
			if err != nil {
				t.Error(err)
				return
			}
			var got bytes.Buffer
			begun := time.Now()
			for err == nil && time.Since(begun) < 10*time.Second {
				_, err = io.CopyN(&got, res.Body, 256<<10)
				time.Sleep(server.slowest * 2 * (256 << 10) / time.Duration(len(want)))
			}
			if !bytes.Equal(got.Bytes(), want) || time.Since(begun) < server.slowest {
				t.Errorf("%s: %d bytes of %d after %s: %v", path, got.Len(), len(want), time.Since(begun), err)
			}
		})
		wait.Go(func() {
			conn := s.dial(t)
			_ = conn.(*net.TCPConn).SetReadBuffer(64 << 10)
			_, _ = io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n")
			time.Sleep(2 * server.slowest)
			_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
			if n, err := io.Copy(io.Discard, conn); n >= int64(len(want)) || err != nil && strings.Contains(err.Error(), "timeout") {
				t.Errorf("%s: who stops reading gets %d bytes: %v", path, n, err)
			}
		})
	}
	wait.Wait()
}

// TestCrowd has very many slow clients hold connections in every way while others read: they are served as before, and what
// the crowd costs is bounded.
func TestCrowd(t *testing.T) {
	const crowd = 600
	server := New("", quiet())
	server.SetFeeds(aged(map[string]time.Duration{"world": time.Minute}))
	publish(t, server, feed.Release{Feed: "world", Documents: []feed.Document{feed.NewDocument("world.rss", feed.TypeRSS, modified, noise(7<<20)), feed.NewDocument("world.atom", feed.TypeAtom, modified, body)}})
	settle(t, server)
	s := start(t, server)
	s.get(t, "/world.atom")
	before := inUse()
	for i := range crowd {
		conn := s.dial(t)
		_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
		switch i % 3 {
		case 0:
			_, _ = io.WriteString(conn, "GET /world.rss HTTP/1.1\r\nHost: x\r\nX-Slow: ") // and no more
		case 1:
			_, _ = io.WriteString(conn, "GET /world.rss HTTP/1.1\r\nHost: x\r\n\r\n") // and reads nothing
		case 2: // says nothing
		}
	}
	var times []time.Duration
	for range 100 {
		begun := time.Now()
		s.get(t, "/world.atom", "Accept-Encoding", "gzip").wants(t, 200)
		times = append(times, time.Since(begun))
	}
	if p99 := percentile(times, 99); p99 > 500 {
		t.Errorf("beside %d slow clients p99 is %.1f ms", crowd, p99)
	}
	if each := (int64(inUse()) - int64(before)) / crowd; each > 64<<10 {
		t.Errorf("a slow client costs %d KB", each>>10)
	}
}

func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

package fetch

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"feedmill/feed"
	"feedmill/feed/setting"
)

// packers pack for each encoding.
var packers = map[string]func(io.Writer) io.WriteCloser{
	"gzip": func(w io.Writer) io.WriteCloser {
		z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
		if err != nil {
			panic(err)
		}
		return z
	},
	"br": func(w io.Writer) io.WriteCloser { return brotli.NewWriterLevel(w, 1) },
	"zstd": func(w io.Writer) io.WriteCloser {
		z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
		if err != nil {
			panic(err)
		}
		return z
	},
}

func pack(t testing.TB, encoding string, body io.Reader) []byte {
	t.Helper()
	var out bytes.Buffer
	w := packers[encoding](&out)
	if _, err := io.Copy(w, body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// zeros is an endless body.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// serve answers with one body.
func serve(t testing.TB, encoding string, body []byte) *httptest.Server {
	return origin(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", encoding)
		_, _ = w.Write(body)
	})
}

func TestEncodings(t *testing.T) {
	text := strings.Repeat("an article, and another; ", 9000)
	for encoding := range packers {
		whole := pack(t, encoding, strings.NewReader(text))
		s := serve(t, encoding, whole)
		for range 3 { // decoders are used again
			a := get(t, newClient(), nil, Request{URL: s.URL, Config: config(s)})
			if string(a.Body) != text {
				t.Fatalf("%s: %d bytes came", encoding, len(a.Body))
			}
		}
		c := newClient()
		for what, broken := range map[string][]byte{
			"cut in the middle": whole[:len(whole)/2], "cut at the end": whole[:len(whole)-1], "with more after it": append(bytes.Clone(whole), "garbage"...),
			"not packed": []byte(text), "begun only": whole[:2],
		} {
			s := serve(t, encoding, broken)
			a, err := c.Get(t.Context(), nil, Request{URL: s.URL, Config: config(s)})
			if class := feed.ClassOf(err); class != feed.Unavailable && class != feed.Unreadable {
				t.Errorf("%s %s: %d bytes, %v", encoding, what, len(a.Body), err)
			}
		}
		s = serve(t, encoding, whole)
		if a := get(t, c, nil, Request{URL: s.URL, Config: config(s)}); string(a.Body) != text {
			t.Errorf("%s: after broken ones a good one gives %d bytes", encoding, len(a.Body))
		}
	}
	s := serve(t, "compress", []byte("x"))
	_, err := newClient().Get(t.Context(), nil, Request{URL: s.URL, Config: config(s)})
	refused(t, err, feed.Unreadable, "Content-Encoding")
}

// TestBombs reads ten hostile bodies at once and watches the memory.
func TestBombs(t *testing.T) {
	var origins []*httptest.Server
	for encoding := range packers {
		bomb := pack(t, encoding, io.LimitReader(zeros{}, 17<<20))
		for range 3 { // nine, and an endless one
			origins = append(origins, serve(t, encoding, bomb))
		}
	}
	origins = append(origins, origin(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.Copy(w, zeros{}) }))
	c := newClient()
	var wait sync.WaitGroup
	done := make(chan struct{})
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for _, s := range origins {
		wait.Go(func() {
			cfg := config(s)
			cfg.Timeout = setting.Duration(time.Minute)
			_, err := c.Get(t.Context(), nil, Request{URL: s.URL, Config: cfg})
			refused(t, err, feed.Refused, "larger than 16MB", "max_body")
		})
	}
	go func() { wait.Wait(); close(done) }()
	var most uint64
	for running := true; running; {
		select {
		case <-done:
			running = false
		case <-time.After(10 * time.Millisecond):
		}
		runtime.ReadMemStats(&now)
		most = max(most, now.HeapInuse-min(before.HeapInuse, now.HeapInuse))
	}
	t.Logf("%d MB at most", most>>20)
	if most > 256<<20 {
		t.Errorf("ten hostile bodies took %d MB", most>>20)
	}
}

func TestZstdWindow(t *testing.T) {
	// A frame that asks for a window of 1 GB (RFC 8878 section 3.1.1.1.2: exponent 20).
	frame := append([]byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 20 << 3}, 0x01, 0x00, 0x00)
	s := serve(t, "zstd", frame)
	_, err := newClient().Get(t.Context(), nil, Request{URL: s.URL, Config: config(s)})
	refused(t, err, feed.Unreadable, "cannot be unpacked")
}

func TestSize(t *testing.T) {
	s := origin(t, func(w http.ResponseWriter, r *http.Request) {
		body := bytes.Repeat([]byte("x"), 2048)
		if r.URL.Path == "/over" {
			body = append(body, 'x')
		}
		if r.URL.Query().Has("chunked") {
			w.(http.Flusher).Flush()
		}
		_, _ = w.Write(body)
	})
	cfg := config(s)
	cfg.MaxBody = 2 << 10
	for _, query := range []string{"", "?chunked"} {
		if a := get(t, newClient(), nil, Request{URL: s.URL + "/" + query, Config: cfg}); len(a.Body) != 2048 {
			t.Errorf("%d bytes at the cap", len(a.Body))
		}
		_, err := newClient().Get(t.Context(), nil, Request{URL: s.URL + "/over" + query, Config: cfg})
		refused(t, err, feed.Refused, "larger than 2KB")
	}
}

// raw answers every connection with the same bytes.
func raw(t *testing.T, answer string, then func(net.Conn)) Request {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, _ = conn.Read(make([]byte, 4096))
				_, _ = io.WriteString(conn, answer)
				if then != nil {
					then(conn)
				}
			}()
		}
	}()
	cfg := config()
	cfg.AllowPrivate = []string{l.Addr().String()}
	return Request{URL: "http://" + l.Addr().String() + "/", Config: cfg}
}

func TestBrokenAnswers(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	for what, c := range map[string]struct {
		answer string
		class  feed.Class
		words  string
	}{
		"shorter than it says": {ok + "Content-Length: 100\r\n\r\n<rss>", feed.Unavailable, "broke off"},
		"a chunk missing":      {ok + "Transfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n", feed.Unavailable, "broke off"},
		"a cut chunk":          {ok + "Transfer-Encoding: chunked\r\n\r\n50\r\n<rss>", feed.Unavailable, "broke off"},
		"a bad chunk":          {ok + "Transfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\nzz\r\n", feed.Unavailable, "rules of HTTP"},
		"nothing":              {"", feed.Unavailable, "closed the connection"},
		"no HTTP":              {"SSH-2.0-x\r\n", feed.Unavailable, "rules of HTTP"},
		"endless headers":      {ok + "X: " + strings.Repeat("x", 300<<10) + "\r\n\r\n", feed.Unavailable, "256KB"},
		"an empty body":        {ok + "Content-Length: 0\r\n\r\n", feed.Unreadable, "nothing at all"},
		"half a header":        {"HTTP/1.1 200 O", feed.Unavailable, "closed the connection"},
		"304 to nobody":        {"HTTP/1.1 304 Not Modified\r\n\r\n", feed.Unreadable, "304"},
		"204":                  {"HTTP/1.1 204 No Content\r\n\r\n", feed.Unreadable, "204 No Content"},
		"206":                  {"HTTP/1.1 206 Partial Content\r\nContent-Length: 1\r\n\r\nx", feed.Unreadable, "206"},
	} {
		a, err := newClient().Get(t.Context(), nil, raw(t, c.answer, nil))
		if len(a.Body) > 0 {
			t.Errorf("%s: %q came", what, a.Body)
		}
		refused(t, err, c.class, c.words)
	}
	a, err := newClient().Get(t.Context(), nil, raw(t, "HTTP/1.0 200 OK\r\n\r\nold", nil))
	if err != nil || string(a.Body) != "old" {
		t.Errorf("a body without a length gives %q, %v", a.Body, err)
	}
}

// TestSlow gives a drop now and then: the deadline is for the whole body.
func TestSlow(t *testing.T) {
	for what, r := range map[string]Request{
		"drip": raw(t, "HTTP/1.1 200 OK\r\n\r\n", func(conn net.Conn) {
			for range 100 {
				if _, err := fmt.Fprint(conn, "x"); err != nil {
					return
				}
				time.Sleep(30 * time.Millisecond)
			}
		}),
		"silence":     raw(t, "", func(conn net.Conn) { _, _ = conn.Read(make([]byte, 1)) }),
		"half a body": raw(t, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", func(conn net.Conn) { _, _ = conn.Read(make([]byte, 1)) }),
	} {
		r.Config.Timeout = setting.Duration(200 * time.Millisecond)
		begun := time.Now()
		_, err := newClient().Get(t.Context(), nil, r)
		refused(t, err, feed.Unavailable, "within 200ms", "timeout")
		if took := time.Since(begun); took > 2*time.Second {
			t.Errorf("%s took %v", what, took)
		}
	}
}

package fetch

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/setting"
)

// memory is a source's memory that counts what is put.
type memory struct {
	values map[string][]byte
	puts   int
}

func newMemory() *memory { return &memory{values: map[string][]byte{}} }

func (m *memory) Get(key string) []byte        { return m.values[key] }
func (m *memory) Put(key string, value []byte) { m.values[key] = value; m.puts++ }

// clock is a clock that tests move.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) now() time.Time       { return time.Unix(0, c.at.Load()) }
func (c *clock) pass(d time.Duration) { c.at.Add(int64(d)) }
func quiet() *slog.Logger             { return slog.New(slog.DiscardHandler) }
func newClient(o ...Option) *Client   { return New(time.Now, quiet(), o...) }
func (c *Client) trust(at ...string)  { c.transports.public = trusting(at) }

// trusting takes some loopback addresses for public, so that a test has origins on both sides of the guard.
func trusting(texts []string) func(netip.Addr) bool {
	return func(a netip.Addr) bool {
		for _, text := range texts {
			if a == netip.MustParseAddr(text) {
				return true
			}
		}
		return public(a)
	}
}

// config allows the given origins, and asks them as fast as it likes.
func config(origins ...*httptest.Server) Config {
	c := Default()
	c.Timeout = setting.Duration(5 * time.Second)
	c.PerHost = PerHost{Concurrency: 8}
	for _, o := range origins {
		c.AllowPrivate = append(c.AllowPrivate, o.Listener.Addr().String())
	}
	return c
}

func origin(t testing.TB, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func get(t *testing.T, c *Client, m feed.Memory, r Request) Answer {
	t.Helper()
	a, err := c.Get(t.Context(), m, r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// refused asserts an error of a class whose text holds all words.
func refused(t *testing.T, err error, class feed.Class, words ...string) {
	t.Helper()
	if err == nil || feed.ClassOf(err) != class {
		t.Fatalf("the error is %v of class %s, want class %s", err, feed.ClassOf(err), class)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not say %q", err, word)
		}
	}
}

// roundTrip is an origin without sockets, for tests in simulated time.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return f(r)
}

func (f roundTrip) option() Option {
	return WithTransport(func(http.RoundTripper) http.RoundTripper { return f })
}

func reply200(r *http.Request, status int, body string, header ...string) *http.Response {
	a := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r}
	for i := 0; i+1 < len(header); i += 2 {
		a.Header.Set(header[i], header[i+1])
	}
	return a
}

func TestConditional(t *testing.T) {
	body, etag, liar := "one", `"1"`, false
	var asked []string
	s := origin(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("If-None-Match")+r.Header.Get("If-Modified-Since"))
		w.Header().Set("ETag", etag)
		if r.Header.Get("If-None-Match") == etag || liar && r.Header.Get("If-None-Match") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = io.WriteString(w, body)
	})
	now := newClock()
	c := New(now.now, quiet())
	m := newMemory()
	r := Request{URL: s.URL, Config: config(s)}
	step := func(what string, wantChanged bool, wantAsked, wantBody string) Answer {
		t.Helper()
		now.pass(time.Minute)
		asked = nil
		a := get(t, c, m, r)
		if a.Unchanged == wantChanged || len(asked) != 1 || asked[0] != wantAsked || string(a.Body) != wantBody {
			t.Errorf("%s: unchanged %v, body %q, asked with %q; want body %q, %q", what, a.Unchanged, a.Body, asked, wantBody, wantAsked)
		}
		return a
	}
	step("first", true, "", "one")
	a := step("what was not remembered is new again", true, "", "one")
	a.Remember(m)
	puts := m.puts
	step("validators are sent", false, `"1"`, "")
	if m.puts != puts {
		t.Error("a 304 wrote something")
	}
	body, etag = "two", `"2"`
	step("a new body", true, `"1"`, "two").Remember(m)
	etag = `"3"`
	step("the same body under a new ETag", false, `"2"`, "")
	step("whose validator is kept", false, `"3"`, "")
	liar, body = true, "three"
	step("an origin that lies", false, `"3"`, "")
	now.pass(wholeAfter)
	step("is asked for the whole once a day", true, "", "three")
	r.Config.UserAgent = "another"
	step("other words begin anew", true, "", "three")
}

func TestNoValidators(t *testing.T) {
	s := origin(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "same") })
	now := newClock()
	c, m, r := New(now.now, quiet()), newMemory(), Request{URL: s.URL, Config: config(s)}
	get(t, c, m, r).Remember(m)
	puts := m.puts
	for range 3 {
		now.pass(30 * time.Hour)
		if a := get(t, c, m, r); !a.Unchanged || a.Body != nil {
			t.Fatalf("the same body came as %+v", a)
		}
	}
	if m.puts != puts {
		t.Error("an equal body wrote something")
	}
	if a := get(t, c, nil, r); a.Unchanged || string(a.Body) != "same" {
		t.Error("one without memory does not get the body")
	}
}

func TestAnswer(t *testing.T) {
	s := origin(t, func(w http.ResponseWriter, r *http.Request) {
		for name, want := range map[string]string{
			"User-Agent": "feedmill", "Accept": "text/x", "X-Key": "k", "Cookie": "a=1; b=2", "Authorization": "Basic dTpw",
			"Referer": "", "Content-Type": "application/json", "Accept-Encoding": "gzip, br, zstd",
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		if sent, _ := io.ReadAll(r.Body); string(sent) != "{}" || r.Method != http.MethodPost {
			t.Errorf("%s came with %q", r.Method, sent)
		}
		w.Header().Set("Content-Type", "text/xml; charset=windows-1251")
		w.Header().Set("Link", "<x>; rel=hub")
		w.Header().Set("Set-Cookie", "no=1")
		_, _ = io.WriteString(w, "<rss/>")
	})
	cfg := config(s)
	cfg.Headers = map[string]setting.Secret{"x-key": "k"}
	cfg.Cookies = map[string]setting.Secret{"b": "2", "a": "1"}
	cfg.Auth = Auth{"u", "p"}
	a := get(t, newClient(), newMemory(), Request{URL: s.URL + "/x#y", Config: cfg, Method: http.MethodPost, Body: []byte("{}"), Accept: "text/x"})
	if a.URL != s.URL+"/x" || a.Charset() != "windows-1251" || a.Header.Get("Link") == "" || a.Header.Get("Set-Cookie") != "" || a.Status != 200 {
		t.Errorf("the answer is %+v", a)
	}
}

// TestShared asks one address from many sources at once.
func TestShared(t *testing.T) {
	var asked atomic.Int32
	s := origin(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		time.Sleep(20 * time.Millisecond)
		w.Header().Set("ETag", `"new"`)
		if r.Header.Get("If-None-Match") == `"new"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = io.WriteString(w, r.Header.Get("X-Key")+r.URL.Path)
	})
	now := newClock()
	c := New(now.now, quiet())
	known, fresh, keyed := newMemory(), newMemory(), newMemory()
	r := Request{URL: s.URL + "/feed", Config: config(s)}
	withKey := r
	withKey.Config = r.Config.Clone()
	withKey.Config.Headers = map[string]setting.Secret{"X-Key": "secret"}
	get(t, c, known, r).Remember(known)
	now.pass(time.Minute)
	asked.Store(0)
	var wait sync.WaitGroup
	for range 10 {
		wait.Go(func() {
			if a, err := c.Get(t.Context(), nil, r); err != nil || string(a.Body) != "/feed" {
				t.Errorf("one of many got %q, %v", a.Body, err)
			}
		})
	}
	wait.Wait()
	if n := asked.Load(); n != 1 {
		t.Errorf("ten sources asked %d times", n)
	}
	if a := get(t, c, known, r); !a.Unchanged {
		t.Error("who knows the shared body takes it for new")
	}
	if a := get(t, c, fresh, r); a.Unchanged || string(a.Body) != "/feed" {
		t.Error("who does not know the shared body does not get it")
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("twelve sources asked %d times", n)
	}
	if a := get(t, c, keyed, withKey); string(a.Body) != "secret/feed" {
		t.Errorf("another key gave %q", a.Body)
	}
	now.pass(shareFor)
	if a := get(t, c, known, r); !a.Unchanged || asked.Load() != 3 {
		t.Error("the bytes were shared for too long")
	}
	now.pass(time.Second)
	if a := get(t, c, newMemory(), r); a.Unchanged || string(a.Body) != "/feed" {
		t.Error("one source's 304 was given to another that knows nothing")
	}
}

// TestAskingAgain: an answer is shared with others, but whoever had it and asks again gets a new one.
func TestAskingAgain(t *testing.T) {
	var body atomic.Int64
	s := origin(t, func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(20 * time.Millisecond)
		fmt.Fprint(w, body.Add(1))
	})
	c := newClient()
	r := Request{URL: s.URL, Config: config(s)}
	for _, step := range []struct {
		by   any
		want string
	}{{"alice", "1"}, {"bob", "1"}, {nil, "1"}, {"bob", "2"}, {"alice", "2"}, {"carol", "2"}, {"alice", "3"}, {nil, "3"}} {
		r.By = step.by
		if a := get(t, c, nil, r); string(a.Body) != step.want {
			t.Errorf("%v gets answer %s, want %s", step.by, a.Body, step.want)
		}
	}
	var wait sync.WaitGroup
	for _, by := range []any{"alice", "bob"} { // at one moment
		wait.Go(func() {
			r := r
			r.By = by
			if a, err := c.Get(t.Context(), nil, r); err != nil || string(a.Body) != "4" && by == "alice" {
				t.Errorf("%v gets answer %s, %v", by, a.Body, err)
			}
		})
	}
	wait.Wait()
}

// TestSharedGivesUp lets the one who asks for all give up.
func TestSharedGivesUp(t *testing.T) {
	started := make(chan struct{}, 2)
	s := origin(t, func(w http.ResponseWriter, _ *http.Request) {
		started <- struct{}{}
		time.Sleep(100 * time.Millisecond)
		_, _ = io.WriteString(w, "whole")
	})
	c := newClient()
	r := Request{URL: s.URL, Config: config(s)}
	ctx, cancel := context.WithCancel(t.Context())
	m := newMemory()
	var wait sync.WaitGroup
	wait.Go(func() {
		if _, err := c.Get(ctx, m, r); err == nil || !strings.Contains(err.Error(), "canceled") {
			t.Errorf("who gave up got %v", err)
		}
	})
	<-started
	wait.Go(func() {
		if a, err := c.Get(t.Context(), nil, r); err != nil || string(a.Body) != "whole" {
			t.Errorf("who waited got %q, %v", a.Body, err)
		}
	})
	time.Sleep(20 * time.Millisecond)
	cancel()
	wait.Wait()
	if m.puts != 0 {
		t.Error("giving up is remembered as a failure")
	}
}

func TestKeptBytesAreBounded(t *testing.T) {
	now := newClock()
	s := &shared{now: now.now, flights: map[shareKey]*flight{}, kept: map[shareKey]*keptReply{}}
	for i := range 40 {
		k := shareKey{words: [32]byte{byte(i)}}
		if _, err := s.ask(t.Context(), k, nil, func() *reply { return &reply{body: bytes.Repeat([]byte("x"), 1<<20)} }); err != nil {
			t.Fatal(err)
		}
		if s.bytes > mostKept {
			t.Fatalf("%d bytes are kept", s.bytes)
		}
	}
	now.pass(shareFor)
	s.sweep()
	if s.bytes != 0 || len(s.kept) != 0 || s.timer != nil {
		t.Errorf("%d bytes, %d answers are kept after all", s.bytes, len(s.kept))
	}
}

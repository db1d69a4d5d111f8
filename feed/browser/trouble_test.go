package browser

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/setting"
)

// troubled: whatever a page does, there is an error of a class with words that say what to do, and the next page is
// rendered as if nothing had been.
func troubled(t *testing.T, d desk) {
	s := httptest.NewServer(http.HandlerFunc(trouble))
	defer s.Close()
	other := httptest.NewServer(http.HandlerFunc(trouble)) // of whose host nothing more is asked
	defer other.Close()
	var all sync.WaitGroup
	for _, c := range []struct {
		path  string
		class feed.Class
		words string
	}{
		{"/hang", feed.Unavailable, "keep the browser busy"},
		{"/busy-later", feed.Unavailable, "keep the browser busy"},
		{"/endless", feed.Unavailable, "does not come to an end"},
		{"/silent", feed.Unavailable, "did not answer whole within"},
		{"/large", feed.Refused, "larger than max_body"},
		{"/flood", feed.Refused, "loads too much"},
		{"/many", feed.Refused, "more than 500"},
		{"/circle", feed.Unavailable, "leads on and on"},
		{"/wander?1", feed.Unavailable, "leads on and on"},
		{"/blank", feed.Unreadable, "no web page"},
		{"/download", feed.Unreadable, "file to download"},
		{"/pdf", feed.Unreadable, "no page"},
		{"/json", feed.Unreadable, "application/json"},
		{"/none", feed.Unavailable, "404"},
		{"/gone", feed.Gone, "410"},
		{"/wall", feed.Refused, "Cloudflare"},
		{"/throttled", feed.Throttled, "429"},
		{"/broken", feed.Unavailable, "connection"},
	} {
		all.Go(func() {
			r := request(s.URL + c.path)
			if c.class == feed.Throttled {
				r = request(other.URL + c.path)
			}
			if slices.Contains([]string{"/hang", "/busy-later", "/silent"}, c.path) {
				r.Config.Timeout = setting.Duration(4 * time.Second)
			}
			if c.path == "/endless" { // a slow browser still has to tell it from busy scripts
				r.Config.Timeout = setting.Duration(10 * time.Second)
			}
			r.Config.MaxBody = 1 << 20
			answer, err := d.Render(t.Context(), nil, r, "")
			if feed.ClassOf(err) != c.class || !strings.Contains(fmt.Sprint(err), c.words) {
				t.Errorf("%s: %s %v, want %s with %q; %.200s", c.path, feed.ClassOf(err), err, c.class, c.words, answer.Body)
			}
		})
	}
	all.Wait()
	good := site(t, map[string]string{"/": "<p>good"})
	if answer, err := d.Render(t.Context(), nil, request(good+"/"), "p"); err != nil || !strings.Contains(string(answer.Body), "good") {
		t.Errorf("after all that: %v %s", err, answer.Body)
	}
}

// trouble is a site of bad pages.
func trouble(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	say := func(text string) { _, _ = io.WriteString(w, text) }
	switch r.URL.Path {
	case "/hang":
		say(`<p>x</p><script>for (;;) {}</script>`)
	case "/busy-later":
		say(`<p>x</p><script>setTimeout(() => { for (;;) {} }, 200)</script>`)
	case "/endless":
		for r.Context().Err() == nil {
			say("<p>more")
			w.(http.Flusher).Flush()
			time.Sleep(20 * time.Millisecond)
		}
	case "/silent":
		<-r.Context().Done()
	case "/large":
		say(`<script>document.write('<p hidden>x</p>'.repeat(150000))</script>`)
	case "/flood":
		say(`<script src="/much"></script>`)
	case "/much":
		for line := strings.Repeat("x", 64<<10); r.Context().Err() == nil; {
			say("// " + line + "\n")
		}
	case "/many":
		say(`<script>for (let i = 0; i < 1000; i++) fetch('/none?' + i)</script>`)
	case "/circle":
		http.Redirect(w, r, "/circle", http.StatusFound)
	case "/wander":
		say(`<script>location.href = '/wander?' + Math.random()</script>`)
	case "/blank":
		say(`<script>location.href = 'about:blank'</script>`)
	case "/download":
		w.Header().Set("Content-Type", "application/zip")
		w.Header().Set("Content-Disposition", "attachment; filename=x.zip")
		say("PK")
	case "/pdf":
		w.Header().Set("Content-Type", "application/pdf")
		say("%PDF-1.4")
	case "/json":
		w.Header().Set("Content-Type", "application/json")
		say(`{"a":1}`)
	case "/gone":
		w.WriteHeader(http.StatusGone)
	case "/wall":
		w.WriteHeader(http.StatusForbidden)
		say("<title>Just a moment...</title>")
	case "/throttled":
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
	case "/broken":
		c, _, _ := w.(http.Hijacker).Hijack()
		c.Close()
	default:
		http.NotFound(w, r)
	}
}

// restless: pages that never come to rest are taken as they are.
func restless(t *testing.T, d desk) {
	base := site(t, map[string]string{
		"/clock":  `<p id=p>x</p><script>setInterval(() => p.textContent = Date.now(), 20)</script>`,
		"/poll":   `<p>x</p><script>setInterval(() => fetch('/none?' + Math.random()), 100)</script>`,
		"/dialog": `<script>window.onbeforeunload = () => 'no'; alert(1); confirm(2)</script><p>x</p>`,
		"/lies":   `<p>x</p><script>document.querySelector = () => null; Object.defineProperty(document, 'readyState', {value: 'loading'}); window.MutationObserver = null</script>`,
	})
	var all sync.WaitGroup
	for _, path := range []string{"/clock", "/poll", "/dialog", "/lies"} {
		all.Go(func() {
			r := request(base + path)
			r.Config.Timeout = setting.Duration(9 * time.Second)
			answer, err := d.Render(t.Context(), nil, r, "")
			if err != nil || !strings.Contains(string(answer.Body), "<p") {
				t.Errorf("%s: %v %s", path, err, answer.Body)
			}
		})
	}
	all.Wait()
}

// TestKilledFromOutside: a browser that dies takes no more than its pages with it.
func TestKilledFromOutside(t *testing.T) {
	d := open(t, Config{})
	good := site(t, map[string]string{"/": "<p>good"})
	wait := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(wait)
		<-r.Context().Done()
	}))
	defer slow.Close()
	result := make(chan error)
	go func() {
		_, err := d.Render(context.Background(), nil, request(slow.URL+"/"), "")
		result <- err
	}()
	<-wait
	before := running(t)
	if err := syscall.Kill(pidOf(t, before), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := <-result; feed.ClassOf(err) != feed.Unavailable || !strings.Contains(fmt.Sprint(err), "the browser ended") {
		t.Errorf("%s %v", feed.ClassOf(err), err)
	}
	if _, err := d.Render(t.Context(), nil, request(good+"/"), "p"); err != nil {
		t.Errorf("the next page: %v", err)
	}
	for _, line := range running(t) {
		for _, old := range before {
			if strings.Fields(line)[0] == strings.Fields(old)[0] {
				t.Errorf("of the killed browser there still runs %s", line)
			}
		}
	}
}

// pidOf is the browser's own process among those it started.
func pidOf(t *testing.T, lines []string) int {
	t.Helper()
	for _, line := range lines {
		var pid, parent int
		if _, err := fmt.Sscan(line, &pid, &parent); err == nil && parent == os.Getpid() {
			return pid
		}
	}
	t.Fatalf("no browser among %q", lines)
	return 0
}

// TestIdle: a browser that has had nothing to do ends, and starts again when there is something.
func TestIdle(t *testing.T) {
	d := open(t, Config{})
	d.idle = 300 * time.Millisecond
	base := site(t, map[string]string{"/": "<p>good"})
	for range 2 {
		if _, err := d.Render(t.Context(), nil, request(base+"/"), "p"); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(5 * time.Second); len(running(t)) > 0; {
			if time.Now().After(deadline) {
				t.Fatalf("still there: %q", running(t))
			}
		}
	}
}

// TestMemory: a page that takes all the memory it can get is stopped.
func TestMemory(t *testing.T) {
	d := open(t, Config{})
	base := site(t, map[string]string{"/": `<p>x</p><script>const all = []; setInterval(() => { for (let i = 0; i < 4; i++) all.push(new Uint8Array(16 << 20).fill(1)) }, 10)</script>`})
	r := request(base + "/")
	_, err := d.Render(t.Context(), nil, r, "#never")
	if class := feed.ClassOf(err); class != feed.Refused && class != feed.Unavailable {
		t.Errorf("%s %v", class, err)
	}
	t.Log(err)
}

func TestNoBrowser(t *testing.T) {
	program := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(program, []byte("#!/bin/sh\necho this is no browser >&2\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	base := site(t, map[string]string{"/": "<p>good"})
	for _, c := range []struct {
		config Config
		class  feed.Class
		words  string
	}{
		{Config{Path: "/nowhere/chromium"}, feed.Refused, "no browser at browser.path /nowhere/chromium"},
		{Config{Path: "/bin/false"}, feed.Refused, "ends as soon as it is started"},
		{Config{Path: program}, feed.Refused, "see whether it is a Chromium"},
		{Config{URL: "ws://127.0.0.1:1"}, feed.Unavailable, "cannot be reached"},
	} {
		d := open(t, c.config)
		m := &memo{}
		_, err := d.Render(t.Context(), m, request(base+"/"), "")
		if feed.ClassOf(err) != c.class || !strings.Contains(fmt.Sprint(err), c.words) {
			t.Errorf("%+v: %s %v", c.config, feed.ClassOf(err), err)
		}
		if len(*m) > 0 {
			t.Errorf("%+v: a fault of ours was remembered as the address's: %v", c.config, *m)
		}
	}
}

// cancelled: a refresh that is given up leaves nothing behind, and is nobody's failure.
func cancelled(t *testing.T, d desk) {
	asked := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	}))
	defer s.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	m := &memo{}
	if _, err := d.Render(ctx, m, request(s.URL+"/"), ""); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if len(*m) > 0 {
		t.Errorf("remembered %v", *m)
	}
}

// memo is the memory of a source.
type memo map[string][]byte

func (m *memo) Get(key string) []byte { return (*m)[key] }
func (m *memo) Put(key string, v []byte) {
	if *m == nil {
		*m = memo{}
	}
	(*m)[key] = v
}
func (m *memo) Known(string) bool { return false }

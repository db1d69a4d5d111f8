package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// pollers are programs that people subscribe with. Each polls once and tells the titles that its reader has before him.
var pollers = []struct {
	name  string
	needs func(t *testing.T)
	open  func(t *testing.T, address string) (poll func() []string)
}{
	{"newsboat", func(t *testing.T) { needProgram(t, "newsboat", "newsboat") }, openNewsboat},
	{"rss2email", func(t *testing.T) { needProgram(t, "r2e", "rss2email") }, openRSS2Email},
}

// TestReadersSubscribe has readers poll the real program: they see what is there, and what comes; a poll of what has not
// changed is answered 304; and they get into a private feed with a token in the address and with Basic.
func TestReadersSubscribe(t *testing.T) {
	t.Parallel()
	for _, p := range pollers {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.needs(t)
			s := startPolled(t)
			poll := p.open(t, s.base+"/world.atom")
			wantTitles(t, "at first", poll(), "River rises")
			writeAged(t, filepath.Join(s.dir, "articles", "b.txt"), "Ferry sails\nDate: 2026-11-21 06:00\n\nIt sails again, with all its passengers on board.")
			s.await("/world.atom", "Ferry sails")
			wantTitles(t, "after an article came", poll(), "Ferry sails", "River rises")
			for range 2 { // newsboat keeps the validators of the second answer that it gets
				wantTitles(t, "when nothing is new", poll(), "Ferry sails", "River rises")
			}
			if last := s.last("/world.atom"); last.status != http.StatusNotModified || last.etag == "" {
				t.Errorf("a poll of what has not changed is answered %d to If-None-Match %q", last.status, last.etag)
			}
		})
	}
}

func TestReadersReadPrivateFeeds(t *testing.T) {
	t.Parallel()
	for _, p := range pollers {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.needs(t)
			s := startPolled(t)
			host := strings.TrimPrefix(s.base, "http://")
			for _, way := range []struct{ name, address string }{
				{"by a token in the address", s.base + "/inside.rss?token=" + polledToken},
				{"by Basic", "http://alice:" + polledToken + "@" + host + "/inside.rss"},
			} {
				wantTitles(t, way.name, p.open(t, way.address)(), "River rises")
				if last := s.last("/inside.rss"); last.status != http.StatusOK {
					t.Errorf("%s: the last answer is %d", way.name, last.status)
				}
			}
			if got := p.open(t, s.base+"/inside.rss")(); len(got) > 0 {
				t.Errorf("without a token: %q", got)
			}
			if last := s.last("/inside.rss"); last.status != http.StatusUnauthorized {
				t.Errorf("without a token: the last answer is %d", last.status)
			}
		})
	}
}

// polled is the real program, behind a proxy that notes what it answers.
type polled struct {
	t         *testing.T
	dir, base string

	mu      sync.Mutex
	answers []polledAnswer
}

type polledAnswer struct {
	path, etag string // what the reader knew
	status     int
}

const polledToken = "alice-0123456789abcdef"

func startPolled(t *testing.T) *polled {
	t.Helper()
	s := &polled{t: t, dir: t.TempDir()}
	listen := loopback(t)
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: listen})
			r.Out.Host = r.In.Host
		},
		Transport: &http.Transport{DisableCompression: true},
		ModifyResponse: func(r *http.Response) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.answers = append(s.answers, polledAnswer{r.Request.URL.Path, r.Request.Header.Get("If-None-Match"), r.StatusCode})
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	front := httptest.NewServer(proxy)
	t.Cleanup(front.Close)
	s.base = front.URL
	writeAged(t, filepath.Join(s.dir, "articles", "a.txt"), "River rises\nDate: 2026-11-20 06:00\n\nThe river rose by a metre overnight. It is still rising.")
	writeAged(t, filepath.Join(s.dir, "feedmill.yaml"), fmt.Sprintf(`
base_url: %s
server: {listen: %q}
admin: {listen: %q}
feeds:
  world: {title: World, source: {files: "articles/*.txt"}}
  inside: {title: Inside, source: {files: "articles/a.txt"}, access: {readers: {alice: %s}}}
`, s.base, listen, loopback(t), polledToken))
	s.start()
	s.await("/world.atom", "River rises")
	s.await("/inside.rss?token="+polledToken, "River rises")
	return s
}

// start runs the program until the test ends.
func (s *polled) start() {
	ctx, stop := context.WithCancel(context.Background())
	var told bytes.Buffer
	c := exec.CommandContext(ctx, "feedmill", "run", "-c", filepath.Join(s.dir, "feedmill.yaml"))
	c.Stdout, c.Stderr = &told, &told
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = 20 * time.Second
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		stop()
		_ = c.Wait() // of a stopped program
		if s.t.Failed() {
			s.t.Logf("feedmill run:\n%s", &told)
		}
	})
}

func (s *polled) await(path, text string) {
	s.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if got, err := ask(s.base+path, ""); err == nil && strings.Contains(got, text) {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%s never shows %q", path, text)
		}
	}
}

// last is the last answer that was given at a path.
func (s *polled) last(path string) polledAnswer {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range slices.Backward(s.answers) {
		if a.path == path {
			return a
		}
	}
	return polledAnswer{}
}

// openNewsboat subscribes with newsboat.
func openNewsboat(t *testing.T, address string) func() []string {
	t.Helper()
	home := t.TempDir()
	path := func(name string) string { return filepath.Join(home, name) }
	writeText(t, path("urls"), address+"\n")
	writeText(t, path("config"), "")
	return func() []string {
		t.Helper()
		c := exec.CommandContext(t.Context(), "newsboat", "-u", path("urls"), "-C", path("config"), "-c", path("cache.db"), "-x", "reload")
		c.Env = append(os.Environ(), "HOME="+home, "LC_ALL=C.UTF-8")
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", c, err, out)
		}
		cache, err := sql.Open("sqlite", path("cache.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer cache.Close()
		rows, err := cache.QueryContext(t.Context(), "SELECT title FROM rss_item WHERE deleted = 0 ORDER BY title")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		var titles []string
		for rows.Next() {
			var title string
			if err := rows.Scan(&title); err != nil {
				t.Fatal(err)
			}
			titles = append(titles, title)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return titles
	}
}

// openRSS2Email subscribes with rss2email, which delivers into a Maildir.
func openRSS2Email(t *testing.T, address string) func() []string {
	t.Helper()
	home := t.TempDir()
	mail := filepath.Join(home, "Maildir")
	for _, folder := range []string{"cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(mail, "INBOX", folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	writeText(t, filepath.Join(home, "r2e.cfg"), "[DEFAULT]\nto = reader@example.org\nfrom = feeds@example.org\nemail-protocol = maildir\nmaildir-path = "+
		mail+"\nmaildir-mailbox = INBOX\nname-format = {feed-title}\n")
	r2e := func(args ...string) {
		t.Helper()
		c := exec.CommandContext(t.Context(), "r2e", append([]string{"-c", filepath.Join(home, "r2e.cfg"), "-d", filepath.Join(home, "r2e.json")}, args...)...)
		c.Env = append(os.Environ(), "HOME="+home, "LC_ALL=C.UTF-8")
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", c, err, out)
		}
	}
	r2e("add", "feed", address)
	return func() []string {
		t.Helper()
		r2e("run")
		messages, err := filepath.Glob(filepath.Join(mail, "INBOX", "new", "*"))
		if err != nil {
			t.Fatal(err)
		}
		var titles []string
		for _, message := range messages {
			text, err := os.ReadFile(message)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(text)) {
				if subject, ok := strings.CutPrefix(line, "Subject: "); ok {
					titles = append(titles, strings.TrimSpace(subject))
					break
				}
			}
		}
		slices.Sort(titles)
		return titles
	}
}

func wantTitles(t *testing.T, when string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s the reader has %q, want %q", when, got, want)
	}
}

// writeAged writes a file that nobody is writing any more.
func writeAged(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	writeText(t, path, text)
	at := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

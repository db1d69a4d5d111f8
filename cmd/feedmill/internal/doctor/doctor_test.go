package doctor_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"feedmill/cmd/feedmill/internal/daemon"
	"feedmill/cmd/feedmill/internal/doctor"
	"feedmill/config"
	"feedmill/feed/fetch"
	"feedmill/feed/store/sqlite"
	"feedmill/output/serve"
)

// newsroom is a running feedmill behind a CDN that may do as it likes.
type newsroom struct {
	config *config.Config
	origin http.Handler // the daemon's server, as the CDN reaches it
	cdn    atomic.Pointer[http.Handler]
	host   string // of the CDN
}

const token = "alice-0123456789abcdef"

// words are the newsroom's configuration. The private feed is read by alice.
const words = `
state: %s
server: {listen: %q}
admin: {listen: "127.0.0.1:0"}
base_url: %s
moved: {old/name: world}
feeds:
  world: {title: World, limit: 2, source: {files: {path: "articles/*.txt", watch: 1s}}, editions: {full: {content: full, formats: [atom]}}}
  inside: {title: Inside, formats: [rss], source: {files: "articles/a.txt"}, access: {readers: {alice: alice-0123456789abcdef}}}
`

// open starts the newsroom. An empty base is the CDN's own address.
func open(t *testing.T, base string) *newsroom {
	t.Helper()
	n := &newsroom{}
	cdn := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*n.cdn.Load()).ServeHTTP(w, r) }))
	t.Cleanup(cdn.Close)
	n.host = cdn.Listener.Addr().String()
	if base == "" {
		base = cdn.URL
	}
	socket, err := net.Listen("tcp", "127.0.0.1:0") // which nobody takes away meanwhile
	if err != nil {
		t.Fatal(err)
	}
	dir, listen := t.TempDir(), socket.Addr().String()
	write(t, filepath.Join(dir, "articles", "a.txt"), "River rises\nDate: 2026-11-20 06:00\n\n"+strings.Repeat("The river rose by a metre overnight, and nobody slept. ", 60))
	write(t, filepath.Join(dir, "articles", "b.txt"), "Ferry sails\nDate: 2026-11-21 06:00\nImage: "+base+"/media/ferry.png\n\nIt sails again, with all its passengers on board.")
	write(t, filepath.Join(dir, "articles", "z.txt"), "Frost comes\nDate: 2026-11-19 06:00\n\nThe first night of frost, and the apples are not picked.")
	path := filepath.Join(dir, "feedmill.yaml")
	write(t, path, fmt.Sprintf(words, filepath.Join(dir, "state.db"), listen, base))
	load := func() (*config.Config, error) { return config.Load(path, config.Options{}) }
	if n.config, err = load(); err != nil {
		t.Fatal(err)
	}
	n.origin = withMedia(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: listen})
			r.Out.Host = r.In.Host
		},
		Transport: &http.Transport{DisableCompression: true},
		ErrorLog:  quiet(),
	})
	n.behave(nil)
	run(t, load, socket)
	n.await(t, "/world.json", "/world.atom", "/world.rss", "/inside.rss")
	return n
}

// withMedia has the picture of an article beside the feeds, as a file server shows it.
func withMedia(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/media/ferry.png" {
			next.ServeHTTP(w, r)
			return
		}
		http.ServeContent(w, r, "ferry.png", time.Unix(1_700_000_000, 0), strings.NewReader("\x89PNG\r\n\x1a\nferry"))
	})
}

// run runs the daemon on a socket until the test ends.
func run(t *testing.T, load func() (*config.Config, error), socket net.Listener) {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- daemon.Run(ctx, daemon.Settings{
			Load: load, Now: time.Now, Log: slog.New(slog.DiscardHandler), Out: io.Discard,
			Sockets: map[string]net.Listener{daemon.SocketServer: socket},
		}, nil)
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the daemon ended: %v", err)
		}
	})
}

// await waits until documents are there, and packed.
func (n *newsroom) await(t *testing.T, paths ...string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); len(paths) > 0; time.Sleep(20 * time.Millisecond) {
		answer := httptest.NewRecorder()
		request := httptest.NewRequest(http.MethodGet, paths[0]+"?token="+token, nil)
		request.Header.Set("Accept-Encoding", "gzip")
		n.origin.ServeHTTP(answer, request)
		if answer.Code == http.StatusOK && answer.Header().Get("Content-Encoding") == "gzip" {
			paths = paths[1:]
		} else if time.Now().After(deadline) {
			t.Fatalf("%s answers %d", paths[0], answer.Code)
		}
	}
}

// behave lets the CDN do something else than pass on; nil: nothing.
func (n *newsroom) behave(cdn http.Handler) {
	if cdn == nil {
		cdn = n.origin
	}
	n.cdn.Store(&cdn)
}

// examine looks at the newsroom an hour later than it is, when no cache may hold what was before.
func (n *newsroom) examine(t *testing.T, options []fetch.Option, feeds ...string) *doctor.Report {
	t.Helper()
	s, err := sqlite.Open(t.Context(), n.config.State)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	client := fetch.New(time.Now, slog.New(slog.DiscardHandler), options...)
	defer client.Close()
	d := doctor.Doctor{Config: n.config, Records: s, Client: client, Now: func() time.Time { return time.Now().Add(time.Hour) }}
	report, err := d.Examine(t.Context(), feeds...)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Findings {
		if strings.Contains(fmt.Sprint(f), token) {
			t.Errorf("a finding tells the token: %+v", f)
		}
		if f.Remedy == "" || !strings.HasSuffix(f.Seen, ".") || !strings.HasSuffix(f.Remedy, ".") {
			t.Errorf("a finding is no sentence with a remedy: %+v", f)
		}
	}
	return report
}

// lines are findings in short: severity, paths, readers, what was seen.
func lines(n *newsroom, r *doctor.Report) []string {
	var out []string
	for _, f := range r.Findings {
		line := string(f.Severity)
		for _, address := range append([]string{f.Address}, f.Others...) {
			if u, err := url.Parse(address); err == nil {
				line += " " + u.Path
			}
		}
		if len(f.Readers) > 0 {
			line += " [" + strings.Join(f.Readers, ", ") + "]"
		}
		out = append(out, strings.ReplaceAll(line+": "+f.Seen, n.host, "HOST"))
	}
	return out
}

func TestAllIsWell(t *testing.T) {
	t.Parallel()
	n := open(t, "")
	n.behave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(serve.Examining) == "" {
			t.Errorf("%s %s is counted as a reader's", r.Method, r.URL)
		}
		n.origin.ServeHTTP(w, r)
	}))
	report := n.examine(t, nil)
	if got := lines(n, report); len(got) > 0 {
		t.Errorf("a good site has findings:\n%s", strings.Join(got, "\n"))
	}
	if !report.Well() || report.Feeds != 2 || report.Addresses < 10 || report.Requests < 40 {
		t.Errorf("%d feeds, %d addresses, %d requests, well: %t", report.Feeds, report.Addresses, report.Requests, report.Well())
	}
	if !strings.Contains(told(t, report), "All is well: 2 feeds, ") {
		t.Errorf("tells: %s", told(t, report))
	}
}

func quiet() *log.Logger { return slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) }

func told(t *testing.T, r *doctor.Report) string {
	t.Helper()
	var text strings.Builder
	if err := r.Tell(&text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	at := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func same(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

package daemon

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"feedmill/cmd/feedmill/internal/admin"
	"feedmill/config"
	"feedmill/feed/store/sqlite"
)

// newsroom is a folder with articles and a configuration that writes feeds to ./public.
type newsroom struct {
	*testing.T
	dir string
	log *notebook // may be nil
}

// notebook is a log that is read while it is written.
type notebook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (n *notebook) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(p)
}

func (n *notebook) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}

func newNewsroom(t *testing.T, schedule string) newsroom {
	t.Helper()
	n := newsroom{T: t, dir: t.TempDir()}
	n.write("feedmill.yaml", fmt.Sprintf(`
base_url: https://feeds.example.org
outputs: [{file: {dir: public}}]
feeds:
  world:
    schedule: %q
    source: {files: {path: "articles/*.md", watch: 1m}}
`, schedule), time.Now())
	return n
}

func (n newsroom) write(name, text string, modified time.Time) {
	n.Helper()
	path := filepath.Join(n.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		n.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		n.Fatal(err)
	}
	if err := os.Chtimes(path, modified, modified); err != nil {
		n.Fatal(err)
	}
}

// article writes an article that is published at the given time.
func (n newsroom) article(name string, published time.Time) {
	n.Helper()
	text := fmt.Sprintf("---\ntitle: %s\ndate: %s\n---\nThe text of %s.\n", name, published.Format(time.RFC3339), name)
	n.write("articles/"+name+".md", text, time.Now().Add(-time.Hour))
}

func (n newsroom) shows(title string) bool {
	n.Helper()
	shown := 0
	for _, format := range []string{"rss", "atom", "json"} {
		body, err := os.ReadFile(filepath.Join(n.dir, "public", "world."+format))
		if err == nil && strings.Contains(string(body), "The text of "+title+".") {
			shown++
		}
	}
	if shown != 0 && shown != 3 {
		n.Errorf("%s is in %d of 3 documents", title, shown)
	}
	return shown == 3
}

// start runs the daemon's parts that open no socket; stop ends them as a stop of the daemon does.
func (n newsroom) start() (stop func()) {
	n.Helper()
	c, err := config.Load(filepath.Join(n.dir, "feedmill.yaml"), config.Options{})
	if err != nil {
		n.Fatal(err)
	}
	ctx, cancel := context.WithCancel(n.Context())
	log := slog.New(slog.DiscardHandler)
	if n.log != nil {
		log = slog.New(slog.NewTextHandler(n.log, nil))
	}
	d := &Daemon{health: admin.NewHealth(), Settings: Settings{Now: time.Now, Log: log, Out: n.Output()}}
	if d.store, err = sqlite.Open(ctx, c.State); err != nil {
		n.Fatal(err)
	}
	if err := d.open(ctx, c); err != nil {
		n.Fatal(err)
	}
	var wait sync.WaitGroup
	for _, part := range []func(context.Context) error{d.engine.Run, d.watchAll} {
		wait.Go(func() {
			if err := part(ctx); err != nil {
				n.Error(err)
			}
		})
	}
	return func() {
		cancel()
		wait.Wait()
		if err := d.store.Close(); err != nil {
			n.Error(err)
		}
	}
}

// TestEmbargo runs in simulated time: an embargoed article appears in its minute, not before, whether the daemon runs
// through, is restarted before, or was down when its minute came.
func TestEmbargo(t *testing.T) {
	for name, down := range map[string]struct{ from, to time.Duration }{
		"running through":       {},
		"restarted before":      {10 * time.Hour, 11 * time.Hour},
		"restarted just before": {47 * time.Hour, 48*time.Hour + 16*time.Minute},
		"down in its minute":    {47 * time.Hour, 49 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				at := begin.Add(48*time.Hour + 17*time.Minute)
				n := newNewsroom(t, "@every 4w") // no tick of the schedule helps
				n.article("held", at)
				n.article("free", begin.Add(-24*time.Hour))
				stop := n.start()
				if down.to != 0 {
					time.Sleep(down.from)
					stop()
					time.Sleep(down.to - down.from)
					stop = n.start()
				}
				for time.Now().Before(at.Add(-time.Second)) {
					if n.shows("held") {
						t.Fatalf("shown %s before its time", time.Until(at))
					}
					time.Sleep(min(time.Hour, time.Until(at.Add(-time.Second))))
				}
				if time.Now().Before(at) && n.shows("held") {
					t.Error("shown a second before its time")
				}
				if !n.shows("free") {
					t.Error("the article without embargo is missing")
				}
				time.Sleep(3 * time.Second)
				if !n.shows("held") {
					t.Error("not shown in its minute")
				}
				stop()
			})
		})
	}
}

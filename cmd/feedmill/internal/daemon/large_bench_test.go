package daemon

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/mill"
	"feedmill/feed/render"
	"feedmill/feed/store"
	"feedmill/feed/store/sqlite"
	"feedmill/output/file"
	"feedmill/output/serve"
)

// BenchmarkLarge renders, delivers into a folder and serves over HTTP the three formats and the page of a feed that shows
// 50,000 articles of 4 KB: first all of them, then one that is new. It tells the most memory that the process had meanwhile,
// as the kernel counts it and as Go's heap, and how much more the former is than before. The articles, 200 MB, are in the
// state and never in memory.
//
// FEEDMILL_BENCH_LARGE is another number of articles. Measured on two cores that eight others used: the first time takes 92 s
// and at most 247 MB in all, of which 95 MB are Go's heap; with a new article it is 36 s and 259 MB, of which 127 MB are the
// heap, so 59 MB more than the articles themselves would take.
func BenchmarkLarge(b *testing.B) {
	n := 50_000
	if s := os.Getenv("FEEDMILL_BENCH_LARGE"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		b.StopTimer()
		l := openLarge(b, n)
		for from := 0; from < n; from += 1000 {
			l.commit(from, min(from+1000, n))
		}
		b.StartTimer()
		l.watch("first", func() { l.refresh(feed.Batch{Extent: feed.Unchanged}) })
		l.serves(n)
		l.watch("new", func() { l.refresh(feed.Batch{Extent: feed.Increment, Articles: []feed.Article{largeArticle(n)}}) })
		l.watch("read", func() { l.serves(n) })
	}
}

// newsstand is a feed with many articles, and a web site and a folder that get it.
type newsstand struct {
	b       *testing.B
	store   *store.Store
	mill    *mill.Mill
	feed    mill.Feed
	batch   feed.Batch
	address string
	dir     string
	now     time.Time
}

func (l *newsstand) Fetch(context.Context, feed.Memory) (feed.Batch, error) { return l.batch, nil }

func openLarge(b *testing.B, n int) *newsstand {
	b.Helper()
	s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "feedmill.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	l := &newsstand{b: b, store: s, dir: b.TempDir(), now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	l.mill = mill.New(s, s, func() time.Time { return l.now })
	folder, err := file.New(file.Config{Dir: l.dir}, "", slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	web := serve.New("", slog.New(slog.DiscardHandler))
	web.SetFeeds(map[string]serve.Feed{"world": {}})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- web.Run(ctx, listener) }()
	b.Cleanup(func() {
		stop()
		<-ended
	})
	l.address = "http://" + listener.Addr().String()
	l.feed = mill.Feed{
		Name: "world", Location: time.UTC, Limit: mill.Limit{Articles: n},
		Channel: render.Channel{
			Feed: "world", Base: "https://feeds.example.org", Title: "World",
			Formats: []render.Format{render.RSS, render.Atom, render.JSON},
		},
		Sources: []mill.Source{{Name: "wire", Digest: "d", Source: l}},
		Outputs: []mill.Output{{Name: "folder", Publisher: folder}, {Name: "web", Publisher: web, Volatile: true}},
	}
	return l
}

var largeText = strings.Repeat(`<p>“The talks,” she said, “are <a href="/talks">not over</a>: there’s more to come & more to say.”</p>`+"\n", 40)

func largeArticle(i int) feed.Article {
	link := fmt.Sprintf("https://news.example.org/world/%d", i)
	return feed.Article{
		ID: link, Link: link, Title: fmt.Sprintf("Article number %d of many", i), Content: largeText,
		Summary: "What the article says, in a sentence or two.", Tags: []string{"news", "world"}, Authors: []feed.Person{{Name: "Ann Ey"}},
		Published: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * time.Minute),
	}
}

// commit stores articles as refreshes that never rendered would.
func (l *newsstand) commit(from, to int) {
	l.b.Helper()
	state, err := l.store.Feed(l.b.Context(), "world", "urn:uuid:9f1f7a9e-6a0e-5c1b-9d58-2f0a3b7c4d5e")
	if err != nil {
		l.b.Fatal(err)
	}
	rows := make([]store.Article, 0, to-from)
	for i := from; i < to; i++ {
		a := largeArticle(i)
		state.Position++
		state.Number++
		rows = append(rows, store.Article{
			Position: state.Position, Number: state.Number, State: store.Live, ID: a.ID, Given: a.ID, Link: a.Link,
			Published: a.Published, Updated: a.Published, Released: l.now, Digest: a.Title, Material: a.Title,
			Source: "d", Said: a,
		})
	}
	state.AsOf = l.now
	if err := l.store.Commit(l.b.Context(), store.Commit{Feed: state, Articles: rows}); err != nil {
		l.b.Fatal(err)
	}
}

func (l *newsstand) refresh(batch feed.Batch) {
	l.b.Helper()
	l.now = l.now.Add(time.Minute)
	batch.Foreign = true
	l.batch = batch
	if r, err := l.mill.Refresh(l.b.Context(), &l.feed); err != nil || !r.Rendered {
		l.b.Fatalf("rendered: %t, %v", r.Rendered, err)
	}
}

// serves expects all articles at the web site, and the same bytes in the folder.
func (l *newsstand) serves(n int) {
	l.b.Helper()
	for _, format := range l.feed.Channel.Formats {
		path := l.feed.Channel.Path(format)
		response, err := http.Get(l.address + "/" + path)
		if err != nil {
			l.b.Fatal(err)
		}
		read, err := io.Copy(io.Discard, response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK {
			l.b.Fatalf("%s: %s, %v", path, response.Status, err)
		}
		if info, err := os.Stat(filepath.Join(l.dir, path)); err != nil || info.Size() != read || read < int64(4000*n) {
			l.b.Fatalf("%s has %d bytes at the web site: %v", path, read, err)
		}
	}
}

// watch reports the time that something takes and the most memory the process has meanwhile.
func (l *newsstand) watch(what string, do func()) {
	l.b.Helper()
	runtime.GC()
	before := resident(l.b)
	var heap, most atomic.Uint64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			heap.Store(max(heap.Load(), m.HeapInuse))
			most.Store(max(most.Load(), resident(l.b)))
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	begun := time.Now()
	do()
	took := time.Since(begun)
	close(stop)
	<-stopped
	l.b.ReportMetric(took.Seconds(), what+"-s")
	l.b.ReportMetric(float64(most.Load())/1e6, what+"-MB")
	l.b.ReportMetric(float64(most.Load()-min(most.Load(), before))/1e6, what+"-MB-more")
	l.b.ReportMetric(float64(heap.Load())/1e6, what+"-heap-MB")
}

// resident is the memory of the process in bytes.
func resident(b *testing.B) uint64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		b.Error(err)
		return 0
	}
	var all, pages uint64
	if _, err := fmt.Sscan(string(text), &all, &pages); err != nil {
		b.Error(err)
	}
	return pages * uint64(os.Getpagesize())
}

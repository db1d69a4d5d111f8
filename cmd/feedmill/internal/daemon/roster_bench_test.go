package daemon

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"feedmill/cmd/feedmill/internal/admin"
	"feedmill/config"
	"feedmill/feed/fetch"
	"feedmill/feed/store/sqlite"
)

const manyRows = 5_000

// league writes a block of 5,000 rows. Its feeds read a folder each, on schedule only.
func league(b *testing.B, rows int) (dir string) {
	b.Helper()
	return leagueWatched(b, rows, "0")
}

// leagueWatched is league with folders that are looked at as often as it says.
func leagueWatched(b *testing.B, rows int, watch string) (dir string) {
	b.Helper()
	dir = b.TempDir()
	save(b, filepath.Join(dir, "feedmill.yaml"), `
server: {}
feeds:
  "teams/{team}":
    each: {csv: teams.csv}
    title: "{title}"
    source: {files: {path: "articles/{team}/*.md", watch: `+watch+`}}
`)
	table(b, dir, rows)
	for i := range rows {
		save(b, filepath.Join(dir, "articles", fmt.Sprintf("t%d", i), "a.md"), "# It goes on\n\nThe text of it.\n")
	}
	return dir
}

func table(b *testing.B, dir string, rows int) {
	b.Helper()
	var t strings.Builder
	t.WriteString("team,title\n")
	for i := range rows {
		fmt.Fprintf(&t, "t%d,Team %d\n", i, i)
	}
	if err := os.WriteFile(filepath.Join(dir, "teams.csv"), []byte(t.String()), 0o644); err != nil {
		b.Fatal(err)
	}
}

// started is a daemon as it is when everything is open, before the engine runs.
func started(b *testing.B, dir string) *Daemon {
	b.Helper()
	c, err := config.Load(filepath.Join(dir, "feedmill.yaml"), config.Options{})
	if err != nil {
		b.Fatal(err)
	}
	s, err := sqlite.Open(b.Context(), c.State)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	d := &Daemon{
		Settings: Settings{Now: time.Now, Log: slog.New(slog.DiscardHandler), Out: io.Discard, Web: []fetch.Option{}},
		store:    s, health: admin.NewHealth(),
	}
	if err := d.open(b.Context(), c); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(d.browser.Close)
	return d
}

// BenchmarkRowsStart opens a daemon whose 5,000 feeds are known, and shows their documents.
func BenchmarkRowsStart(b *testing.B) {
	dir := league(b, manyRows)
	d := started(b, dir)
	if err := d.look(b.Context(), d.plan.Load().Config.Blocks[0]); err != nil || len(d.plan.Load().Feeds) != manyRows {
		b.Fatal(err, len(d.plan.Load().Feeds))
	}
	for _, f := range d.plan.Load().Feeds {
		if _, err := d.refresh(b.Context(), f.Name); err != nil {
			b.Fatal(err)
		}
	}
	at, starts := cpuOf(b), 0
	for b.Loop() {
		if d := started(b, dir); len(d.plan.Load().Feeds) != manyRows {
			b.Fatal("feeds are missing")
		}
		starts++
	}
	b.ReportMetric(float64((cpuOf(b)-at).Milliseconds())/float64(starts), "ms-cpu/op")
}

// BenchmarkRowsFirst makes 5,000 feeds of a list that is read for the first time.
func BenchmarkRowsFirst(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		d := started(b, league(b, manyRows))
		b.StartTimer()
		if err := d.look(b.Context(), d.plan.Load().Config.Blocks[0]); err != nil || len(d.plan.Load().Feeds) != manyRows {
			b.Fatal(err)
		}
	}
}

// BenchmarkRowsUnchanged looks at 5,000 rows of which none changed.
func BenchmarkRowsUnchanged(b *testing.B) {
	d := started(b, league(b, manyRows))
	block := d.plan.Load().Config.Blocks[0]
	look(b, d, block)
	plan := d.plan.Load()
	for b.Loop() {
		look(b, d, block)
	}
	if d.plan.Load() != plan {
		b.Fatal("there is another plan")
	}
}

// BenchmarkRowAdded goes over to one more feed among 5,000.
func BenchmarkRowAdded(b *testing.B) {
	dir := league(b, manyRows)
	d := started(b, dir)
	block := d.plan.Load().Config.Blocks[0]
	look(b, d, block)
	rows := manyRows
	for b.Loop() {
		b.StopTimer()
		rows++
		table(b, dir, rows)
		b.StartTimer()
		look(b, d, block)
		if len(d.plan.Load().Feeds) != rows || len(d.plan.Load().fresh) != 1 {
			b.Fatal("another feed than the new one was made")
		}
	}
}

func look(b *testing.B, d *Daemon, block *config.Block) {
	b.Helper()
	if err := d.look(context.WithoutCancel(b.Context()), block); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkRowsIdle watches 5,000 feeds, each with a folder of its own, in which nothing happens. Processor time is told for
// a minute; memory is what the feeds and their watchers take.
func BenchmarkRowsIdle(b *testing.B) {
	const window = 10 * time.Second
	dir := leagueWatched(b, manyRows, "2s")
	before := heap()
	d := started(b, dir)
	look(b, d, d.plan.Load().Config.Blocks[0])
	ctx, stop := context.WithCancel(context.WithoutCancel(b.Context()))
	ended := make(chan error, 1)
	go func() { ended <- d.watchAll(ctx) }()
	time.Sleep(window / 2) // until all have taken their first look
	at, looks := cpuOf(b), 0
	for b.Loop() {
		time.Sleep(window)
		looks++
	}
	b.ReportMetric(float64((cpuOf(b)-at).Milliseconds())/float64(looks)*float64(time.Minute/window), "ms-cpu/min")
	b.ReportMetric((heap()-before)/(1<<20), "MB")
	stop()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
}

package daemon

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"feedmill/config"
	"feedmill/feed/mill"
	"feedmill/feed/store/sqlite"
)

const corpus = 10_000

// library writes 10,000 Markdown files of 4 KB in 100 folders and a configuration, all an hour old.
func library(b *testing.B) (dir string) {
	b.Helper()
	dir = b.TempDir()
	text := `
base_url: https://feeds.example.org
outputs: [{file: {dir: public}}]
feeds:
  world: {source: {files: {path: "articles/**/*.md", permalink: "https://news.example.org/{slug}"}}}
`
	if err := os.WriteFile(filepath.Join(dir, "feedmill.yaml"), []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("the river rose by a metre overnight and town closed its lower road while school stays shut until water falls")
	for i := range corpus {
		var t strings.Builder
		at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * 5 * time.Hour)
		fmt.Fprintf(&t, "---\ntitle: Post number %d\ndate: %s\ntags: [a, b]\nauthor: Jo Hill\n---\n", i, at.Format(time.RFC3339))
		for t.Len() < 4000 {
			for range 50 {
				t.WriteString(words[random.IntN(len(words))] + " ")
			}
			t.WriteString("with *emphasis* and [a link](https://example.org/).\n\n")
		}
		save(b, filepath.Join(dir, "articles", fmt.Sprintf("%02d", i%100), fmt.Sprintf("post-%d.md", i)), t.String())
	}
	return dir
}

func save(b *testing.B, path, text string) {
	b.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, old, old); err != nil {
		b.Fatal(err)
	}
}

// opened is the feed of a library with the given state, as a new process opens it.
func opened(b *testing.B, dir, state string) func() mill.Report {
	b.Helper()
	c, err := config.Load(filepath.Join(dir, "feedmill.yaml"), config.Options{})
	if err != nil {
		b.Fatal(err)
	}
	plan, err := Open(c, nil, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	s, err := sqlite.Open(b.Context(), state)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	m := mill.New(s, s, time.Now)
	return func() mill.Report {
		report, err := m.Refresh(b.Context(), &plan.Feeds[0].Feed)
		if err != nil {
			b.Fatal(err)
		}
		return report
	}
}

// BenchmarkFirstRefresh reads, stores and publishes 10,000 files of 4 KB, seen for the first time, with some 1,330 archive
// documents: 7.8 s on two shared cores. The live documents are out after less than 2 s of it.
func BenchmarkFirstRefresh(b *testing.B) {
	dir := library(b)
	for b.Loop() {
		b.StopTimer()
		refresh := opened(b, dir, filepath.Join(b.TempDir(), "state.db"))
		b.StartTimer()
		if r := refresh(); r.Published != corpus {
			b.Fatalf("published %d", r.Published)
		}
	}
}

// BenchmarkUnchangedRefresh looks at 10,000 files of which none changed: 25 ms.
func BenchmarkUnchangedRefresh(b *testing.B) {
	refresh := opened(b, library(b), filepath.Join(b.TempDir(), "state.db"))
	refresh()
	for b.Loop() {
		if r := refresh(); r.Rendered {
			b.Fatal("something changed")
		}
	}
}

// BenchmarkOneFileChanged publishes an edit of one file among 10,000, in a new process: one that runs on waits two seconds
// before it believes that the file is finished. 33 ms.
func BenchmarkOneFileChanged(b *testing.B) {
	dir := library(b)
	state := filepath.Join(b.TempDir(), "state.db")
	opened(b, dir, state)()
	n := 0
	for b.Loop() {
		b.StopTimer()
		n++
		save(b, filepath.Join(dir, "articles", "99", "post-9999.md"), fmt.Sprintf("# Post number 9999\n\nEdit %d of it.\n", n))
		refresh := opened(b, dir, state)
		b.StartTimer()
		if r := refresh(); r.Changed != 1 {
			b.Fatalf("changed %d", r.Changed)
		}
	}
}

package main

import (
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/cmd/feedmill/internal/daemon"
	"feedmill/config"
	"feedmill/feed/fetch"
	"feedmill/feed/mill"
	"feedmill/feed/store"
	"feedmill/feed/store/sqlite"
)

// atOnce takes the pauses out of an example that asks a web of our own.
const atOnce = "\nfetch: {per_host: {interval: 0}}\n"

// example is a configuration of config/examples that runs with a state in memory.
type example struct {
	*testing.T
	plan  *daemon.Plan
	state *store.Store
	mill  *mill.Mill
}

// copied puts an example into a folder, with more words at its end, and returns the file's name. changes are texts, each
// with what stands in its place.
func copied(t *testing.T, dir, name, more string, changes ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "config", "examples", name))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(strings.NewReplacer(changes...).Replace(string(text))+more), 0o700); err != nil { // one of them is a program
		t.Fatal(err)
	}
	return file
}

// runs opens an example that asks web; nil is the real one.
func runs(t *testing.T, file string, now func() time.Time, web http.RoundTripper, env ...string) *example {
	t.Helper()
	c, err := config.Load(file, config.Options{Env: env})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	client := fetch.New(now, log)
	if web != nil {
		client = fetch.New(now, log, fetch.WithTransport(func(http.RoundTripper) http.RoundTripper { return web }))
	}
	plan, err := daemon.Open(c, client, now, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(plan.Close)
	state, err := sqlite.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = state.Close() }) // nothing is kept
	return &example{t, plan, state, mill.New(state, state, now)}
}

// november24 is when most examples run.
func november24() time.Time { return time.Date(2026, time.November, 24, 6, 0, 0, 0, time.UTC) }

func (e *example) refresh(name string) mill.Report {
	e.Helper()
	report, err := e.mill.Refresh(e.Context(), &e.plan.Feed(name).Feed)
	if err != nil {
		e.Errorf("%s: %v", name, err)
	}
	return report
}

// newest are the newest articles of a feed.
func newest(t *testing.T, state *store.Store, name string) []store.Article {
	t.Helper()
	stored, err := state.Feed(t.Context(), name, "")
	if err != nil {
		t.Fatal(err)
	}
	window, err := state.Window(t.Context(), stored.Serial, 30)
	if err != nil {
		t.Fatal(err)
	}
	return window
}

// published is what a feed's articles say, in order: title, link, date, tags, and the beginning of the content.
func published(t *testing.T, state *store.Store, name string) (all []string) {
	t.Helper()
	for _, row := range newest(t, state, name) {
		a := row.Said
		content, _, _ := strings.Cut(strings.TrimPrefix(a.Content+a.Markdown, "<p>"), "</p>")
		all = append(all, strings.Join([]string{a.Title, a.Link, a.Published.UTC().Format("2006-01-02T15:04"), strings.Join(a.Tags, ","), content}, " "))
	}
	slices.Sort(all)
	return all
}

// brings refreshes a feed and looks at what its articles say.
func (e *example) brings(name string, want ...string) {
	e.Helper()
	e.refresh(name)
	e.same(name, published(e.T, e.state, name), want)
}

func (e *example) same(name string, got, want []string) {
	e.Helper()
	if slices.Sort(got); !slices.Equal(got, want) {
		e.Errorf("%s holds\n%s, want\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

package daemon

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/mill"
	"feedmill/feed/parse"
	"feedmill/feed/store/sqlite"
	"feedmill/source/sourcetest"
)

const upgradeDir = "../../testdata/upgrade"

func newYears(t *testing.T, p pace) *years {
	t.Helper()
	begin := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	time.Sleep(time.Until(begin))
	y := &years{T: t, pace: p, dir: t.TempDir(), begin: begin, now: begin, up: begin, truth: &truth{}, site: sourcetest.NewSite(), due: map[string]time.Time{}, wake: map[string]time.Time{}}
	for name, gap := range map[string]time.Duration{"wire": 24 * time.Hour / time.Duration(p.busy), "quiet": p.length / time.Duration(p.quiet)} {
		a := &agency{years: y, name: name, gap: gap, listed: 100, first: begin}
		if name == "quiet" {
			a.first = begin.Add(-5 * gap)
		}
		y.agencies = append(y.agencies, a)
		for _, host := range []string{name + ".example", "www." + name + "-news.example"} {
			y.site.Script(host+"/feed", a.ServeHTTP)
		}
	}
	y.inherit()
	y.desks = []*desk{{years: y, feed: "world", folder: "articles", gap: p.desk}, {years: y, feed: "notes", folder: "notes", gap: p.desk}}
	for _, name := range []string{"world", "notes", "wire", "quiet", "front"} {
		for _, format := range []string{"rss", "atom", "json"} {
			y.readers = append(y.readers, newSubscriber(y, name, format, time.Hour), newSubscriber(y, name, format, 24*time.Hour))
		}
		y.walkers = append(y.walkers, newWalker(y, name, "rss"), newWalker(y, name, "atom"))
	}
	return y
}

// inherit begins with what a program of the first schema left: its state, and readers who know its documents.
func (y *years) inherit() {
	y.Helper()
	for _, pattern := range []string{"articles/*", "notes/*"} {
		names, err := filepath.Glob(filepath.Join(upgradeDir, pattern))
		if err != nil || len(names) == 0 {
			y.Fatalf("%s is missing: %v", pattern, err)
		}
		for _, name := range names {
			body, err := os.ReadFile(name)
			if err != nil {
				y.Fatal(err)
			}
			y.put(strings.TrimPrefix(name, upgradeDir+"/"), body, time.Date(2026, 11, 20, 12, 34, 56, 0, time.UTC))
		}
	}
	packed, err := os.ReadFile(filepath.Join(upgradeDir, "schema-1", "feedmill.db.gz"))
	if err != nil {
		y.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		y.Fatal(err)
	}
	state, err := io.ReadAll(z)
	if err != nil {
		y.Fatal(err)
	}
	y.put("feedmill.db", state, y.now)
	for name, titles := range map[string][]string{
		"world": {"River rises above the old mark", "Market day moves to Friday", "The old bridge is closed"},
		"notes": {"A note without a date", "A second note"},
	} {
		for _, title := range titles {
			y.truth.add(&story{marker: title, feed: name}).turn(y.begin.AddDate(0, 0, -1), appears)
		}
	}
}

func (y *years) put(name string, body []byte, modified time.Time) {
	y.Helper()
	path := filepath.Join(y.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		y.Fatal(err)
	}
	if err := os.WriteFile(path, body, 0o600); err != nil {
		y.Fatal(err)
	}
	if err := os.Chtimes(path, modified, modified); err != nil {
		y.Fatal(err)
	}
}

// key is the present key of a feed by the one it had at the beginning.
func (y *years) key(feed string) string {
	if y.renamed && feed == "wire" {
		return "agencies/wire"
	}
	return feed
}

func (y *years) configure() {
	moved := ""
	if y.renamed {
		moved = "moved: {wire: agencies/wire}"
	}
	y.put("feedmill.yaml", fmt.Appendf(nil, `
base_url: https://feeds.example.org
server: {listen: 127.0.0.1:8080}
fetch: {per_host: {concurrency: 2, interval: 0s}}
defaults: {limit: {articles: 30, hours: 48}}
%[2]s
feeds:
  world:
    title: World
    description: World news as it happens
    language: en
    author: {name: News Desk, email: desk@example.org}
    tags: [news]
    limit: {articles: 10, hours: 72}
    source: {files: {path: "articles/*.{txt,md,html}", permalink: "https://news.example.org/world/{slug}", watch: 0s}}
  notes:
    title: Notes
    limit: {articles: 10, hours: 72}
    source: {files: {path: "notes/*.{txt,md}", watch: 0s}}
  %[1]s:
    source: {feed: {url: "http://wire.example/feed"}}
  quiet:
    source: {feed: {url: "http://quiet.example/feed"}}
  front:
    source: [{from: %[1]s}, {from: quiet}]
`, y.key("wire"), moved), y.now)
}

// adopt takes over the quiet agency's feed from another generator, as "feedmill adopt" does. Its readers stay.
func (y *years) adopt() {
	y.Helper()
	for _, a := range y.agencies {
		a.publish(y.now.Add(3 * time.Hour))
		if a.name != "quiet" {
			continue
		}
		old := a.old()
		document, err := parse.Parse([]byte(old), feed.TypeRSS, "https://feeds.example.org/quiet.rss", time.UTC, y.now)
		if err != nil {
			y.Fatal(err)
		}
		scratch, err := sqlite.Memory(y.Context())
		if err != nil {
			y.Fatal(err)
		}
		defer scratch.Close()
		f := y.d.plan.Load().Feed("quiet")
		adopted, err := mill.New(scratch, scratch, time.Now).Adopt(y.Context(), &f.Feed, document.Articles)
		if err != nil || adopted.Matched != 5 {
			y.Fatalf("adopted: %+v, %v", adopted, err)
		}
		if err := y.d.store.TakeFeed(y.Context(), scratch, "quiet"); err != nil {
			y.Fatal(err)
		}
		for _, r := range y.readers {
			if r.path == "/quiet.rss" {
				r.open(old)
			}
		}
	}
}

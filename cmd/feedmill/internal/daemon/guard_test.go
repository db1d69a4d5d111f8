package daemon

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"feedmill/config"
	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/mill"
	"feedmill/feed/store/sqlite"
	"feedmill/source/sourcetest"
)

// watched is a newsroom with twenty articles whose folder a daemon watches, and which withdraws what is deleted.
func watched(t *testing.T) newsroom {
	t.Helper()
	n := newsroom{T: t, dir: t.TempDir(), log: &notebook{}}
	n.write("feedmill.yaml", `
base_url: https://feeds.example.org
outputs: [{file: {dir: public}}]
defaults: {limit: 100}
feeds:
  world:
    source: {files: {path: "articles/*.md", gone: withdraw}}
`, time.Now())
	for i := range 20 {
		n.article(fmt.Sprintf("story %02d", i), time.Now().Add(-24*time.Hour))
	}
	return n
}

// lose deletes 18 of the 20 articles, and returns what brings them back.
func (n newsroom) lose() (restore func()) {
	n.Helper()
	away := n.TempDir()
	move := func(from, to string) {
		synctest.Wait() // nobody looks while they are on their way
		for i := range 18 {
			name := fmt.Sprintf("story %02d.md", i)
			if err := os.Rename(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
				n.Fatal(err)
			}
		}
	}
	articles := filepath.Join(n.dir, "articles")
	move(articles, away)
	return func() { move(away, articles) }
}

func (n newsroom) logged(words string, times int) {
	n.Helper()
	if got := strings.Count(n.log.String(), words); got != times {
		n.Errorf("%q is logged %d times, want %d:\n%s", words, got, times, n.log)
	}
}

// TestALossIsHeldForThreeTicks: a watcher looks every two seconds, and reporters go on saving: neither makes a mistake
// older than it is.
func TestALossIsHeldForThreeTicks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := watched(t)
		stop := n.start()
		time.Sleep(5 * time.Minute)
		n.lose()
		lost := time.Now()
		for i := 0; time.Since(lost) < 29*time.Minute; i++ {
			time.Sleep(time.Minute)
			if name := fmt.Sprintf("news %02d", i); i%5 == 0 {
				n.article(name, time.Now())
				time.Sleep(20 * time.Second)
				if !n.shows(name) {
					t.Errorf("%s after the loss, what was saved is not shown", time.Since(lost))
				}
			}
			if !n.shows("story 00") {
				t.Fatalf("withdrawn %s after it was deleted", time.Since(lost))
			}
		}
		n.logged("18 of 20 files are gone (fewer than 20 % left)", 1)
		time.Sleep(70 * time.Minute)
		if n.shows("story 00") || !n.shows("story 19") || !n.shows("news 00") {
			t.Error("after three ticks it is not believed")
		}
		stop()
		n.logged("source held", 1)
		n.logged("source is well again", 1)
	})
}

func TestFilesThatComeBackAreNoNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := watched(t)
		stop := n.start()
		time.Sleep(5 * time.Minute)
		restore := n.lose()
		time.Sleep(20 * time.Minute)
		n.logged("source held", 1)
		stop()
		stop = n.start() // it is held over a restart, too, and not said once more
		time.Sleep(time.Minute)
		if !n.shows("story 00") {
			t.Error("withdrawn")
		}
		restore()
		time.Sleep(2 * time.Hour)
		if !n.shows("story 00") {
			t.Error("withdrawn")
		}
		n.logged("source is well again", 1)
		time.Sleep(5 * time.Hour)
		stop()
		n.logged("source held", 1)
	})
}

// TestAHeldAnswerIsAskedForAgain: what is held on the web is read in full again, whatever validators its origin sends, and
// is not asked for more often than else.
func TestAHeldAnswerIsAskedForAgain(t *testing.T) {
	site, now := sourcetest.NewSite(), time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)
	full := sourcetest.NewFeed("Alice", "https://alice.example", 40, 200, now)
	few := &sourcetest.Feed{Title: full.Title, Link: full.Link, Items: append([]sourcetest.Item{
		sourcetest.NewItem(full.Link, 41, 200, now)}, full.Items[:2]...)}
	site.Script("/feed.xml", full.ServeHTTP)
	n := newsroom{T: t, dir: t.TempDir()}
	n.write("feedmill.yaml", `
base_url: https://feeds.example.org
outputs: [{file: {dir: public}}]
feeds: {world: {source: {feed: "https://alice.example/feed.xml"}}}
`, now)
	c, err := config.Load(filepath.Join(n.dir, "feedmill.yaml"), config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	log, clock := slog.New(slog.DiscardHandler), func() time.Time { return now }
	plan, err := Open(c, fetch.New(clock, log, site.Option()), clock, log)
	if err != nil {
		t.Fatal(err)
	}
	m := mill.New(s, s, clock)
	look := func() error {
		now = now.Add(30 * time.Minute)
		_, err := m.Refresh(t.Context(), &plan.Feed("world").Feed)
		return err
	}
	if err := look(); err != nil {
		t.Fatal(err)
	}
	site.Script("/feed.xml", few.ServeHTTP)
	for range 2 {
		if err := look(); feed.ClassOf(err) != feed.Suspicious || !heldOnly(err) || !strings.Contains(err.Error(), "source alice.example: 3 of 40 articles left") {
			t.Fatalf("the error is %v", err)
		}
	}
	site.Script("/feed.xml", sourcetest.Status(http.StatusInternalServerError))
	if err := look(); feed.ClassOf(err) != feed.Unavailable || heldOnly(err) {
		t.Fatalf("the error is %v", err)
	}
	site.Script("/feed.xml", few.ServeHTTP)
	if err := look(); err != nil {
		t.Fatalf("the third time gives %v", err)
	}
	site.ForgetVisits()
	if err := look(); err != nil {
		t.Fatal(err)
	}
	if visits := site.Visits("/feed.xml"); len(visits) != 1 || !visits[0].Conditional {
		t.Errorf("then it is asked %+v", visits)
	}
	body, err := os.ReadFile(filepath.Join(n.dir, "public", "world.rss"))
	if err != nil || !strings.Contains(string(body), "Article 41") {
		t.Errorf("the feed is %s, %v", body, err)
	}
}

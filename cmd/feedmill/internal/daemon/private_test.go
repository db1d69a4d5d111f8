package daemon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"feedmill/config"
	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/mill"
	"feedmill/feed/render"
)

// openPlan makes a plan of a configuration with a public feed and a private one, in a folder of its own.
func openPlan(t *testing.T) *Plan {
	t.Helper()
	return planOf(t, `
server: {}
outputs:
  - {name: site, file: public}
  - {name: vault, private: true, file: vault}
feeds:
  world: {source: {files: "*.md"}}
  inside: {title: Secret plans, source: {from: world}, access: {readers: {alice: alice-0123456789abcdef}}}
  named: {source: {files: "*.md"}, outputs: [site]}
`)
}

// planOf makes a plan of a configuration in a folder of its own.
func planOf(t *testing.T, text string) *Plan {
	t.Helper()
	path := filepath.Join(t.TempDir(), "feedmill.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(path, config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	p, err := Open(c, fetch.New(time.Now, log), time.Now, log)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAPrivateFeedGoesOnlyWhereItMay(t *testing.T) {
	p := openPlan(t)
	for name, want := range map[string]string{
		"world": "site vault, barred from", "inside": "vault, barred from site", "named": "site, barred from",
	} {
		f := p.Feed(name)
		var goes, barred []string
		for _, o := range f.Outputs {
			if len(o.Editions) == 0 {
				continue // it gets nothing of the feed
			}
			word, _, _ := strings.Cut(o.Name, " ")
			goes = append(goes, word)
		}
		for _, o := range f.Barred {
			word, _, _ := strings.Cut(o.Name, " ")
			barred = append(barred, word)
		}
		if got := strings.TrimSpace(fmt.Sprintf("%s, barred from %s", strings.Join(goes, " "), strings.Join(barred, " "))); got != want {
			t.Errorf("%s goes to %s, want %s", name, got, want)
		}
	}
	if first := privateFirst(p.Feeds); len(first) != 3 || first[0].Name != "inside" {
		t.Errorf("the private feed waits for others: %v", first)
	}
}

// index is an output that keeps the site's own documents.
type index struct{ body []byte }

func (i *index) Publish(_ context.Context, r feed.Release) (err error) {
	for _, d := range r.Documents {
		body, failed := d.Bytes()
		i.body, err = append(i.body, body...), errors.Join(err, failed)
	}
	return err
}

// noHeadlines knows no article.
func noHeadlines(context.Context, []*mill.Feed) (map[string]*render.Item, error) { return nil, nil }

func TestTheIndexShowsNoPrivateFeed(t *testing.T) {
	p, shown := openPlan(t), &index{}
	if err := p.PublishSite(t.Context(), noHeadlines, shown); err != nil {
		t.Fatal(err)
	}
	bodies := map[string][]byte{"server": shown.body}
	for _, name := range []string{"public/index.html", "vault/index.html", "public/opml", "vault/opml"} {
		body, err := os.ReadFile(filepath.Join(p.Config.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		bodies[name] = body
	}
	for where, body := range bodies {
		if !bytes.Contains(body, []byte("/world.rss")) || bytes.Contains(body, []byte("/inside")) || bytes.Contains(body, []byte("Secret")) {
			t.Errorf("the index of %s:\n%s", where, body)
		}
	}
}

// TestNoLogNamesAPrivateArticle tells the same of a public feed and of a private one.
func TestNoLogNamesAPrivateArticle(t *testing.T) {
	for _, c := range []struct {
		feed            string
		withhold        bool
		printed, logged bool
	}{
		{"world", false, true, true},
		{"world", true, true, true},
		{"inside", false, true, false}, // a command that somebody gave tells them
		{"inside", true, false, false},
	} {
		var out, log bytes.Buffer
		n := NewNarrator(&out, slog.New(slog.NewTextHandler(&log, nil)))
		n.Follow(openPlan(t))
		if c.withhold {
			n.Withhold()
		}
		n.Tell(mill.Report{Feed: c.feed, Rendered: true, Published: 1, Outcomes: []feed.Outcome{
			{Key: "pay-cut.txt", State: "published"},
			{Key: "layoffs.txt", State: "failed", Err: feed.Classify(feed.Unreadable, errors.New("layoffs.txt: date '32 Nov'"))},
		}}, nil)
		if got := strings.Contains(out.String(), "pay-cut"); got != c.printed || got != strings.Contains(out.String(), "layoffs") {
			t.Errorf("%+v: printed\n%s", c, &out)
		}
		if got := strings.Contains(log.String(), "layoffs"); got != c.logged || strings.Contains(log.String(), "pay-cut") {
			t.Errorf("%+v: logged\n%s", c, &log)
		}
		if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), "new=1") {
			t.Errorf("%+v: an operator does not learn that something is wrong:\n%s", c, &log)
		}
	}
}

package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"feedmill/config"
	"feedmill/source/sourcetest"
)

// teasers is a web site on a socket: a feed of teasers, and pages that are well, gone, broken, walled or closed to programs.
func teasers(t *testing.T) (site *sourcetest.Site, address, host string) {
	t.Helper()
	site = sourcetest.NewSite()
	address, manners := site.Serve(t)
	host = manners.AllowPrivate[0]
	var items strings.Builder
	for i, name := range []string{"well", "gone", "broken", "walled", "closed"} {
		fmt.Fprintf(&items, `<item><title>The %s story</title><link>%s/story/%s</link><description>In short: %s.</description>
<pubDate>Mon, 16 Nov 2026 0%d:00:00 GMT</pubDate></item>`, name, address, name, name, i)
	}
	site.Script("/feed.xml", sourcetest.Conditional("application/rss+xml", `<rss version="2.0"><channel><title>Alice</title><link>`+address+`/</link>`+items.String()+`</channel></rss>`))
	text := strings.Repeat("<p>What the river did to the old bridge is told here at the length that it deserves, with all that was said.</p>", 12)
	site.Script("/story/well", sourcetest.Page(`<title>The well story - Alice</title><meta name="author" content="Jo Hill"><meta property="og:image" content="/bridge.jpg">`,
		`<nav><a href="/">Home</a></nav><article><h1>The well story</h1>`+text+`<p class="share">Share this</p></article>`))
	site.Script("/story/broken", sourcetest.Status(http.StatusServiceUnavailable))
	site.Script("/story/walled", sourcetest.Challenge())
	site.Script("/story/closed", sourcetest.Page("", text))
	site.Script("/robots.txt", sourcetest.Body("text/plain", "User-agent: *\nDisallow: /story/closed\n"))
	return site, address, host
}

// TestFullText runs the daemon against a web site: what has its page is whole, what never will have one is as it was
// listed, what may still get one is not there.
func TestFullText(t *testing.T) {
	site, address, host := teasers(t)
	n := newsroom{T: t, dir: t.TempDir(), log: &notebook{}}
	n.write("feedmill.yaml", fmt.Sprintf(`
base_url: https://feeds.example.org
admin: {listen: "127.0.0.1:0"}
outputs: [{file: {dir: public}}]
fetch: {allow_private: ["%s"], per_host: {interval: 0s}}
feeds:
  world:
    source: {feed: "%s/feed.xml"}
    filters: [{full_text: {remove: .share}}]
`, host, address), time.Now())
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- Run(ctx, Settings{
			Load: func() (*config.Config, error) {
				return config.Load(filepath.Join(n.dir, "feedmill.yaml"), config.Options{})
			},
			Now: time.Now, Log: slog.New(slog.NewTextHandler(n.log, nil)), Out: n.log,
		}, nil)
	}()
	published := func() string {
		body, _ := os.ReadFile(filepath.Join(n.dir, "public", "world.json"))
		return string(body)
	}
	await(t, 20*time.Second, "the feed", func() bool { return strings.Contains(published(), "The well story") })
	await(t, 20*time.Second, "the report", func() bool { return strings.Contains(n.log.String(), "The broken story") })
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	for text, there := range map[string]bool{
		"at the length that it deserves": true, "Jo Hill": true, "/bridge.jpg": true, "Share this": false, "Home": false, "In short: well": false,
		"In short: gone": true, "The broken story": false, "The walled story": false, "The closed story": false,
	} {
		if strings.Contains(published(), text) != there {
			t.Errorf("%q: there %v\n%s", text, !there, published())
		}
	}
	for _, words := range []string{
		"The gone story: published, its page cannot be had, so it stays as it was listed: get " + address + "/story/gone: answers 404 Not Found",
		"The broken story: waits for its page: get " + address + "/story/broken: answers 503 Service Unavailable",
		"The walled story: waits for its page: 1 try failed: ", "Cloudflare",
		"The closed story: waits for its page: 1 try failed: get " + address + "/story/closed: robots.txt of ",
	} {
		if !strings.Contains(n.log.String(), words) {
			t.Errorf("nobody says %q in\n%s", words, n.log)
		}
	}
	for _, name := range []string{"well", "gone", "closed"} {
		want := 1
		if name == "closed" {
			want = 0
		}
		if asked := len(site.Visits("/story/" + name)); asked != want {
			t.Errorf("the page %s was asked for %d times", name, asked)
		}
	}
}

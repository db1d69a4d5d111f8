package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// friends answers for the sites of planet.yaml, without a network.
type friends map[string]func(*http.Request) (contentType, body string)

func (f friends) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := f[r.URL.Host]
	if answer == nil {
		return nil, errors.New("connection refused")
	}
	contentType, body := answer(r)
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {contentType}}, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)),
	}, nil
}

func rss(title string, items ...string) string {
	return `<?xml version="1.0"?><rss version="2.0"><channel><title>` + title + `</title><link>https://` + strings.ToLower(title) +
		`.example/</link><description>x</description>` + strings.Join(items, "") + `</channel></rss>`
}

func item(host string, number int, title, more string) string {
	link := fmt.Sprintf("https://%s/%d", host, number)
	return `<item><title>` + title + `</title><link>` + link + `</link><guid>` + link + `</guid><category>go</category>` +
		`<pubDate>Fri, 20 Nov 2026 06:00:00 GMT</pubDate>` + more + `</item>`
}

// TestPlanetExample runs config/examples/planet.yaml against friends of our own.
func TestPlanetExample(t *testing.T) {
	dir := t.TempDir()
	copied(t, dir, "planet.yaml", "")
	copied(t, dir, "friends.opml", "")
	note := "Golang in the newsroom\nTags: go\n\nWe wrote this ourselves, about how golang helps us.\n"
	if err := os.MkdirAll(filepath.Join(dir, "articles"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "articles", "note.txt"), []byte(note), 0o644); err != nil {
		t.Fatal(err)
	}
	bobs := ""
	web := friends{
		"alice.example": func(*http.Request) (string, string) {
			return "application/rss+xml", rss("Alice",
				item("alice.example", 1, "[blog] Golang is 17", `<description>&lt;p&gt;Long words.&lt;/p&gt;&lt;div class="share"&gt;Tell everybody&lt;/div&gt;</description>`),
				item("alice.example", 2, "My cat", ""),
				item("alice.example", 3, "Golang for sale", "<description>This text is sponsored by somebody.</description>"))
		},
		"bob.example": func(r *http.Request) (string, string) {
			bobs = r.Header.Get("Authorization")
			return "application/rss+xml", rss("Bob", item("bob.example", 1, "GOLANG is 17", ""), item("bob.example", 2, "What is new in Go 1.26", ""))
		},
		"carol.example": func(*http.Request) (string, string) { return "text/html", "<html><title>Sign in</title></html>" },
		"dave.example": func(*http.Request) (string, string) {
			return "application/feed+json", `{"version":"https://jsonfeed.org/version/1.1","title":"Dave","items":[{"id":"7","url":"https://dave.example/7",
				"title":"Writing golang at night","tags":["go"],"content_text":"Quietly.","date_published":"2026-11-21T22:00:00Z"}]}`
		},
	}
	e := runs(t, filepath.Join(dir, "planet.yaml"), november24, web, "BOB_TOKEN=hunter2")
	e.refresh("notes")
	report, err := e.mill.Refresh(t.Context(), &e.plan.Feed("planet").Feed)
	if err == nil || !report.Partial || !strings.Contains(err.Error(), "carol.example") || !strings.Contains(err.Error(), "erin.example") {
		t.Errorf("Carol's login page and Erin, who is away, gave %v", err)
	}
	if bobs != "Bearer hunter2" {
		t.Errorf("Bob was asked with %q", bobs)
	}
	var got []string
	for _, row := range newest(t, e.state, "planet") {
		got = append(got, fmt.Sprintf("%s (%s)", row.Said.Title, row.Said.Source.Title))
		if strings.Contains(row.Said.Content, "Tell everybody") {
			t.Errorf("%s still has its share bar: %s", row.Said.Title, row.Said.Content)
		}
	}
	slices.Sort(got)
	want := []string{"Golang in the newsroom ()", "Golang is 17 (Alice)", "What is new in Go 1.26 (Bob)", "Writing golang at night (Dave)"}
	if !slices.Equal(got, want) {
		t.Errorf("the planet holds %q, want %q; the filters say\n%s", got, want, strings.Join(report.Verdicts, "\n"))
	}
}

// TestSecretsOfAListStayThere lists a feed beside the list and one elsewhere.
func TestSecretsOfAListStayThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "feedmill.yaml")
	text := `
server: {}
fetch: {headers: {Authorization: "Bearer hunter2"}}
feeds:
  friends: {source: {opml: "https://alice.example/friends.opml"}}
`
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var lock sync.Mutex
	told := map[string]string{}
	tell := func(r *http.Request) {
		lock.Lock()
		defer lock.Unlock()
		told[r.URL.Host+r.URL.Path] = r.Header.Get("Authorization")
	}
	web := friends{
		"alice.example": func(r *http.Request) (string, string) {
			tell(r)
			if r.URL.Path == "/friends.opml" {
				return "text/x-opml", `<opml version="2.0"><body><outline xmlUrl="https://alice.example/a"/><outline xmlUrl="https://bob.example/b"/></body></opml>`
			}
			return "application/rss+xml", rss("Alice", item("alice.example", 1, "Title", ""))
		},
		"bob.example": func(r *http.Request) (string, string) {
			tell(r)
			return "application/rss+xml", rss("Bob", item("bob.example", 1, "Another title", ""))
		},
	}
	runs(t, path, november24, web).refresh("friends")
	want := map[string]string{"alice.example/friends.opml": "Bearer hunter2", "alice.example/a": "Bearer hunter2", "bob.example/b": ""}
	if !maps.Equal(told, want) {
		t.Errorf("the secret went to %q, want %q", told, want)
	}
}

// TestHostileMarkupIsNeverPublished reads what a friend who was broken into sends, as a configured feed and as a bare
// address, and looks into every document.
func TestHostileMarkupIsNeverPublished(t *testing.T) {
	dir := t.TempDir()
	text := `
base_url: https://planet.example
outputs: [{file: {dir: public}}]
feeds:
  named: {source: {feed: "https://alice.example/feed.xml"}}
  bare: {source: "https://alice.example/feed.xml"}
  child: {source: {from: named}}
`
	if err := os.WriteFile(filepath.Join(dir, "feedmill.yaml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	web := friends{"alice.example": func(*http.Request) (string, string) {
		return "application/rss+xml", rss("Alice",
			item("alice.example", 1, "Good words", `<description><![CDATA[<p onclick="evil()">Good text.</p><script>evil()</script>`+
				`<a href="javascript:evil()">x</a><iframe src="https://evil.example/"></iframe><form action="https://evil.example/"></form>]]></description>`),
			strings.Replace(item("alice.example", 2, "From tomorrow", "<description>Soon.</description>"), "20 Nov", "24 Nov", 1))
	}}
	now := func() time.Time { return november24().Add(-18 * time.Hour) } // the second item is as far ahead
	e := runs(t, filepath.Join(dir, "feedmill.yaml"), now, web)
	for _, f := range e.plan.Feeds {
		e.refresh(f.Name)
		for _, format := range []string{"rss", "atom", "json"} {
			body, err := os.ReadFile(filepath.Join(dir, "public", f.Name+"."+format))
			if err != nil {
				t.Fatal(err)
			}
			for _, bad := range []string{"evil", "onclick", "javascript:", "<script", "&lt;script", "<form", "&lt;form"} {
				if strings.Contains(string(body), bad) {
					t.Errorf("%s.%s holds %q", f.Name, format, bad)
				}
			}
			for _, good := range []string{"Good text.", "From tomorrow"} {
				if !strings.Contains(string(body), good) {
					t.Errorf("%s.%s lacks %q", f.Name, format, good)
				}
			}
		}
	}
}

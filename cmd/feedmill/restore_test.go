package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/parse"
)

// works runs the program with a configuration, which must go well, and returns what it printed.
func works(t *testing.T, config string, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(t.Context(), append(args, "-c", config), &out, &errs); code != 0 {
		t.Fatalf("feedmill %s: exit code %d\n%s%s", strings.Join(args, " "), code, &out, &errs)
	}
	return out.String()
}

// save writes a file that counts as finished.
func save(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	at := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

// read is what a document says of each article, by id, without its text: what a subscriber keeps.
func read(t *testing.T, path string) map[string]string {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	mediaType := map[string]string{".atom": feed.TypeAtom, ".json": feed.TypeJSON, ".rss": feed.TypeRSS}[filepath.Ext(path)]
	parsed, err := parse.Parse(body, mediaType, "https://feeds.example.org/x", time.UTC, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, a := range parsed.Articles {
		seen[a.ID] = fmt.Sprintf("%s, %s, published %s, updated %s", a.Title, a.Link, a.Published, a.Updated)
	}
	return seen
}

// TestARestoredStateRepeatsNothing damages the state when it has gone on after its last backup. Subscribers of files, of
// a feed on the web and of one derived from both, in every format, see nothing twice, nothing under another id or date,
// nothing again that was taken back; and then life goes on.
func TestARestoredStateRepeatsNothing(t *testing.T) {
	t.Parallel()
	var upstream atomic.Value
	upstream.Store([]string{"one", "two"})
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		var b strings.Builder
		b.WriteString(`<rss version="2.0"><channel><title>Other</title><link>https://other.example/</link>`)
		for _, name := range upstream.Load().([]string) {
			fmt.Fprintf(&b, `<item><guid isPermaLink="false">no %s</guid><title>Other %s</title><link>https://other.example/%s</link><description>It says %s.</description></item>`, name, name, name, name)
		}
		b.WriteString(`</channel></rss>`)
		w.Header().Set("Content-Type", "application/rss+xml")
		fmt.Fprint(w, b.String())
	}))
	defer origin.Close()
	dir := t.TempDir()
	config := filepath.Join(dir, "feedmill.yaml")
	save(t, config, fmt.Sprintf(`
base_url: https://feeds.example.org
fetch: {allow_private: ["%s"], per_host: {interval: 0}}
outputs: [{file: {dir: public}}]
feeds:
  world: {title: World, source: {files: "articles/*.txt"}}
  other: {title: Other, source: {feed: %s/feed.xml}}
  both: {title: Both, source: [{from: world}, {from: other}]}
`, strings.TrimPrefix(origin.URL, "http://"), origin.URL))
	story := func(name, text string) {
		save(t, filepath.Join(dir, "articles", name+".txt"), fmt.Sprintf("Story %s\n\nThis is the story of %s. %s\n", name, name, text))
	}
	poll := func() map[string]string {
		all := map[string]string{}
		for _, name := range []string{"world", "other", "both"} {
			for _, format := range []string{"rss", "atom", "json"} {
				for id, what := range read(t, filepath.Join(dir, "public", name+"."+format)) {
					all[name+"."+format+" "+id] = what
				}
			}
		}
		return all
	}
	story("A", "It begins.")
	story("B", "It goes on.")
	story("wrong", "It is all wrong.")
	works(t, config, "build")
	works(t, config, "state", "backup")

	story("C", "It comes after the backup.")
	story("B", "It goes on in other words.")
	upstream.Store([]string{"one", "two", "three"})
	works(t, config, "withdraw", "world", "articles/wrong.txt")
	works(t, config, "build")
	works(t, config, "build") // so that the derived feed has it all
	before := poll()
	if len(before) != 4*3+3*3+7*3 { // with a notice of what was withdrawn
		t.Fatalf("published are %d articles: %v", len(before), before)
	}
	state := filepath.Join(dir, "feedmill.db")
	text, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(state, text[:len(text)/3], 0o644); err != nil {
		t.Fatal(err)
	}
	told := works(t, config, "state", "restore")
	for _, words := range []string{"Story C: published after", "Story B: changed after", "wrong: no longer published; it is withdrawn", "Other three: published after"} {
		if !strings.Contains(told, words) {
			t.Errorf("it does not say %q:\n%s", words, told)
		}
	}
	for round := range 3 {
		works(t, config, "build")
		after := poll()
		for key, what := range after {
			if before[key] != what {
				t.Errorf("build %d: %s\n\tis  %q\n\twas %q", round+1, key, what, before[key])
			}
		}
		if len(after) != len(before) {
			t.Errorf("build %d shows %d articles, before were %d", round+1, len(after), len(before))
		}
	}
	story("D", "It is new.")
	story("C", "It was edited.")
	upstream.Store([]string{"two", "three", "four"})
	works(t, config, "build")
	after := poll()
	fresh, changed := 0, 0
	for key, what := range after {
		if was, known := before[key]; !known {
			fresh++
		} else if was != what {
			changed++
		}
	}
	if fresh != 3+3+6 || changed != 3+3 {
		t.Errorf("then %d are new and %d changed, want 12 and 6:\n%v", fresh, changed, after)
	}
}

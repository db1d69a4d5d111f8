package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The old feed may lie at an address, in any format, and the source may be the very feed.
func TestAdoptFromAnAddress(t *testing.T) {
	const old = `{"version": "https://jsonfeed.org/version/1.1", "title": "World", "items": [
		{"id": "42", "url": "/news/two", "title": "Two", "content_text": "Second.", "date_published": "2024-03-02T08:00:00Z"},
		{"id": "41", "url": "/news/one", "title": "One", "content_text": "First.", "date_published": "2024-03-01T08:00:00Z"}]}`
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/feed+json")
		_, _ = w.Write([]byte(old))
	}))
	defer site.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "feedmill.yaml")
	text := fmt.Sprintf("base_url: https://feeds.example.org\noutputs: [{file: public}]\nfetch: {allow_private: [%q]}\nfeeds: {world: {source: {feed: %s/feed.json}}}\n",
		strings.TrimPrefix(site.URL, "http://"), site.URL)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"adopt", "world", site.URL + "/feed.json", "-c", file}, &out, &errs); code != 0 {
		t.Fatalf("exit %d: %s%s", code, &out, &errs)
	}
	if got := out.String(); !strings.Contains(got, "2 of 2 articles") || !strings.Contains(got, "0 of 2 articles would look new") {
		t.Errorf("it says %q", got)
	}
	if code := run(t.Context(), []string{"build", "-c", file}, &out, &errs); code != 0 {
		t.Fatalf("exit %d: %s", code, &errs)
	}
	rss, err := os.ReadFile(filepath.Join(dir, "public", "world.rss"))
	if err != nil || !bytes.Contains(rss, []byte(">42</guid>")) || !bytes.Contains(rss, []byte(site.URL+"/news/one")) || bytes.Count(rss, []byte("<item>")) != 2 {
		t.Errorf("the feed is %s, %v", rss, err)
	}
}

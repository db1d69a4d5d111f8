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

	"feedmill/cmd/feedmill/internal/daemon"
)

// recognisedFeed is a feed.
var recognisedFeed = daemon.Recognised{Kind: "feed", URL: "https://acme.example/feed?x=${y}"}

// notes is a page that lists three articles and names no feed.
const notes = `<!doctype html><title>Notes from the pier</title><header><a href="/about">About us</a> <a href="/contact">Contact</a></header>
<main><article><h2><a href="/2026/moorings">Winter moorings are "full": again</a></h2><time datetime="2026-11-20T08:00:00Z">20 November</time>
<p>Every berth between the crane and the old lock is taken until March.</p></article>
<article><h2><a href="/2026/herring">The herring came three weeks late</a></h2><time datetime="2026-11-12T09:30:00Z">12 November</time>
<p>Nobody on the quay remembers a year in which the boats came home so empty.</p></article>
<article><h2><a href="/2026/crane">A new crane for the east dock</a></h2><time datetime="2026-10-30T17:15:00Z">30 October</time>
<p>It lifts forty tonnes, is painted yellow, and was paid for by the town.</p></article></main>`

// pier is a web site, and a configuration that lets feedmill ask it.
func pier(t *testing.T) (url, file string) {
	pages := map[string]string{
		"/notes": notes, "/news": `<!doctype html><link rel="alternate" type="application/rss+xml" href="/feed"><p>See the feed.`, "/login": `<!doctype html><form><input type="password"></form>`,
		"/feed": `<rss version="2.0"><channel><title>Pier</title><item><guid>1</guid><title>One</title></item></channel></rss>`,
	}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, ok := pages[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
		} else if strings.HasPrefix(text, "<rss") {
			w.Header().Set("Content-Type", "application/rss+xml")
		}
		_, _ = w.Write([]byte(text))
	}))
	t.Cleanup(site.Close)
	file = filepath.Join(t.TempDir(), "feedmill.yaml")
	configure(t, file, site.URL, "feeds: {other: {source: {files: \"*.md\"}}}\n")
	return site.URL, file
}

// configure writes a configuration that lets feedmill ask the site.
func configure(t *testing.T, file, site, feeds string) {
	t.Helper()
	text := fmt.Sprintf("server: {}\nfetch: {allow_private: [%q], per_host: {interval: 1ms}}\n%s", strings.TrimPrefix(site, "http://"), feeds)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func output(t *testing.T, args ...string) (text string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return out.String() + errs.String(), code
}

// TestInitGivesWhatItShows: what init prints is read by the configuration, and gives the articles that the bare address gives.
func TestInitGivesWhatItShows(t *testing.T) {
	site, file := pier(t)
	printed, code := output(t, "init", site+"/notes", "-c", file)
	for _, says := range []string{"3 articles were found", "# the first: “Winter moorings are \"full\": again”, “The herring came three weeks late”", "    source:\n      page:\n", "items: article"} {
		if code != 0 || !strings.Contains(printed, says) {
			t.Fatalf("exit %d: %s does not say %q", code, printed, says)
		}
	}
	configure(t, file, site, printed)
	key, _, _ := strings.Cut(strings.TrimSpace(printed[strings.Index(printed, "feeds:\n")+len("feeds:\n"):]), ":")
	written, code := output(t, "preview", key, "--format", "json", "-c", file)
	if code != 0 || strings.Count(written, "/2026/") < 3 {
		t.Fatalf("exit %d: %s", code, written)
	}
	configure(t, file, site, fmt.Sprintf("feeds: {%s: {source: %q}}\n", key, site+"/notes"))
	bare, code := output(t, "preview", key, "--format", "json", "-c", file)
	if code != 0 || bare != written {
		t.Errorf("exit %d: the bare address gives\n%s\nand what init wrote gives\n%s", code, bare, written)
	}
}

func TestInit(t *testing.T) {
	site, file := pier(t)
	for _, test := range []struct {
		address, says string
		code          int
	}{
		{site + "/news", "    source:\n      feed: " + site + "/feed\n", 0},
		{site + "/news", "/news is a page; this is the feed that it names\n", 0},
		{site + "/feed", "# the address is a feed\n", 0},
		{site + "/login", "it is a login page", exitFailed},
		{site + "/gone", "404", exitFailed},
		{"articles/*.md", "is no http or https address", exitUsage},
		{"ftp://u:hunter2@db/x", "what is given is no http or https address", exitUsage},
		{"postgres://127.0.0.1:1/x", "read postgres://127.0.0.1:1/x", exitFailed},
	} {
		if got, code := output(t, "init", test.address, "-c", file); code != test.code || !strings.Contains(got, test.says) {
			t.Errorf("%s: exit %d: %q does not say %q", test.address, code, got, test.says)
		}
	}
}

// TestInitIsAWholeConfiguration where there is none yet: also when the shell has just made the file that it writes.
func TestInitIsAWholeConfiguration(t *testing.T) {
	text := initial(recognisedFeed, "https://acme.example/news/latest.html", true)
	file := filepath.Join(t.TempDir(), "feedmill.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, code := output(t, "check", "-c", file); code != 0 || !strings.Contains(text, "\n  acme-latest:\n") {
		t.Errorf("exit %d: %s: %s", code, got, text)
	}
}

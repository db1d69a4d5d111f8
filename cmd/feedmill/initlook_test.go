package main

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// drafts runs init without a configuration, and what it prints as one: the feed must show what is wanted.
func drafts(t *testing.T, folder, what string, says []string, shows ...string) {
	t.Helper()
	file := filepath.Join(folder, "feedmill.yaml")
	site := ""
	if strings.HasPrefix(what, "http://") {
		site = strings.TrimSuffix(what, "/"+filepath.Base(what))
		configure(t, file, site, "feeds: {other: {source: {files: \"*.md\"}}}\n")
	} else {
		says = append(says, "server: {}\n")
	}
	printed, code := output(t, "init", what, "-c", file)
	for _, word := range says {
		if code != 0 || !strings.Contains(printed, word) {
			t.Fatalf("exit %d: %s does not say %q", code, printed, word)
		}
	}
	key, _, _ := strings.Cut(strings.TrimSpace(printed[strings.Index(printed, "feeds:\n")+len("feeds:\n"):]), ":")
	if site != "" {
		configure(t, file, site, printed)
	} else if err := os.WriteFile(file, []byte(printed), 0o600); err != nil {
		t.Fatal(err)
	}
	got, code := output(t, "preview", key, "--format", "json", "-c", file)
	for _, word := range shows {
		if code != 0 || !strings.Contains(got, word) {
			t.Errorf("exit %d: the feed %s does not show %q: %s\n%s", code, key, word, got, printed)
		}
	}
}

func TestInitOfASitemap(t *testing.T) {
	today := time.Now().UTC().Format(time.DateOnly)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		home := "http://" + r.Host
		switch {
		case r.URL.Path == "/sitemap.xml":
			fmt.Fprintf(w, `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>%[1]s/guide/a.b</loc><lastmod>%[2]s</lastmod></url>
				<url><loc>%[1]s/guide/old</loc><lastmod>2020-01-02</lastmod></url><url><loc>%[1]s/</loc></url></urlset>`, home, today)
		case r.URL.Path == "/list.txt":
			fmt.Fprintf(w, "%[1]s/guide/c\n%[1]s/guide/d\n", home)
		case strings.HasPrefix(r.URL.Path, "/guide/"):
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, "<title>All about %s</title><p>Text.</p>", r.URL.Path)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(site.Close)
	drafts(t, t.TempDir(), site.URL+"/sitemap.xml", []string{"a sitemap of 3 addresses, 2 of them with a date", "max_age: 30d    # ", "# only: '^/guide/'    # 2 of 3"}, "All about /guide/a.b")
	drafts(t, t.TempDir(), site.URL+"/list.txt", []string{"a sitemap of 2 addresses, 0 of them"}, "All about /guide/c", "All about /guide/d")
}

func TestInitOfADatabase(t *testing.T) {
	folder := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(folder, "desk news.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		`CREATE TABLE people (id integer PRIMARY KEY, phone text)`,
		`CREATE TABLE "Order" (number integer PRIMARY KEY, Headline text, body text, url text, created_at text, "last_updated" text)`,
		`INSERT INTO "Order" VALUES (1, 'A call', '<p>They spoke.</p>', 'https://a.example/1', '2026-11-20 10:00:00', '2026-11-20 10:00:00')`,
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	says := []string{"the table Order, of 2 tables", `"number" AS id, "Headline" AS title`, ":since", "dsn: sqlite:desk news.db"}
	drafts(t, folder, filepath.Join(folder, "desk news.db"), says, "A call", "They spoke", "https://a.example/1")
	if got, code := output(t, "init", "sqlite:"+filepath.Join(folder, "none.db"), "-c", filepath.Join(folder, "feedmill.yaml")); code != exitFailed || !strings.Contains(got, "no such file") {
		t.Errorf("exit %d: %s", code, got)
	}
}

func TestInitOfAFolder(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"desk/call.md": "# A call\n\nThey spoke.\n", "desk/2026/answer.txt": "An answer\n\nThey spoke again.\n", "desk/.draft.md": "# No\n", "empty/x.pdf": "x",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	drafts(t, folder, filepath.Join(folder, "desk"), []string{"holds articles: 1 .md, 1 .txt", "path: 'desk/**/*.{md,txt}'"}, "A call", "An answer")
	if got, code := output(t, "init", filepath.Join(folder, "empty"), "-c", filepath.Join(folder, "x.yaml")); code != exitFailed || !strings.Contains(got, "holds no article") {
		t.Errorf("exit %d: %s", code, got)
	}
}

func TestInitOfJSON(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/v1":
			fmt.Fprint(w, `{"meta": {"tags": [{"id": 1, "name": "x"}]}, "data-v1": {"items": [{"id": 7, "name": "A call", "htmlUrl": "https://a.example/7", "publishedAt": "2026-11-20T10:00:00Z", "notes": "They <3 spoke."},
				{"id": 8, "name": "An answer", "htmlUrl": "https://a.example/8", "publishedAt": "2026-11-21T10:00:00Z", "notes": null}]}}`)
		default:
			fmt.Fprint(w, `{"phones": [{"phone": 1}]}`)
		}
	}))
	t.Cleanup(site.Close)
	drafts(t, t.TempDir(), site.URL+"/v1", []string{"JSON with 2 objects under .\"data-v1\".items[]", "link: .htmlUrl", "as: text"}, "A call", "An answer", "https://a.example/7", "spoke")
	file := filepath.Join(t.TempDir(), "feedmill.yaml")
	configure(t, file, site.URL, "feeds: {other: {source: {files: \"*.md\"}}}\n")
	if got, code := output(t, "init", site.URL+"/none", "-c", file); code != exitFailed || !strings.Contains(got, "none of its lists") {
		t.Errorf("exit %d: %s", code, got)
	}
}

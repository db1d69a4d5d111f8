package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// mapped answers for the sites of sitemap.yaml; edited is the lastmod of a page.
func mapped(edited *string, asked map[string]int) friends {
	return friends{
		"docs.example": func(r *http.Request) (string, string) {
			asked[r.URL.Path]++
			switch r.URL.Path {
			case "/robots.txt":
				return "text/plain", ""
			case "/sitemap.xml":
				return "application/xml", fmt.Sprintf(`<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
					<url><loc>https://docs.example/guide/install</loc><lastmod>%s</lastmod></url><url><loc>https://docs.example/guide/drafts/x</loc><lastmod>2026-11-20</lastmod></url>
					<url><loc>https://docs.example/guide/old</loc><lastmod>2026-01-20</lastmod></url><url><loc>https://docs.example/guide/run</loc><lastmod>2026-11-10</lastmod></url></urlset>`, *edited)
			}
			name := filepath.Base(r.URL.Path)
			return "text/html; charset=utf-8", `<!DOCTYPE html><html lang=en><head><title>How to ` + name + ` – Docs</title><meta property="og:title" content="How to ` + name + `">
				<meta name=description content="All about ` + name + `."><meta name=author content="Ada Docs"><meta property="og:image" content="/i/` + name + `.png"></head><body><main><h1>How to ` + name + `</h1><p>Do it.</p></main></body></html>`
		},
		"news.example": func(r *http.Request) (string, string) {
			asked[r.URL.Path]++
			switch r.URL.Path {
			case "/robots.txt":
				return "text/plain", "User-agent: *\nDisallow:\nSitemap: https://news.example/news.xml\n"
			case "/news.xml":
				return "application/xml", `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
					<url><loc>https://news.example/call</loc><news:news><news:publication><news:name>News</news:name><news:language>en</news:language></news:publication>
					<news:publication_date>2026-11-23T08:00:00Z</news:publication_date><news:title>A call</news:title></news:news></url></urlset>`
			}
			return "text/html", "<title>It must not be read</title>"
		},
	}
}

// TestSitemapExample runs config/examples/sitemap.yaml against sites of our own.
func TestSitemapExample(t *testing.T) {
	at, edited, asked := november24(), "2026-11-21", map[string]int{}
	e := runs(t, copied(t, t.TempDir(), "sitemap.yaml", atOnce), func() time.Time { return at }, mapped(&edited, asked))
	updated := func(name string) (all []string) {
		for _, row := range newest(t, e.state, name) {
			a := row.Said
			author := ""
			if len(a.Authors) > 0 {
				author = a.Authors[0].Name
			}
			all = append(all, strings.Join([]string{a.Title, a.Summary, author, a.Image.URL, row.Published.Format(time.DateOnly), row.Updated.Format(time.DateOnly)}, " | "))
		}
		return all
	}
	for i, step := range []struct {
		edited string
		want   map[string][]string
	}{
		{"2026-11-21", map[string][]string{
			"docs": {"How to install | All about install. | Ada Docs | https://docs.example/i/install.png | 2026-11-21 | 2026-11-21",
				"How to run | All about run. | Ada Docs | https://docs.example/i/run.png | 2026-11-10 | 2026-11-10"},
			"news": {"A call |  |  |  | 2026-11-23 | 2026-11-23"},
		}},
		{"2026-11-24", map[string][]string{
			"docs": {"How to install | All about install. | Ada Docs | https://docs.example/i/install.png | 2026-11-21 | 2026-11-24",
				"How to run | All about run. | Ada Docs | https://docs.example/i/run.png | 2026-11-10 | 2026-11-10"},
			"news": {"A call |  |  |  | 2026-11-23 | 2026-11-23"},
		}},
	} {
		edited = step.edited
		for _, name := range []string{"docs", "news"} {
			e.refresh(name)
			e.same(name, updated(name), step.want[name])
			if t.Failed() {
				t.Fatalf("at time %d", i)
			}
		}
		at = at.Add(30 * time.Hour)
	}
	for path, n := range map[string]int{"/guide/install": 1, "/guide/run": 1, "/guide/old": 0, "/guide/drafts/x": 0, "/call": 0} {
		if asked[path] != n {
			t.Errorf("%s was asked for %d times, not %d", path, asked[path], n)
		}
	}
}

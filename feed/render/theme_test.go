package render_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"feedmill/feed"
	"feedmill/feed/render"
)

func theme(t *testing.T, files map[string]string) (*render.Theme, error) {
	t.Helper()
	folder := fstest.MapFS{}
	for name, text := range files {
		folder[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return render.NewTheme("dark", folder)
}

func mustTheme(t *testing.T, files map[string]string) *render.Theme {
	t.Helper()
	made, err := theme(t, files)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// A file of a theme takes the place of ours; what it has not stays as it is.
func TestTheme(t *testing.T) {
	c := world()
	c.Theme = mustTheme(t, map[string]string{
		"style.css":    "body { color: teal } /* said to nobody */",
		"article.html": `{{template "head" .}}<h1>Mine: {{.Article.Title}}</h1>{{.Article.Content}}{{template "foot"}}`,
		"layout.html":  `{{define "foot"}}<p>The end</p></body></html>{{end}}`,
		"README.md":    "not a page",
	})
	it := full().Items[0]
	it.Title = "<script>"
	d, err := render.Page(c, it)
	if err != nil {
		t.Fatal(err)
	}
	contains(t, "article", body(t, d), "<h1>Mine: &lt;script&gt;</h1>", "“Reset”", "color: teal", "<p>The end</p>", `property="og:title"`)
	lacks(t, "article", body(t, d), "said to nobody", "--paper")
	s := full()
	s.Channel = c
	own, err := feedPage(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	contains(t, "feed page", body(t, own.Document), "color: teal", "Follow this feed", "<p>The end</p>")
}

// The example is a theme.
func TestThemeOfTheExamples(t *testing.T) {
	const folder = "../../config/examples/theme"
	made, err := render.NewTheme(folder, os.DirFS(folder))
	if err != nil {
		t.Fatal(err)
	}
	c := world()
	c.Theme = made
	d, err := render.Page(c, full().Items[0])
	if err != nil {
		t.Fatal(err)
	}
	contains(t, "article", body(t, d), `class="paper"`, "#14213d", `role="note"`)
}

// What is wrong with a theme is said when it is read, with file and line.
func TestThemeRefused(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		files      map[string]string
	}{
		{"syntax", "theme dark/feed.html:3: ", map[string]string{"feed.html": "<html>\n\n{{if .Title}\n"}},
		{"no such function", `theme dark/index.html:2: function "readFile" not defined`, map[string]string{"index.html": "\n{{readFile `/etc/passwd`}}"}},
		{"no such field", "theme dark/article.html:2:", map[string]string{"article.html": "\n{{.Article.Titel}}"}},
		{"of what only some have", "theme dark/layout.html:3:", map[string]string{"layout.html": "{{define \"tags\"}}\n\n{{range .}}{{.Nane}}{{end}}{{end}}"}},
		{"no such template", "theme dark/feed.html:1:", map[string]string{"feed.html": `{{template "hed" .}}`}},
		{"no place for articles", "it shows no articles", map[string]string{"feed.html": `{{template "head" .}}{{template "foot"}}`}},
		{"unsafe place", "theme dark/article.html", map[string]string{"article.html": "<a href='{{.Title}}"}},
		{"misspelt file", "there is no page artikel.html; a theme may have layout.html, index.html, feed.html, article.html, style.css", map[string]string{"artikel.html": "x"}},
		{"nothing", "no file of a theme", map[string]string{"README": "x"}},
		{"too large", "larger than 1 MB", map[string]string{"style.css": strings.Repeat("x", 1<<20+1)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := theme(t, tt.files)
			if err == nil || !strings.Contains(err.Error(), tt.want) || feed.ClassOf(err) != feed.Refused || !errors.Is(err, render.ErrTheme) {
				t.Errorf("got %v of class %s, want %s", err, feed.ClassOf(err), tt.want)
			}
		})
	}
}

// A theme that fails at one page keeps no feed from being made, and gives no part of the page.
func TestThemeThatFails(t *testing.T) {
	s := full()
	s.Page = true
	s.Channel.Theme = mustTheme(t, map[string]string{
		"layout.html":  "{{define \"listed\"}}\n<p>{{slice .Title 0 3}}</p>{{end}}",
		"article.html": "<p>{{slice .Article.Title 0 3}}</p>",
	})
	s.Items[2].Title = "II" // shorter than what the theme shows
	docs, err := render.Press{}.Documents(s, nil)
	if err == nil || !strings.Contains(err.Error(), "theme dark/layout.html:2:") || !errors.Is(err, render.ErrTheme) {
		t.Errorf("got %v", err)
	}
	if len(docs) != len(allFormats) {
		t.Errorf("%d documents", len(docs))
	}
	it := nasty().Items[4]
	it.Slug, it.Title = "5", "II"
	c := nasty().Channel
	c.Theme = s.Channel.Theme
	if d, err := render.Page(c, it); err == nil || d.Size > 0 || !strings.Contains(err.Error(), "theme dark/article.html:1:") {
		t.Errorf("got %d bytes and %v", d.Size, err)
	}
}

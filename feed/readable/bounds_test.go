package readable

import (
	"strings"
	"testing"
	"time"

	"feedmill/feed/clean"
)

// bombs are pages made to cost time or memory.
var bombs = map[string]string{
	"paragraphs":             strings.Repeat("<p>a, b. c ", 10_000),
	"boxes":                  strings.Repeat("<div>a, b</div>", 10_000),
	"nested boxes":           strings.Repeat("<div>", 10_000) + strings.Repeat("<p>the harbour was quiet, and nobody came", 500),
	"authors in authors":     strings.Repeat("<div class=byline>", 200) + strings.Repeat("<b>a</b> ", 4_000),
	"headings in headings":   strings.Repeat("<div><h1>", 100) + strings.Repeat("<i></i>", 20_000),
	"links":                  strings.Repeat("<a href=x>ad</a> ", 15_000),
	"tables":                 strings.Repeat("<table><tr><td>"+strings.Repeat("a", 30)+"</table>", 3_000),
	"line breaks":            strings.Repeat("a<br><br>", 20_000),
	"labels":                 strings.Repeat("<p>ad</p>\n", 10_000),
	"noscripts":              strings.Repeat("<noscript><img src=x.jpg></noscript>", 10_000),
	"markup in a noscript":   "<img><noscript><p>" + openings() + strings.Repeat("<p>x", 5_000) + "</noscript>",
	"titles that stay open":  "<p>" + strings.ReplaceAll(openings(), "<b id=", "<code title=") + strings.Repeat("<p>x", 200),
	"a link that stays open": "<p><a rel='" + strings.Repeat("x ", 50_000) + "' class='" + strings.Repeat("x ", 50_000) + "' href=y>" + strings.Repeat("<p>x", 5_000),
	"styles that stay open":  "<p>" + openings() + strings.Repeat("<p>x", 200),
	"one text":               "<p>" + strings.Repeat("a, b ", 200_000),
	"names":                  strings.Repeat("<meta name=author content=a><meta property=author content=b>", 10_000) + "<p class=author>By Jane Doe",
	"keywords":               "<meta name=keywords content='" + strings.Repeat("a b,", 100_000) + "'><p>text",
	"JSON":                   "<script type=application/ld+json>" + strings.Repeat("[", 100_000) + "</script><p>text",
	"a class":                strings.Repeat("<div class='"+strings.Repeat("comment-", 5_000)+"'>", 10) + strings.Repeat("<p class=author>By Jane Doe</p>", 500),
}

// openings are formatting elements that differ, so that the parser opens all of them anew in each paragraph.
func openings() string {
	var b strings.Builder
	for n := range 300 {
		b.WriteString("<b id=" + strings.Repeat("x", 3000+n) + ">")
	}
	return b.String()
}

// TestBombs holds that hostile pages cost bounded time. Each takes less than a second of a core; the bound is for busy machines and the race
// detector.
func TestBombs(t *testing.T) {
	t.Parallel()
	for name, page := range bombs {
		start := time.Now()
		a, err := Read([]byte(page), "text/html", nil, Options{})
		if took := time.Since(start); took > 60*time.Second {
			t.Errorf("%s took %v (%v)", name, took, err)
		} else if took > time.Second {
			t.Logf("%s took %v", name, took)
		}
		if len(a.Content) > maxContent+maxContent/8 { // its addresses are made whole
			t.Errorf("%s: %d bytes became %d", name, len(page), len(a.Content))
		}
	}
}

// FuzzRead holds that no page makes a panic, and that an article has text that readers can be given.
func FuzzRead(f *testing.F) {
	for _, page := range []string{
		"", "<title>A</title><p>Text", string(newsPage(2000)), `<script type="application/ld+json">{"@type":"NewsArticle","author":[{}, "x", 1]}</script><p>a`,
		`<base href="//x"><article><h1>A</h1><time datetime=2026-11-24>x</time><p class=byline>By Jane Doe, and John Roe`, "<noscript><img src=a><p>", "<frameset><frame>",
		`<table><tr><td><pre><code class=language-go>x`, "<svg><title>a</title><p>", "<html lang=x><meta name=author content='a <b@c.de>'>", "<plaintext>a", "<template><p>a", "<select><p>a",
	} {
		f.Add([]byte(page))
	}
	f.Fuzz(func(t *testing.T, page []byte) {
		for _, o := range []Options{{}, {Select: selector(t, "p, article")}} {
			a, err := Read(page, "text/html", at(t, "https://www.example.org/a/b"), o)
			if err == nil && strings.TrimSpace(a.Content) == "" {
				t.Errorf("an article without content: %+v", a)
			}
			if a.Title != clean.Line(a.Title) {
				t.Errorf("the title %q is no line", a.Title)
			}
		}
		if own, err := ReadOwn(clean.Chars(string(page)), "", Options{}); err == nil && own.Article.Title != clean.Line(own.Article.Title) {
			t.Errorf("the title %q is no line", own.Article.Title)
		}
	})
}

package listing

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"feedmill/feed/field"
	"feedmill/feed/markup"
)

// FuzzDetect: no page makes it panic, and what it finds has titles and links, and is found again by the selectors.
func FuzzDetect(f *testing.F) {
	files, err := filepath.Glob("testdata/detect/*.html")
	if err != nil || len(files) == 0 {
		f.Fatal("no pages", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		page, err := markup.Parse([]byte(text), "text/html", "https://post.example/news")
		if err != nil {
			return
		}
		env := field.Env{Now: noon}
		found, err := Detect(t.Context(), page, env)
		if err != nil {
			return
		}
		taken, err := Take(t.Context(), page, found.Items, found.Fields, env)
		if err != nil || len(taken.Articles) != len(found.Articles) || len(found.Told) == 0 {
			t.Fatalf("%d articles, then %d, %v", len(found.Articles), len(taken.Articles), err)
		}
		whole := 0
		for _, a := range taken.Articles {
			if a.Title != "" && a.Link != "" {
				whole++
			}
		}
		if whole < fewest {
			t.Errorf("%d articles of %d have a title and a link", whole, len(taken.Articles))
		}
	})
}

// TestDetectIsBounded: the worst pages that are let in take seconds, not minutes.
func TestDetectIsBounded(t *testing.T) {
	const most = time.Minute // of a machine that does other things too
	for name, text := range map[string]string{
		"many links":     "<ul>" + strings.Repeat("<li><a href=/a>An article of the day in town</a>", 20_000),
		"many articles":  many(4_000),
		"deep":           strings.Repeat("<div><a href=/x>Some link to a page</a>", 5_000),
		"nested alike":   strings.Repeat("<article><h2><a href=/x/"+"1>A title of sorts</a></h2>", 200),
		"nothing but br": strings.Repeat("<br>", 100_000),
		"long classes":   `<p class="` + strings.Repeat("a-b ", 100_000) + `"><a href=/x>One</a>`,
		"one long text":  "<p>" + strings.Repeat("19 20 2026 vor 3 / ", 200_000),
	} {
		page, err := markup.Parse([]byte(text), "text/html", "https://post.example/news")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		start := time.Now()
		found, err := Detect(t.Context(), page, field.Env{Now: noon})
		if took := time.Since(start); took > most {
			t.Errorf("%s: %d articles, %v after %v", name, len(found.Articles), err, took)
		} else {
			t.Logf("%s: %d articles after %v", name, len(found.Articles), took)
		}
	}
}

// many is a page of n articles.
func many(n int) string {
	var b strings.Builder
	for i := range n {
		at := string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676%26)) + string(rune('a'+i/17576))
		b.WriteString(`<div class="story"><a href="/2026/` + at + `">What happened to ` + at + ` today</a> <i>20.11.2026</i></div>`)
	}
	return b.String()
}

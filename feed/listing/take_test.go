package listing_test

import (
	"strings"
	"testing"
	"time"

	"feedmill/feed/field"
	"feedmill/feed/listing"
	"feedmill/feed/markup"
)

func selector(t *testing.T, s string) markup.Selector {
	t.Helper()
	c, err := markup.Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func rules(t *testing.T, selectors ...string) field.Rules[markup.Selector] {
	t.Helper()
	var rs field.Rules[markup.Selector]
	for _, s := range selectors {
		rs = append(rs, field.Rule[markup.Selector]{Select: selector(t, s)})
	}
	return rs
}

const minutes = `<!doctype html><base href="/council/"><main>
<article class=minutes><h2><a href="3?utm_source=x">Third</a></h2><time datetime="2026-11-03">last week</time>
 <p class=teaser>Short.</p><img src="blank.gif" data-src="a.jpg"><a class=tag>roads</a><a class=tag>schools</a></article>
<article class=minutes><h2><a href="2">Second</a></h2><time>2. November 2026</time><div class=full><p>All.</p><p>Of it. <a href=x>x</a></p></div></article>
</main>`

func TestTake(t *testing.T) {
	p, err := markup.Parse([]byte(minutes), "text/html", "https://a.example/")
	if err != nil {
		t.Fatal(err)
	}
	fields := listing.Fields{
		Title: rules(t, "h2"), Link: rules(t, "h2 a@href"), Published: rules(t, "time@datetime", ".//time"), Content: rules(t, ".full", ".teaser"),
		Image: rules(t, "img"), Tags: rules(t, ".tag"),
	}
	got, err := listing.Take(t.Context(), p, selector(t, "article.minutes"), fields, field.Env{Now: time.Now()})
	if err != nil || len(got.Problems) > 0 || len(got.Articles) != 2 {
		t.Fatalf("%d articles, %v, %v", len(got.Articles), got.Problems, err)
	}
	for i, want := range []string{
		`Third https://a.example/council/3 2026-11-03 <p class="teaser">Short.</p> https://a.example/council/a.jpg roads,schools`,
		`Second https://a.example/council/2 2026-11-02 <p>All.</p><p>Of it. <a href="https://a.example/council/x">x</a></p>  `,
	} {
		a := got.Articles[i]
		if s := strings.Join([]string{a.Title, a.Link, a.Published.Format(time.DateOnly), a.Content, a.Image.URL, strings.Join(a.Tags, ",")}, " "); s != want {
			t.Errorf("article %d is\n%s, want\n%s", i, s, want)
		}
	}
}

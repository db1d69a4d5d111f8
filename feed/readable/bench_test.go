package readable

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// newsPage is a page of about size bytes, half of it what surrounds an article.
func newsPage(size int) []byte {
	var b strings.Builder
	b.WriteString(`<!DOCTYPE html><html lang="en"><head><title>The ferry is late | Harbour News</title><meta property="og:site_name" content="Harbour News">` +
		`<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle","headline":"The ferry is late","author":{"name":"Jane Doe"},"datePublished":"2026-11-24T06:00:00Z"}</script></head><body>` +
		`<nav><ul><li><a href="/">Home</a></li></ul></nav><div class="layout"><div class="story-body"><h1>The ferry is late</h1>`)
	for n := 0; b.Len() < size/2; n++ {
		fmt.Fprintf(&b, `<p>The harbour was quiet when ferry number %d came in, <a href="/t/%d">and nobody</a> was waiting, not even the pilot, who had gone home early.</p>`, n, n)
		if n%10 == 0 {
			fmt.Fprintf(&b, `<figure><img data-src="/i/%d.jpg" alt=""><figcaption>The pier.</figcaption></figure>`, n)
		}
	}
	b.WriteString(`</div><div class="col-2"><ul class="list">`)
	for n := 0; b.Len() < size; n++ {
		fmt.Fprintf(&b, `<li class="item"><a class="link" href="/story/%d"><img src="/t/%d.png" width="80"><span class="kicker">Harbour</span> <span>Another story that is told elsewhere</span></a></li>`, n, n)
	}
	b.WriteString(`</ul></div></div></body></html>`)
	return []byte(b.String())
}

func benchmarkRead(b *testing.B, size int) {
	page := newsPage(size)
	address, err := url.Parse("https://news.example.org/ferry")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		a, err := Read(page, "text/html; charset=utf-8", address, Options{})
		if err != nil || a.Title != "The ferry is late" || !strings.Contains(a.Content, "The pier.") || strings.Contains(a.Content, "elsewhere") {
			b.Fatal(a.Title, err, len(a.Content))
		}
	}
}

func BenchmarkRead100KB(b *testing.B) { benchmarkRead(b, 100<<10) }
func BenchmarkRead1MB(b *testing.B)   { benchmarkRead(b, 1<<20) }

package page_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/source/page"
	"feedmill/source/sourcetest"
)

// clutter is what stands around articles on a page: menus, scripts and a footer, about size bytes of it.
func clutter(size int) string {
	const entry = `<li class="menu-item menu-item-type-taxonomy"><a class="menu-link" href="/topic/a?ref=menu" data-track="nav">A topic of the day</a></li>` + "\n"
	script := `<script>window.dataLayer = window.dataLayer || []; window.dataLayer.push({"page":"list","user":null});</script>` + "\n"
	return `<nav class="menu"><ul>` + strings.Repeat(entry, size/2/len(entry)) + `</ul></nav>` + strings.Repeat(script, size/2/len(script))
}

// benchDesk is a listing of 20 articles of 60 KB, and their pages of 40 KB.
func benchDesk(b *testing.B) *desk {
	d := newDesk(b)
	d.Follow = &page.Follow{}
	var list strings.Builder
	for n := range 20 {
		path := fmt.Sprintf("/news/%d", n)
		fmt.Fprintf(&list, `<article class="teaser"><figure><img src="blank.gif" data-src="/i/%[1]d.jpg" alt=""></figure><h2><a href="%[2]s">Headline number %[1]d of the day</a></h2>`+
			`<time datetime="2026-11-%02[3]dT10:00:00Z">November</time><p class="lead">Some words that say what the article is about, and some more.</p></article>`, n, path, n+1)
		paragraph := fmt.Sprintf("<p>Paragraph of article %d, with a sentence or two, commas included, and <a href=\"/x\">a link</a>. It goes on for a while, as articles do, and then ends.</p>\n", n)
		d.Site.Script(path, sourcetest.Page(fmt.Sprintf("<title>Headline number %d of the day</title><meta name=author content=Ann><meta property=og:image content=/i/%d.jpg>", n, n),
			clutter(34<<10)+"<main><article><h1>Headline</h1>"+strings.Repeat(paragraph, 6<<10/len(paragraph))+"</article></main><footer>"+clutter(2<<10)+"</footer>"))
	}
	d.Site.Script("/minutes", sourcetest.Page("<title>News</title>", clutter(48<<10)+"<main>"+list.String()+"</main>"))
	return d
}

// BenchmarkListing is a page that lists 20 articles, whose pages are followed.
func BenchmarkListing(b *testing.B) {
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			d := benchDesk(b)
			source := d.source()
			b.StartTimer()
			batch, err := source.Fetch(b.Context(), d.Memory)
			if err != nil || len(batch.Articles) != 20 {
				b.Fatal(err)
			}
			complete := source.Completer()
			for _, a := range batch.Articles {
				if a, err = complete(b.Context(), a); err != nil || len(a.Content) < 5<<10 {
					b.Fatal(len(a.Content), err)
				}
			}
		}
	})
	for name, suffix := range map[string]string{"equal": "", "other clutter": "<!-- %d -->"} {
		b.Run(name, func(b *testing.B) {
			d := benchDesk(b)
			source, n := d.source(), 0
			var list string
			for b.Loop() {
				if suffix != "" || list == "" {
					b.StopTimer()
					if list == "" {
						list = d.body("/minutes")
					}
					n++
					d.Site.Script("/minutes", sourcetest.Body(sourcetest.HTML, list+strings.ReplaceAll(suffix, "%d", fmt.Sprint(n))))
					b.StartTimer()
				}
				d.Now = d.Now.Add(time.Hour)
				batch, err := source.Fetch(b.Context(), d.Memory)
				if err != nil || n > 1 && batch.Extent != feed.Unchanged {
					b.Fatal(batch.Extent, err)
				}
			}
		})
	}
}

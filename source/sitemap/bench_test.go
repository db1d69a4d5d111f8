package sitemap_test

import (
	"fmt"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/source/sourcetest"
)

// many is a sitemap of 50,000 addresses; those in front are of now.
func many(now time.Time, edited int) string {
	pages := make([]string, 50_000)
	for i := range pages {
		at := now.Add(-time.Duration(i) * time.Hour)
		if i < edited {
			at = now.Add(time.Hour)
		}
		pages[i] = fmt.Sprintf("/articles/2026/a-page-with-a-name-of-some-length-%d@%s", i, at.UTC().Format(time.RFC3339))
	}
	return urls(pages...)
}

// BenchmarkSitemap reads a sitemap of 50,000 addresses: for the first time, when it is as it was by its validators, by its
// bytes and by what it says, and with one address edited. The site is asked without sockets; its work is counted too.
func BenchmarkSitemap(b *testing.B) {
	d := newDesk(b)
	text, again := many(d.Now, 0), many(d.Now, 1)
	b.Run("first", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			d := newDesk(b)
			d.Site.Script("/sitemap.xml", sourcetest.Body(xml, text))
			if batch := d.MustRead(); len(batch.Articles) != 1000 {
				b.Fatal(len(batch.Articles))
			}
		}
	})
	for name, answers := range map[string]func(int) (string, bool){
		"304":       func(int) (string, bool) { return text, true },
		"equal":     func(int) (string, bool) { return text, false },
		"rewritten": func(i int) (string, bool) { return fmt.Sprintf("<!-- %d -->%s", i, text[38:]), false },
		"edited":    func(i int) (string, bool) { return []string{text, again}[i%2], false },
	} {
		b.Run(name, func(b *testing.B) {
			d := newDesk(b)
			script := func(i int) {
				answer := sourcetest.Body
				body, conditional := answers(i)
				if conditional {
					answer = sourcetest.Conditional
				}
				d.Site.Script("/sitemap.xml", answer(xml, body))
			}
			script(0)
			d.MustRead()
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if i++; name != "304" && name != "equal" {
					b.StopTimer()
					script(i)
					b.StartTimer()
				}
				d.Now = d.Now.Add(time.Minute)
				batch, err := d.source().Fetch(b.Context(), d.Memory)
				if err != nil || name != "edited" && batch.Extent != feed.Unchanged {
					b.Fatal(batch.Extent, err)
				}
				d.Memory.Commit()
			}
		})
	}
}

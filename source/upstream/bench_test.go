package upstream

import (
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/source/sourcetest"
)

// BenchmarkFetch reads a feed of 20 articles of 1 KB each, of which nothing, only the bytes' date or one article is new.
// The site is asked without sockets; its work is counted too.
func BenchmarkFetch(b *testing.B) {
	link := "http://alice.example/"
	for _, bench := range []struct {
		name   string
		edit   func(f *sourcetest.Feed, n int)
		plain  bool // no validators
		extent feed.Extent
	}{
		{"304", nil, false, feed.Unchanged},
		{"equal", nil, true, feed.Unchanged},
		{"date", func(f *sourcetest.Feed, n int) { f.Built = noon.Add(time.Duration(n) * time.Second) }, false, feed.Unchanged},
		{"new", func(f *sourcetest.Feed, n int) {
			item := sourcetest.NewItem(link, n, 1024, noon.Add(time.Duration(n)*time.Microsecond))
			f.Items = append([]sourcetest.Item{item}, f.Items[:19]...)
		}, false, feed.Listing},
	} {
		b.Run(bench.name, func(b *testing.B) {
			r := newReader(b)
			f := sourcetest.NewFeed("Alice", link, 20, 1024, noon)
			r.site.Script("/feed.xml", f.ServeHTTP)
			if bench.plain {
				r.site.Script("/feed.xml", sourcetest.Body(sourcetest.RSS, f.Text()))
			}
			r.mustFetch()
			b.ReportAllocs()
			n := 100
			for b.Loop() {
				if bench.edit != nil {
					b.StopTimer()
					n++
					f.Edit(func(f *sourcetest.Feed) { bench.edit(f, n) })
					b.StartTimer()
				}
				r.now = r.now.Add(time.Minute)
				batch, err := r.source.Fetch(b.Context(), r.memory)
				if err != nil || batch.Extent != bench.extent {
					b.Fatal(batch.Extent, err)
				}
				r.memory.Commit()
				if n%1000 == 0 {
					r.site.ForgetVisits()
				}
			}
		})
	}
}

package daemon

import (
	"fmt"
	"os"
	"testing"
	"time"

	"feedmill/feed"
)

// BenchmarkFacets tells what the documents of one tag cost of a feed with so many articles: asked for on the server (rare:
// a tag that a hundredth bear, common: one that all bear), and beside a new article with three tags, whose documents and pages go
// to an output. FEEDMILL_BENCH_LARGE=1 adds 300,000 articles, which take a minute to fill in.
//
// On two shared and busy cores, in µs of processor time:
//
//	           10,000     300,000
//	rare        2,400       3,200
//	common      2,800       3,000
//	new        65,700      29,000
//	unchanged      13          28
//
// The tags of a feed that had none noted yet are noted at its next refresh.
func BenchmarkFacets(b *testing.B) {
	sizes := []int{10_000}
	if os.Getenv("FEEDMILL_BENCH_LARGE") != "" {
		sizes = append(sizes, 300_000)
	}
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h := openHistory(b, false)
			c := h.large[0]
			c.tags = func(n int) []string {
				return []string{"news", fmt.Sprintf("rare %d", n%100), fmt.Sprintf("place %d", n%7)}
			}
			h.refresh(c, h.articles(c, 20)...)
			for made := 0; made < n; made += 1000 {
				h.commit(c, 1000)
			}
			h.close(c)
			c.feed.Channel.Facets = true
			begun, cpu := time.Now(), cpuOf(b)
			h.refresh(c, h.article(c))
			b.Logf("noted the tags of %d articles in %v, %v of processor time", n, time.Since(begun), cpuOf(b)-cpu)
			some := &bench{history: h, feeds: h.large}
			ask := func(slug string) func(*testing.B) {
				return func(b *testing.B) {
					some.measure(b, func(c *chronicle) {
						d, err := h.mill.Facet(b.Context(), &c.feed, c.feed.Name+"/tag/"+slug+".rss")
						if err != nil || d.Size < 1000 {
							b.Fatal(d.Size, err)
						}
					})
				}
			}
			b.Run("rare", ask("rare-7"))
			b.Run("common", ask("news"))
			b.Run("new", some.publish)
			b.Run("unchanged", func(b *testing.B) {
				some.measure(b, func(c *chronicle) { h.do(c, feed.Batch{Extent: feed.Unchanged}) })
			})
		})
	}
}

package daemon

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/mill"
	"feedmill/feed/render"
	"feedmill/feed/store"
	"feedmill/feed/store/sqlite"
)

// BenchmarkHistory tells what a refresh and an insertion cost beside so many stored articles: a thousand feeds share half of
// them (many), one feed has the other half (one). A refresh finds its source unchanged, or listing 20 articles that are known,
// or with one new article; insertions are commits of 20 and of 1,000 articles of a feed. FEEDMILL_BENCH_10M=1 adds ten million
// articles, which take 13 minutes to fill in and 10 GB of disk.
//
// Processor time in µs, of a refresh and of an article inserted, with rising links, on two shared and busy cores; at the largest
// size the feeds of many were in no cache, but for the insertions:
//
//	              10,000 many, one   1,000,000 many, one   10,000,000 many, one
//	unchanged           14, 16             15, 13                17, 14
//	listing        1,390, 1,820       1,420, 1,350          2,040, 1,500
//	new            7,330, 7,470       6,010, 7,140         14,050, 6,250
//	insert-20           82, 88             --, 94                91, 89
//	insert-1000         28, 40             --, 50                35, 43
func BenchmarkHistory(b *testing.B) {
	sizes := []int{10_000, 1_000_000}
	if os.Getenv("FEEDMILL_BENCH_10M") != "" {
		sizes = append(sizes, 10_000_000)
	}
	for _, keys := range []string{"rising", "random"} {
		for _, n := range sizes {
			b.Run(fmt.Sprintf("%s/%d", keys, n), func(b *testing.B) {
				h := openHistory(b, keys == "random")
				h.fill(n)
				for _, of := range []struct {
					name  string
					feeds []*chronicle
				}{{"many", h.many}, {"one", h.large}} {
					some := &bench{history: h, feeds: of.feeds}
					b.Run(of.name+"/unchanged", some.unchanged)
					b.Run(of.name+"/listing", some.listing)
					b.Run(of.name+"/new", some.publish)
					b.Run(of.name+"/insert-20", func(b *testing.B) { some.insert(b, 20) })
					b.Run(of.name+"/insert-1000", func(b *testing.B) { some.insert(b, 1000) })
				}
			})
		}
	}
}

// history is a state in a file with many articles, and a mill over it.
type history struct {
	b      *testing.B
	store  *store.Store
	mill   *mill.Mill
	random bool
	many   []*chronicle // have half of the articles
	large  []*chronicle // one that has the other half
	now    time.Time
}

// chronicle is one feed of a history, and its source.
type chronicle struct {
	feed   mill.Feed
	site   string
	made   int                  // articles so far
	tags   func(n int) []string // of the n-th article; nil: none
	latest []feed.Article
	batch  feed.Batch
}

// Fetch returns what the benchmark has put there.
func (c *chronicle) Fetch(context.Context, feed.Memory) (feed.Batch, error) { return c.batch, nil }

// shelf is an output that keeps nothing.
type shelf struct{}

func (shelf) Publish(context.Context, feed.Release) error { return nil }

// archived is how many articles an archive of a feed holds that shows 30.
const archived = 15

func openHistory(b *testing.B, random bool) *history {
	b.Helper()
	s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "feedmill.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	h := &history{b: b, store: s, random: random, now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	h.mill = mill.New(s, s, func() time.Time { return h.now })
	for i := range 1001 {
		name := fmt.Sprintf("feed-%d", i)
		c := &chronicle{site: fmt.Sprintf("https://news%d.example", i)}
		c.feed = mill.Feed{
			Name: name, Location: time.UTC, Limit: mill.Limit{Articles: 30},
			Channel: render.Channel{Feed: name, Base: "https://feeds.example.org", Title: name, Formats: []render.Format{render.RSS, render.Atom}},
			Sources: []mill.Source{{Name: c.site, Digest: name, Source: c}},
			Outputs: []mill.Output{{Name: "shelf", Publisher: shelf{}}},
		}
		h.many = append(h.many, c)
	}
	h.many, h.large = h.many[:1000], h.many[1000:]
	return h
}

var someWords = strings.Repeat("the river rose by a metre overnight ", 8)

// article is the next article of a feed: about 300 bytes of text, and a link that is its id as well. Links rise as those
// do that hold a date or a number; random ones hold a hash.
func (h *history) article(c *chronicle) feed.Article {
	c.made++
	name := fmt.Sprintf("%010d-the-river", c.made)
	if h.random {
		sum := sha256.Sum256([]byte(c.site + name))
		name = hex.EncodeToString(sum[:10])
	}
	link := c.site + "/news/" + name
	a := feed.Article{
		ID: link, Link: link, Title: fmt.Sprintf("Article %d", c.made), Content: "<p>" + someWords + "</p>",
		Published: time.Date(2020, 1, 1, 0, 0, c.made, 0, time.UTC),
	}
	if c.tags != nil {
		a.Tags = c.tags(c.made)
	}
	return a
}

// fill commits articles until there are n, and publishes the last 20 of some feeds through the mill.
func (h *history) fill(n int) {
	h.b.Helper()
	all, begun, cpu := n, time.Now(), cpuOf(h.b)
	for _, feeds := range [][]*chronicle{h.many, h.large} {
		busy := busy(feeds)
		for _, c := range busy { // so that the documents have their dress before there is a history
			h.refresh(c, h.articles(c, 20)...)
		}
		rest := all/2 - 40*len(busy)
		atOnce := min(1000, max(1, rest/len(feeds)))
		for turn := 0; rest > 0; turn++ {
			some := min(atOnce, rest)
			h.commit(feeds[turn%len(feeds)], some)
			rest -= some
		}
		for _, c := range busy {
			h.close(c)
			c.latest = h.articles(c, 20)
			h.refresh(c, c.latest...)
			h.list(c)
		}
	}
	h.b.Logf("filled with %d articles in %v, %v of processor time", all, time.Since(begun), cpuOf(h.b)-cpu)
}

// busy are the feeds that are refreshed: some from all over the state.
func busy(feeds []*chronicle) (some []*chronicle) {
	for i := 0; i < len(feeds); i += max(1, len(feeds)/50) {
		some = append(some, feeds[i])
	}
	return some
}

func (h *history) articles(c *chronicle, n int) (some []feed.Article) {
	for range n {
		some = append(some, h.article(c))
	}
	return some
}

func (h *history) state(c *chronicle) store.Feed {
	h.b.Helper()
	state, err := h.store.Feed(h.b.Context(), c.feed.Name, "urn:"+c.feed.Name)
	if err != nil {
		h.b.Fatal(err)
	}
	return state
}

// commit stores n articles of a feed in one transaction, as a refresh does.
func (h *history) commit(c *chronicle, n int) {
	h.b.Helper()
	state := h.state(c)
	said := h.articles(c, n)
	rows := make([]store.Article, n)
	for i, a := range said {
		state.Position++
		state.Number++
		rows[i] = store.Article{
			Position: state.Position, Number: state.Number, State: store.Live, ID: a.ID, Given: a.ID, Link: a.Link,
			Published: a.Published, Updated: a.Published, Released: h.now, Digest: a.Title[8:] + "-digest-20-bytes",
			Material: a.Title[8:] + "-material-20-bytes", Source: c.feed.Sources[0].Digest, Said: a,
		}
	}
	state.AsOf = h.now
	if err := h.store.Commit(h.b.Context(), store.Commit{Feed: state, Articles: rows}); err != nil {
		h.b.Fatal(err)
	}
}

// close puts what was committed into archives, whose documents are empty, and marks the feed as rendered.
func (h *history) close(c *chronicle) {
	h.b.Helper()
	state := h.state(c)
	if state.Rendered == state.Revision {
		return
	}
	r := store.Rendering{Feed: state}
	r.Feed.Rendered, r.Feed.Release = state.Revision, state.Release+1
	for number := int64(1); number*archived+30 <= state.Number; number++ {
		r.Chunks = append(r.Chunks, store.Chunk{Number: number, First: (number-1)*archived + 1, Last: number * archived})
		for _, f := range c.feed.Channel.Formats {
			d := feed.NewDocument(render.ArchivePath(c.feed.Channel, number, f), "text/xml", h.now, []byte("<feed/>"))
			r.Changed = append(r.Changed, store.Document{Document: d, Body: []byte("<feed/>"), Page: true})
		}
	}
	if err := h.store.SaveRendering(h.b.Context(), r); err != nil {
		h.b.Fatal(err)
	}
}

func (h *history) do(c *chronicle, batch feed.Batch) mill.Report {
	h.b.Helper()
	h.now = h.now.Add(time.Minute)
	batch.Foreign = true
	c.batch = batch
	report, err := h.mill.Refresh(h.b.Context(), &c.feed)
	if err != nil {
		h.b.Fatal(err)
	}
	return report
}

func (h *history) refresh(c *chronicle, articles ...feed.Article) {
	h.b.Helper()
	if r := h.do(c, feed.Batch{Extent: feed.Increment, Articles: articles}); r.Published != len(articles) {
		h.b.Fatalf("published %d of %d: %v", r.Published, len(articles), r.Outcomes)
	}
}

func (h *history) list(c *chronicle) {
	h.b.Helper()
	if r := h.do(c, feed.Batch{Extent: feed.Listing, Articles: c.latest}); r.Rendered || r.Published+r.Changed > 0 {
		h.b.Fatalf("something changed: %v", r.Outcomes)
	}
}

// bench measures some of the feeds.
type bench struct {
	*history
	feeds []*chronicle
	turn  int
}

// measure calls do with one busy feed after the other, and tells the processor time of each call.
func (h *bench) measure(b *testing.B, do func(*chronicle)) {
	feeds, n, cpu := busy(h.feeds), 0, cpuOf(b)
	for b.Loop() {
		do(feeds[n%len(feeds)])
		n++
	}
	b.ReportMetric(float64((cpuOf(b)-cpu).Microseconds())/float64(n), "µs-cpu/op")
}

func (h *bench) unchanged(b *testing.B) {
	h.measure(b, func(c *chronicle) { h.do(c, feed.Batch{Extent: feed.Unchanged}) })
}

func (h *bench) listing(b *testing.B) { h.measure(b, h.list) }

func (h *bench) publish(b *testing.B) {
	h.measure(b, func(c *chronicle) { h.refresh(c, h.article(c)) })
}

// insert commits articles of feeds from all over the state, so many of one at a time. Each feed had some before, as in a
// program that has run for a while: a start meets a disk's cache, not the order of keys.
func (h *bench) insert(b *testing.B, atOnce int) {
	for _, c := range h.feeds {
		h.commit(c, 20)
	}
	b.ResetTimer()
	n, cpu, begun := 0, cpuOf(b), time.Now()
	for b.Loop() {
		h.turn++
		h.commit(h.feeds[h.turn*7%len(h.feeds)], atOnce)
		n += atOnce
	}
	b.ReportMetric(float64((cpuOf(b)-cpu).Microseconds())/float64(n), "µs-cpu/article")
	b.ReportMetric(float64(n)/time.Since(begun).Seconds(), "articles/s")
}

package mill_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/filter"
	"feedmill/feed/mill"
	"feedmill/feed/render"
	"feedmill/feed/store"
)

// little lets a mill hold next to nothing.
func little(m *mill.Mill) { m.Hold(1500, 5000, 25, 700, 3, 2) }

// TestLargeDocuments publishes, edits, withdraws and changes settings in two newsrooms: one holds its documents, the other
// next to nothing. Readers find the same bytes, and the same dates.
func TestLargeDocuments(t *testing.T) {
	for _, size := range []int64{0, 20_000} {
		t.Run(fmt.Sprintf("size %d", size), func(t *testing.T) {
			random := rand.New(rand.NewPCG(11, uint64(size)))
			stands := []*stand{newStand(t), newStand(t)}
			little(stands[1].mill)
			for _, s := range stands {
				s.feed.Limit.Articles, s.feed.Channel.MaxSize, s.feed.Channel.Language = 20, size, "en"
				full := s.feed.Channel
				full.Edition, full.Formats = "some", []render.Format{render.JSON, render.NewsSitemap}
				s.feed.Editions = []mill.Edition{{Channel: full, Limit: mill.Limit{Articles: 15}, Filters: s.chain(s.drop("Article 1*"), filter.Kinds{Set: &filter.Set{Tags: []string{"some"}}})}}
			}
			published := 0
			for round := range rounds {
				var batch []feed.Article
				for range []int{0, 1, 1, 2, 30}[random.IntN(5)] {
					a := article(fmt.Sprintf("%d.txt", published), fmt.Sprintf("Article %d", published))
					a.Content += strings.Repeat("<p>And more of it.</p>", random.IntN(30))
					if a.Pin = published%9 == 4; published%2 == 1 {
						a.Link = "https://example.org/" + a.Slug
					}
					batch, published = append(batch, a), published+1
				}
				for range random.IntN(3) {
					if published == 0 {
						break
					}
					a := article(fmt.Sprintf("%d.txt", random.IntN(published)), fmt.Sprintf("Edited in %d", round))
					if random.IntN(3) == 0 {
						a.Status = feed.Withdrawn
					}
					batch = append(batch, a)
				}
				limit, rights := 5+random.IntN(40), fmt.Sprint(random.IntN(3))
				for _, s := range stands {
					if round%7 == 6 {
						s.feed.Limit.Articles = limit
					}
					if round%11 == 10 {
						s.feed.Channel.Rights = rights
					}
					if round%5 == 4 {
						s.mill = mill.New(s.store, s.store, func() time.Time { return s.now })
						if s == stands[1] {
							little(s.mill)
						}
					}
					s.refresh(batch...)
				}
				held, not := stands[0].site, stands[1].site
				if !slices.Equal(slices.Sorted(maps.Keys(held.documents)), slices.Sorted(maps.Keys(not.documents))) {
					t.Fatalf("round %d: there are %d documents and %d", round, len(held.documents), len(not.documents))
				}
				stands[1].open()
				for path, want := range held.documents {
					if got := not.documents[path]; !bytes.Equal(got, want) {
						t.Fatalf("round %d: %s says\n%s\nnot\n%s", round, path, got, want)
					}
					if !not.modified[path].Equal(held.modified[path]) {
						t.Fatalf("round %d: %s is of %v, not of %v", round, path, not.modified[path], held.modified[path])
					}
				}
			}
		})
	}
}

// open is the live RSS document as it is stored.
func (s *stand) open() (feed.Document, io.ReadCloser) {
	s.Helper()
	state, err := s.store.Feed(s.Context(), "world", "")
	if err != nil {
		s.Fatal(err)
	}
	d, err := s.store.Document(s.Context(), state.Serial, "world.rss")
	if err != nil {
		s.Fatal(err)
	}
	if d.Body != nil && d.Size > 1500 {
		s.Fatal("the document is held")
	}
	body, err := d.Open()
	if err != nil {
		s.Fatal(err)
	}
	return d.Document, body
}

// dying is a library that a rendering ends in the midst of.
type dying struct {
	*store.Store
	writes, renderings int // how many are still good; -1: all
}

func (d *dying) NewLarge(ctx context.Context, serial int64, atOnce int) *store.Large {
	if d.writes == 0 {
		killed, kill := context.WithCancel(ctx)
		kill()
		ctx = killed
	}
	d.writes--
	return d.Store.NewLarge(ctx, serial, atOnce)
}

func (d *dying) SaveRendering(ctx context.Context, r store.Rendering) error {
	if d.renderings == 0 {
		return errors.New("killed")
	}
	d.renderings--
	return d.Store.SaveRendering(ctx, r)
}

// A rendering of large documents that comes to no end leaves the old ones, and nothing that the next one minds.
func TestDeathInTheMidstOfALargeDocument(t *testing.T) {
	for _, death := range []dying{{writes: 0, renderings: -1}, {writes: 2, renderings: -1}, {writes: -1, renderings: 0}} {
		s := newStand(t)
		s.feed.Limit.Articles = 100
		little(s.mill)
		var batch []feed.Article
		for i := range 30 {
			a := article(fmt.Sprintf("%02d.txt", i), fmt.Sprintf("Article %02d", i))
			a.Link = "https://example.org/" + a.Slug
			batch = append(batch, a)
		}
		s.refresh(batch...)
		before := maps.Clone(s.site.documents)
		_, reading := s.open()

		death.Store = s.store
		s.mill = mill.New(s.store, &death, func() time.Time { return s.now })
		little(s.mill)
		newest := article("new.txt", "Newest")
		newest.Link = "https://example.org/new"
		s.source.batch = feed.Batch{Articles: []feed.Article{newest}, Extent: feed.Increment}
		if _, err := s.mill.Refresh(t.Context(), s.feed); err == nil {
			t.Fatal("no error")
		}
		if !maps.EqualFunc(s.site.documents, before, bytes.Equal) {
			t.Error("the documents changed")
		}
		if d, _ := s.open(); d.Size != int64(len(before["world.rss"])) {
			t.Errorf("the document has %d bytes", d.Size)
		}

		death.writes, death.renderings = -1, -1
		s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
		if len(s.entries()) != 31 {
			t.Errorf("%d articles are there", len(s.entries()))
		}
		// Whoever was reading the old document reads it to its end.
		if body, err := io.ReadAll(reading); err != nil || !bytes.Equal(body, before["world.rss"]) {
			t.Errorf("%d bytes of the old document were read: %v", len(body), err)
		}
		// When the documents are small again nothing is left of the large ones.
		d, _ := s.open() // the document of 31 articles
		s.feed.Limit.Articles = 1
		s.mill = mill.New(s.store, s.store, func() time.Time { return s.now })
		s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
		s.want("Newest")
		if _, err := d.Bytes(); err == nil {
			t.Error("a large document that no feed has is still there")
		}
	}
}

package mill_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/mill"
	"feedmill/feed/render"
	"feedmill/feed/store"
)

// brittle is a store that loses the renderings it is told to, as a process does that is killed between commit and
// rendering.
type brittle struct {
	*store.Store
	broken bool
}

var errLost = errors.New("killed")

func (b *brittle) SaveRendering(ctx context.Context, r store.Rendering) error {
	if b.broken {
		return errLost
	}
	return b.Store.SaveRendering(ctx, r)
}

// life is what a test knows of an article.
type life struct {
	said              feed.Article
	withdrawn, author bool
	expired           bool
}

func (l life) shown() bool { return !l.withdrawn && !l.author && !l.expired }

// TestWhateverHappens does anything to a feed, under limits that change, with kills in between. After each step every
// article is in the live documents or an archive, no word of one that was taken back is anywhere, and the live documents
// are what they would be if all were made anew.
func TestWhateverHappens(t *testing.T) {
	limits := []struct {
		mill.Limit
		size int64
	}{{mill.Limit{Articles: 5}, 0}, {mill.Limit{Hours: 24}, 0}, {mill.Limit{Articles: 3}, 9000}, {mill.Limit{Articles: 2, Hours: 12}, 20000}, {mill.Limit{Articles: 12}, 0}}
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			s := newStand(t)
			library := &brittle{Store: s.store}
			s.mill = mill.New(s.store, library, func() time.Time { return s.now })
			teaser := s.feed.Channel
			teaser.Edition, teaser.Content = "teaser", render.Teaser
			s.feed.Editions = []mill.Edition{{Channel: teaser, Limit: mill.Limit{Articles: 4}}}
			var lives []*life
			for round := range 12 {
				s.now = s.now.Add(time.Duration(random.IntN(8*60)) * time.Minute)
				if random.IntN(8) == 0 {
					l := limits[random.IntN(len(limits))]
					s.feed.Limit, s.feed.Channel.MaxSize = l.Limit, l.size
				}
				b := feed.Batch{Extent: feed.Increment}
				old := len(lives)
				for range []int{0, 1, 1, 2, 3, 14}[random.IntN(6)] {
					n := len(lives)
					a := article(fmt.Sprintf("%d.txt", n), fmt.Sprintf("Article %d", n))
					a.Content = fmt.Sprintf("<p>Word%dword.</p>", n) + strings.Repeat("<p>And more of it.</p>", random.IntN(80))
					a.Summary, a.Pin = fmt.Sprintf("In short: Word%dword", n), random.IntN(12) == 0
					if random.IntN(6) == 0 {
						a.Expires = s.now.Add(time.Duration(1+random.IntN(40)) * time.Hour)
					}
					if random.IntN(3) == 0 {
						a.Link = "https://news.example.org/" + a.Key
					}
					lives = append(lives, &life{said: a})
					b.Articles = append(b.Articles, a)
				}
				if old > 0 {
					for _, n := range random.Perm(old)[:min(old, random.IntN(3))] {
						l := lives[n]
						switch random.IntN(4) {
						case 0:
							l.said.Correction = fmt.Sprintf("In round %d", round)
						case 1:
							l.said.Status, l.author = feed.Withdrawn, true
						case 2:
							l.said.Status, l.author = feed.Ready, false
						default:
							l.said.Pin = !l.said.Pin
						}
						b.Articles = append(b.Articles, l.said)
					}
				}
				s.source.batch = b
				library.broken = random.IntN(6) == 0
				if _, err := s.mill.Refresh(t.Context(), s.feed); err != nil && !errors.Is(err, errLost) {
					t.Fatalf("round %d: %v", round, err)
				}
				if len(lives) > 0 && random.IntN(3) == 0 {
					l := lives[random.IntN(len(lives))]
					if _, err := s.mill.Withdraw(t.Context(), s.feed, l.said.Key); err == nil || errors.Is(err, errLost) {
						l.withdrawn = true
					}
				}
				for _, l := range lives {
					if l.withdrawn && random.IntN(10) == 0 {
						if _, err := s.mill.Restore(t.Context(), s.feed, l.said.Key); err == nil || errors.Is(err, errLost) {
							l.withdrawn = false
						}
					}
				}
				library.broken = false
				s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
				for _, l := range lives {
					l.expired = !l.said.Expires.IsZero() && !l.said.Expires.After(s.now)
				}
				s.holds(round, lives)
				s.isAsMadeAnew(round)
			}
		})
	}
}

// holds compares what subscribers find with what is known of the articles.
func (s *stand) holds(round int, lives []*life) {
	s.Helper()
	want := map[string]bool{}
	all := bytes.Join(collect(s.site.documents), nil)
	for n, l := range lives {
		if l.shown() {
			want[l.said.Title] = true
		} else if word := fmt.Sprintf("Word%dword", n); bytes.Contains(all, []byte(word)) {
			s.Fatalf("round %d: %s is still readable in %q", round, l.said.Key, s.holding(word))
		}
	}
	for _, path := range []string{"world.rss", "world.atom"} {
		got := map[string]bool{}
		for _, title := range s.walk(path) {
			if title != notice {
				got[title] = true
			}
		}
		if !maps.Equal(got, want) {
			s.Fatalf("round %d: %s and its archives hold %v, want %v", round, path, got, want)
		}
	}
}

func collect(documents map[string][]byte) (all [][]byte) {
	for _, body := range documents {
		all = append(all, body)
	}
	return all
}

// isAsMadeAnew makes the documents under other settings and under these again, which takes nothing from those before.
func (s *stand) isAsMadeAnew(round int) {
	s.Helper()
	before := maps.Clone(s.site.documents)
	rights := s.feed.Channel.Rights
	for _, word := range []string{"other", rights} {
		s.feed.Channel.Rights = word
		s.source.batch = feed.Batch{Extent: feed.Unchanged}
		if _, err := s.mill.Refresh(s.Context(), s.feed); err != nil {
			s.Fatal(err)
		}
	}
	for path, body := range before {
		if !bytes.Equal(s.site.documents[path], body) {
			s.Fatalf("round %d: %s made anew is\n%s\nit was\n%s", round, path, s.site.documents[path], body)
		}
	}
}

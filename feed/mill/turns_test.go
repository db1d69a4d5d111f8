package mill_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/mill"
	"feedmill/feed/store"
	"feedmill/feed/turns"
)

// crew counts who works side by side.
type crew struct {
	mu        sync.Mutex
	now, peak int
	did       map[string]int
}

func (c *crew) work(what string) {
	c.mu.Lock()
	c.now++
	c.peak = max(c.peak, c.now)
	if c.did == nil {
		c.did = map[string]int{}
	}
	c.did[what]++
	c.mu.Unlock()
	time.Sleep(2 * time.Millisecond)
	c.mu.Lock()
	c.now--
	c.mu.Unlock()
}

// watched is a store that counts what is asked of it while articles are judged and documents rendered.
type watched struct {
	*store.Store
	crew *crew
}

func (w watched) FindAll(ctx context.Context, serial int64, l []store.Lookup) ([]store.Article, error) {
	w.crew.work("judge")
	return w.Store.FindAll(ctx, serial, l)
}

func (w watched) Shown(ctx context.Context, serial int64, n int, since time.Time) ([]store.Shown, error) {
	w.crew.work("render")
	return w.Store.Shown(ctx, serial, n, since)
}

func (w watched) LiveDocuments(ctx context.Context, serial int64) ([]store.Document, error) {
	w.crew.work("compare")
	return w.Store.LiveDocuments(ctx, serial)
}

// read is a source that reads a document; do is what that is.
type read func(ctx context.Context, begin func() (end func())) feed.Batch

func (s read) Fetch(ctx context.Context, m feed.Memory) (b feed.Batch, err error) {
	return s(ctx, func() func() {
		_, end, failed := m.(feed.Marker).Begin(ctx, "document")
		if err = failed; failed != nil {
			return func() {}
		}
		return end
	}), err
}

// with is a feed of one source and one output.
func (s *stand) with(name string, source feed.Source, out feed.Publisher) *mill.Feed {
	f := *s.feed
	f.Name, f.Channel.Feed = name, name
	f.Sources = []mill.Source{{Name: name, Digest: name, Source: source}}
	f.Outputs = []mill.Output{{Name: "site", Publisher: out}}
	return &f
}

func TestNoMoreWorkThanTurns(t *testing.T) {
	for _, most := range []int{1, 2} {
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			s, c := newStand(t), &crew{}
			s.mill = mill.New(watched{s.store, c}, watched{s.store, c}, func() time.Time { return s.now })
			s.mill.SetTurns(turns.New(most))
			var wait sync.WaitGroup
			for i := range 12 {
				articles := []feed.Article{article("a.txt", "A")}
				f := s.with(fmt.Sprint("f", i), read(func(_ context.Context, begin func() func()) feed.Batch {
					defer begin()()
					c.work("parse")
					articles = append(articles, article(fmt.Sprint(len(articles), ".txt"), "B"))
					return feed.Batch{Articles: articles, Extent: feed.Listing}
				}), &site{documents: map[string][]byte{}, modified: map[string]time.Time{}})
				wait.Go(func() {
					for range 2 {
						if _, err := s.mill.Refresh(t.Context(), f); err != nil {
							t.Error(err)
						}
					}
				})
			}
			wait.Wait()
			if c.peak > most {
				t.Errorf("%d worked side by side, want %d at most", c.peak, most)
			}
			for _, what := range []string{"parse", "judge", "render", "compare"} {
				if c.did[what] < 12 {
					t.Errorf("%s was seen %d times, want each of 12 feeds", what, c.did[what])
				}
			}
		})
	}
}

// stuck is an output that takes nothing before it is let.
type stuck struct{ begun, let chan struct{} }

func (s stuck) Publish(ctx context.Context, _ feed.Release) error {
	close(s.begun)
	select {
	case <-s.let:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Whoever waits for an origin or an output keeps no other feed from its refresh.
func TestWaitingHoldsNoTurn(t *testing.T) {
	s := newStand(t)
	free := turns.New(1)
	s.mill.SetTurns(free)
	batch := feed.Batch{Articles: []feed.Article{article("a.txt", "A")}, Extent: feed.Increment}
	asked, let := make(chan struct{}), make(chan struct{})
	slow := read(func(context.Context, func() func()) feed.Batch {
		close(asked)
		<-let
		return batch
	})
	quick := read(func(_ context.Context, begin func() func()) feed.Batch {
		defer begin()()
		return batch
	})
	output := stuck{make(chan struct{}), let}
	var wait sync.WaitGroup
	for _, f := range []*mill.Feed{s.with("origin", slow, s.site), s.with("output", quick, output)} {
		wait.Go(func() {
			if _, err := s.mill.Refresh(t.Context(), f); err != nil {
				t.Errorf("feed %s: %v", f.Name, err)
			}
		})
	}
	<-asked
	<-output.begun
	ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond) // less than a turn counts at most
	defer stop()
	turn, err := free.Take(ctx)
	if err != nil {
		t.Fatal("a turn is held while nobody works")
	}
	turn.End()
	other := s.with("other", quick, &site{documents: map[string][]byte{}, modified: map[string]time.Time{}})
	if _, err := s.mill.Refresh(t.Context(), other); err != nil {
		t.Error(err)
	}
	close(let)
	wait.Wait()
}

// A refresh that waits for its turn ends when the daemon stops.
func TestWaitForTurnEndsWithContext(t *testing.T) {
	s := newStand(t)
	free := turns.New(1)
	s.mill.SetTurns(free)
	held, err := free.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer held.End()
	ctx, stop := context.WithCancel(t.Context())
	f := s.with("world", read(func(_ context.Context, begin func() func()) feed.Batch {
		stop()
		defer begin()()
		return feed.Batch{Extent: feed.Increment}
	}), s.site)
	if _, err := s.mill.Refresh(ctx, f); !errors.Is(err, context.Canceled) {
		t.Errorf("a refresh that was stopped while it waited gives %v", err)
	}
}

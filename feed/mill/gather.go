package mill

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"feedmill/feed"
)

// sourcesAtOnce bounds how many sources of one feed are read side by side.
const sourcesAtOnce = 8

// batch is what one source gave, with what it wants to remember.
type batch struct {
	feed.Batch
	source *Source
	memory *memory
}

// memory is a source's memory during one fetch; what was put is committed with the batch.
type memory struct{ known, put map[string][]byte }

func (m *memory) Get(key string) []byte {
	if value, ok := m.put[key]; ok {
		return value
	}
	return m.known[key]
}

func (m *memory) Put(key string, value []byte) { m.put[key] = value }

// gather fetches every source. A source that fails gives an error and no batch, and stops no other.
func (r *refresh) gather(ctx context.Context) error {
	batches := make([]*batch, len(r.feed.Sources))
	errs := make([]error, len(r.feed.Sources))
	slots := make(chan struct{}, sourcesAtOnce)
	var wait sync.WaitGroup
	for i := range r.feed.Sources {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			batches[i], errs[i] = r.fetch(ctx, &r.feed.Sources[i])
		})
	}
	wait.Wait()
	for _, b := range batches {
		if b != nil {
			r.batches = append(r.batches, *b)
		}
	}
	return errors.Join(errs...)
}

func (r *refresh) fetch(ctx context.Context, s *Source) (b *batch, err error) {
	defer func() {
		if p := recover(); p != nil {
			b, err = nil, feed.Classify(feed.Internal, fmt.Errorf("source %s: panic: %v\n%s", s.Name, p, debug.Stack()))
		}
	}()
	known, err := r.ledger.Memory(ctx, r.state.Serial, s.Digest)
	if err != nil {
		return nil, err
	}
	m := &memory{known: known, put: map[string][]byte{}}
	got, err := s.Fetch(ctx, m)
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", s.Name, err)
	}
	return &batch{Batch: got, source: s, memory: m}, nil
}

// remembered is what the sources want to remember, by source and key.
func (r *refresh) remembered() map[string]map[string][]byte {
	all := map[string]map[string][]byte{}
	for _, b := range r.batches {
		if len(b.memory.put) > 0 {
			all[b.source.Digest] = b.memory.put
		}
	}
	return all
}

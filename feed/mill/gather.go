package mill

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"

	"feedmill/feed"
)

// sourcesAtOnce bounds how many sources of one feed are read side by side.
const sourcesAtOnce = 8

// origin is one thing to fetch: a source, or one of those that an expander stands for.
type origin struct {
	feed.Source
	of     *Source
	place  int // of the source in the configuration
	name   string
	memory *memory
	digest string // what it remembers is kept under it
}

// batch is what one origin gave, with what it wants to remember.
type batch struct {
	feed.Batch
	origin
	answered bool
	verdict

	ids, places, keys map[string]bool // of its articles; the empty one too if any has none
}

// memory is a source's memory during one fetch; what was put is committed with the batch.
type memory struct {
	known, put map[string][]byte
	mill       *Mill
	digest     string
	private    bool // of the feed
}

var (
	_ feed.Marker = (*memory)(nil)
	_ feed.Keeper = (*memory)(nil)
)

// deadly is how many deaths of the process make work a poison: the note of them is kept then.
const deadly = 2

// dangerousAtOnce bounds how many documents are parsed side by side. It is processors that parsing takes, and for large
// documents many times their size in memory.
const dangerousAtOnce = 2

// Begin notes work that may end the process, outside the commit that it may never come to.
func (m *memory) Begin(ctx context.Context, work string) (deaths int, end func(), err error) {
	select {
	case m.mill.dangerous <- struct{}{}:
	case <-ctx.Done():
		return 0, nil, ctx.Err()
	}
	turn, err := m.mill.turns.Take(ctx) // before the others that wait for suspects: who holds those has his already
	if err != nil {
		<-m.mill.dangerous
		return 0, nil, err
	}
	before, ended, err := m.note(ctx, m.digest+" "+work)
	if err != nil {
		turn.End()
		<-m.mill.dangerous
		return 0, nil, err
	}
	return int(before), func() { ended(); turn.End(); <-m.mill.dangerous }, nil
}

// note lets work that did not end before be tried alone, so that nothing beside it is suspected when the process ends
// again.
func (m *memory) note(ctx context.Context, work string) (before int64, end func(), err error) {
	suspects := &m.mill.suspects
	suspects.Lock()
	if before, err = m.mill.ledger.Begin(ctx, work); err != nil {
		suspects.Unlock()
		return 0, nil, err
	}
	after, release := before, suspects.Unlock
	if before < deadly {
		after = 0 // if it ends, it is not what ended the process
	}
	if before == 0 {
		suspects.Unlock()
		release = func() {}
	}
	return before, func() {
		// A note that stays counts as one death too many, which alone harms nothing.
		_ = m.mill.ledger.End(context.WithoutCancel(ctx), work, after)
		release()
	}, nil
}

func (m *memory) Get(key string) []byte {
	if value, ok := m.put[key]; ok {
		return value
	}
	return m.known[key]
}

func (m *memory) Put(key string, value []byte) { m.put[key] = value }

// gather fetches every source. A source that fails gives an error and no articles, and stops no other.
func (r *refresh) gather(ctx context.Context) error {
	var lock sync.Mutex
	var origins []origin
	var errs []error
	r.each(len(r.feed.Sources), func(i int) {
		found, err := r.origins(ctx, i)
		lock.Lock()
		defer lock.Unlock()
		origins, errs = append(origins, found...), append(errs, err)
	})
	// In the order of the configuration, so that of two sources the first one always counts.
	slices.SortStableFunc(origins, func(a, b origin) int { return cmp.Or(a.place-b.place, cmp.Compare(a.name, b.name)) })
	r.batches = make([]batch, len(origins))
	failed := make([]error, len(origins))
	r.each(len(origins), func(i int) {
		r.batches[i].origin = origins[i]
		r.batches[i].Batch, failed[i] = r.fetch(ctx, &origins[i])
		r.batches[i].answered = failed[i] == nil
	})
	return errors.Join(append(errs, failed...)...)
}

// each calls do for 0 to n-1, some side by side, and waits for all.
func (r *refresh) each(n int, do func(int)) {
	if n == 1 {
		do(0)
		return
	}
	slots := make(chan struct{}, sourcesAtOnce)
	var wait sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			do(i)
		})
	}
	wait.Wait()
}

// origins finds what there is to fetch for the source at a place: itself, or what it stands for now.
func (r *refresh) origins(ctx context.Context, place int) (found []origin, err error) {
	s := &r.feed.Sources[place]
	self := origin{Source: s.Source, of: s, place: place, name: s.Name, digest: s.Digest}
	if self.memory, err = r.recall(ctx, s.Digest); err != nil {
		return nil, err
	}
	if s.From != "" {
		self.Source = &derived{refresh: r, parent: s.From}
	}
	if s.Expander == nil {
		return []origin{self}, nil
	}
	children, failed := r.expand(ctx, s, self.memory)
	if children == nil && failed == nil && s.Source != nil {
		return []origin{self}, nil // it turned out to be one source
	}
	self.Source = still{}
	found = []origin{self}
	for name, child := range children {
		o := origin{Source: child, of: s, place: place, name: s.Name + " " + name, digest: digest([]string{s.Digest, name})}
		if o.memory, err = r.recall(ctx, o.digest); err != nil {
			return nil, err
		}
		found = append(found, o)
	}
	return found, failed
}

// still is what a list itself gives: nothing but its memory.
type still struct{}

func (still) Fetch(context.Context, feed.Memory) (feed.Batch, error) {
	return feed.Batch{Extent: feed.Unchanged}, nil
}

func (r *refresh) recall(ctx context.Context, digest string) (*memory, error) {
	known, err := r.ledger.Memory(ctx, r.state.Serial, digest)
	return &memory{known: known, put: map[string][]byte{}, mill: r.Mill, digest: digest, private: r.feed.Private}, err
}

func (r *refresh) expand(ctx context.Context, s *Source, m feed.Memory) (children map[string]feed.Source, err error) {
	defer recovered(s.Name, &err)
	children, err = s.Expand(ctx, m)
	return children, wrapSource(s.Name, err)
}

// fetch reads one origin. After an error nothing is left of the batch, but its memory is kept.
func (r *refresh) fetch(ctx context.Context, o *origin) (b feed.Batch, err error) {
	defer recovered(o.name, &err)
	b, err = o.Fetch(ctx, o.memory)
	if err != nil {
		return feed.Batch{Extent: feed.Unchanged}, wrapSource(o.name, err)
	}
	return b, nil
}

// SourceError is what the error of a refresh holds for each source that could not be read.
type SourceError struct {
	Source string // its name; of a feed that a list names, the list's name and the address
	Err    error
}

func (e *SourceError) Error() string { return "source " + e.Source + ": " + e.Err.Error() }

// Unwrap returns the cause, which has the class.
func (e *SourceError) Unwrap() error { return e.Err }

func wrapSource(name string, err error) error {
	if err == nil {
		return nil
	}
	return &SourceError{name, err}
}

// recovered makes an error of a panic in a source.
func recovered(name string, err *error) {
	if p := recover(); p != nil {
		*err = &SourceError{name, feed.Classify(feed.Internal, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))}
	}
}

// remembered is what the sources want to remember, by digest and key.
func (r *refresh) remembered() map[string]map[string][]byte {
	all := map[string]map[string][]byte{}
	for _, b := range r.batches {
		if len(b.memory.put) > 0 {
			all[b.digest] = b.memory.put
		}
	}
	return all
}

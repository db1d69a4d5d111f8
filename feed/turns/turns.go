// Package turns bounds how much of the work of a process is at the processors side by side, so that some of them are left for
// what must not wait: the answers to readers.
//
// The Go scheduler knows no urgency. A request that finds every processor at work waits until a goroutine there blocks or
// has had its 10 ms, and behind others that wait as well. So whatever refreshes feeds takes a turn for each stretch of
// work, and gives it back before it waits for anything but memory, or writes to the state: one who holds a turn keeps the
// others from work, and must take no second one.
//
// Which stretches these are is said where they stand, in packages mill and serve. The package starts no goroutine and knows
// nothing of feeds.
package turns

import (
	"context"
	"sync"
	"time"
)

// overtime is how long a turn counts. After it another one begins beside it: a document of a hundred megabytes must not
// keep a thousand small ones waiting, nor a disk that has stopped answering.
const overtime = 250 * time.Millisecond

// Turns are so many turns at a time. Nil are turns without a bound. Safe for concurrent use.
type Turns struct {
	taken    chan struct{} // holds a token for each
	overtime time.Duration
}

// New makes n turns, one at least.
func New(n int) *Turns {
	return &Turns{taken: make(chan struct{}, max(n, 1)), overtime: overtime}
}

// Turn is one turn of one goroutine. Nil is one that nobody waits for.
type Turn struct {
	of    *Turns
	give  func()
	timer *time.Timer
}

// Take waits for a turn, those first that have waited longest, until ctx ends: then the error is that of ctx. The turn is to
// be ended.
func (t *Turns) Take(ctx context.Context) (*Turn, error) {
	if t == nil {
		return nil, ctx.Err()
	}
	turn := &Turn{of: t}
	if err := turn.take(ctx); err != nil {
		return nil, err
	}
	return turn, nil
}

func (u *Turn) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case u.of.taken <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	u.give = sync.OnceFunc(func() { <-u.of.taken })
	u.timer = time.AfterFunc(u.of.overtime, u.give)
	return nil
}

// End gives the turn back. To end it again does nothing.
func (u *Turn) End() {
	if u == nil || u.give == nil {
		return
	}
	u.timer.Stop()
	u.give()
	u.give = nil
}

// Rest gives the turn back while do waits for something, and then waits for a turn again. The error is that of ctx, after
// which there is none.
func (u *Turn) Rest(ctx context.Context, do func()) error {
	if u == nil {
		do()
		return ctx.Err()
	}
	u.End()
	do()
	return u.take(ctx)
}

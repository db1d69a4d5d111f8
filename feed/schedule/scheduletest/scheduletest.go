// Package scheduletest is the suite that every engine passes: what feedmill relies on when it hands refreshes to one.
//
// It looks at an engine from outside, through the refreshes it calls. It knows no engine and tests no calendar; that
// is tested beside package schedule. A new promise of [schedule.Engine] becomes a case in cases.go.
package scheduletest

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"feedmill/feed/schedule"
)

// Refresh is what an engine calls for a job; a wake that is not zero asks for an extra refresh.
type Refresh = func(ctx context.Context, name string) (wake time.Time, err error)

// Clock says by which clock an engine can be tested.
type Clock int

// An engine that touches neither network nor files is tested by the clock of testing/synctest, any other by the real
// one, its cases side by side; that takes some seconds.
const (
	Fake Clock = iota
	Real
)

// Run tests the engines that open makes, a new one for each case.
func Run(t *testing.T, clock Clock, open func(t *testing.T, refresh Refresh) schedule.Engine) {
	var side sync.WaitGroup
	defer side.Wait()
	for _, c := range cases() {
		if clock == Fake {
			t.Run(c.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { c.run(newStand(t, open)) })
			})
			continue
		}
		// Not t.Parallel, which runs no more cases than there are processors: these mostly sleep.
		side.Go(func() { t.Run(c.name, func(t *testing.T) { c.run(newStand(t, open)) }) })
	}
}

// stand holds one engine and writes down what it does.
type stand struct {
	*testing.T
	engine schedule.Engine

	mu     sync.Mutex
	acts   map[string]act
	began  map[string]int
	ended  map[string]int
	busy   map[string]bool
	doubly []string // names of which two refreshes ran at once
}

// act is what a refresh does; nth counts the refreshes of the name from 1.
type act func(ctx context.Context, nth int) (wake time.Time, err error)

func newStand(t *testing.T, open func(t *testing.T, refresh Refresh) schedule.Engine) *stand {
	s := &stand{T: t, acts: map[string]act{}, began: map[string]int{}, ended: map[string]int{}, busy: map[string]bool{}}
	s.engine = open(t, s.refresh)
	return s
}

func (s *stand) refresh(ctx context.Context, name string) (time.Time, error) {
	s.mu.Lock()
	s.began[name]++
	if s.busy[name] {
		s.doubly = append(s.doubly, name)
	}
	s.busy[name] = true
	do, nth := s.acts[name], s.began[name]
	s.mu.Unlock()

	defer func() {
		s.mu.Lock()
		s.ended[name]++
		s.busy[name] = false
		s.mu.Unlock()
	}()
	if do == nil {
		return time.Time{}, nil
	}
	return do(ctx, nth)
}

// run runs the engine; stop ends it and is called by each case, to see what is left then.
func (s *stand) run() (stop func()) {
	ctx, cancel := context.WithCancel(s.Context())
	done := make(chan error, 1)
	go func() { done <- s.engine.Run(ctx) }()
	return func() {
		s.Helper()
		cancel()
		select {
		case err := <-done:
			if err != nil {
				s.Errorf("Run = %v, want nil after its context ended", err)
			}
		case <-time.After(20 * time.Second):
			s.Fatal("Run did not return within 20 s of the end of its context")
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		for name, busy := range s.busy {
			if busy {
				s.Errorf("Run returned while %q was being refreshed", name)
			}
		}
		if len(s.doubly) > 0 {
			s.Errorf("two refreshes at the same time of %q", s.doubly)
		}
	}
}

func (s *stand) apply(jobs ...schedule.Job) {
	s.Helper()
	if err := s.engine.Apply(s.Context(), jobs); err != nil {
		s.Fatalf("Apply = %v", err)
	}
}

func (s *stand) enqueue(name string) { //nolint:unparam // its cases need one job only; they name it as in all they ask
	s.Helper()
	if err := s.engine.Enqueue(s.Context(), name); err != nil {
		s.Fatalf("Enqueue(%q) = %v", name, err)
	}
}

func (s *stand) begun(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.began[name]
}

func (s *stand) finished(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended[name]
}

// await waits until n refreshes of name have begun, for as long as an engine on a busy database may take.
func (s *stand) await(name string, n int) {
	s.Helper()
	for range 1500 {
		if s.begun(name) >= n {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.Fatalf("%q was refreshed %d times, want %d within 15 s", name, s.begun(name), n)
}

// settle gives the engine time for what it must not do, then wants exactly n refreshes of name.
func (s *stand) settle(name string, n int) {
	s.Helper()
	time.Sleep(1500 * time.Millisecond)
	if got := s.begun(name); got != n {
		s.Errorf("%q was refreshed %d times, want %d", name, got, n)
	}
}

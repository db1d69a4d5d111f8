package turns

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestNoMoreThanSoMany(t *testing.T) {
	const most = 3
	var mu sync.Mutex
	var now, peak int
	add := func(n int) {
		mu.Lock()
		defer mu.Unlock()
		now += n
		peak = max(peak, now)
	}
	work := func() {
		add(1)
		time.Sleep(time.Millisecond)
		add(-1)
	}
	synctest.Test(t, func(t *testing.T) {
		turns := New(most)
		var wait sync.WaitGroup
		for range 50 {
			wait.Go(func() {
				turn, err := turns.Take(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				defer turn.End()
				work()
				if err := turn.Rest(t.Context(), func() { time.Sleep(5 * time.Millisecond) }); err != nil {
					t.Error(err)
				}
				work()
			})
		}
		wait.Wait()
	})
	if peak != most {
		t.Errorf("%d worked side by side, want %d", peak, most)
	}
}

func TestRestLetsOthersWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := New(1)
		mine, err := turns.Take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		err = mine.Rest(t.Context(), func() {
			other, err := turns.Take(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			other.End()
		})
		if err != nil {
			t.Fatal(err)
		}
		if free(turns) {
			t.Error("after the rest the turn is not held again")
		}
		mine.End()
		mine.End() // which must not end another one's
		if !free(turns) {
			t.Error("after its end the turn is still held")
		}
	})
}

// free reports whether a turn can be had at once.
func free(turns *Turns) bool {
	ctx, stop := context.WithTimeout(context.Background(), time.Millisecond)
	defer stop()
	turn, err := turns.Take(ctx)
	turn.End()
	return err == nil
}

func TestWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := New(0) // is one
		held, err := turns.Take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Millisecond)
		defer stop()
		if turn, err := turns.Take(ctx); !errors.Is(err, context.DeadlineExceeded) || turn != nil {
			t.Errorf("a turn that was waited for in vain: %v, %v", turn, err)
		}
		if err := held.Rest(ctx, func() {}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a rest whose context has ended: %v", err)
		}
		held.End()
		if !free(turns) {
			t.Error("who was not let in again holds the turn")
		}
	})
}

// A turn that takes too long keeps nobody from work: not even its own end takes a turn from others then.
func TestOvertimeKeepsNobodyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := New(1)
		long, err := turns.Take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		next, err := turns.Take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begun); took != overtime {
			t.Errorf("the next one waited for %s, want %s", took, overtime)
		}
		long.End()
		if free(turns) {
			t.Error("the end of a turn in overtime ended the next one's")
		}
		next.End()
	})
}

func TestWithoutABound(t *testing.T) {
	var none *Turns
	for range 2 {
		turn, err := none.Take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		did := false
		if err := turn.Rest(t.Context(), func() { did = true }); err != nil || !did {
			t.Errorf("a rest did its work %t, %v", did, err)
		}
		turn.End()
	}
}

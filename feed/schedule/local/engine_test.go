package local_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"feedmill/feed"
	"feedmill/feed/schedule"
	"feedmill/feed/schedule/local"
)

func every(t testing.TB, spec string) feed.Schedule {
	t.Helper()
	s, err := schedule.Parse(spec, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// during runs an engine in a bubble, does what is to be done, and stops the engine.
func during(t *testing.T, e *local.Engine, jobs []schedule.Job, do func()) {
	t.Helper()
	if err := e.Apply(t.Context(), jobs); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	do()
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run = %v", err)
	}
}

func nothing(context.Context, string) (time.Time, error) { return time.Time{}, nil }

func TestSaveAtMostOnceASecondAndAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls []time.Time
		stored := map[string]time.Time{}
		e := local.New(local.Config{Refresh: nothing, Save: func(ctx context.Context, due map[string]time.Time) error {
			calls = append(calls, time.Now())
			maps.Copy(stored, due)
			return ctx.Err()
		}})
		var jobs []schedule.Job
		for n := range 500 {
			jobs = append(jobs, schedule.Job{Name: fmt.Sprint("feed", n), Schedule: every(t, "@every 1h")})
		}
		during(t, e, jobs, func() {
			time.Sleep(3300 * time.Millisecond)
			if err := e.Enqueue(t.Context(), "feed7"); err != nil {
				t.Error(err)
			}
			synctest.Wait()
		})
		if len(calls) != 2 || calls[1].Sub(calls[0]) < time.Second {
			t.Errorf("Save was called at %v, want once after the start and once at the end", calls)
		}
		if len(stored) != 500 || !stored["feed7"].Equal(time.Date(2000, 1, 1, 1, 0, 0, 0, time.UTC)) {
			t.Errorf("%d due times stored, feed7 is %v; want 500 and 01:00", len(stored), stored["feed7"])
		}
	})
}

func TestFailedSaveIsTriedAgainAndLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		calls, stored := 0, 0
		e := local.New(local.Config{Refresh: nothing, Log: slog.New(slog.NewTextHandler(&log, nil)),
			Save: func(_ context.Context, due map[string]time.Time) error {
				switch calls++; {
				case calls == 1:
					panic("a bug in Save")
				case calls < 4:
					return errors.New("disk full")
				}
				stored += len(due)
				return nil
			}})
		during(t, e, []schedule.Job{{Name: "world", Schedule: every(t, "@every 1h")}}, func() { time.Sleep(10 * time.Second) })
		if calls != 4 || stored != 1 {
			t.Errorf("%d calls stored %d due times, want 4 and 1", calls, stored)
		}
		if n := strings.Count(log.String(), "disk full"); n != 1 {
			t.Errorf("the failure was logged %d times, want once:\n%s", n, &log)
		}
	})
}

func TestWakeIsStoredForTheNextStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		embargo := time.Now().Add(90 * time.Minute)
		due := map[string]time.Time{}
		e := local.New(local.Config{
			Refresh: func(context.Context, string) (time.Time, error) { return embargo, nil },
			Save:    func(_ context.Context, d map[string]time.Time) error { maps.Copy(due, d); return nil },
		})
		during(t, e, []schedule.Job{{Name: "world", Schedule: every(t, "@every 1d")}}, func() { time.Sleep(time.Minute) })
		if !due["world"].Equal(embargo) {
			t.Errorf("stored due time %v, want the embargo's end %v", due["world"], embargo)
		}
	})
}

func TestPanicIsLoggedOnceWithFeedAndStack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		e := local.New(local.Config{Log: slog.New(slog.NewTextHandler(&log, nil)),
			Refresh: func(context.Context, string) (time.Time, error) { panic("a bug") }})
		during(t, e, []schedule.Job{{Name: "world", Schedule: every(t, "@every 1h")}}, func() { time.Sleep(time.Minute) })
		for _, want := range []string{"feed=world", "a bug", "engine_test.go", "class=internal"} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("no %q in the log: %s", want, &log)
			}
		}
		if n := strings.Count(log.String(), "\n"); n != 1 {
			t.Errorf("%d lines were logged, want 1", n)
		}
	})
}

func TestCutOffRefreshKeepsItsDueTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := local.New(local.Config{
			Refresh: func(ctx context.Context, _ string) (time.Time, error) { <-ctx.Done(); return time.Time{}, ctx.Err() },
			Save: func(_ context.Context, due map[string]time.Time) error {
				t.Errorf("Save got %v for a refresh that was cut off", due)
				return nil
			},
		})
		during(t, e, []schedule.Job{{Name: "world", Schedule: every(t, "@every 1h")}}, func() { time.Sleep(time.Minute) })
	})
}

// A clock that jumps, as after suspend or when it is set, neither loses a tick nor repeats the missed ones.
func TestClockIsSet(t *testing.T) {
	for _, c := range []struct {
		about string
		jump  time.Duration
	}{{"forward", 100 * time.Hour}, {"back", -100 * time.Hour}} {
		t.Run(c.about, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var jump atomic.Int64
				runs := make(chan time.Time, 1000)
				e := local.New(local.Config{
					Now:     func() time.Time { return time.Now().Add(time.Duration(jump.Load())) },
					Refresh: func(context.Context, string) (time.Time, error) { runs <- time.Now(); return time.Time{}, nil },
				})
				jobs := []schedule.Job{{Name: "world", Schedule: every(t, "@every 1h"), Due: time.Now().Add(time.Hour)}}
				during(t, e, jobs, func() {
					time.Sleep(90*time.Minute + 500*time.Millisecond)
					synctest.Wait()
					jump.Store(int64(c.jump))
					time.Sleep(time.Hour)
				})
				want := map[string]int{"forward": 3, "back": 2}[c.about]
				if len(runs) != want {
					t.Errorf("%d refreshes, want %d", len(runs), want)
				}
			})
		})
	}
}

// A tick of its own time does not wait behind what is caught up after a long standstill.
func TestTicksGoBeforeCatchingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		var late time.Duration
		e := local.New(local.Config{Refresh: func(_ context.Context, name string) (time.Time, error) {
			if name == "explicit" {
				late = time.Since(started.Add(time.Minute))
			}
			time.Sleep(2 * time.Second)
			return time.Time{}, nil
		}})
		jobs := []schedule.Job{{Name: "explicit", Schedule: every(t, "1 0 * * *"), Due: started.Add(time.Minute)}}
		for n := range 1000 {
			jobs = append(jobs, schedule.Job{Name: fmt.Sprint("feed", n), Schedule: every(t, "@every 4w")})
		}
		during(t, e, jobs, func() { time.Sleep(2 * time.Minute) })
		if late < 0 || late > 5*time.Second {
			t.Errorf("an explicit time started %v late, want at most 5 s", late)
		}
	})
}

func TestAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := local.New(local.Config{Refresh: nothing})
		jobs := []schedule.Job{{Name: "world", Schedule: every(t, "@every 1h")}}
		during(t, e, jobs, func() {})
		if e.Enqueue(t.Context(), "world") == nil || e.Apply(t.Context(), jobs) == nil || e.Run(t.Context()) == nil {
			t.Error("an engine that ended takes work, want errors")
		}
	})
}

func BenchmarkApply(b *testing.B) {
	var jobs []schedule.Job
	for n := range 10_000 {
		name := fmt.Sprint("feed", n)
		jobs = append(jobs, schedule.Job{Name: name, Schedule: schedule.Spread(every(b, "@every 30m"), name), Due: time.Now().Add(time.Hour)})
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			if err := local.New(local.Config{Refresh: nothing}).Apply(b.Context(), jobs); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("again", func(b *testing.B) {
		e := local.New(local.Config{Refresh: nothing})
		for b.Loop() {
			if err := e.Apply(b.Context(), jobs); err != nil {
				b.Fatal(err)
			}
		}
	})
}

package scheduletest

import (
	"context"
	"errors"
	"time"

	"feedmill/feed"
	"feedmill/feed/schedule"
)

type testCase struct {
	name string
	run  func(s *stand)
}

func cases() []testCase {
	return []testCase{
		{"a new job that is due runs once, at once", newJob},
		{"a job runs at its ticks", ticks},
		{"missed ticks collapse into one", missed},
		{"a tick during a refresh is skipped", skipped},
		{"requests during a refresh collapse into one after it", collapse},
		{"a request before Run is kept", early},
		{"an unknown name is refused", unknown},
		{"unfit jobs are refused and change nothing", unfit},
		{"a job can be added and removed during Run", changed},
		{"the same jobs again refresh nothing", unchanged},
		{"a wake is an extra refresh", wake},
		{"a wake is replaced by the next return", wakeReplaced},
		{"an error does not end the ticks", failure},
		{"a panic ends neither its job nor others", panicking},
		{"the end of Run cancels what is running", stopped},
	}
}

func (s *stand) schedule(spec string) feed.Schedule {
	s.Helper()
	parsed, err := schedule.Parse(spec, time.UTC)
	if err != nil {
		s.Fatal(err)
	}
	return parsed
}

func (s *stand) rarely() feed.Schedule { return s.schedule("@every 4w") }

func newJob(s *stand) {
	s.apply(
		schedule.Job{Name: "new", Schedule: s.rarely()},
		schedule.Job{Name: "late", Schedule: s.rarely(), Due: time.Now().Add(-time.Hour)},
		schedule.Job{Name: "waiting", Schedule: s.rarely(), Due: time.Now().Add(time.Hour)})
	stop := s.run()
	s.await("new", 1)
	s.await("late", 1)
	s.settle("new", 1)
	stop()
	for name, want := range map[string]int{"new": 1, "late": 1, "waiting": 0} {
		if got := s.begun(name); got != want {
			s.Errorf("%q was refreshed %d times, want %d", name, got, want)
		}
	}
}

func ticks(s *stand) {
	s.apply(schedule.Job{Name: "world", Schedule: s.schedule("@every 1s"), Due: time.Now().Add(time.Second)})
	stop := s.run()
	s.await("world", 3)
	stop()
}

func missed(s *stand) {
	s.apply(schedule.Job{Name: "world", Schedule: s.schedule("@every 1h"), Due: time.Now().Add(-100 * time.Hour)})
	stop := s.run()
	s.await("world", 1)
	s.settle("world", 1)
	stop()
}

func skipped(s *stand) {
	s.acts["world"] = func(_ context.Context, nth int) (time.Time, error) {
		if nth == 1 {
			time.Sleep(3 * time.Second)
		}
		return time.Time{}, nil
	}
	s.apply(schedule.Job{Name: "world", Schedule: s.schedule("@every 1s")})
	stop := s.run()
	s.await("world", 1)
	s.settle("world", 1)
	s.await("world", 2)
	stop()
}

func collapse(s *stand) {
	release := make(chan struct{})
	s.acts["world"] = func(_ context.Context, nth int) (time.Time, error) {
		if nth == 1 {
			<-release
		}
		return time.Time{}, nil
	}
	s.apply(schedule.Job{Name: "world", Schedule: s.rarely(), Due: time.Now().Add(time.Hour)})
	stop := s.run()
	s.enqueue("world")
	s.await("world", 1)
	for range 5 {
		s.enqueue("world")
	}
	s.settle("world", 1)
	close(release)
	s.await("world", 2)
	s.settle("world", 2)
	stop()
}

func early(s *stand) {
	s.apply(schedule.Job{Name: "world", Schedule: s.rarely(), Due: time.Now().Add(time.Hour)})
	s.enqueue("world")
	s.enqueue("world")
	stop := s.run()
	s.await("world", 1)
	s.settle("world", 1)
	stop()
}

func unknown(s *stand) {
	s.apply(schedule.Job{Name: "world", Schedule: s.rarely()})
	if err := s.engine.Enqueue(s.Context(), "wrold"); !errors.Is(err, schedule.ErrUnknown) {
		s.Errorf("Enqueue of a name never applied = %v, want ErrUnknown", err)
	}
	s.apply()
	if err := s.engine.Enqueue(s.Context(), "world"); !errors.Is(err, schedule.ErrUnknown) {
		s.Errorf("Enqueue of a name no longer applied = %v, want ErrUnknown", err)
	}
}

func unfit(s *stand) {
	world := schedule.Job{Name: "world", Schedule: s.rarely(), Due: time.Now().Add(time.Hour)}
	s.apply(world)
	for what, jobs := range map[string][]schedule.Job{
		"name twice":  {{Name: "a", Schedule: s.rarely()}, {Name: "a", Schedule: s.rarely()}},
		"no name":     {{Schedule: s.rarely()}},
		"no schedule": {{Name: "a"}},
	} {
		if err := s.engine.Apply(s.Context(), jobs); err == nil {
			s.Errorf("Apply with %s = nil, want an error", what)
		}
	}
	s.enqueue("world")
}

func changed(s *stand) {
	world := schedule.Job{Name: "world", Schedule: s.schedule("@every 1s")}
	sport := schedule.Job{Name: "sport", Schedule: s.schedule("@every 1s")}
	s.apply(world)
	stop := s.run()
	s.await("world", 1)
	s.apply(world, sport)
	s.await("sport", 2)
	s.apply(sport)
	time.Sleep(time.Second) // what was under way may end
	s.settle("world", s.begun("world"))
	s.await("sport", 4)
	stop()
}

func unchanged(s *stand) {
	world := schedule.Job{Name: "world", Schedule: s.rarely()}
	s.apply(world)
	stop := s.run()
	s.await("world", 1)
	s.apply(world)
	s.apply(world)
	s.settle("world", 1)
	stop()
}

func wake(s *stand) {
	var at, came time.Time
	s.acts["world"] = func(_ context.Context, nth int) (time.Time, error) {
		if nth == 1 {
			at = time.Now().Add(2 * time.Second)
			return at, nil
		}
		came = time.Now()
		return time.Time{}, nil
	}
	s.apply(schedule.Job{Name: "world", Schedule: s.rarely()})
	stop := s.run()
	s.await("world", 2)
	s.settle("world", 2)
	stop()
	// A second is promised; the rest is for a machine that is busy with other tests.
	if late := came.Sub(at); late < 0 || late > 2*time.Second {
		s.Errorf("the refresh for a wake came %v after it, want 0 to 1 s", late)
	}
}

func wakeReplaced(s *stand) {
	s.acts["world"] = func(_ context.Context, nth int) (time.Time, error) {
		if nth == 1 {
			return time.Now().Add(2 * time.Second), nil
		}
		return time.Time{}, nil
	}
	s.apply(schedule.Job{Name: "world", Schedule: s.rarely()})
	stop := s.run()
	s.await("world", 1)
	s.enqueue("world")
	s.await("world", 2)
	s.settle("world", 2)
	s.settle("world", 2)
	stop()
}

func failure(s *stand) {
	s.acts["world"] = func(context.Context, int) (time.Time, error) { return time.Time{}, errors.New("no network") }
	s.apply(schedule.Job{Name: "world", Schedule: s.schedule("@every 1s")})
	stop := s.run()
	s.await("world", 3)
	stop()
}

func panicking(s *stand) {
	s.acts["bad"] = func(context.Context, int) (time.Time, error) { panic("a bug") }
	s.apply(
		schedule.Job{Name: "bad", Schedule: s.schedule("@every 1s")},
		schedule.Job{Name: "good", Schedule: s.schedule("@every 1s")})
	stop := s.run()
	s.await("bad", 2)
	s.await("good", 3)
	stop()
}

func stopped(s *stand) {
	s.acts["world"] = func(ctx context.Context, _ int) (time.Time, error) {
		<-ctx.Done()
		return time.Time{}, ctx.Err()
	}
	s.apply(schedule.Job{Name: "world", Schedule: s.schedule("@every 1s")})
	stop := s.run()
	s.await("world", 1)
	stop()
	if s.finished("world") != 1 {
		s.Errorf("%d refreshes ended, want 1", s.finished("world"))
	}
	s.settle("world", 1)
}

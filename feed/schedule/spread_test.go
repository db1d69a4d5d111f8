package schedule_test

import (
	"fmt"
	"testing"
	"time"

	"feedmill/feed/schedule"
)

func TestSpreadStaysWithinAPeriod(t *testing.T) {
	from := at(t, "2026-11-22T18:04:05Z")
	for _, spec := range []string{"@every 1s", "@every 7s", "@every 30m", "@hourly", "@daily", "*/7 * * * *", "0 8-18 * * mon-fri", "0,5 6 * * *"} {
		s := mustParse(t, spec, zone(t, "Europe/Berlin"))
		for n := range 100 {
			spread := schedule.Spread(s, fmt.Sprint("feed", n))
			plain := s.Next(from)
			later := spread.Next(plain.Add(-time.Nanosecond)).Sub(plain)
			if gap := s.Next(plain).Sub(plain); later < 0 || later >= gap {
				t.Fatalf("%q for feed%d ticks %v after the plain tick, want less than %v", spec, n, later, gap)
			}
		}
	}
}

// These offsets are on disk as due times, on other nodes too: they must not change from release to release.
func TestSpreadIsFixed(t *testing.T) {
	from := at(t, "2026-11-22T18:00:00Z")
	for name, want := range map[string]string{"world": "18:22:55", "sport": "18:08:28"} {
		s := schedule.Spread(mustParse(t, "@every 30m", nil), name)
		if got := s.Next(from).Format(time.TimeOnly); got != want {
			t.Errorf("%s is refreshed at %s, want %s", name, got, want)
		}
	}
}

func TestSpreadIsEven(t *testing.T) {
	s, from := mustParse(t, "@every 30m", nil), at(t, "2026-11-22T18:00:00Z")
	minutes := map[int]int{}
	for n := range 3000 {
		minutes[schedule.Spread(s, fmt.Sprint("feed", n)).Next(from.Add(-1)).Minute()%30]++
	}
	for minute := range 30 {
		if n := minutes[minute]; n < 60 || n > 140 {
			t.Errorf("%d of 3000 feeds in minute %d of 30, want about 100", n, minute)
		}
	}
}

func TestPeriod(t *testing.T) {
	night, day := at(t, "2026-11-22T23:00:00Z"), at(t, "2026-11-23T11:30:00Z")
	for _, c := range []struct {
		spec string
		want time.Duration
	}{
		{"@every 10m", 10 * time.Minute},
		{"*/15 * * * *", 15 * time.Minute},
		{"@hourly", time.Hour},
		{"0 8-18 * * *", time.Hour},
		{"15 6 * * *", 24 * time.Hour},
		{"@weekly", 7 * 24 * time.Hour},
	} {
		s := mustParse(t, c.spec, nil)
		for _, from := range []time.Time{night, day} {
			if got := schedule.Period(s, from); got != c.want {
				t.Errorf("Period of %q from %v = %v, want %v", c.spec, from, got, c.want)
			}
			if got := schedule.Period(schedule.Spread(s, "world"), from); got != c.want {
				t.Errorf("Period of %q, spread, from %v = %v, want %v", c.spec, from, got, c.want)
			}
		}
	}
	if got := schedule.Period(never{}, day); got != 0 {
		t.Errorf("Period of what never ticks = %v, want 0", got)
	}
	if got := schedule.Spread(never{}, "world").Next(day); !got.IsZero() {
		t.Errorf("what never ticks, spread, ticks at %v", got)
	}
}

type never struct{}

func (never) Next(time.Time) time.Time { return time.Time{} }

func BenchmarkSpread(b *testing.B) {
	for _, spec := range []string{"@every 30m", "@hourly", "15 6 * * *", "@monthly"} {
		s := mustParse(b, spec, zone(b, "Europe/Berlin"))
		b.Run(spec, func(b *testing.B) {
			for b.Loop() {
				schedule.Spread(s, "world")
			}
		})
	}
}

func BenchmarkNext(b *testing.B) {
	from := at(b, "2026-11-22T18:04:05Z")
	for _, spec := range []string{"@every 30m", "@hourly", "15 6 * * *", "@yearly"} {
		s := mustParse(b, spec, zone(b, "Europe/Berlin"))
		b.Run(spec, func(b *testing.B) {
			for b.Loop() {
				s.Next(from)
			}
		})
	}
}

package schedule

import (
	"time"

	"github.com/robfig/cron/v3"
)

// wallClock ticks at times of day of a place.
//
// robfig/cron loses a tick in the time that is skipped when clocks go forward (its pull request 541), gives one twice
// when they go back, and goes wrong in zones whose offset is no whole hour. So it never sees a zone here: between two
// changes of the zone the offset is fixed, the wall clock runs evenly, and robfig/cron is asked in UTC for the next
// time on it. What happens at a change is decided in Next.
type wallClock struct {
	spec    *cron.SpecSchedule // in UTC, standing for the wall clock
	loc     *time.Location
	repeats bool // ticks at both passings of a repeated time

	shortest func() time.Duration // its shortest gap, found at the first call
}

// Next returns the first tick after t, in t's location.
func (w *wallClock) Next(t time.Time) time.Time {
	after := t.In(w.loc) // ticks must be later than this …
	inside := after      // … by the offset that is valid here
	for {
		offset := offsetAt(inside)
		tick := w.onWall(after, offset)
		if tick.IsZero() {
			return time.Time{}
		}
		end := boundAfter(inside)
		if end.IsZero() || tick.Before(end) {
			if w.repeats || !w.passedBefore(tick, inside, offset) {
				return tick.In(t.Location())
			}
			after, inside = tick, tick
			continue
		}
		if skipped := offsetAt(end) - offset; tick.Before(end.Add(skipped)) {
			return end.In(t.Location())
		}
		after, inside = end.Add(-time.Nanosecond), end
	}
}

// onWall returns the first tick after t on a clock that is offset ahead of UTC, zero when there is none.
func (w *wallClock) onWall(t time.Time, offset time.Duration) time.Time {
	wall := time.Unix(t.Unix(), int64(t.Nanosecond())).UTC().Add(offset)
	// robfig/cron looks five years ahead, but from 2096 to 2104 there is no 29 February.
	for range 2 {
		if next := w.spec.Next(wall); !next.IsZero() {
			return next.Add(-offset).In(w.loc)
		}
		wall = time.Date(wall.Year()+5, 1, 1, 0, 0, 0, 0, time.UTC).Add(-time.Nanosecond)
	}
	return time.Time{}
}

// passedBefore reports whether the wall clock already showed tick's time before the last change of the zone. Inside is
// a time between that change and the next, offset the offset there.
func (w *wallClock) passedBefore(tick, inside time.Time, offset time.Duration) bool {
	start, _ := inside.ZoneBounds()
	if start.IsZero() {
		return false
	}
	former := offsetAt(start.Add(-time.Second))
	earlier := tick.Add(offset - former)
	return earlier.Before(start) && offsetAt(earlier) == former
}

// boundAfter returns a time after t up to which t's offset is valid, zero when it is for ever. On the last day of a leap
// year beyond the zone's table (2040 in Berlin, with Go 1.26), ZoneBounds names an end that is not after t; then a
// quarter of an hour is taken on trust, for no zone is known to change its clocks on that day.
func boundAfter(t time.Time) time.Time {
	_, end := t.ZoneBounds()
	if !end.IsZero() && !end.After(t) {
		return t.Add(15 * time.Minute)
	}
	return end
}

func offsetAt(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}

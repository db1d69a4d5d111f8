package schedule

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"

	"feedmill/feed"
)

// every ticks each so many seconds, counted from the epoch.
type every int64

// Next returns the first multiple of the period after t, in t's location.
func (e every) Next(t time.Time) time.Time {
	period := int64(e)
	elapsed := t.Unix() % period
	if elapsed < 0 {
		elapsed += period
	}
	return time.Unix(t.Unix()-elapsed+period, 0).In(t.Location())
}

// Spread returns s with each tick moved to a later time, by whole seconds and less than the shortest period of s, so
// that feeds that share a schedule do not share a moment. How much later follows from name alone: the same on every
// node and after every restart. The shortest period is taken from the winter of 2001: a daily schedule spreads over 24
// hours, also before the one day that has 23.
//
// Finding the period of fields takes up to 0.7 ms (BenchmarkNext: 4 µs a tick), once for each parsed schedule: parse
// what many feeds inherit once, and spread it for each.
func Spread(s feed.Schedule, name string) feed.Schedule {
	period := int64(Shortest(s) / time.Second)
	if period < 2 {
		return s
	}
	sum := sha256.Sum256([]byte(name))
	offset := binary.BigEndian.Uint64(sum[:]) % uint64(period)
	return shifted{s, time.Duration(offset) * time.Second}
}

type shifted struct {
	base  feed.Schedule
	later time.Duration
}

func (s shifted) Next(t time.Time) time.Time {
	next := s.base.Next(t.Add(-s.later))
	if next.IsZero() {
		return next
	}
	return next.Add(s.later)
}

// Period returns the typical time between two ticks after t: the median of the next gaps, the lower one of two. For
// "0 8-18 * * *" that is an hour, by day and by night. Zero: there are no two ticks.
func Period(s feed.Schedule, t time.Time) time.Duration {
	found := gaps(s, t, 8)
	if len(found) == 0 {
		return 0
	}
	slices.Sort(found)
	return found[(len(found)-1)/2]
}

// Shortest returns the shortest time between two ticks, zero when there are no two, measured from a fixed day so that it is the same whenever it is asked for.
func Shortest(s feed.Schedule) time.Duration {
	switch s := s.(type) {
	case every:
		return time.Duration(s) * time.Second
	case *wallClock:
		return s.shortest()
	}
	return shortestGap(s)
}

func shortestGap(s feed.Schedule) time.Duration {
	// 62 ticks see the whole of an hour, of a day by the half hour, and of the months.
	found := gaps(s, time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC), 62)
	if len(found) == 0 {
		return 0
	}
	return slices.Min(found)
}

// gaps returns the times between the next n+1 ticks after t, fewer when the ticks end.
func gaps(s feed.Schedule, t time.Time, n int) []time.Duration {
	found := make([]time.Duration, 0, n)
	last := s.Next(t)
	for !last.IsZero() && len(found) < n {
		next := s.Next(last)
		if next.IsZero() {
			break
		}
		found = append(found, next.Sub(last))
		last = next
	}
	return found
}

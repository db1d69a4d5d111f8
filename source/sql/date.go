package sql

import (
	"time"

	"feedmill/feed/clean"
)

// Dates as databases write them.
var (
	zonedLayouts = [...]string{"2006-01-02 15:04:05Z07", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05Z07:00:00"}
	localLayouts = [...]string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02", "2006-01-02 15:04"}
)

// dateOf reads a date of a column; loc is the zone of one that names none.
func dateOf(s string, kind columnKind, loc *time.Location) (time.Time, bool) {
	if len(s) < len("2006-01-02") || s[4] != '-' {
		return otherDate(s, loc)
	}
	if kind != local && kind != utc {
		for _, layout := range zonedLayouts {
			if t, err := time.Parse(layout, s); err == nil {
				return t, true
			}
		}
	}
	if kind == utc {
		loc = time.UTC
	}
	for _, layout := range localLayouts {
		if t, err := time.ParseInLocation(layout, s, loc); err == nil {
			return t, true
		}
	}
	return otherDate(s, loc)
}

// otherDate reads a date in any of the usual forms, seconds and milliseconds since 1970 among them.
func otherDate(s string, loc *time.Location) (time.Time, bool) {
	t, err := clean.WildDate(s, loc, time.Unix(0, 0))
	if err != nil {
		return time.Time{}, false
	}
	if other, err := clean.WildDate(s, loc, time.Unix(1_000_000, 0)); err != nil || !other.Equal(t) {
		return time.Time{}, false // it is relative to the moment, and another one each time
	}
	return t, true
}

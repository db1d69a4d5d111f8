package alert

import (
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/store"
)

// What is expected to pass by itself is an alarm after so many refreshes in a row that failed, and not before so long:
// within that time an origin was asked at least three times, however often the feed was refreshed.
const (
	alarmAfter = 3
	alarmAge   = 15 * time.Minute
)

// What became of a condition.
type What int

// A condition begins, turns into another one or gets other words, ends well, or ends because its subject is there no
// more. Same is one that is as it was, but has become an alarm.
const (
	Same What = iota
	Begins
	Well
	Removed
)

// Change is a condition that changed, as it is now; one that ended, as it was.
type Change struct {
	store.Condition
	What What
	// Err is what is wrong in full; nil for a condition that ended.
	Err error
	// Alarm says that it has become an alarm, or another alarm than before; Recovery that one is over.
	Alarm, Recovery bool
}

// decide says what is wrong after a refresh, and what of it is worth telling. It looks at nothing else than its
// arguments.
func decide(before []store.Condition, s sighting, at time.Time) (after []store.Condition, changes []Change) {
	old := map[string]store.Condition{}
	for _, c := range before {
		old[c.Subject] = c
	}
	for _, c := range s.wrong {
		was, known := old[c.Subject]
		delete(old, c.Subject)
		change := Change{What: Begins, Err: s.errs[c.Subject]}
		c.Since, c.Times, c.Alarmed = at, 1, was.Alarmed
		if known && was.Kind == c.Kind {
			c.Since, c.Times = was.Since, was.Times+1
			if was.Mark == c.Mark {
				change.What = Same
			}
		}
		if ripe(c, at) && c.Alarmed != c.Kind {
			c.Alarmed, change.Alarm = c.Kind, true
		}
		after = append(after, c)
		if change.What != Same || change.Alarm {
			change.Condition = c
			changes = append(changes, change)
		}
	}
	for _, c := range before {
		if _, silent := old[c.Subject]; !silent {
			continue
		}
		switch change := (Change{Condition: c, Recovery: c.Alarmed != ""}); {
		case s.saysWell(c.Subject):
			change.What = Well
			changes = append(changes, change)
		case s.whole || s.removed:
			change.What = Removed
			changes = append(changes, change)
		default:
			after = append(after, c) // it did not come to light what became of it
		}
	}
	return after, changes
}

// ripe reports whether a condition is an alarm: at once, unless it is expected to pass by itself.
func ripe(c store.Condition, at time.Time) bool {
	switch feed.Class(c.Kind) {
	case feed.Unavailable, feed.Throttled:
		return c.Times >= alarmAfter && at.Sub(c.Since) >= alarmAge
	}
	return true
}

// shared reports whether a subject may be the same thing for several feeds: one full disk is one alarm.
func shared(subject string) bool { return strings.HasPrefix(subject, ofOutput) }

// Place names what a condition is about: "feed world, source bob".
func Place(c store.Condition) string {
	switch c.Subject {
	case Rows:
		return "the rows of " + c.Feed
	case File:
		return "file " + c.Feed
	}
	if what, name, named := strings.Cut(c.Subject, " "); named {
		return "feed " + c.Feed + ", " + what + " " + name
	}
	return "feed " + c.Feed
}

package daemon

import (
	"cmp"
	"slices"
	"time"
)

// story is an article as it truly was: what happened to it, and when. A feed may say so a little later, never sooner.
type story struct {
	marker string // a word that only this article holds; of those that stood before the beginning the title
	feed   string // in which it is published first, by the name it had at the beginning
	number int
	path   string // of its file, as it is now
	dated  time.Time
	said   words
	turns  []turn // in the order of their times
}

// words are what a file says of its article beside the text.
type words struct {
	status, correction string
	minor              bool
	expires            time.Time
}

// turn is what happens to an article.
type turn struct {
	at   time.Time
	kind kind
}

type kind string

const (
	appears   kind = "appears"
	edited    kind = "edited" // or corrected: readers are to notice
	retouched kind = "retouched"
	withdrawn kind = "withdrawn"
	restored  kind = "restored"
	expired   kind = "expired"
)

func (s *story) turn(at time.Time, k kind) {
	s.turns = append(s.turns, turn{at, k})
	slices.SortStableFunc(s.turns, func(a, b turn) int { return a.at.Compare(b.at) })
}

// moment is an article at a moment.
type moment struct {
	edits, touches int
	life           kind // appears: it is live; "": not yet
	since          time.Time
}

func (s *story) at(now time.Time) (m moment) {
	for _, t := range s.turns {
		if t.at.After(now) {
			break
		}
		switch t.kind {
		case edited:
			m.edits++
		case retouched:
			m.touches++
		case restored:
			m.life, m.since = appears, t.at
		default:
			m.life, m.since = t.kind, t.at
		}
	}
	return m
}

func (m moment) live() bool { return m.life == appears }

// lived reports whether the article was live all the time between two moments.
func (s *story) lived(from, to time.Time) bool {
	if !s.at(from).live() {
		return false
	}
	return !slices.ContainsFunc(s.turns, func(t turn) bool {
		return t.at.After(from) && !t.at.After(to) && (t.kind == withdrawn || t.kind == expired)
	})
}

// livedOnce reports whether the article was live at any time between two moments.
func (s *story) livedOnce(from, to time.Time) bool {
	return s.at(from).live() || slices.ContainsFunc(s.turns, func(t turn) bool {
		return t.at.After(from) && !t.at.After(to) && (t.kind == appears || t.kind == restored)
	})
}

// when is when something first happened to the article; the zero time if it did not.
func (s *story) when(k kind) time.Time {
	i := slices.IndexFunc(s.turns, func(t turn) bool { return t.kind == k })
	if i < 0 {
		return time.Time{}
	}
	return s.turns[i].at
}

// happened reports whether one of these happened after a moment.
func (s *story) happened(after time.Time, kinds ...kind) bool {
	return slices.ContainsFunc(s.turns, func(t turn) bool { return t.at.After(after) && slices.Contains(kinds, t.kind) })
}

// truth is all that was published.
type truth struct {
	all      []*story
	byMarker map[string]*story
}

func (t *truth) add(s *story) *story {
	if t.byMarker == nil {
		t.byMarker = map[string]*story{}
	}
	t.all, t.byMarker[s.marker] = append(t.all, s), s
	return s
}

// in are the stories that a feed publishes.
func (t *truth) in(feed string) (found []*story) {
	for _, s := range t.all {
		if s.feed == feed || feed == "front" && (s.feed == "wire" || s.feed == "quiet") {
			found = append(found, s)
		}
	}
	return found
}

// noticed is how long the notice of a withdrawal stands.
const noticed = 7 * 24 * time.Hour

// late is how much later than the truth a feed may be, the time of a stop aside.
func (y *years) late(feed string) time.Duration {
	return cmp.Or(map[string]time.Duration{"wire": y.poll, "quiet": y.poll, "front": 2 * y.poll}[feed], y.look) + time.Minute
}

// said is the moment whose truth a feed must have caught up with by now.
func (y *years) said(feed string) time.Time {
	from := y.now.Add(-y.late(feed))
	if y.up.After(from) && !y.down.IsZero() {
		return y.down.Add(from.Sub(y.up))
	}
	return from
}

package daemon

import (
	"path"
	"slices"
	"time"
)

// operator takes an article of the busy agency out now and then, and some of them back.
func (y *years) operator() {
	y.Helper()
	for _, a := range y.agencies {
		if a.name != "wire" {
			continue
		}
		// Only the newest are looked at: what is longer ago has been done.
		for _, s := range a.stories[max(0, len(a.stories)-4*y.busy):] {
			if s.number%97 != 7 {
				continue
			}
			m := s.at(y.now)
			switch {
			case m.live() && m.since.Equal(s.when(appears)) && !y.now.Before(m.since.Add(30*time.Hour)):
				y.operate(s, y.readers[0].idOf(s), withdrawn)
			case m.life == withdrawn && s.number%2 == 1 && !y.now.Before(m.since.Add(40*time.Hour)):
				y.operate(s, y.readers[0].idOf(s), restored)
			}
		}
	}
}

// idOf is the id by which a reader of its feed knows a story.
func (y *years) idOf(s *story) string {
	for _, r := range y.readers {
		if r.feed == s.feed && r.ids[s.marker] != "" {
			return r.ids[s.marker]
		}
	}
	y.Fatalf("%s: nobody knows %s", y.date(), s.marker)
	return ""
}

// verdict checks that everybody has seen what there was to see.
func (y *years) verdict() {
	y.Helper()
	ids := map[string]string{}
	for _, r := range append(slices.Clone(y.readers), y.walking()...) {
		for _, s := range y.truth.in(r.feed) {
			id := r.ids[s.marker]
			if known := ids[s.marker]; known != "" && id != "" && id != known {
				y.Errorf("%s has the id %s in %s, elsewhere %s", s.marker, id, r.path, known)
			}
			if id != "" {
				ids[s.marker] = id
			}
			r.hasSeen(s)
		}
	}
	for _, a := range y.agencies {
		if a.held == 0 {
			y.Errorf("the agency %s was never in trouble", a.name)
		}
	}
	for _, w := range y.walkers {
		if w.feed != "quiet" && len(w.archives) == 0 {
			y.Errorf("%s has no archives", w.path)
		}
	}
}

func (y *years) walking() (all []*subscriber) {
	for _, w := range y.walkers {
		all = append(all, w.subscriber)
	}
	return all
}

// hasSeen checks what one reader has of one story.
func (s *subscriber) hasSeen(story *story) {
	s.Helper()
	last := s.next.Add(-s.every) // he came
	begin := story.when(appears)
	if begin.IsZero() {
		return
	}
	known := s.byID[s.ids[story.marker]]
	span := s.every + s.late(s.feed) + 3*time.Hour
	if begin.After(last.Add(-span)) {
		return
	}
	if known == nil {
		if story.lived(begin, begin.Add(span)) {
			s.Errorf("%s (every %s): %s, of %s, was never seen", s.path, s.every, story.marker, begin)
		}
		return
	}
	if s.every > 24*time.Hour { // archives hold what was first said
		return
	}
	if m := story.at(last.Add(-span)); m.live() && (known.edits < m.edits || known.touches < m.touches) {
		s.Errorf("%s (every %s): %s was seen in edition %d.%d, not as %+v", s.path, s.every, story.marker, known.edits, known.touches, m)
	}
	if back := story.when(restored); !back.IsZero() && back.Before(last.Add(-span)) && known.notice {
		s.Errorf("%s (every %s): %s came back %s, and its notice is still what he has", s.path, s.every, story.marker, back)
	}
	taken := story.when(withdrawn)
	if taken.IsZero() || taken.After(last.Add(-span)) || !story.lived(begin, begin.Add(span)) {
		return
	}
	if known.notices != 1 || path.Ext(s.path) == ".atom" && known.tombs != 1 {
		s.Errorf("%s (every %s): of %s there were %d notices, %d tombstones", s.path, s.every, story.marker, known.notices, known.tombs)
	}
	if end := taken.Add(noticed); story.when(restored).IsZero() && end.Before(last) && known.noticed.Before(end.Add(-span)) {
		s.Errorf("%s (every %s): the notice of %s stood from %s to %s only", s.path, s.every, story.marker, taken, known.noticed)
	}
}

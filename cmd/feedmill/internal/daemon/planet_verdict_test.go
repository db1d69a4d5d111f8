package daemon

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"feedmill/feed"
)

// nothingIsMissing checks that everybody has seen what the origins published. Two hours are enough for an origin that is
// well, a day for one that lies about changes; what appears while an origin is ill for good nobody has seen.
func (p *planet) nothingIsMissing() {
	now := time.Now()
	for _, o := range p.origins {
		if o.copies != nil {
			continue
		}
		until := now.Add(-2*time.Hour - 30*time.Minute)
		if o.manner == liar {
			until = now.Add(-26 * time.Hour)
		}
		if o.ill != nil && !o.ill.heals() {
			until = o.begin.Add(o.ill.begins() - 2*time.Hour)
		}
		if o == p.dropped {
			until = o.begin.Add(p.week/7 - 2*time.Hour)
			if o.manner == liar {
				until = o.begin.Add(-time.Hour)
			}
		}
		for k := range o.count(until) {
			p.isSeen(o, k, until)
		}
	}
}

func (p *planet) isSeen(o *origin, k int, until time.Time) {
	p.Helper()
	marker := o.marker(k)
	for _, r := range p.readers {
		child := strings.Contains(r.path, "world.")
		_, seen := r.ids[marker]
		if wanted := !child || !sponsored(marker); seen != wanted {
			p.Errorf("%s, %s, published %s: seen by the reader of %s: %v", o.host(), marker, o.published(k).Sub(o.begin), filepath.Base(r.path), seen)
			return
		}
		edit := o.published(k).Add(editTime)
		if seen && o.plain() && o.manner != liar && o.edits(k) && edit.After(o.begin) && edit.Before(until) && !r.edited[marker] {
			p.Errorf("%s, %s: the reader of %s did not see the edit", o.host(), marker, filepath.Base(r.path))
		}
	}
}

// idsAgree checks that an article has one id in all documents of both feeds.
func (p *planet) idsAgree() {
	first := p.readers[0]
	for _, r := range p.readers[1:] {
		for marker, id := range r.ids {
			if other, both := first.ids[marker]; !both || other != id {
				p.Errorf("%s has the id %q in %s, and %q in %s", marker, id, filepath.Base(r.path), other, filepath.Base(first.path))
			}
		}
	}
}

// line is a line of the log.
type line struct {
	Time   time.Time
	Msg    string
	Feed   string
	Source string
	Class  feed.Class
	Err    string
}

func (p *planet) lines() (all []line) {
	for text := range strings.Lines(p.log.String()) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			p.Fatalf("%v in %s", err, text)
		}
		all = append(all, l)
	}
	return all
}

// diagnoses checks what the log says of the sources.
func (p *planet) diagnoses() {
	said := map[int][]line{} // by origin, -1 for others
	for _, l := range p.lines() {
		if l.Source == "" {
			if strings.Contains(l.Msg, "failed") {
				p.Errorf("the log says of a whole feed %+v", l)
			}
			continue
		}
		said[p.originOf(l.Source)] = append(said[p.originOf(l.Source)], l)
	}
	for i := range illnesses {
		p.diagnosis(p.origins[illnesses[i].number], said[illnesses[i].number])
		delete(said, illnesses[i].number)
	}
	p.told("the list", said[-1], feed.Suspicious, "names no feeds any more", 1, true)
	delete(said, -1)
	for _, n := range slices.Sorted(maps.Keys(said)) {
		p.Errorf("the log says of %s, which is well: %+v", p.origins[n].host(), said[n])
	}
	if moved := p.origins[141].address() + " has moved to"; strings.Count(p.log.String(), moved) != 1 {
		p.Errorf("the log does not say once: %s", moved)
	}
}

func (p *planet) originOf(source string) int {
	for _, o := range p.origins {
		if strings.Contains(source, o.host()) {
			return o.number
		}
	}
	return -1
}

func (p *planet) diagnosis(o *origin, said []line) {
	times := 1 // whichever daemon saw it first
	if o.ill.flaps {
		times = -1
	}
	p.told(fmt.Sprintf("%s (%s)", o.host(), o.ill.name), said, o.ill.class, o.ill.words, times, o.ill.heals())
}

// told checks the lines about one source: that it is sick, why, and in the end whether it is well. times < 0: often.
func (p *planet) told(name string, said []line, class feed.Class, words string, times int, heals bool) {
	p.Helper()
	failed := 0
	for _, l := range said {
		if l.Msg != "source failed" && l.Msg != "source held" {
			continue
		}
		failed++
		if l.Class != class || !strings.Contains(l.Err, words) {
			p.Errorf("%s: the log says (%s) %q, not (%s) %q", name, l.Class, l.Err, class, words)
		}
	}
	if failed == 0 || times > 0 && failed != times {
		p.Errorf("%s: the log names it %d times, not %d: %+v", name, failed, times, said)
	}
	if well := len(said) > 0 && said[len(said)-1].Msg == "source is well again"; well != heals {
		p.Errorf("%s: in the end it is well: %v, and the log says %v", name, heals, well)
	}
}

// isHealthOf checks that health names those that are ill in the end, and nobody else.
func (p *planet) isHealthOf(health string) {
	if !strings.Contains(health, `"degraded"`) {
		p.Errorf("health is %s", health)
	}
	for _, o := range p.origins {
		ill := o.ill != nil && !o.ill.heals()
		if strings.Contains(health, o.host()) != ill || ill && !strings.Contains(health, o.ill.words) {
			p.Errorf("%s is ill in the end: %v; health says %s", o.host(), ill, health)
		}
	}
}

// isPolite checks that nobody was asked more often than the schedule says, and that who said to be gone was left alone.
func (p *planet) isPolite() {
	hours := int64(p.week / time.Hour)
	for _, o := range p.origins {
		most := hours + 6 // two more to find out what it is, one after the restart, redirects
		if o.ill != nil && o.ill.class == feed.Gone {
			most = int64(o.ill.begins()/time.Hour) + 5
		}
		if o.ill != nil && o.ill.name == "a loop" {
			most += hours
		}
		if got := o.visits.Load(); got > most {
			p.Errorf("%s was asked %d times in %d hours", o.host(), got, hours)
		}
	}
}

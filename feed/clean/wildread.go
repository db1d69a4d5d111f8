package clean

import (
	"errors"
	"fmt"
	"time"
)

// wild is a date being put together from tokens.
type wild struct {
	now    time.Time
	loc    *time.Location
	tokens []token
	at     int

	clock
	hasYear, hasMonth, hasDay, hasTime bool

	weekday bool     // the month came from a word that is a weekday too
	next    byte     // the part that the next number is, told by a word before it
	half    byte     // 'a', 'p' or none
	day0    int      // 1 today, 2 yesterday
	numbers []string // a date in numbers whose order is not clear
	zone    *zone
	offset  bool // the zone was written as a number, which a name no longer changes
	comment *zone
}

func (w *wild) setDay(t time.Time) {
	w.year, w.month, w.day = t.Year(), t.Month(), t.Day()
	w.hasYear, w.hasMonth, w.hasDay = true, true, true
}

func (w *wild) hasDate() bool { return w.hasYear && w.hasMonth && w.hasDay || w.numbers != nil }

// peek returns the token i places on; behind the last one, an end.
func (w *wild) peek(i int) token {
	if w.at+i < 0 || w.at+i >= len(w.tokens) {
		return token{kind: ' '}
	}
	return w.tokens[w.at+i]
}

// absolute reads the tokens as a date that does not depend on now, except for "today" and "yesterday".
func (w *wild) absolute() (time.Time, error) {
	if len(w.tokens) == 1 && len(w.tokens[0].text) == 4 && w.tokens[0].kind == '0' {
		w.year, w.month, w.day = number(w.tokens[0].text), time.January, 1 // W3CDTF's year
		w.hasYear, w.hasMonth, w.hasDay = true, true, true
		return w.moment()
	}
	for w.at < len(w.tokens) {
		var err error
		switch t := w.peek(0); t.kind {
		case '0':
			err = w.readNumber(t)
		case 'a':
			err = w.readWord(t)
		case '+', '-':
			err = w.readSign(t)
		case ',', '.', ':', ';', '/', '|', '\'', '@':
			w.at++
		default:
			err = errNotADate()
		}
		if err != nil {
			return time.Time{}, err
		}
	}
	return w.moment()
}

// moment makes a time of what was read.
func (w *wild) moment() (time.Time, error) {
	if err := w.order(); err != nil {
		return time.Time{}, err
	}
	switch {
	case w.day0 > 0 && !w.hasYear && !w.hasMonth && !w.hasDay:
		w.setDay(w.now.AddDate(0, 0, 1-w.day0))
	case !w.hasYear || !w.hasMonth:
		return time.Time{}, errNotADate()
	case !w.hasDay && w.hasTime:
		return time.Time{}, errNotADate()
	case !w.hasDay:
		w.day = 1
	}
	if err := w.checkDay(); err != nil {
		return time.Time{}, err
	}
	if err := w.halve(); err != nil {
		return time.Time{}, err
	}
	end := w.hour == 24 && w.minute == 0 && w.sec == 0 && w.nano == 0 // the end of the day (ISO 8601:2004, section 4.2.3)
	if w.hour > 23 && !end || w.minute > 59 || w.sec > 60 {
		return time.Time{}, errors.New("has no such time of day; write 00:00 to 23:59")
	}
	if w.zone == nil {
		w.zone = w.comment
	}
	switch {
	case w.zone == nil:
		return w.local(w.loc), nil
	case w.zone.america && summerInAmerica(w.clock):
		return w.in(fixed(w.zone.minutes + 60)), nil
	}
	return w.in(fixed(w.zone.minutes)), nil
}

// halve applies AM and PM. Clocks of 24 hours that add them all the same (18:00 PM, 00:30 AM) are believed.
func (w *wild) halve() error {
	switch {
	case w.half == 0:
		return nil
	case !w.hasTime || w.half == 'a' && w.hour > 12:
		return errors.New("has no such hour; write 18:00 or 6 pm")
	case w.half == 'a' && w.hour == 12:
		w.hour = 0
	case w.half == 'p' && w.hour < 12 && (w.hour > 0 || w.minute > 0):
		w.hour += 12
	}
	return nil
}

// order finds out which of the numbers of a date is which.
func (w *wild) order() error {
	if w.numbers == nil {
		return nil
	}
	one, two, year := number(w.numbers[0]), number(w.numbers[1]), w.numbers[2]
	switch {
	case year == "":
		return errors.New("has a year of two digits; write 2026-11-24 or 24 November 2026")
	case one > 12 || one == two:
		w.day, w.month = one, time.Month(two)
	case two > 12 || w.zone != nil && w.zone.northAmerica:
		w.day, w.month = two, time.Month(one)
	default:
		return errors.New("does not say which number is the month; write 2026-11-24 or 24 November 2026")
	}
	w.year = fullYear(year)
	w.hasYear, w.hasMonth, w.hasDay = true, true, true
	return nil
}

// fullYear completes a year of two digits (RFC 5322, section 4.3) or three, which some programs count from 1900.
func fullYear(digits string) int {
	n := number(digits)
	switch {
	case len(digits) == 2 && n < 50:
		return n + 2000
	case len(digits) == 2, n >= 100 && n < 200:
		return n + 1900
	}
	return n
}

// readWord takes a word as what it can be at its place.
func (w *wild) readWord(t token) error {
	m, known := dateWords()[t.text]
	name, isZone := wildZone(t.text)
	last := w.peek(1).kind
	switch {
	case t.text == "t" && last == '0':
	case w.hasTime && w.next == 0 && isZone && (!known || m.skip || !w.needsMonth(m)) && (len(t.text) > 1 || last != 'a' && m.clock == 0):
		if !w.offset {
			w.zone = &name
		}
	case t.text == "z" && w.hasDate():
		w.zone = &name // of XML Schema: 2026-11-24Z
	case m.month > 0 && (!w.hasMonth || w.weekday):
		w.month, w.hasMonth, w.weekday = time.Month(m.month), true, m.skip
	case m.half > 0 && (m.before || w.hasTime):
		w.half = m.half
	case m.clock > 0 && m.before:
		w.next = m.clock
	case m.day > 0:
		w.day0 = m.day
	case m.skip, m.clock == 'h' && w.hasTime:
	case m.month > 0: // "November" twice
		return errNotADate()
	default:
		if w.hasTime && last == ' ' && len(t.text) <= 5 && only(t.text, "") {
			return fmt.Errorf("names the zone %s, which is not known everywhere; write an offset such as +01:00, or none", t.text)
		}
		return errNotADate()
	}
	w.at++
	return nil
}

// needsMonth reports whether a word must be the month that is still missing.
func (w *wild) needsMonth(m meaning) bool { return m.month > 0 && !w.hasMonth && w.numbers == nil }

package clean

import (
	"errors"
	"time"
)

// readNumber takes a number, and what belongs to it, as what it can be at its place.
func (w *wild) readNumber(t token) error {
	before := w.peek(-1)
	switch {
	case w.next != 0:
		part := w.next
		w.next = 0
		w.at++
		return w.setPart(part, t.text)
	case !w.hasTime && before.text == "t" && len(t.text)%2 == 0 && len(t.text) <= 6 && w.peek(1).kind != ':':
		w.basicTime(t.text)
		return nil
	case !w.hasTime && len(t.text) <= 2 && w.peek(1).kind == ':' && w.peek(2).kind == '0' && len(w.peek(2).text) <= 2:
		w.colonTime()
		return nil
	}
	if done, err := w.besideWord(t); done || err != nil {
		return err
	}
	if w.manyNumbers(t) {
		return nil
	}
	w.at++
	return w.loneNumber(t.text)
}

// besideWord takes a number that a word explains: 6 pm, 18h30, 6 Uhr, 11月.
func (w *wild) besideWord(t token) (bool, error) {
	m := dateWords()[w.peek(1).text]
	switch {
	case len(t.text) <= 2 && !w.hasTime && m.half > 0 && !m.before:
		w.hour, w.hasTime, w.half = number(t.text), true, m.half
	case m.clock == 'h' && !m.before && !w.hasTime && len(t.text) <= 2:
		w.hour, w.hasTime = number(t.text), true
		if minute := w.peek(2); minute.kind == '0' && len(minute.text) == 2 && (minute.glued || w.hasDate()) {
			w.minute = number(minute.text)
			w.at++
			if dateWords()[w.peek(2).text].clock == 'm' {
				w.at++
			}
		}
	case m.clock > 0 && !m.before && (m.clock != 'm' && m.clock != 's' || w.hasTime):
		w.at += 2
		return true, w.setPart(m.clock, t.text)
	default:
		return false, nil
	}
	w.at += 2
	return true, nil
}

// setPart sets the part of the date that a word told.
func (w *wild) setPart(part byte, digits string) error {
	n := number(digits)
	switch part {
	case 'y':
		w.year, w.hasYear = fullYear(digits), true
	case 'o':
		w.month, w.hasMonth = time.Month(n), true
	case 'd':
		w.day, w.hasDay = n, true
	case 'h':
		w.hour, w.hasTime = n, true
	case 'm':
		w.minute = n
	case 's':
		w.sec = n
	}
	if len(digits) > 4 {
		return errNotADate()
	}
	return nil
}

// colonTime reads 6:00, 06:00:30 and 06:00:30.25.
func (w *wild) colonTime() {
	w.hour, w.minute = number(w.peek(0).text), number(w.peek(2).text)
	w.hasTime = true
	w.at += 3
	if w.peek(0).kind == ':' && w.peek(1).kind == '0' && len(w.peek(1).text) <= 2 {
		w.sec = number(w.peek(1).text)
		w.at += 2
	}
	w.fraction()
	if t := w.peek(0); t.glued && (t.text == "a" || t.text == "p") { // 6:00p
		w.half = t.text[0]
		w.at++
	}
}

func (w *wild) fraction() {
	dot, digits := w.peek(0), w.peek(1)
	if (dot.kind == '.' || dot.kind == ',') && dot.glued && digits.kind == '0' && digits.glued {
		w.nano = number((digits.text + "000000000")[:9])
		w.at += 2
	}
}

// basicTime reads 06, 0600 and 060030 (ISO 8601, basic format).
func (w *wild) basicTime(digits string) {
	w.at++
	w.hasTime = true
	w.hour = number(digits[:2])
	if len(digits) >= 4 {
		w.minute = number(digits[2:4])
	}
	if len(digits) == 6 {
		w.sec = number(digits[4:6])
	}
	w.fraction()
}

// manyNumbers takes dates and times that are numbers with marks between them, and long numbers that are several.
func (w *wild) manyNumbers(t token) bool {
	one, two, three := t.text, w.peek(2), w.peek(4)
	mark, again := w.peek(1), w.peek(3)
	pair := mark.glued && two.kind == '0' && (mark.kind == '.' || two.glued && (mark.kind == '-' || mark.kind == '/'))
	switch {
	case !w.hasDate() && pair && mark.kind == again.kind && three.kind == '0' && (again.kind == '.' || three.glued):
		w.at += 5
		return w.threeNumbers(mark.kind, one, two.text, three.text)
	case !w.hasYear && !w.hasMonth && pair && len(one) == 4 && len(two.text) <= 2 && mark.kind != '.': // W3CDTF's month
		w.year, w.month = number(one), time.Month(number(two.text))
		w.hasYear, w.hasMonth = true, true
		w.at += 3
		return true
	case w.timeWithDot() && pair && mark.kind == '.' && len(one) <= 2 && len(two.text) == 2:
		w.hour, w.minute, w.hasTime = number(one), number(two.text), true
		w.at += 3
		if w.peek(0).kind == '.' && w.peek(1).glued && len(w.peek(1).text) == 2 && w.peek(1).kind == '0' {
			w.sec = number(w.peek(1).text)
			w.at += 2
		}
		return true
	}
	return !w.hasDate() && w.longNumber(one)
}

// timeWithDot reports whether 6.00 can only be a time here.
func (w *wild) timeWithDot() bool { return !w.hasTime && (w.hasDate() || w.day0 > 0) }

// threeNumbers takes 2026-11-24, 24.11.26, 11/24/2026 and their like, leaving to order what needs the zone.
func (w *wild) threeNumbers(mark byte, one, two, three string) bool {
	switch {
	case len(one) == 4 && len(three) <= 2, len(one) == 2 && one > "31" && mark != '.' && len(three) <= 2:
		w.year, w.month, w.day = fullYear(one), time.Month(number(two)), number(three)
	case mark == '.' && len(one) <= 2:
		w.year, w.month, w.day = fullYear(three), time.Month(number(two)), number(one)
	case len(one) <= 2 && (len(three) == 4 || mark == '/' || three > "31"):
		w.numbers = []string{one, two, three}
		return true
	default:
		w.numbers = []string{one, two, ""} // a year that may be first or last
		return true
	}
	w.hasYear, w.hasMonth, w.hasDay = true, true, true
	return true
}

// longNumber takes 20261124, 202611240600 and 20261124060000.
func (w *wild) longNumber(digits string) bool {
	switch len(digits) {
	case 8, 12, 14:
	default:
		return false
	}
	w.year, w.month, w.day = number(digits[:4]), time.Month(number(digits[4:6])), number(digits[6:8])
	w.hasYear, w.hasMonth, w.hasDay = true, true, true
	if len(digits) == 8 {
		w.at++
		return true
	}
	w.basicTime(digits[8:])
	return true
}

// loneNumber takes a number that nothing explains: the day, or the year.
func (w *wild) loneNumber(digits string) error {
	switch {
	case len(digits) <= 2 && !w.hasDay && w.numbers == nil && w.peek(-2).kind != '\'':
		w.day, w.hasDay = number(digits), true
	case len(digits) >= 2 && len(digits) <= 4 && !w.hasYear && w.numbers == nil:
		w.year, w.hasYear = fullYear(digits), true
	default:
		return errNotADate()
	}
	return nil
}

// readSign takes a sign as the beginning of an offset from UTC, or a dash as nothing.
func (w *wild) readSign(t token) error {
	digits, colon := w.peek(1), w.peek(2)
	afterDate := !w.hasTime && w.hasDate() && t.glued && digits.glued && colon.kind == ':' // XML Schema: 2026-11-24+01:00
	apart := !digits.glued && t.kind == '-' && (colon.kind == ':' || len(digits.text) != 4)
	if digits.kind != '0' || w.offset || apart || !w.hasTime && !afterDate {
		if t.kind == '+' {
			return errNotADate()
		}
		w.at++
		return nil
	}
	w.at += 2
	minutes, ok := w.offsetMinutes(digits.text)
	if !ok || minutes > 15*60 {
		return errors.New("has no such offset from UTC; write one such as +01:00")
	}
	if t.kind == '-' {
		minutes = -minutes
	}
	z := zone{minutes: minutes}
	if w.zone != nil { // "EST-0500" still tells who writes
		z.northAmerica = w.zone.northAmerica
	}
	w.zone, w.offset = &z, true
	return nil
}

// offsetMinutes reads 1, 01, 0100, 010000, 1:00, 01:00:00 and 01 00.
func (w *wild) offsetMinutes(digits string) (int, bool) {
	switch len(digits) {
	case 1, 2:
	case 3, 4, 6:
		cut := 2 - len(digits)%2
		return number(digits[:cut])*60 + number(digits[cut:cut+2]), digits[cut] < '6'
	default:
		return 0, false
	}
	minutes := number(digits) * 60
	colon, rest := w.peek(0), w.peek(1)
	switch {
	case colon.kind == ':' && rest.kind == '0' && len(rest.text) == 2:
		w.at += 2
		if w.peek(0).kind == ':' && w.peek(1).kind == '0' {
			w.at += 2
		}
		return minutes + number(rest.text), rest.text < "60"
	case colon.kind == '0' && len(colon.text) == 2 && rest.kind == ' ' && w.hasYear:
		w.at++
		return minutes + number(colon.text), colon.text < "60"
	}
	return minutes, true
}

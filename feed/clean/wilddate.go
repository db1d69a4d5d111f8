package clean

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/late"
)

// longestDate bounds, in bytes, what may be a date. The longest forms of the trade have about 100.
const longestDate = 300

// WildDate reads a date as feeds and pages write it. It takes all that [Date] takes and besides:
//
//   - RFC 822, RFC 850, asctime, Unix date, Apache log, JavaScript, Go and .NET forms with their parts in any order that
//     leaves no doubt; weekdays are not checked; three-digit years count from 1900;
//   - ISO 8601: basic form (20261124T060000Z), week dates (a week alone is its Monday), ordinal dates (2026-328), T24:00,
//     and the W3CDTF forms 2026-11 and 2026, which mean their first day;
//   - months in the languages of wildmonths.go, digits of every script, 年月日 and 년월일, Vietnamese tháng;
//   - 6 pm, 6:00 p.m., 18h30, 14.05 Uhr, klo 6.00, 午後6時30分;
//   - offsets such as +01, +1:00, + 0100, UTC+2; the zone names of wildzones.go, each with one documented meaning;
//   - seconds, milliseconds, microseconds and nanoseconds since 1970 (9 or 10, 13, 16, 19 digits);
//   - relative to now: "3 hours ago", "vor 3 Stunden", "il y a 2 jours", "yesterday", "heute, 14:05" in the languages of
//     wildrelative.go. A day without time is its midnight; what is read this way changes from fetch to fetch, so whoever
//     keeps articles keeps the first answer.
//
// Numbers alone: a year of four digits says where it stands; dots mean day.month.year; with slashes and dashes a number
// above 12 is the day, a zone of North America means month first, and what still can be read in two ways is refused,
// AM and PM being no proof. A two-digit year stands last, unless it is above 31 and first.
//
// A date without zone is in loc (nil is UTC). Years before 1900 or after 9999 and text with any word that is not known
// are refused with an error of class Unreadable. A date of RFC 822 takes about 13 µs, words
// of another language about 30 µs, the worst text 170 µs on one core of a busy server (BenchmarkWildDate); text longer than
// 300 bytes is refused unread.
func WildDate(s string, loc *time.Location, now time.Time) (time.Time, error) {
	if loc == nil {
		loc = time.UTC
	}
	t, err := readWild(strings.TrimSpace(s), loc, now.In(loc))
	if err != nil {
		return time.Time{}, feed.Classify(feed.Unreadable, fmt.Errorf("%s %w", quoted(first(s, longestDate)), err))
	}
	return t, nil
}

func readWild(s string, loc *time.Location, now time.Time) (time.Time, error) {
	if len(s) > longestDate {
		return time.Time{}, errors.New("is too long for a date")
	}
	s = Line(s)
	if t, err := readDate(s, loc); err == nil {
		return within(t)
	}
	s = fold(s)
	if t, ok := wildEpoch(s); ok {
		return within(t.In(loc))
	}
	w := wild{now: now, loc: loc}
	if rest, ok := strings.CutPrefix(s, "["); ok { // of logs
		s = strings.TrimSuffix(rest, "]")
	}
	s = goClock().ReplaceAllString(w.isoDate(w.takeComment(s)), "")
	w.tokens = tokenize(s)
	t, err := w.absolute()
	if err != nil {
		if ago, ok := relative(w.tokens, now); ok {
			return within(ago)
		}
		return time.Time{}, err
	}
	return within(t)
}

// within refuses what no clock can have meant.
func within(t time.Time) (time.Time, error) {
	if y := t.Year(); y < 1900 || y > 9999 {
		return time.Time{}, fmt.Errorf("is in the year %d; only 1900 to 9999 are taken", y)
	}
	return t, nil
}

var (
	epochDigits = late.Regexp(`^(\d{9,10}|\d{13}|\d{16}|\d{19})(?:\.\d{1,9})?$`)
	dotNetForm  = late.Regexp(`^\\?/date\((\d{9,13})(?:[+-]\d{4})?\)\\?/$`)
	isoWeek     = late.Regexp(`^(\d{4})-?w(\d{2})(?:-?([1-7]))?((?:[t ,].*)?)$`)
	isoOrdinal  = late.Regexp(`^((?:19|20)\d{2})-?(\d{3})((?:[t ,].*)?)$`)
	goClock     = late.Regexp(` m=[+-][\d.]+$`)
	commentForm = late.Regexp(`[(\[]([^()\[\]]*)[)\]]`)
)

// wildEpoch reads a count since 1970. The number of its digits tells the unit; sixteen of them end in microseconds.
func wildEpoch(s string) (time.Time, bool) {
	if m := dotNetForm().FindStringSubmatch(s); m != nil {
		n, _ := strconv.ParseInt(m[1], 10, 64)
		return time.UnixMilli(n), true
	}
	m := epochDigits().FindStringSubmatch(s)
	if m == nil {
		return time.Time{}, false
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	switch len(m[1]) {
	case 13:
		return time.UnixMilli(n), true
	case 16:
		return time.UnixMicro(n), true
	case 19:
		return time.Unix(0, n), true
	}
	return time.Unix(n, 0), true
}

// takeComment removes comments in parentheses or brackets, as mail programs and Java write them. One that is nothing but
// the name of a zone counts when no other zone is written.
func (w *wild) takeComment(s string) string {
	return commentForm().ReplaceAllStringFunc(s, func(comment string) string {
		if z, ok := wildZone(comment[1 : len(comment)-1]); ok {
			w.comment = &z
		}
		return " "
	})
}

// isoDate takes a week date or an ordinal date (ISO 8601, sections 5.2.2 and 5.2.3) off the front.
func (w *wild) isoDate(s string) string {
	if m := isoWeek().FindStringSubmatch(s); m != nil {
		year, week, day := number(m[1]), number(m[2]), max(number(m[3]), 1)
		fourth := time.Date(year, time.January, 4, 0, 0, 0, 0, time.UTC) // always in the first week
		monday := fourth.AddDate(0, 0, -(int(fourth.Weekday())+6)%7)
		t := monday.AddDate(0, 0, (week-1)*7+day-1)
		if gotYear, gotWeek := t.ISOWeek(); gotYear == year && gotWeek == week {
			w.setDay(t)
			return m[4]
		}
	}
	if m := isoOrdinal().FindStringSubmatch(s); m != nil {
		year, day := number(m[1]), number(m[2])
		t := time.Date(year, time.January, day, 0, 0, 0, 0, time.UTC)
		if t.Year() == year {
			w.setDay(t)
			return m[3]
		}
	}
	return s
}

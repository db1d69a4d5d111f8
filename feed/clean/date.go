package clean

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/late"
)

// Date reads a date as people and programs write it: RFC 3339 (also with a space for the T, without seconds, without
// zone, or the date alone), RFC 5322 and 822 (weekday optional and not checked, two-digit years, the zones UT GMT EST EDT
// CST CDT MST MDT PST PDT), 2026/11/24, 24.11.2026, 24 November 2026 and November 24, 2026 with abbreviated months and
// ordinals, each with an optional time (06:00, 6:00:30, 6 pm), and seconds or milliseconds since 1970 (10 or 13 digits).
// A date alone is its midnight. RFC 822's years 00 to 49 mean 2000 to 2049, 50 to 99 mean 1950 to 1999.
//
// A date without zone is in loc (nil is UTC). A local time that summer time skips is read as if the clock had not been
// changed yet (02:30 becomes 03:30 summer time), one that comes twice means the first.
//
// Years before 1900 or after 9999, dates that do not exist and forms that can be read in two ways (03/04/2026) are
// refused with an error of class Unreadable that says what to write.
func Date(s string, loc *time.Location) (time.Time, error) {
	if loc == nil {
		loc = time.UTC
	}
	t, err := readDate(Line(s), loc)
	if err != nil {
		return time.Time{}, feed.Classify(feed.Unreadable, fmt.Errorf("%s %w", quoted(s), err))
	}
	return t, nil
}

// The forms of a date. Every pattern captures year, month, day by name; what follows is a time.
var dateForms = []*regexp.Regexp{
	regexp.MustCompile(`^(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})`),
	regexp.MustCompile(`^(?P<year>\d{4})/(?P<month>\d{1,2})/(?P<day>\d{1,2})`),
	regexp.MustCompile(`^(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\. ?(?P<year>\d{4})`),
	regexp.MustCompile(`^(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?(?: of)?[ \-]?(?P<month>\pL+)\.?,?[ \-]?(?P<year>\d{4}|\d{2})`),
	regexp.MustCompile(`^(?P<month>\pL+)\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})`),
}

var (
	weekdayPrefix = late.Regexp(`(?i)^(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b[.,]* *`)
	timeForm      = late.Regexp(`(?i)^(?:t|,? at |[, ]+)(\d{1,2})(?::(\d{2})(?::(\d{2})(?:[.,](\d+))?)?)?(?: ?([ap])\.?m\.?)?`)
	zoneForm      = late.Regexp(`^ ?(?:([A-Za-z]{1,5})|(?:UTC|GMT)?([+-])(\d{2}):?(\d{2})?)(?: ?\([^)]*\))?$`)
	epochForm     = late.Regexp(`^\d{10}(?:\d{3})?$`)
	weekForm      = late.Regexp(`^\d{4}-?[Ww]\d{2}`)
	twoWayForm    = late.Regexp(`^\d{1,2}[/\-]\d{1,2}[/\-]\d{2,4}\b`)
	shortYearForm = late.Regexp(`^\d{1,2}\. ?\d{1,2}\. ?\d{2}\b|^\d{2}[/\-]\d{1,2}[/\-]\d{1,2}\b`)
)

// readDate reads a date; its errors are predicates to the text: "is not a date; write …".
func readDate(s string, loc *time.Location) (time.Time, error) {
	switch {
	case s == "":
		return time.Time{}, errNotADate()
	case epochForm().MatchString(s):
		return epoch(s).In(loc), nil
	case weekForm().MatchString(s):
		return time.Time{}, errors.New("is a week, not a date; write 2026-11-24")
	}
	s = weekdayPrefix().ReplaceAllString(s, "")
	for _, form := range dateForms {
		if m := form.FindStringSubmatch(s); m != nil {
			part := func(name string) string { return m[form.SubexpIndex(name)] }
			day, err := readDay(part("year"), part("month"), part("day"))
			if err != nil {
				return time.Time{}, err
			}
			return readTime(day, s[len(m[0]):], loc)
		}
	}
	switch {
	case twoWayForm().MatchString(s):
		return time.Time{}, errors.New("does not say which number is the month; write 2026-11-24 or 24 November 2026")
	case shortYearForm().MatchString(s):
		return time.Time{}, errors.New("has a year of two digits; write 2026-11-24 or 24 November 2026")
	}
	return time.Time{}, errNotADate()
}

func errNotADate() error {
	return errors.New("is not a date; write 2026-11-24 06:00 or 24 November 2026")
}

func epoch(s string) time.Time {
	n, _ := strconv.ParseInt(s, 10, 64) // at most 13 digits
	if len(s) == 13 {
		return time.UnixMilli(n)
	}
	return time.Unix(n, 0)
}

// clock is a moment as calendar and clock show it, without a zone.
type clock struct {
	year              int
	month             time.Month
	day               int
	hour, minute, sec int
	nano              int
}

// in places the clock at a fixed distance from UTC.
func (c clock) in(zone *time.Location) time.Time {
	return time.Date(c.year, c.month, c.day, c.hour, c.minute, c.sec, c.nano, zone)
}

// local places the clock in a location. [time.Date] does not say which of two moments it takes.
func (c clock) local(loc *time.Location) time.Time {
	wall := c.in(time.UTC)
	at := func(reference time.Time) time.Time {
		_, offset := reference.In(loc).Zone()
		return wall.Add(-time.Duration(offset) * time.Second).In(loc)
	}
	before, after := at(wall.Add(-26*time.Hour)), at(wall.Add(26*time.Hour))
	for _, t := range []time.Time{before, after} {
		_, offset := t.Zone()
		if t.Add(time.Duration(offset) * time.Second).Equal(wall) {
			return t
		}
	}
	return before
}

func readDay(year, month, day string) (clock, error) {
	c := clock{year: number(year), day: number(day)}
	if len(year) == 2 {
		c.year += 1900
		if c.year < 1950 {
			c.year += 100
		}
	}
	c.month = time.Month(number(month))
	if month[0] > '9' {
		c.month = monthNamed(month)
		if c.month == 0 {
			return c, fmt.Errorf("names no month that is known (%s); write 2026-11-24 or 24 November 2026", quoted(month))
		}
	}
	return c, c.checkDay()
}

// checkDay refuses days that no calendar has and years nobody means.
func (c clock) checkDay() error {
	if c.year < 1900 {
		return fmt.Errorf("is in the year %d; dates before 1900 are not taken", c.year)
	}
	if t := (clock{year: c.year, month: c.month, day: c.day}).in(time.UTC); c.month < 1 || c.month > 12 || t.Day() != c.day || c.day == 0 {
		return errors.New("is not in the calendar; write 2026-11-24 or 24 November 2026")
	}
	return nil
}

// number reads a few digits; text without digits is 0.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

// monthNamed reads an English month, whole or cut to three letters (or Sept); 0 when it is none.
func monthNamed(s string) time.Month {
	s = strings.ToLower(s)
	if s == "sept" {
		return time.September
	}
	for m := time.January; m <= time.December; m++ {
		if name := strings.ToLower(m.String()); s == name || s == name[:3] {
			return m
		}
	}
	return 0
}

func readTime(c clock, s string, loc *time.Location) (time.Time, error) {
	if s == "" {
		return c.local(loc), nil
	}
	m := timeForm().FindStringSubmatch(s)
	if m == nil || m[2] == "" && m[5] == "" { // an hour alone needs its am or pm
		return time.Time{}, errNotADate()
	}
	c.hour, c.minute, c.sec = number(m[1]), number(m[2]), number(m[3])
	c.nano = number((m[4] + "000000000")[:9])
	if half := strings.ToLower(m[5]); half != "" {
		if c.hour < 1 || c.hour > 12 {
			return time.Time{}, errors.New("has no such hour; write 18:00 or 6 pm")
		}
		c.hour %= 12
		if half == "p" {
			c.hour += 12
		}
	}
	if c.hour > 23 || c.minute > 59 || c.sec > 60 { // 60: a leap second
		return time.Time{}, errors.New("has no such time of day; write 00:00 to 23:59")
	}
	return readZone(c, s[len(m[0]):], loc)
}

// readZone reads what follows the time.
func readZone(c clock, s string, loc *time.Location) (time.Time, error) {
	if s == "" {
		return c.local(loc), nil
	}
	m := zoneForm().FindStringSubmatch(s)
	if m == nil {
		return time.Time{}, errNotADate()
	}
	if m[1] != "" {
		offset, ok := zones[strings.ToUpper(m[1])]
		if !ok {
			return time.Time{}, fmt.Errorf("names the zone %s, which is not known everywhere; write an offset such as +01:00, or none", m[1])
		}
		return c.in(fixed(offset)), nil
	}
	hours, minutes := number(m[3]), number(m[4])
	if hours > 23 || minutes > 59 {
		return time.Time{}, errors.New("has no such offset from UTC; write one such as +01:00")
	}
	offset := hours*60 + minutes
	if m[2] == "-" {
		offset = -offset
	}
	return c.in(fixed(offset)), nil
}

// zones are the named zones of RFC 5322 (section 4.3), in minutes.
var zones = map[string]int{
	"Z": 0, "UT": 0, "UTC": 0, "GMT": 0,
	"EST": -5 * 60, "EDT": -4 * 60, "CST": -6 * 60, "CDT": -5 * 60,
	"MST": -7 * 60, "MDT": -6 * 60, "PST": -8 * 60, "PDT": -7 * 60,
}

func fixed(minutes int) *time.Location {
	if minutes == 0 {
		return time.UTC
	}
	return time.FixedZone("", minutes*60)
}

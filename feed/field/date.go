package field

import (
	"regexp"
	"strings"
	"time"

	"feedmill/feed/clean"
	"feedmill/feed/markup"
)

// dateText is the text of a date: what a time element says to programs, else what it shows.
func dateText(v markup.Match) string {
	if v.IsElement() {
		for _, name := range []string{"datetime", "content"} {
			if text := strings.TrimSpace(v.Attribute(name)); text != "" && (v.Node.Data == "time" || v.Node.Data == "meta" || name == "datetime") {
				return text
			}
		}
	}
	return v.Text()
}

// date reads a date with the words of a rule.
func (m *maker[S]) date(text string, s settings) (time.Time, error) {
	loc := m.env.Location
	if s.zone.location != nil {
		loc = s.zone.location
	}
	if loc == nil {
		loc = time.UTC
	}
	if s.format != "" {
		return s.formatted(text, loc, m.env.Now)
	}
	t, err := clean.WildDate(text, loc, m.env.Now)
	if err != nil && !s.locale.IsZero() {
		if parts := twoWays.FindStringSubmatch(text); parts != nil {
			order := parts[3] + "-" + parts[2] + "-" + parts[1]
			if s.locale.monthFirst() {
				order = parts[3] + "-" + parts[1] + "-" + parts[2]
			}
			if other, wrong := clean.WildDate(order+parts[4], loc, m.env.Now); wrong == nil {
				return other, nil
			}
		}
	}
	if err == nil && m.env.Relative != nil {
		const later = 40*24*time.Hour + 7*time.Hour
		if other, wrong := clean.WildDate(text, loc, m.env.Now.Add(later)); wrong != nil || !other.Equal(t) {
			m.env.Relative()
		}
	}
	return t, err
}

// twoWays matches a date of which only the language tells the month.
var twoWays = regexp.MustCompile(`^\s*(\d{1,2})[/\-](\d{1,2})[/\-](\d{4})(.*)$`)

// formatted reads a date that is written as a layout says. One without a year is the last such day, or one of the week to
// come.
func (s settings) formatted(text string, loc *time.Location, now time.Time) (time.Time, error) {
	language := "en"
	if !s.locale.IsZero() {
		language = s.locale.base()
	}
	if s.format.hasYear() {
		return clean.DateAs(text, string(s.format), language, loc)
	}
	year := now.In(loc).Year()
	var t time.Time
	var err error
	for _, y := range []int{year + 1, year, year - 1} {
		t, err = clean.DateAs(text, string(s.format), language, loc)
		if err != nil {
			return t, err
		}
		t = time.Date(y, t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
		if t.Before(now.AddDate(0, 0, 8)) {
			break
		}
	}
	return t, nil
}

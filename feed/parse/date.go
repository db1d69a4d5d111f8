package parse

import (
	"time"

	"feedmill/feed/clean"
)

// earliest is the first year that is believed: what lies before it is a program's zero, or a date that was misread.
const earliest = 1990

// date returns the first date that can be read and believed among the children of the given names, and that name.
func (b *builder) date(n *node, keys ...string) (at time.Time, from string) {
	for _, key := range keys {
		if c := n.child(key); c != nil {
			if t := b.moment(c.content()); !t.IsZero() {
				return t, key
			}
		}
	}
	return time.Time{}, ""
}

// moment reads a date; zero when it cannot be read or believed. A date more than a day ahead is a mistake, not an embargo:
// the article counts as published when it was first seen.
func (w where) moment(s string) time.Time {
	if s = clean.Line(s); s == "" {
		return time.Time{}
	}
	t, err := clean.WildDate(s, w.loc, w.now)
	if err != nil || t.Year() < earliest || t.After(w.now.Add(24*time.Hour)) && !w.own {
		return time.Time{}
	}
	return t
}

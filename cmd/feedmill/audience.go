package main

import (
	"fmt"
	"strings"
	"time"

	"feedmill/cmd/feedmill/internal/admin"
)

// daysShown is how many days are told of who came.
const daysShown = 7

// printAudience prints who reads a feed.
func (a *app) printAudience(f admin.FeedStatus, zone *time.Location) {
	if f.Audience == nil && len(f.Readers) == 0 {
		return
	}
	_, _ = fmt.Fprintln(a.out) // as all that is printed
	if audience := f.Audience; audience != nil {
		if len(audience.Aggregators) > 0 {
			var named []string
			for _, one := range audience.Aggregators {
				named = append(named, fmt.Sprintf("%s %d", one.Name, one.Subscribers))
			}
			_, _ = fmt.Fprintf(a.out, "subscribers: %d (%s)\n", audience.Subscribers, strings.Join(named, ", "))
		}
		days := []string{fmt.Sprintf("%d today so far", audience.Pollers)}
		for _, day := range audience.Days[:min(len(audience.Days), daysShown)] {
			days = append(days, fmt.Sprintf("%d on %s", day.Pollers, day.Day))
		}
		_, _ = fmt.Fprintf(a.out, "pollers: %s\n", strings.Join(days, ", "))
	}
	for _, r := range f.Readers {
		name, seen := r.Name, "not seen yet"
		if r.Edition != "" {
			name += " of " + r.Edition
		}
		if r.LastSeen != nil {
			seen = "last seen " + r.LastSeen.In(zone).Format("2006-01-02 15:04")
		}
		_, _ = fmt.Fprintf(a.out, "reader %s: %s\n", name, seen)
	}
}

package main

import (
	"fmt"
	"strings"
	"time"

	"feedmill/cmd/feedmill/internal/admin"
)

// daysShown is how many days are told of who came.
const daysShown = 7

// audienceHeads are the heads of columns for who reads: none, if nobody was counted.
func audienceHeads(counted bool) string {
	if !counted {
		return ""
	}
	return "SUBS\tPOLLERS\t"
}

// audienceCells are what stands below them.
func audienceCells(counted bool, a *admin.Audience) string {
	switch {
	case !counted:
		return ""
	case a == nil:
		return "0\t0\t"
	}
	return fmt.Sprintf("%d\t%d\t", a.Subscribers, a.Pollers)
}

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

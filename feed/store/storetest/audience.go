package storetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/feed/store"
)

// audiences are who reads, a feed a line.
func audiences(t *testing.T, s *store.Store, now time.Time) string {
	t.Helper()
	all, err := s.Audiences(t.Context(), now)
	must(t, err)
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		a := *all[name]
		var readers []string
		for _, r := range a.Readers {
			readers = append(readers, strings.TrimSpace(r.Edition+" "+r.Name)+r.Seen.Format(" 02T15:04:05"))
		}
		lines = append(lines, fmt.Sprint(name, " ", a.Days, " ", a.Aggregators, " ", readers))
	}
	return strings.Join(lines, "\n")
}

func claim(aggregator, subject string, n int64) store.Claim {
	return store.Claim{Aggregator: aggregator, Subject: subject, Subscribers: n}
}

func audience(t *testing.T, open func(*testing.T) *store.Store) {
	s, now := open(t), epoch.Add(90*time.Second)
	wants := func(want string) {
		t.Helper()
		if got := audiences(t, open(t), now); got != want {
			t.Errorf("the audience is\n%s, want\n%s", got, want)
		}
	}
	wants("")
	must(t, s.SaveVisits(t.Context(), "2026-11-24", now, []store.Visits{
		{Feed: "world", Pollers: 7, Claims: []store.Claim{claim("Feedbin", "7", 3), claim("Feedbin", "8", 4), claim("Feedly", "/world.rss", 100)}},
		{Feed: "world", Edition: "full", Pollers: 2, Readers: []string{"alice", "bob"}},
		{Feed: "sport", Claims: []store.Claim{claim("Feedly", "/sport.rss", 0)}},
	}))
	// After a restart pollers are counted anew; a claim takes the place of the one before.
	now = now.Add(time.Minute)
	must(t, s.SaveVisits(t.Context(), "2026-11-24", now, []store.Visits{
		{Feed: "world", Pollers: 3, Claims: []store.Claim{claim("Feedly", "/world.rss", 90)}},
		{Feed: "world", Edition: "full", Pollers: 4, Readers: []string{"bob"}},
	}))
	wants("sport [] [{Feedly 0}] []\n" + "world [{2026-11-24 11}] [{Feedly 90} {Feedbin 7}] [full alice 24T06:01:00 full bob 24T06:02:00]")
	now = now.Add(6 * 24 * time.Hour)
	must(t, s.SaveVisits(t.Context(), "2026-11-30", now, []store.Visits{{Feed: "world", Pollers: 5, Claims: []store.Claim{claim("Feedbin", "7", 9)}}}))
	now = now.Add(2 * 24 * time.Hour) // an aggregator that came no more has no subscribers
	wants("world [{2026-11-30 5} {2026-11-24 11}] [{Feedbin 9}] [full alice 24T06:01:00 full bob 24T06:02:00]")
	must(t, s.ForgetVisits(t.Context(), now))
	wants("world [{2026-11-30 5} {2026-11-24 11}] [{Feedbin 9}] [full alice 24T06:01:00 full bob 24T06:02:00]")
	now = now.Add(33 * 24 * time.Hour)
	must(t, s.ForgetVisits(t.Context(), now))
	wants("world [{2026-11-30 5}] [] [full alice 24T06:01:00 full bob 24T06:02:00]")
	now = now.Add(400 * 24 * time.Hour)
	must(t, s.ForgetVisits(t.Context(), now))
	wants("")
}

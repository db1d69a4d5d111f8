package admin

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"feedmill/config"
	"feedmill/feed/store"
)

// Audience is who reads a feed, as it was counted without keeping who it was.
type Audience struct {
	Feed string `json:"-"`
	// Subscribers are those of all aggregators that came within a week, as they say themselves.
	Subscribers int64        `json:"subscribers"`
	Aggregators []Aggregator `json:"aggregators"`
	// Pollers are different readers and aggregators that came today so far, within about 3 %.
	Pollers int64 `json:"pollers"`
	// Days are those before, the newest first.
	Days []Day `json:"days"`
}

// Aggregator is who reads for others.
type Aggregator struct {
	Name        string `json:"name"`
	Subscribers int64  `json:"subscribers"`
}

// Day is how many pollers came on a day.
type Day struct {
	Day     string `json:"day"` // 2026-11-22
	Pollers int64  `json:"pollers"`
}

// Reader is somebody who may read a private feed.
type Reader struct {
	Name     string     `json:"name"`
	Edition  string     `json:"edition,omitempty"` // empty: the feed itself
	LastSeen *time.Time `json:"last_seen"`         // to the minute
}

// AudienceOf says who reads a feed.
func AudienceOf(feed string, known *store.Audience, today string) Audience {
	a := Audience{Feed: feed, Aggregators: []Aggregator{}, Days: []Day{}}
	for _, one := range known.Aggregators {
		a.Aggregators = append(a.Aggregators, Aggregator(one))
		a.Subscribers += one.Subscribers
	}
	for _, day := range known.Days {
		if day.Day == today {
			a.Pollers = day.Pollers
			continue
		}
		a.Days = append(a.Days, Day(day))
	}
	return a
}

// nobody reports whether nothing was counted.
func (a Audience) nobody() bool { return len(a.Aggregators)+len(a.Days) == 0 && a.Pollers == 0 }

// readersOf are all who may read a feed or its editions, with when each of them came last.
func readersOf(f config.Feed, known *store.Audience) []Reader {
	type key struct{ edition, name string }
	seen := map[key]time.Time{}
	if known != nil {
		for _, r := range known.Readers {
			seen[key{r.Edition, r.Name}] = r.Seen
		}
	}
	var all []Reader
	add := func(edition string, access *config.Access) {
		if access == nil {
			return
		}
		for _, r := range access.Readers {
			all = append(all, Reader{Name: r.Name, Edition: edition, LastSeen: moment(seen[key{edition, r.Name}])})
		}
	}
	add("", f.Access)
	for _, e := range f.Editions {
		add(e.Name, e.Access)
	}
	return all
}

var (
	subscribersNow = prometheus.NewDesc("feedmill_subscribers",
		"Subscribers of a feed, as the aggregators that came within a week say themselves.", []string{"feed"}, nil)
	pollersNow = prometheus.NewDesc("feedmill_pollers",
		"Different readers and aggregators that asked for a feed today so far, within about 3 %.", []string{"feed"}, nil)
)

// audiences are the gauges of who reads.
type audiences struct{ now func() []Audience }

func (audiences) Describe(to chan<- *prometheus.Desc) {
	to <- subscribersNow
	to <- pollersNow
}

func (a audiences) Collect(to chan<- prometheus.Metric) {
	for _, one := range a.now() {
		to <- prometheus.MustNewConstMetric(subscribersNow, prometheus.GaugeValue, float64(one.Subscribers), one.Feed)
		to <- prometheus.MustNewConstMetric(pollersNow, prometheus.GaugeValue, float64(one.Pollers), one.Feed)
	}
}

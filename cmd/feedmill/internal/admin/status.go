package admin

import (
	"context"
	"slices"
	"time"

	"feedmill/config"
	"feedmill/feed"
	"feedmill/feed/store"
)

// Status is how every feed is, as the state says: what `feedmill status` shows and GET /status answers. Times are null when
// there is none.
type Status struct {
	Status string       `json:"status"` // ok, or wrong when there is an alarm
	At     time.Time    `json:"at"`
	Feeds  []FeedStatus `json:"feeds"` // in the order of the configuration
	// Parts are the blocks and included files that feeds are made of.
	Parts  []PartStatus `json:"parts,omitempty"`
	Alerts int          `json:"alerts"` // on their way
}

// PartStatus is how something is that feeds are made of: a block with rows, an included file.
type PartStatus struct {
	Part       string      `json:"part"`       // the key of the block, or the file
	Feeds      int         `json:"feeds"`      // that it makes now
	Retired    int         `json:"retired"`    // whose rows are gone
	Conditions []Condition `json:"conditions"` // what is wrong
}

// FeedStatus is how one feed is.
type FeedStatus struct {
	Feed       string      `json:"feed"`
	Articles   int64       `json:"articles"` // that were ever published
	LastNew    *time.Time  `json:"last_new"` // when the last of them appeared
	Refreshed  *time.Time  `json:"refreshed"`
	Due        *time.Time  `json:"due"`
	Conditions []Condition `json:"conditions"` // what is wrong
	// Retired says that the row which made the feed is gone: it stays as it is.
	Retired bool `json:"retired,omitempty"`
	// Ends is when the feed ends or has ended.
	Ends *time.Time `json:"ends,omitempty"`
	// Audience is who reads it; nil: nobody that was counted.
	Audience *Audience `json:"audience,omitempty"`
	// Readers are those of a private feed and of private editions.
	Readers []Reader `json:"readers,omitempty"`
}

// Condition is something that is wrong, in the words of package alert.
type Condition struct {
	Subject string     `json:"subject"` // feed, silence, source NAME or output NAME
	Kind    string     `json:"kind"`
	Class   feed.Class `json:"class"`
	Text    string     `json:"text"`
	Since   time.Time  `json:"since"`
	Times   int        `json:"times"`
	Alarm   bool       `json:"alarm"` // it does not seem to pass by itself
}

// Registry is what the status needs of the store.
type Registry interface {
	Summaries(ctx context.Context) (map[string]store.Summary, error)
	Conditions(ctx context.Context) ([]store.Condition, error)
	Alerts(ctx context.Context) (int, error)
	Audiences(ctx context.Context, now time.Time) (map[string]*store.Audience, error)
}

// The words of a status.
const (
	ok    = "ok"
	wrong = "wrong"
)

// StatusOf says how the feeds of a configuration are. A nil registry knows nothing of any.
func StatusOf(ctx context.Context, r Registry, c *config.Config, now time.Time) (Status, error) {
	s := Status{Status: ok, At: now.UTC().Truncate(time.Second), Feeds: []FeedStatus{}}
	var known map[string]store.Summary
	var reading map[string]*store.Audience
	conditions := map[string][]Condition{}
	if r != nil {
		var err error
		if known, err = r.Summaries(ctx); err != nil {
			return s, err
		}
		all, err := r.Conditions(ctx)
		if err != nil {
			return s, err
		}
		for _, c := range all {
			conditions[c.Feed] = append(conditions[c.Feed], Condition{
				Subject: c.Subject, Kind: c.Kind, Class: c.Class, Text: c.Text, Since: c.Since, Times: c.Times, Alarm: c.Alarmed != "",
			})
		}
		if s.Alerts, err = r.Alerts(ctx); err != nil {
			return s, err
		}
		if reading, err = r.Audiences(ctx, now); err != nil {
			return s, err
		}
	}
	for _, f := range c.Feeds {
		summary := known[f.Key]
		one := FeedStatus{
			Feed: f.Key, Articles: summary.Articles, LastNew: moment(summary.LastNew), Refreshed: moment(summary.Refreshed),
			Due: moment(summary.Due), Conditions: conditions[f.Key], Retired: f.Retired, Ends: moment(f.Ended),
		}
		if one.Conditions == nil {
			one.Conditions = []Condition{}
		}
		one.Readers = readersOf(f, reading[f.Key])
		if known := reading[f.Key]; known != nil {
			if a := AudienceOf(f.Key, known, now.In(c.Location).Format(time.DateOnly)); !a.nobody() {
				one.Audience = &a
			}
		}
		if one.alarmed() {
			s.Status = wrong
		}
		s.Feeds = append(s.Feeds, one)
	}
	s.parts(c, conditions)
	return s, nil
}

// Only is the status of one feed. It has none when there is no such feed.
func (s Status) Only(name string) Status {
	one := Status{Status: ok, At: s.At, Feeds: []FeedStatus{}, Alerts: s.Alerts}
	for _, f := range s.Feeds {
		if f.Feed != name {
			continue
		}
		one.Feeds = append(one.Feeds, f)
		if f.alarmed() {
			one.Status = wrong
		}
	}
	return one
}

func (f FeedStatus) alarmed() bool {
	return slices.ContainsFunc(f.Conditions, func(c Condition) bool { return c.Alarm })
}

// parts adds the blocks and the included files.
func (s *Status) parts(c *config.Config, conditions map[string][]Condition) {
	blocks := map[string]*PartStatus{}
	add := func(name string) {
		part := PartStatus{Part: name, Conditions: conditions[name]}
		if part.Conditions == nil {
			part.Conditions = []Condition{}
		}
		if slices.ContainsFunc(part.Conditions, func(c Condition) bool { return c.Alarm }) {
			s.Status = wrong
		}
		s.Parts = append(s.Parts, part)
	}
	for _, b := range c.Blocks {
		add(b.Key)
	}
	for _, f := range c.Included {
		add(f.Name)
	}
	for i := range s.Parts {
		blocks[s.Parts[i].Part] = &s.Parts[i]
	}
	for _, f := range c.Feeds {
		part := blocks[f.File]
		if f.Block != "" {
			part = blocks[f.Block]
		}
		switch {
		case part == nil:
		case f.Retired:
			part.Retired++
		default:
			part.Feeds++
		}
	}
}

// Well reports that nothing is wrong but for what may pass by itself.
func (s Status) Well() bool { return s.Status == ok }

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

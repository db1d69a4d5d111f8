// Package alert knows what is wrong with the feeds, and is the one place that decides what of it has changed: the log, the
// status, the metrics and the alerts that go out all say what it says, in the same words.
//
// A [Desk] observes every refresh. What is wrong is a condition of a feed, of one of its sources or of one of its outputs
// (sighting.go says which error is which). Conditions are kept in the state, so that a process which starts anew calls
// well again what the one before it called sick. An alert is told once for each change: when a condition has lasted long
// enough to be an alarm (decide.go), and when it ends, if it was one. Alerts lie in the state from the same transaction on
// until their target took them (send.go): they survive the end of the process, are tried again for a day, and keep their
// order.
//
// It never reads a source and never decides what is published. A new way to send is a type in the manner of webhook.go,
// and a kind in package config's table; a new error that is no fault of a source or an output gets its line in sighting.go.
package alert

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"feedmill/feed"
	"feedmill/feed/mill"
	"feedmill/feed/store"
)

// Book is what the desk needs of the store.
type Book interface {
	Conditions(ctx context.Context) ([]store.Condition, error)
	ChangeConditions(ctx context.Context, feed string,
		decide func(before []store.Condition, raised store.Elsewhere) (after []store.Condition, tell []store.Alert, err error)) error
	SaveTally(ctx context.Context, t store.Tally) error
	TakeAlert(ctx context.Context, target string, now, until time.Time) (a store.Alert, taken bool, err error)
	PutBack(ctx context.Context, a store.Alert) error
	DropAlert(ctx context.Context, a store.Alert) error
	ExpireAlerts(ctx context.Context, before time.Time) ([]store.Alert, error)
}

// Settings are what a desk is made with.
type Settings struct {
	Book Book
	Now  func() time.Time
	Log  *slog.Logger
	// Sent is called after each try to send an alert to a kind of target. May be nil.
	Sent func(kind string, err error)
	// Again has Observe also return what was wrong before and still is, as if it began: for a process that refreshes once
	// and tells somebody who does not know what the last one said.
	Again bool
}

// Desk knows what is wrong now. Safe for concurrent use; refreshes of one feed are observed one after the other.
type Desk struct {
	Settings

	mu        sync.Mutex
	wrong     map[string][]store.Condition // by feed
	unsaved   map[string]bool              // feeds of which the state does not know what wrong says
	counted   map[string]bool              // feeds whose conditions were met again since the last flush
	refreshed map[string]time.Time         // since the last flush
	changes   int                          // of wrong
	site      string
	targets   []*target
	retarget  chan struct{}
}

// Open makes a desk that knows what the state knows. It sends to nobody until [Desk.Follow] names targets.
func Open(ctx context.Context, s Settings) (*Desk, error) {
	d := &Desk{
		Settings: s, wrong: map[string][]store.Condition{}, unsaved: map[string]bool{}, counted: map[string]bool{},
		refreshed: map[string]time.Time{}, retarget: make(chan struct{}, 1),
	}
	return d, d.recall(ctx)
}

// recall takes over what the state says is wrong: another process may work on it too.
func (d *Desk) recall(ctx context.Context) error {
	d.mu.Lock()
	before := d.changes
	d.mu.Unlock()
	all, err := d.Book.Conditions(ctx)
	if err != nil {
		return err
	}
	wrong := map[string][]store.Condition{}
	for _, c := range all {
		wrong[c.Feed] = append(wrong[c.Feed], c)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.changes != before {
		return nil // what was read may be old already; the next time will do
	}
	for feed := range d.unsaved {
		wrong[feed] = d.wrong[feed]
	}
	d.wrong = wrong
	return nil
}

// Observe takes in how a refresh ended and returns what changed by it. A refresh that was stopped tells nothing.
func (d *Desk) Observe(ctx context.Context, r mill.Report, err error) []Change {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	at := d.Now().UTC().Truncate(time.Second)
	d.mu.Lock()
	d.refreshed[r.Feed] = at
	d.mu.Unlock()
	s := see(r, err)
	changes := d.change(context.WithoutCancel(ctx), r.Feed, s, at)
	if d.Again {
		changes = append(changes, still(s, changes)...)
	}
	return changes
}

// Part takes in how something is that makes feeds, a block's rows or an included file, by its name, and returns what changed
// by it. A nil error: it is well.
func (d *Desk) Part(ctx context.Context, name, subject string, err error) []Change {
	s := sighting{whole: true, errs: map[string]error{}}
	if err != nil {
		class := feed.ClassOf(err)
		s.errs[subject] = err
		s.wrong = []store.Condition{{
			Feed: name, Subject: subject, Kind: kind(subject, class), Class: class, Text: err.Error(),
			Mark: string(class) + " " + places.ReplaceAllString(err.Error(), ""),
		}}
	}
	changes := d.change(context.WithoutCancel(ctx), name, s, d.Now().UTC().Truncate(time.Second))
	if d.Again {
		changes = append(changes, still(s, changes)...)
	}
	return changes
}

// still is what a refresh showed to be wrong, but for what began with it.
func still(s sighting, changes []Change) (rest []Change) {
	for _, c := range s.wrong {
		if !slices.ContainsFunc(changes, func(one Change) bool { return one.Subject == c.Subject && one.What == Begins }) {
			rest = append(rest, Change{Condition: c, What: Begins, Err: s.errs[c.Subject]})
		}
	}
	return rest
}

// change decides, by what this process knows, whether there is anything to tell; only then the state is asked and written.
func (d *Desk) change(ctx context.Context, feed string, s sighting, at time.Time) []Change {
	d.mu.Lock()
	before := d.wrong[feed]
	after, changes := decide(before, s, at)
	if len(changes) == 0 {
		if len(after) > 0 {
			d.counted[feed] = true
			d.wrong[feed] = after
		}
		d.mu.Unlock()
		return nil
	}
	unsaved := d.unsaved[feed]
	d.mu.Unlock()
	err := d.Book.ChangeConditions(ctx, feed, func(stored []store.Condition, raised store.Elsewhere) ([]store.Condition, []store.Alert, error) {
		if unsaved {
			stored = before
		}
		after, changes = decide(counted(stored, before), s, at)
		tell, err := d.alerts(changes, at, raised)
		return after, tell, err
	})
	d.mu.Lock()
	defer d.mu.Unlock()
	d.changes++
	d.wrong[feed] = after
	delete(d.counted, feed)
	delete(d.unsaved, feed)
	if len(after) == 0 {
		delete(d.wrong, feed)
	}
	if err != nil {
		// The state itself may be what is broken: whoever should know is told once, from memory.
		d.Log.Error("conditions not saved", "feed", feed, "err", err)
		d.unsaved[feed] = true
		d.wrong[feed] = after
		d.sayDirectly(changes, at)
	}
	d.wake()
	return changes
}

// counted are the stored conditions with the counts of this process, which are saved only now and then.
func counted(stored, known []store.Condition) []store.Condition {
	for i := range stored {
		for _, k := range known {
			if k.Subject == stored[i].Subject && k.Kind == stored[i].Kind {
				stored[i].Times = max(stored[i].Times, k.Times)
			}
		}
	}
	return stored
}

// Keep forgets the feeds that are not among those named. Whoever was told of trouble with one is told that it is over.
func (d *Desk) Keep(ctx context.Context, feeds []string) {
	d.mu.Lock()
	var gone []string
	for feed := range d.wrong {
		if !slices.Contains(feeds, feed) {
			gone = append(gone, feed)
		}
	}
	d.mu.Unlock()
	slices.Sort(gone)
	for _, feed := range gone {
		d.change(ctx, feed, sighting{removed: true}, d.Now().UTC().Truncate(time.Second))
	}
}

// Wrong returns all that is wrong, by feed and subject.
func (d *Desk) Wrong() []store.Condition {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []store.Condition
	for _, feed := range slices.Sorted(maps.Keys(d.wrong)) {
		all = append(all, d.wrong[feed]...)
	}
	return all
}

// Flush stores what was counted since the last time.
func (d *Desk) Flush(ctx context.Context) error {
	d.mu.Lock()
	t := store.Tally{Refreshed: d.refreshed}
	for feed := range d.counted {
		t.Conditions = append(t.Conditions, d.wrong[feed]...)
	}
	feeds := d.counted
	d.refreshed, d.counted = map[string]time.Time{}, map[string]bool{}
	d.mu.Unlock()
	err := d.Book.SaveTally(ctx, t)
	if err == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	maps.Copy(d.counted, feeds)
	for feed, at := range t.Refreshed {
		if _, later := d.refreshed[feed]; !later {
			d.refreshed[feed] = at
		}
	}
	return fmt.Errorf("save what was counted: %w", err)
}

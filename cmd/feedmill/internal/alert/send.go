package alert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"feedmill/feed/store"
)

// The pace of sending.
const (
	firstPause  = 30 * time.Second // after a failure; doubled after each
	longestOff  = time.Hour
	life        = 24 * time.Hour   // an alert that was not taken for so long is dropped
	margin      = time.Minute      // beyond a target's timeout, until another process may take what this one has
	lookAgain   = 10 * time.Second // for what was counted, and for alerts that other processes left
	mostDirect  = 100
	flushBefore = 5 * time.Second // of the end
)

// sender brings one message to its place.
type sender interface {
	send(ctx context.Context, body []byte) error
}

// target is a place where alerts go.
type target struct {
	sender
	key     string // its queue in the state: it says nothing about the place
	kind    string // webhook or command
	shown   string // what the log calls it
	timeout time.Duration
	wake    chan struct{}
	direct  chan message // what could not be put into its queue
}

// wake has every target look into its queue; d.mu is held.
func (d *Desk) wake() {
	for _, t := range d.targets {
		select {
		case t.wake <- struct{}{}:
		default: // it is about to look
		}
	}
}

// sayDirectly hands messages to the targets without the state, which did not take them; d.mu is held.
func (d *Desk) sayDirectly(changes []Change, at time.Time) {
	messages, err := d.messages(changes, at, func(subject string) (bool, error) {
		for feed := range d.unsaved {
			for _, c := range d.wrong[feed] {
				if feed != changes[0].Feed && c.Subject == subject && c.Alarmed != "" {
					return true, nil
				}
			}
		}
		return false, nil
	})
	if err != nil {
		return // the function above gives none
	}
	for _, m := range messages {
		for _, t := range d.targets {
			select {
			case t.direct <- m:
			default:
				d.Log.Error("alert lost: the state does not take it and too many wait", "to", t.shown, "text", m.Text)
			}
		}
	}
}

// Run sends alerts and stores what is counted until ctx ends.
func (d *Desk) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		round, stop := context.WithCancel(ctx)
		var wait sync.WaitGroup
		d.mu.Lock()
		targets := d.targets
		d.mu.Unlock()
		for _, t := range targets {
			wait.Go(func() { d.serve(round, t) })
		}
		wait.Go(func() { d.tidy(round) })
		select {
		case <-ctx.Done():
		case <-d.retarget:
		}
		stop()
		wait.Wait()
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushBefore)
	defer cancel()
	return d.Flush(last)
}

// tidy stores what was counted, drops what is too old, and looks at what other processes changed.
func (d *Desk) tidy(ctx context.Context) {
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := errors.Join(d.Flush(ctx), d.expire(ctx), d.recall(ctx))
		if err != nil && ctx.Err() == nil {
			d.Log.Warn("state of the feeds not kept", "err", err)
		}
	}
}

func (d *Desk) expire(ctx context.Context) error {
	old, err := d.Book.ExpireAlerts(ctx, d.Now().Add(-life))
	for _, a := range old {
		d.Log.Error("alert dropped: its target did not take it for a day", "tries", a.Tries, "text", textOf(a))
	}
	return err
}

// serve sends what is in a target's queue until ctx ends.
func (d *Desk) serve(ctx context.Context, t *target) {
	for ctx.Err() == nil {
		pause := d.next(ctx, t)
		if pause <= 0 {
			continue
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-t.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// next sends the first alert of a queue if it is due, and returns how long to wait before looking again.
func (d *Desk) next(ctx context.Context, t *target) time.Duration {
	select {
	case m := <-t.direct:
		_ = d.try(ctx, t, m) // it is logged, and there is no queue to put it back into
		return 0
	default:
	}
	now := d.Now()
	a, taken, err := d.Book.TakeAlert(ctx, t.key, now, now.Add(t.timeout+margin))
	switch {
	case err != nil:
		if ctx.Err() == nil {
			d.Log.Warn("alerts not read", "err", err)
		}
		return lookAgain
	case !taken && a.ID == 0:
		return lookAgain
	case !taken:
		return min(a.Due.Sub(now), lookAgain)
	}
	var m message
	if err := json.Unmarshal(a.Body, &m); err != nil {
		d.Log.Error("alert dropped: it cannot be read", "err", err)
	} else if err := d.try(ctx, t, m); err != nil {
		a.Due = d.Now()
		if ctx.Err() == nil { // else it was stopped, and the next process goes on
			a.Due = a.Due.Add(pauseAfter(a.Tries))
		}
		return d.settle(ctx, a, d.Book.PutBack)
	}
	return d.settle(ctx, a, d.Book.DropAlert)
}

// settle stores what became of an alert, also when ctx has ended.
func (d *Desk) settle(ctx context.Context, a store.Alert, save func(context.Context, store.Alert) error) time.Duration {
	if err := save(context.WithoutCancel(ctx), a); err != nil {
		d.Log.Warn("not saved what became of an alert; it may be sent twice", "err", err)
		return lookAgain
	}
	return 0
}

// try sends a message once.
func (d *Desk) try(ctx context.Context, t *target, m message) error {
	body, err := m.body(d.Now())
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	err = t.send(limited, body)
	if err != nil && ctx.Err() != nil {
		return err
	}
	if d.Sent != nil {
		d.Sent(t.kind, err)
	}
	which := []any{"to", t.shown, "event", m.Event, "feed", m.Feed, "kind", m.Kind}
	if err != nil {
		d.Log.Warn("alert not sent; it is tried again", append(which, "err", err)...)
		return err
	}
	d.Log.Info("alert sent", which...)
	return nil
}

// pauseAfter is the pause after so many tries.
func pauseAfter(tries int) time.Duration {
	if tries > 7 {
		return longestOff
	}
	return min(firstPause<<(tries-1), longestOff)
}

// Send sends all alerts that are due, each once, and stores what was counted. It returns after limit at the latest; what
// was not sent by then stays for the next process.
func (d *Desk) Send(ctx context.Context, limit time.Duration) error {
	sending, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	d.mu.Lock()
	targets := d.targets
	d.mu.Unlock()
	var wait sync.WaitGroup
	for _, t := range targets {
		wait.Go(func() {
			for pause := time.Duration(0); pause <= 0 && sending.Err() == nil; {
				pause = d.next(sending, t)
			}
		})
	}
	wait.Wait()
	return errors.Join(d.expire(ctx), d.Flush(ctx))
}

func textOf(a store.Alert) string {
	var m message
	if err := json.Unmarshal(a.Body, &m); err != nil {
		return fmt.Sprintf("%q", a.Body)
	}
	return m.Text
}

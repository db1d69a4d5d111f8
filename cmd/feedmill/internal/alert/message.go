package alert

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"feedmill/feed"
	"feedmill/feed/store"
)

// message is what a target receives, as JSON.
type message struct {
	ID     string     `json:"id"`    // the same whenever it is sent: it may arrive twice
	Event  string     `json:"event"` // alarm or recovery
	Site   string     `json:"site"`  // base_url
	Feed   string     `json:"feed"`
	Source string     `json:"source,omitempty"`
	Output string     `json:"output,omitempty"`
	Kind   string     `json:"kind"`
	Class  feed.Class `json:"class"`
	Text   string     `json:"text"`  // one sentence for people, with what to do
	Since  time.Time  `json:"since"` // of this kind
	Times  int        `json:"times"` // how many refreshes in a row said so
	At     time.Time  `json:"at"`    // when it became an alarm, or was over
	Sent   time.Time  `json:"sent"`  // when this try was made
}

// The events.
const (
	alarm    = "alarm"
	recovery = "recovery"
)

func newMessage(site string, c Change, at time.Time) message {
	m := message{
		ID: uuid.NewString(), Event: alarm, Site: site, Feed: c.Feed, Kind: c.Kind, Class: c.Class, Since: c.Since, Times: c.Times, At: at,
	}
	m.Source, _ = strings.CutPrefix(c.Subject, ofSource)
	if m.Source == c.Subject {
		m.Source = ""
	}
	if name, output := strings.CutPrefix(c.Subject, ofOutput); output {
		m.Output = name
	}
	place := Place(c.Condition)
	switch {
	case c.Alarm:
		m.Text = place + ": " + c.Kind + ": " + c.Text
	case c.What == Well:
		m.Event, m.Kind = recovery, c.Alarmed
		m.Text = fmt.Sprintf("%s: well again; it was %s since %s", place, c.Alarmed, c.Since.Format("2006-01-02 15:04 MST"))
	default:
		m.Event, m.Kind = recovery, c.Alarmed
		m.Text = fmt.Sprintf("%s: no longer in use; it was %s since %s", place, c.Alarmed, c.Since.Format("2006-01-02 15:04 MST"))
	}
	return m
}

// body is the message as it is sent at a moment.
func (m message) body(at time.Time) ([]byte, error) {
	m.Sent = at.UTC().Truncate(time.Second)
	body, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("write alert: %w", err)
	}
	return body, nil
}

// messages are what there is to tell of changes. What is one thing for several feeds is told with the first of them, and
// is over with the last.
func (d *Desk) messages(changes []Change, at time.Time, raised store.Elsewhere) ([]message, error) {
	var all []message
	for _, c := range changes {
		if !c.Alarm && !c.Recovery {
			continue
		}
		if shared(c.Subject) {
			told, err := raised(c.Subject)
			if err != nil {
				return nil, err
			}
			if told {
				continue
			}
		}
		all = append(all, newMessage(d.site, c, at))
	}
	return all, nil
}

// alerts are the messages for every target.
func (d *Desk) alerts(changes []Change, at time.Time, raised store.Elsewhere) ([]store.Alert, error) {
	d.mu.Lock()
	targets := d.targets
	d.mu.Unlock()
	if len(targets) == 0 {
		return nil, nil
	}
	messages, err := d.messages(changes, at, raised)
	if err != nil {
		return nil, err
	}
	var all []store.Alert
	for _, m := range messages {
		body, err := m.body(at)
		if err != nil {
			return nil, err
		}
		for _, t := range targets {
			all = append(all, store.Alert{Target: t.key, Body: body, Made: at, Due: at})
		}
	}
	return all, nil
}

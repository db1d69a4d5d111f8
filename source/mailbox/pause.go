package mailbox

import (
	"encoding/json"
	"errors"
	"time"

	"feedmill/feed"
)

// pauseKey is where the last failure is remembered.
const pauseKey = "mailbox.failed"

// failure is why the server gave nothing, and until when it is left alone: servers lock accounts that are tried too often.
type failure struct {
	Class feed.Class `json:"class"`
	Text  string     `json:"text"`
	Times int        `json:"times"`
	Until int64      `json:"until"`
}

// How long the server is left alone after a failure: twice as long after each.
const (
	shortestPause = 2 * time.Minute
	longestPause  = 6 * time.Hour
	refusedPause  = time.Hour
)

func recallFailure(mem feed.Memory) (failure, bool) {
	var f failure
	text := mem.Get(pauseKey)
	return f, len(text) > 0 && json.Unmarshal(text, &f) == nil && f.Times > 0
}

// waits returns the last failure as long as the server is to be left alone.
func (m *Mailbox) waits(mem feed.Memory) error {
	m.mu.Lock()
	asked := m.asked
	m.asked = true
	m.mu.Unlock()
	f, failed := recallFailure(mem)
	until := time.Unix(f.Until, 0)
	if !failed || !asked || !m.now().Before(until) || until.Sub(m.now()) > longestPause {
		return nil
	}
	return feed.Classify(f.Class, errors.New(f.Text))
}

// remember keeps a failure, or forgets the last one.
func (m *Mailbox) remember(mem feed.Memory, err error) {
	f, failed := recallFailure(mem)
	if err == nil {
		if failed {
			mem.Put(pauseKey, nil)
		}
		return
	}
	f.Times++
	f.Class, f.Text = feed.ClassOf(err), err.Error()
	f.Until = m.now().Add(pauseAfter(f.Class, f.Times)).Unix()
	if text, err := json.Marshal(f); err == nil {
		mem.Put(pauseKey, text)
	}
}

// pauseAfter is how long to leave the server alone after so many failures in a row.
func pauseAfter(class feed.Class, times int) time.Duration {
	pause := min(shortestPause<<min(times-1, 10), longestPause)
	if class == feed.Refused {
		pause = max(pause, refusedPause)
	}
	return pause
}

package s3

import (
	"sync"
	"time"
)

// The bounds of what is remembered: after the time, somebody else may have changed what lies there; a feed's live documents
// are few, and its pages seldom come again.
const (
	remembered = time.Hour
	mostMarks  = 10_000
)

// marks are what lies under names as far as it is known, which spares a question for each document of a release.
type marks struct {
	now  func() time.Time
	mu   sync.Mutex
	held map[string]held
}

type held struct {
	mark  string
	until time.Time
}

// of is the mark of what lies under a name; empty: that is not known.
func (m *marks) of(name string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if h := m.held[name]; m.now().Before(h.until) {
		return h.mark
	}
	return ""
}

// set remembers a mark, or forgets it when it is empty.
func (m *marks) set(name, mark string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if mark == "" {
		delete(m.held, name)
		return
	}
	if m.held == nil || len(m.held) >= mostMarks {
		m.held = map[string]held{}
	}
	m.held[name] = held{mark, m.now().Add(remembered)}
}

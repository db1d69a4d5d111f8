package sourcetest

import (
	"context"
	"maps"
	"sync"

	"feedmill/feed"
)

var (
	_ feed.Memory = (*Memory)(nil)
	_ feed.Marker = (*Memory)(nil)
)

// Memory is a source's memory as the mill keeps it: what was put is there for the fetch that put it, and stays when it is
// committed. Puts counts what was put since the last Commit.
type Memory struct {
	Puts int

	committed, put map[string][]byte

	mu    sync.Mutex
	marks map[string]int
}

// NewMemory makes an empty memory.
func NewMemory() *Memory {
	return &Memory{committed: map[string][]byte{}, put: map[string][]byte{}, marks: map[string]int{}}
}

// Get returns what was put or committed last.
func (m *Memory) Get(key string) []byte {
	if value, ok := m.put[key]; ok {
		return value
	}
	return m.committed[key]
}

// Put keeps a value until Commit or Restart.
func (m *Memory) Put(key string, value []byte) {
	m.put[key] = value
	m.Puts++
}

// Commit keeps what was put for good.
func (m *Memory) Commit() {
	maps.Copy(m.committed, m.put)
	m.Restart()
}

// Restart drops what was not committed, as a process does that ends.
func (m *Memory) Restart() {
	clear(m.put)
	m.Puts = 0
}

// Begin counts how often work was begun without an end, also over a Restart; it lets everything in at once.
func (m *Memory) Begin(_ context.Context, work string) (deaths int, end func(), err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	deaths = m.marks[work]
	m.marks[work]++
	return deaths, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.marks[work] = deaths; deaths < 2 {
			delete(m.marks, work)
		}
	}, nil
}

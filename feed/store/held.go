package store

import (
	"context"
	"maps"
	"sync"
)

// held is what this process knows of feeds that no other process had the lease of since it was read: a quiet refresh
// then asks the database nothing. It is used only while this process has the lease. Whatever writes a feed's row or memory
// besides [Store.Commit], [Store.SaveRendering], [Store.SaveDue] and [Store.Remember] must do it in [Store.transact],
// which forgets all.
type held struct {
	mu       sync.Mutex
	byName   map[string]*heldFeed
	bySerial map[int64]*heldFeed
	size     int
	changes  uint64 // how often something was forgotten: what was read before may be old
}

type heldFeed struct {
	leased bool
	row    Feed // Serial is 0 before it is read
	memory remembered
	size   int
}

// What is held of one source and of all, about, in bytes. Sources that remember more are read each time.
const (
	mostOfSource = 4 << 10
	mostHeld     = 32 << 20
)

// Lease waits for the feed's lease; see [Locks].
func (s *Store) Lease(ctx context.Context, feed string) (release func(), err error) {
	end, alone, err := s.locks.Lease(ctx, feed)
	if err != nil {
		return nil, err
	}
	f := s.held.lease(feed, alone)
	return func() {
		s.held.release(f)
		end()
	}, nil
}

func (h *held) lease(name string, alone bool) *heldFeed {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.byName[name]
	if f == nil {
		f = &heldFeed{}
		if h.byName == nil {
			h.byName, h.bySerial = map[string]*heldFeed{}, map[int64]*heldFeed{}
		}
		h.byName[name] = f
	}
	if !alone {
		h.drop(f)
	}
	f.leased = true
	return f
}

func (h *held) release(f *heldFeed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f.leased = false
}

// feed returns the row that is held, and a ticket for holding one that is read instead.
func (h *held) feed(name string) (row Feed, ok bool, ticket uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if f := h.byName[name]; f != nil && f.leased && f.row.Serial != 0 {
		return f.row, true, 0
	}
	return Feed{}, false, h.changes
}

func (h *held) holdFeed(name string, row Feed, ticket uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.byName[name]
	if f == nil || !f.leased || f.row.Serial != 0 || ticket != h.changes {
		return
	}
	f.row, f.memory = row, remembered{}
	h.bySerial[row.Serial] = f
	h.grow(f, 512)
}

// source returns what is held of a source's memory, which must not be changed, and a ticket as [held.feed] does.
func (h *held) source(serial int64, source string) (values map[string][]byte, ok bool, ticket uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if f := h.bySerial[serial]; f != nil && f.leased {
		values, ok = f.memory[source]
	}
	return values, ok, h.changes
}

func (h *held) holdSource(serial int64, source string, values map[string][]byte, ticket uint64) {
	size := 256
	for key, value := range values {
		size += 64 + len(key) + len(value)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.bySerial[serial]
	if f == nil || !f.leased || f.memory[source] != nil || ticket != h.changes || size > mostOfSource {
		return
	}
	f.memory[source] = values
	h.grow(f, size)
}

// grow makes room for what is held anew.
func (h *held) grow(f *heldFeed, by int) {
	f.size += by
	h.size += by
	for name, other := range h.byName {
		if h.size <= mostHeld {
			return
		}
		if !other.leased { // any of them: it is read again when needed
			h.drop(other)
			delete(h.byName, name)
		}
	}
}

// forget is called when the feeds have changed in the database. No serial at all: any of them may have.
func (h *held) forget(serials ...int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.changes++
	for _, serial := range serials {
		if f := h.bySerial[serial]; f != nil {
			h.drop(f)
		}
	}
	if len(serials) == 0 {
		for _, f := range h.bySerial {
			h.drop(f)
		}
	}
}

// written keeps true what is held of memories of which the notes were stored.
func (h *held) written(notes map[int64]remembered) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.changes++
	for serial, memory := range notes {
		f := h.bySerial[serial]
		if f == nil {
			continue
		}
		for source, values := range memory {
			if f.memory[source] != nil {
				f.memory[source] = overlaid(f.memory[source], values)
			}
		}
	}
}

// due keeps a row true whose due time alone was stored.
func (h *held) due(name string, at int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if f := h.byName[name]; f != nil {
		f.row.Due = fromSeconds(at)
	}
}

// drop forgets a feed; h.mu is held.
func (h *held) drop(f *heldFeed) {
	h.size -= f.size
	delete(h.bySerial, f.row.Serial)
	f.row, f.memory, f.size = Feed{}, nil, 0
}

// overlaid is memory with what is not written yet over it.
func overlaid(memory map[string][]byte, unwritten ...map[string][]byte) map[string][]byte {
	cloned := false
	for _, values := range unwritten {
		if len(values) == 0 {
			continue
		}
		if !cloned {
			memory, cloned = maps.Clone(memory), true
		}
		maps.Copy(memory, values)
	}
	return memory
}

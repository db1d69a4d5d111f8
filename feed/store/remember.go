package store

import (
	"context"
	"database/sql"
	"maps"
	"sync"
)

// remembered is what sources remember, by source and key. It is not changed once it is made.
type remembered map[string]map[string][]byte

// notes are what sources remember though no article changed, by feed. They are written together with the next due times,
// with the feed's next commit, or at the end: to lose them costs a fetch, to write each by itself a sync of the disk.
type notes struct {
	mu               sync.Mutex
	pending, writing map[int64]remembered

	saving sync.Mutex // held from taking notes to having written them, so that none overtakes a later one
}

// merged is older overlaid by newer.
func merged(older, newer remembered) remembered {
	all := maps.Clone(older)
	if all == nil {
		all = remembered{}
	}
	for source, values := range newer {
		both := maps.Clone(all[source])
		if both == nil {
			both = map[string][]byte{}
		}
		maps.Copy(both, values)
		all[source] = both
	}
	return all
}

func (n *notes) add(serial int64, memory remembered) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.pending == nil {
		n.pending = map[int64]remembered{}
	}
	n.pending[serial] = merged(n.pending[serial], memory)
}

func (n *notes) empty() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.pending) == 0
}

// of returns what is not written yet of one source, the older first.
func (n *notes) of(serial int64, source string) (writing, pending map[string][]byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.writing[serial][source], n.pending[serial][source]
}

// take moves the notes of one feed, or of all for 0, from pending to writing; settle ends that. The caller holds saving.
func (n *notes) take(serial int64) map[int64]remembered {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.writing = n.pending
	n.pending = nil
	if serial != 0 {
		rest := n.writing
		n.writing = map[int64]remembered{serial: rest[serial]}
		delete(rest, serial)
		n.pending = rest
	}
	return n.writing
}

func (n *notes) settle(err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err != nil {
		for serial, memory := range n.writing {
			if n.pending == nil {
				n.pending = map[int64]remembered{}
			}
			n.pending[serial] = merged(memory, n.pending[serial])
		}
	}
	n.writing = nil
}

// Remember keeps what sources of a feed remember when nothing else changed. It is stored with the next due times, with the
// feed's next commit, or when the store is closed; until then this store knows it.
func (s *Store) Remember(_ context.Context, serial int64, memory map[string]map[string][]byte) error {
	if len(memory) > 0 {
		s.notes.add(serial, memory)
	}
	return nil
}

// flush runs do in one write transaction together with the notes of one feed, or of all for 0. do may change the row and
// the memory of that feed only, and due times.
func (s *Store) flush(ctx context.Context, serial int64, do func(*sql.Tx) error) error {
	s.notes.saving.Lock()
	defer s.notes.saving.Unlock()
	taken := s.notes.take(serial)
	err := s.inTransaction(ctx, func(tx *sql.Tx) error {
		for serial, memory := range taken {
			if err := s.saveMemory(ctx, tx, serial, memory); err != nil {
				return err
			}
		}
		return do(tx)
	})
	if serial != 0 {
		s.held.forget(serial)
	}
	if err == nil {
		s.held.written(taken)
	}
	s.notes.settle(err)
	return err
}

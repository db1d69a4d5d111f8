package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"feedmill/config"
	"feedmill/feed"
	"feedmill/feed/rows"
)

// listMemory is what is remembered of the address of a block's list: validators and pauses. It holds for one list and the
// columns that were taken from it.
type listMemory struct {
	Origin  string            `json:"origin"`
	Columns []string          `json:"columns"`
	Values  map[string][]byte `json:"values"`

	before []byte // as it was kept
}

var _ feed.Memory = (*listMemory)(nil)

// Get returns what was put last.
func (m *listMemory) Get(key string) []byte { return m.Values[key] }

// Put keeps a value.
func (m *listMemory) Put(key string, v []byte) { m.Values[key] = v }

// Known is false: rows are no articles.
func (m *listMemory) Known(string) bool { return false }

func (m *listMemory) forget() { clear(m.Values) }

// recall is what is remembered of a block's list. It is nothing when the list is to be read whole, whatever it was before: to be
// believed, because not all of its rows are feeds now, or because another process took over rows that this one does not know.
func (r *Roster) recall(ctx context.Context, b *config.Block, accept bool) (*listMemory, error) {
	fresh := &listMemory{Origin: b.Digest, Columns: b.Columns, Values: map[string][]byte{}}
	body, err := r.shelf.Kept(ctx, keptList+b.Key)
	if err != nil {
		return nil, err
	}
	known, now, err := r.before(ctx, b)
	if err != nil {
		return nil, err
	}
	var m listMemory
	if accept || now == nil || !now.holds(b, known) || json.Unmarshal(body, &m) != nil || m.Values == nil || m.Origin != b.Digest || !slices.Equal(m.Columns, b.Columns) {
		fresh.before = body
		return fresh, nil
	}
	m.before = body
	return &m, nil
}

// holds reports whether a block stands as this process knows it, and every row of it is a feed.
func (s *standing) holds(b *config.Block, known rows.Record) bool {
	if !s.record.Read || s.record.Origin != b.Digest || !sameRows(known, s.record) {
		return false
	}
	for _, k := range s.record.Rows {
		if _, made := s.feeds[k.Name]; !made {
			return false
		}
	}
	return true
}

func (r *Roster) remember(ctx context.Context, b *config.Block, m *listMemory) error {
	maps.DeleteFunc(m.Values, func(_ string, v []byte) bool { return len(v) == 0 })
	if len(m.Values) == 0 && len(m.before) == 0 {
		return nil
	}
	is, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("keep what is known of the list of %s: %w", b.Key, err)
	}
	if bytes.Equal(is, m.before) {
		return nil
	}
	return r.shelf.Keep(ctx, keptList+b.Key, is)
}

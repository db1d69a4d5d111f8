package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Held is a batch that is not believed yet. There is one for each source at most.
type Held struct {
	Source string    // digest of the source's words
	Name   string    // of the source
	Hash   string    // of what tells the batch from another
	Reason string    // why it is not believed
	Times  int       // looks in a row that gave it
	First  time.Time // the first of them
	Last   time.Time // the last one that counted
	Batch  []byte    // what package mill makes of it
}

// Holding is what a refresh changes about held batches.
type Holding struct {
	Held    []Held   // take the place of what was held of their sources
	Settled []string // digests of sources of which nothing is held any more
}

const heldColumns = `source, name, hash, reason, times, first, last, batch`

// Held returns what is held of a feed's sources, in the order of their names.
func (s *Store) Held(ctx context.Context, serial int64) ([]Held, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+heldColumns+` FROM pending WHERE feed_id = $1 ORDER BY name, source`, serial)
	if err != nil {
		return nil, fmt.Errorf("read held batches: %w", err)
	}
	defer rows.Close()
	var all []Held
	for rows.Next() {
		var h Held
		var first, last int64
		if err := rows.Scan(&h.Source, &h.Name, &h.Hash, &h.Reason, &h.Times, &first, &last, &h.Batch); err != nil {
			return nil, fmt.Errorf("read held batch: %w", err)
		}
		h.First, h.Last = fromSeconds(first), fromSeconds(last)
		all = append(all, h)
	}
	return all, rows.Err()
}

// Looks returns how often a batch was seen that is held of a source: its Times, First and Last alone. All are zero when no
// batch with that hash is held.
func (s *Store) Looks(ctx context.Context, serial int64, source, hash string) (Held, error) {
	h := Held{Source: source, Hash: hash}
	var first, last int64
	err := s.read.QueryRowContext(ctx, `SELECT times, first, last FROM pending WHERE feed_id = $1 AND source = $2 AND hash = $3`,
		serial, source, hash).Scan(&h.Times, &first, &last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return h, fmt.Errorf("read held batch: %w", err)
	}
	h.First, h.Last = fromSeconds(first), fromSeconds(last)
	return h, nil
}

// Hold stores what is held, and what the sources remember, when no article changed.
func (s *Store) Hold(ctx context.Context, serial int64, h Holding, memory map[string]map[string][]byte) error {
	return s.flush(ctx, serial, func(tx *sql.Tx) error {
		if err := saveHolding(ctx, tx, serial, h); err != nil {
			return err
		}
		return s.saveMemory(ctx, tx, serial, memory)
	})
}

func saveHolding(ctx context.Context, tx *sql.Tx, serial int64, h Holding) error {
	for _, source := range h.Settled {
		if _, err := tx.ExecContext(ctx, `DELETE FROM pending WHERE feed_id = $1 AND source = $2`, serial, source); err != nil {
			return fmt.Errorf("settle held batch: %w", err)
		}
	}
	for _, held := range h.Held {
		_, err := tx.ExecContext(ctx, `INSERT INTO pending (feed_id, `+heldColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			ON CONFLICT (feed_id, source) DO UPDATE SET name = excluded.name, hash = excluded.hash, reason = excluded.reason,
			times = excluded.times, first = excluded.first, last = excluded.last, batch = excluded.batch`,
			serial, held.Source, held.Name, held.Hash, held.Reason, held.Times, seconds(held.First), seconds(held.Last), held.Batch)
		if err != nil {
			return fmt.Errorf("hold batch of %s: %w", held.Name, err)
		}
	}
	return nil
}

// There counts the articles of a feed with a key whose origin is still there, up to a bound, without those that were read
// from the sources with the given digests.
func (s *Store) There(ctx context.Context, serial int64, atMost int, others []string) (int, error) {
	args := []any{serial, atMost}
	for _, other := range others {
		args = append(args, other)
	}
	var n int
	if err := s.read.QueryRowContext(ctx, countThere(len(others)), args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count articles: %w", err)
	}
	return n, nil
}

// countThere is for so many other sources. Every digest of a source is at least empty: to say so has SQLite take the index
// that is meant.
func countThere(others int) string {
	marks := []string{"'-'"} // no digest, for a list may not be empty
	for i := range others {
		marks = append(marks, fmt.Sprintf("$%d", i+3))
	}
	return `SELECT COUNT(*) FROM (SELECT 1 AS one FROM article WHERE feed_id = $1 AND gone = 0 AND key <> ''
		AND source >= '' AND source NOT IN (` + strings.Join(marks, ", ") + `) LIMIT $2) AS there`
}

// Newest returns when the article that was published last appeared, the zero time when none ever was.
func (s *Store) Newest(ctx context.Context, serial int64) (time.Time, error) {
	at, err := s.number(ctx, `SELECT released FROM article WHERE feed_id = $1 AND number > 0 ORDER BY number DESC LIMIT 1`, serial)
	if err != nil {
		return time.Time{}, fmt.Errorf("read newest article: %w", err)
	}
	return fromSeconds(at), nil
}

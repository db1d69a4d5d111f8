package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Delivered returns the release that each output last received of the feed.
func (s *Store) Delivered(ctx context.Context, serial int64) (map[string]int64, error) {
	rows, err := s.query(ctx, `SELECT output, release FROM delivery WHERE feed_id = $1`, serial)
	if err != nil {
		return nil, fmt.Errorf("read deliveries: %w", err)
	}
	defer rows.Close()
	delivered := map[string]int64{}
	for rows.Next() {
		var output string
		var release int64
		if err := rows.Scan(&output, &release); err != nil {
			return nil, fmt.Errorf("read delivery: %w", err)
		}
		delivered[output] = release
	}
	return delivered, rows.Err()
}

// Handover is one delivery of a feed's documents to an output. Only the last ones are kept.
type Handover struct {
	Output   string
	Release  int64
	Revision int64 // of the feed's articles that the release shows
	At       time.Time
}

// handoversKept is how many releases back it is known when an output received each.
const handoversKept = 500

// SetDelivered records that an output has received a release of the feed. When it received one for the first time stays known.
func (s *Store) SetDelivered(ctx context.Context, serial int64, h Handover) error {
	return s.inTransaction(ctx, func(tx *sql.Tx) error {
		for _, change := range []struct {
			statement string
			args      []any
		}{
			{`INSERT INTO delivery (feed_id, output, release) VALUES ($1, $2, $3)
				ON CONFLICT (feed_id, output) DO UPDATE SET release = excluded.release`, []any{serial, h.Output, h.Release}},
			{`INSERT INTO handover (feed_id, output, release, revision, at) VALUES ($1, $2, $3, $4, $5)
				ON CONFLICT (feed_id, output, release) DO NOTHING`, []any{serial, h.Output, h.Release, h.Revision, seconds(h.At)}},
			{`DELETE FROM handover WHERE feed_id = $1 AND output = $2 AND release <= $3`, []any{serial, h.Output, h.Release - handoversKept}},
		} {
			if _, err := tx.ExecContext(ctx, change.statement, change.args...); err != nil {
				return fmt.Errorf("record delivery to %s: %w", h.Output, err)
			}
		}
		return nil
	})
}

// Handovers returns the last deliveries of the feed, by output and then in their order.
func (s *Store) Handovers(ctx context.Context, serial int64) ([]Handover, error) {
	rows, err := s.query(ctx, `SELECT output, release, revision, at FROM handover WHERE feed_id = $1 ORDER BY output, release`, serial)
	if err != nil {
		return nil, fmt.Errorf("read deliveries: %w", err)
	}
	defer rows.Close()
	var all []Handover
	for rows.Next() {
		var h Handover
		var at int64
		if err := rows.Scan(&h.Output, &h.Release, &h.Revision, &at); err != nil {
			return nil, fmt.Errorf("read deliveries: %w", err)
		}
		h.At = fromSeconds(at)
		all = append(all, h)
	}
	return all, rows.Err()
}

// Forget drops the record of what an output received of the feed: it holds nothing of it any more.
func (s *Store) Forget(ctx context.Context, serial int64, output string) error {
	return s.inTransaction(ctx, func(tx *sql.Tx) error {
		for _, table := range []string{"delivery", "handover"} {
			if _, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE feed_id = $1 AND output = $2`, serial, output); err != nil {
				return fmt.Errorf("forget delivery to %s: %w", output, err)
			}
		}
		return nil
	})
}

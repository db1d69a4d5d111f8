package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// How long it is remembered who reads.
const (
	pollersKept = 35 * 24 * time.Hour
	saidCounts  = 7 * 24 * time.Hour // after which an aggregator that does not come again has no subscribers
	readerKept  = 400 * 24 * time.Hour
)

// Visits are what a server counted of a feed, or of one of its editions that has readers of its own.
type Visits struct {
	Feed    string
	Edition string // empty: the feed itself
	Pollers int64  // different ones on one day
	Claims  []Claim
	Readers []string // who came
}

// Claim is what an aggregator says: for how many subscribers it asks.
type Claim struct {
	Aggregator  string
	Subject     string // the newest count of the same takes the place of the one before
	Subscribers int64
}

// SaveVisits adds what was counted on a day (2026-11-22) until now. Of several counts of the day's pollers the highest
// stays: after a restart they are counted anew. Times are kept to the minute.
func (s *Store) SaveVisits(ctx context.Context, day string, now time.Time, visits []Visits) error {
	at := seconds(now.Truncate(time.Minute))
	return s.inTransaction(ctx, func(tx *sql.Tx) error {
		for _, v := range visits {
			if err := saveVisits(ctx, tx, day, at, v); err != nil {
				return fmt.Errorf("save who reads %s: %w", v.Feed, err)
			}
		}
		return nil
	})
}

func saveVisits(ctx context.Context, tx *sql.Tx, day string, at int64, v Visits) error {
	if v.Pollers > 0 {
		_, err := tx.ExecContext(ctx, `INSERT INTO pollers (feed, edition, day, pollers) VALUES ($1, $2, $3, $4)
			ON CONFLICT (feed, edition, day) DO UPDATE SET pollers = excluded.pollers WHERE excluded.pollers > pollers.pollers`,
			v.Feed, v.Edition, day, v.Pollers)
		if err != nil {
			return err
		}
	}
	for _, c := range v.Claims {
		_, err := tx.ExecContext(ctx, `INSERT INTO subscribers (feed, edition, aggregator, subject, subscribers, said) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (feed, edition, aggregator, subject) DO UPDATE SET subscribers = excluded.subscribers, said = excluded.said`,
			v.Feed, v.Edition, c.Aggregator, c.Subject, c.Subscribers, at)
		if err != nil {
			return err
		}
	}
	for _, name := range v.Readers {
		_, err := tx.ExecContext(ctx, `INSERT INTO reader (feed, edition, name, seen) VALUES ($1, $2, $3, $4)
			ON CONFLICT (feed, edition, name) DO UPDATE SET seen = excluded.seen`, v.Feed, v.Edition, name, at)
		if err != nil {
			return err
		}
	}
	return nil
}

// ForgetVisits takes away what is too old to count: pollers after 35 days, aggregators that have not come for a week,
// readers after 400 days.
func (s *Store) ForgetVisits(ctx context.Context, now time.Time) error {
	return s.inTransaction(ctx, func(tx *sql.Tx) error {
		for _, forget := range []struct {
			statement string
			before    any
		}{
			{`DELETE FROM pollers WHERE day < $1`, now.Add(-pollersKept).Format(time.DateOnly)},
			{`DELETE FROM subscribers WHERE said < $1`, seconds(now.Add(-saidCounts))},
			{`DELETE FROM reader WHERE seen < $1`, seconds(now.Add(-readerKept))},
		} {
			if _, err := tx.ExecContext(ctx, forget.statement, forget.before); err != nil {
				return fmt.Errorf("forget who read: %w", err)
			}
		}
		return nil
	})
}

// Audience is who reads a feed, its private editions included.
type Audience struct {
	Days        []Day        // those on which anybody came, the newest first
	Aggregators []Aggregator // that came within a week, those with the most subscribers first
	Readers     []ReaderSeen // who came, by edition and name
}

// Day is how many different pollers came on a day.
type Day struct {
	Day     string // 2026-11-22
	Pollers int64
}

// Aggregator is who reads for others, with the newest counts that it gave.
type Aggregator struct {
	Name        string
	Subscribers int64
}

// ReaderSeen is when a reader of a private feed came last, to the minute.
type ReaderSeen struct {
	Edition string
	Name    string
	Seen    time.Time
}

// Audiences returns who reads each feed that anybody read.
func (s *Store) Audiences(ctx context.Context, now time.Time) (map[string]*Audience, error) {
	all := map[string]*Audience{}
	of := func(feed string) *Audience {
		if all[feed] == nil {
			all[feed] = &Audience{}
		}
		return all[feed]
	}
	var feed, text, name string
	var n int64
	for _, read := range []struct {
		query string
		args  []any
		into  []any
		take  func()
	}{
		{
			`SELECT feed, day, SUM(pollers) FROM pollers GROUP BY feed, day ORDER BY day DESC`, nil, []any{&feed, &text, &n},
			func() { of(feed).Days = append(of(feed).Days, Day{text, n}) },
		},
		{
			`SELECT feed, aggregator, SUM(subscribers) FROM subscribers WHERE said >= $1 GROUP BY feed, aggregator ORDER BY 3 DESC, 2`,
			[]any{seconds(now.Add(-saidCounts))}, []any{&feed, &text, &n},
			func() { of(feed).Aggregators = append(of(feed).Aggregators, Aggregator{text, n}) },
		},
		{
			`SELECT feed, edition, name, seen FROM reader ORDER BY edition, name`, nil, []any{&feed, &text, &name, &n},
			func() { of(feed).Readers = append(of(feed).Readers, ReaderSeen{text, name, fromSeconds(n)}) },
		},
	} {
		rows, err := s.read.QueryContext(ctx, read.query, read.args...)
		if err == nil {
			err = each(rows, read.into, read.take)
		}
		if err != nil {
			return nil, fmt.Errorf("read who reads: %w", err)
		}
	}
	return all, nil
}

// each scans rows one after the other, and takes each.
func each(rows *sql.Rows, into []any, take func()) error {
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		take()
	}
	return rows.Err()
}

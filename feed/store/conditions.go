package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"

	"feedmill/feed"
)

// Condition is something that is wrong with a feed now. Times are to the second.
type Condition struct {
	Feed    string
	Subject string     // "feed", "silence", "source NAME" or "output NAME"
	Kind    string     // held, silent, output, or the class
	Class   feed.Class // of the error
	Text    string     // what is wrong and what to do
	Mark    string     // the text without what differs from time to time
	Since   time.Time  // of this kind
	Times   int        // how many refreshes in a row said so
	Alarmed string     // the kind that an alarm was raised for; empty: none was
}

const (
	conditionColumns = `feed, subject, kind, class, text, mark, since, times, alarmed`
	selectConditions = `SELECT ` + conditionColumns + ` FROM condition`
)

// Conditions returns all that is wrong, by feed and subject.
func (s *Store) Conditions(ctx context.Context) ([]Condition, error) {
	rows, err := s.read.QueryContext(ctx, selectConditions+` ORDER BY feed, subject`)
	if err != nil {
		return nil, fmt.Errorf("read conditions: %w", err)
	}
	return scanConditions(rows)
}

func scanConditions(rows *sql.Rows) ([]Condition, error) {
	defer rows.Close()
	var all []Condition
	for rows.Next() {
		var c Condition
		var since int64
		if err := rows.Scan(&c.Feed, &c.Subject, &c.Kind, &c.Class, &c.Text, &c.Mark, &since, &c.Times, &c.Alarmed); err != nil {
			return nil, fmt.Errorf("read conditions: %w", err)
		}
		c.Since = fromSeconds(since)
		all = append(all, c)
	}
	return all, rows.Err()
}

// Elsewhere reports whether an alarm is raised for the same subject with another feed.
type Elsewhere func(subject string) (bool, error)

// ChangeConditions lets decide say what is wrong with a feed, given what was, and which alerts tell of the change. All of
// it is one transaction: two processes never tell of one change twice.
func (s *Store) ChangeConditions(ctx context.Context, name string,
	decide func(before []Condition, raised Elsewhere) (after []Condition, tell []Alert, err error),
) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, selectConditions+` WHERE feed = $1 ORDER BY subject`, name)
		if err != nil {
			return fmt.Errorf("read conditions: %w", err)
		}
		before, err := scanConditions(rows)
		if err != nil {
			return err
		}
		after, tell, err := decide(before, func(subject string) (bool, error) {
			raised := 0
			err := tx.QueryRowContext(ctx,
				`SELECT COUNT(*) FROM condition WHERE subject = $1 AND feed <> $2 AND alarmed <> ''`, subject, name).Scan(&raised)
			return raised > 0, err
		})
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM condition WHERE feed = $1`, name); err != nil {
			return fmt.Errorf("save conditions of %s: %w", name, err)
		}
		for _, c := range after {
			_, err := tx.ExecContext(ctx, `INSERT INTO condition (`+conditionColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
				name, c.Subject, c.Kind, c.Class, c.Text, c.Mark, seconds(c.Since), c.Times, c.Alarmed)
			if err != nil {
				return fmt.Errorf("save conditions of %s: %w", name, err)
			}
		}
		return addAlerts(ctx, tx, tell)
	})
}

// Tally is what refreshes count that needs no transaction of its own.
type Tally struct {
	Refreshed  map[string]time.Time // when the last refresh of a feed ended
	Conditions []Condition          // how often they were met; nothing else of them is stored
}

// SaveTally stores what was counted, all in one transaction. What is not there any more is passed over.
func (s *Store) SaveTally(ctx context.Context, t Tally) error {
	if len(t.Refreshed)+len(t.Conditions) == 0 {
		return nil
	}
	return s.transact(ctx, func(tx *sql.Tx) error {
		for _, name := range slices.Sorted(maps.Keys(t.Refreshed)) {
			if _, err := tx.ExecContext(ctx, `UPDATE feed SET refreshed = $2 WHERE name = $1 AND refreshed < $2`, name, seconds(t.Refreshed[name])); err != nil {
				return fmt.Errorf("save when %s was refreshed: %w", name, err)
			}
		}
		for _, c := range t.Conditions {
			_, err := tx.ExecContext(ctx, `UPDATE condition SET times = $4 WHERE feed = $1 AND subject = $2 AND kind = $3 AND times < $4`,
				c.Feed, c.Subject, c.Kind, c.Times)
			if err != nil {
				return fmt.Errorf("save conditions of %s: %w", c.Feed, err)
			}
		}
		return nil
	})
}

// Summary is what the state says of one feed at a glance. Times are zero when there is none.
type Summary struct {
	Articles  int64     // that were ever published
	LastNew   time.Time // when the last of them appeared
	Refreshed time.Time
	Due       time.Time
}

// Summaries returns the summary of every known feed.
func (s *Store) Summaries(ctx context.Context) (map[string]Summary, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT f.name, f.number - (SELECT COUNT(*) FROM listed l WHERE l.feed_id = f.id AND l.number > 0), f.refreshed, f.due,
			COALESCE((SELECT a.released FROM article a WHERE a.feed_id = f.id AND a.number > 0 ORDER BY a.number DESC LIMIT 1), 0)
		FROM feed f`)
	if err != nil {
		return nil, fmt.Errorf("read summaries: %w", err)
	}
	defer rows.Close()
	all := map[string]Summary{}
	for rows.Next() {
		var name string
		var one Summary
		var refreshed, due, last int64
		if err := rows.Scan(&name, &one.Articles, &refreshed, &due, &last); err != nil {
			return nil, fmt.Errorf("read summaries: %w", err)
		}
		one.Refreshed, one.Due, one.LastNew = fromSeconds(refreshed), fromSeconds(due), fromSeconds(last)
		all[name] = one
	}
	return all, rows.Err()
}

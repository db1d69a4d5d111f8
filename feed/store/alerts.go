package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Alert is a message on its way to one target.
type Alert struct {
	ID     int64
	Target string
	Body   []byte
	Made   time.Time
	Due    time.Time // not to be sent before
	Tries  int       // that were begun
}

// addAlerts puts alerts at the end of their targets' queues.
func addAlerts(ctx context.Context, tx *sql.Tx, alerts []Alert) error {
	for _, a := range alerts {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO alert (id, target, body, made, due) SELECT COALESCE(MAX(id), 0) + 1, $1, $2, $3, $4 FROM alert`,
			a.Target, string(a.Body), seconds(a.Made), seconds(a.Due))
		if err != nil {
			return fmt.Errorf("save alert: %w", err)
		}
	}
	return nil
}

// TakeAlert takes the first alert in a target's queue, so that no other process takes it before until. When it is not due
// yet, taken is false and its Due says when it is; when the queue is empty, Due is zero.
func (s *Store) TakeAlert(ctx context.Context, target string, now, until time.Time) (a Alert, taken bool, err error) {
	a, err = firstAlert(ctx, s.read, target)
	if err != nil || a.ID == 0 || a.Due.After(now) {
		return a, false, err
	}
	err = s.transact(ctx, func(tx *sql.Tx) error {
		if a, err = firstAlert(ctx, tx, target); err != nil || a.ID == 0 || a.Due.After(now) {
			return err
		}
		taken = true
		a.Tries++
		a.Due = until
		_, err := tx.ExecContext(ctx, `UPDATE alert SET due = $2, tries = $3 WHERE id = $1`, a.ID, seconds(until), a.Tries)
		return err
	})
	return a, taken && err == nil, err
}

// querier is a database or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func firstAlert(ctx context.Context, db querier, target string) (Alert, error) {
	a := Alert{Target: target}
	var body string
	var made, due int64
	err := db.QueryRowContext(ctx, `SELECT id, body, made, due, tries FROM alert WHERE target = $1 ORDER BY id LIMIT 1`, target).
		Scan(&a.ID, &body, &made, &due, &a.Tries)
	if errors.Is(err, sql.ErrNoRows) {
		return Alert{Target: target}, nil
	}
	if err != nil {
		return Alert{}, fmt.Errorf("read alerts: %w", err)
	}
	a.Body, a.Made, a.Due = []byte(body), fromSeconds(made), fromSeconds(due)
	return a, nil
}

// PutBack has an alert that was taken sent again at its Due. It stays the first in its queue.
func (s *Store) PutBack(ctx context.Context, a Alert) error {
	return s.settleAlert(ctx, `UPDATE alert SET due = $3 WHERE id = $1 AND tries = $2`, a.ID, a.Tries, seconds(a.Due))
}

// DropAlert takes an alert that was taken out of its queue.
func (s *Store) DropAlert(ctx context.Context, a Alert) error {
	return s.settleAlert(ctx, `DELETE FROM alert WHERE id = $1 AND tries = $2`, a.ID, a.Tries)
}

// The number of tries tells an alert from one that another process took meanwhile, and from a later one of its id.
func (s *Store) settleAlert(ctx context.Context, statement string, values ...any) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, statement, values...); err != nil {
			return fmt.Errorf("save alert: %w", err)
		}
		return nil
	})
}

// ExpireAlerts drops the alerts that were made before a moment, and returns them.
func (s *Store) ExpireAlerts(ctx context.Context, before time.Time) ([]Alert, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id, target, body, made, tries FROM alert WHERE made < $1 ORDER BY id`, seconds(before))
	if err != nil {
		return nil, fmt.Errorf("read alerts: %w", err)
	}
	defer rows.Close()
	var old []Alert
	for rows.Next() {
		var a Alert
		var body string
		var made int64
		if err := rows.Scan(&a.ID, &a.Target, &body, &made, &a.Tries); err != nil {
			return nil, fmt.Errorf("read alerts: %w", err)
		}
		a.Body, a.Made = []byte(body), fromSeconds(made)
		old = append(old, a)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("read alerts: %w", err)
	}
	for _, a := range old {
		if err := s.DropAlert(ctx, a); err != nil {
			return nil, err
		}
	}
	return old, nil
}

// Alerts returns how many alerts are on their way.
func (s *Store) Alerts(ctx context.Context) (n int, err error) {
	if err := s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM alert`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count alerts: %w", err)
	}
	return n, nil
}

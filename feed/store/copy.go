package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// CopyFeed copies all that is known of one feed into another, empty store, apart from its documents' deliveries: a place
// to try a refresh without touching anything. Reading is all it does to s.
func (s *Store) CopyFeed(ctx context.Context, to *Store, name string) error {
	f, err := s.feed(ctx, name)
	if err != nil {
		return err
	}
	return to.transact(ctx, func(tx *sql.Tx) error {
		for _, table := range []struct{ name, key string }{
			{"feed", "id"}, {"article", "feed_id"}, {"memory", "feed_id"}, {"document", "feed_id"},
		} {
			if err := s.copyRows(ctx, tx, table.name, table.key, f.Serial); err != nil {
				return fmt.Errorf("copy %s of feed %s: %w", table.name, name, err)
			}
		}
		return nil
	})
}

func (s *Store) copyRows(ctx context.Context, tx *sql.Tx, table, key string, serial int64) error {
	rows, err := s.read.QueryContext(ctx, `SELECT * FROM `+table+` WHERE `+key+` = $1`, serial)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	marks := make([]string, len(columns))
	values, targets := make([]any, len(columns)), make([]any, len(columns))
	for i := range columns {
		marks[i] = fmt.Sprintf("$%d", i+1)
		targets[i] = &values[i]
	}
	insert, err := tx.PrepareContext(ctx, `INSERT INTO `+table+` (`+strings.Join(columns, ", ")+`) VALUES (`+strings.Join(marks, ", ")+`)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		if _, err := insert.ExecContext(ctx, values...); err != nil {
			return err
		}
	}
	return rows.Err()
}

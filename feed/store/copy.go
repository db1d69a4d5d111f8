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
	// One look at everything, for a daemon may be at work on it.
	from, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer func() { _ = from.Rollback() }() // nothing was written
	f, err := scanFeed(from.QueryRowContext(ctx, selectFeed, name), name)
	if err != nil {
		return err
	}
	return to.transact(ctx, func(tx *sql.Tx) error {
		for _, table := range []struct{ name, key string }{ // of media, which feeds share, without the bytes
			{"feed", "id"}, {"article", "feed_id"}, {"memory", "feed_id"}, {"document", "feed_id"}, {"piece", "feed_id"},
			{"chunk", "feed_id"}, {"pending", "feed_id"}, {"page", "feed_id"}, {"listed", "feed_id"}, {"media_use", "feed_id"},
			{"media", "(SELECT MAX(u.feed_id) FROM media_use u WHERE u.name = media.name AND u.feed_id = $1)"},
			{"facet", "feed_id"}, {"tagged", "feed_id"},
		} {
			more := ""
			if table.name == "media" { // another feed that was copied may have the same
				more = ` ON CONFLICT DO NOTHING`
			}
			if err := copyRows(ctx, from, tx, table.name, table.key, more, f.Serial); err != nil {
				return fmt.Errorf("copy %s of feed %s: %w", table.name, name, err)
			}
		}
		return nil
	})
}

func copyRows(ctx context.Context, from, to *sql.Tx, table, key, more string, serial int64) error {
	rows, err := from.QueryContext(ctx, `SELECT * FROM `+table+` WHERE `+key+` = $1`, serial)
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
	insert, err := to.PrepareContext(ctx, `INSERT INTO `+table+` (`+strings.Join(columns, ", ")+`) VALUES (`+strings.Join(marks, ", ")+`)`+more)
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

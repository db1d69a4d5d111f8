package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Kept returns what [Store.Keep] kept under a name, nil when there is nothing.
func (s *Store) Kept(ctx context.Context, name string) ([]byte, error) {
	return KeptIn(ctx, s.read, name)
}

// KeptIn is [Store.Kept] of a database that is opened for it.
func KeptIn(ctx context.Context, db *sql.DB, name string) (body []byte, err error) {
	err = db.QueryRowContext(ctx, `SELECT body FROM kept WHERE name = $1`, name).Scan(&body)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("read what is kept as %s: %w", name, err)
	}
	return body, nil
}

// Keep keeps the last good form of something that the configuration is made of: the rows of a block, an included file. It
// takes the place of what was kept under the name.
func (s *Store) Keep(ctx context.Context, name string, body []byte) error {
	_, err := s.write.ExecContext(ctx, `INSERT INTO kept (name, body) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET body = excluded.body`, name, body)
	if err != nil {
		return s.explain(fmt.Errorf("keep %s: %w", name, err))
	}
	return nil
}

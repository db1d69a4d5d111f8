package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Marks note work that begins and ends, as [Store.Begin] and [Store.End] say, and outlive the process.
type Marks interface {
	Begin(work string) (times int64, err error)
	End(work string, times int64) error
}

// KeepMarks has notes of work kept by m: for a state that one machine has, something cheaper than a commit. It must be
// called before the store is used. Without it they are in the database.
func (s *Store) KeepMarks(m Marks) { s.marks = m }

// Begin notes that work begins, and returns how often it was begun before and never ended: how often it ended the
// process, unless another process is at it just now.
func (s *Store) Begin(ctx context.Context, work string) (times int64, err error) {
	if s.marks != nil {
		return s.marks.Begin(work)
	}
	err = s.inTransaction(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `SELECT times FROM begun WHERE work = $1`, work).Scan(&times)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("read what was begun: %w", err)
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO begun (work, times) VALUES ($1, 1)
			ON CONFLICT (work) DO UPDATE SET times = begun.times + 1`, work)
		if err != nil {
			return fmt.Errorf("note what begins: %w", err)
		}
		return nil
	})
	return times, err
}

// End notes that work that [Store.Begin] let in has ended: as if it had been begun no more than times before, and never
// at all for 0.
func (s *Store) End(ctx context.Context, work string, times int64) error {
	if s.marks != nil {
		return s.marks.End(work, times)
	}
	statement := `UPDATE begun SET times = $2 WHERE work = $1`
	if times == 0 {
		statement = `DELETE FROM begun WHERE work = $1 AND $2 = 0`
	}
	if _, err := s.write.ExecContext(ctx, statement, work, times); err != nil {
		return fmt.Errorf("note what ended: %w", err)
	}
	return nil
}

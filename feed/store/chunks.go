package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Chunk is a closed archive: the articles with the publication numbers from First to Last.
type Chunk struct{ Number, First, Last int64 }

// LastChunk returns the newest closed archive of the feed, the zero value when there is none.
func (s *Store) LastChunk(ctx context.Context, serial int64) (Chunk, error) {
	return s.chunk(ctx, `feed_id = $1 ORDER BY chunk DESC LIMIT 1`, serial)
}

// FirstChunk returns the oldest closed archive of the feed that is kept, the zero value when there is none.
func (s *Store) FirstChunk(ctx context.Context, serial int64) (Chunk, error) {
	return s.chunk(ctx, `feed_id = $1 ORDER BY chunk LIMIT 1`, serial)
}

// ChunkOf returns the closed archive that holds a publication number, the zero value when none does.
func (s *Store) ChunkOf(ctx context.Context, serial, number int64) (Chunk, error) {
	c, err := s.chunk(ctx, `feed_id = $1 AND first <= $2 ORDER BY first DESC LIMIT 1`, serial, number)
	if err != nil || c.Last < number {
		return Chunk{}, err
	}
	return c, nil
}

// Chunk returns the n-th closed archive of the feed, the zero value when there is none.
func (s *Store) Chunk(ctx context.Context, serial, n int64) (Chunk, error) {
	return s.chunk(ctx, `feed_id = $1 AND chunk = $2`, serial, n)
}

func (s *Store) chunk(ctx context.Context, where string, args ...any) (c Chunk, err error) {
	rows, err := s.query(ctx, `SELECT chunk, first, last FROM chunk WHERE `+where, args...)
	if err != nil {
		return Chunk{}, fmt.Errorf("read archives: %w", err)
	}
	defer rows.Close()
	if rows.Next() {
		err = rows.Scan(&c.Number, &c.First, &c.Last)
	}
	return c, errors.Join(err, rows.Err())
}

func saveChunks(ctx context.Context, tx *sql.Tx, f Feed, chunks []Chunk) error {
	for _, c := range chunks {
		_, err := tx.ExecContext(ctx, `INSERT INTO chunk (feed_id, chunk, first, last) VALUES ($1, $2, $3, $4)`,
			f.Serial, c.Number, c.First, c.Last)
		if err != nil {
			return fmt.Errorf("save archive %d: %w", c.Number, err)
		}
	}
	return nil
}

// forgetChunks takes the articles of archives out of the history. What they are known by stays, so that they never come
// again as new.
func forgetChunks(ctx context.Context, tx *sql.Tx, f Feed, chunks []Chunk) error {
	for _, c := range chunks {
		_, err := tx.ExecContext(ctx, `UPDATE article SET state = 'forgotten', body = '{}', pinned = 0
			WHERE feed_id = $1 AND number BETWEEN $2 AND $3`, f.Serial, c.First, c.Last)
		if err == nil {
			err = forgetPages(ctx, tx, f.Serial, c)
		}
		if err == nil {
			err = forgetMedia(ctx, tx, f, c)
		}
		if err == nil {
			err = forgetTags(ctx, tx, f, c)
		}
		if err == nil {
			_, err = tx.ExecContext(ctx, `DELETE FROM chunk WHERE feed_id = $1 AND chunk = $2`, f.Serial, c.Number)
		}
		if err != nil {
			return fmt.Errorf("forget archive %d: %w", c.Number, err)
		}
	}
	return nil
}

// Numbered returns the articles with the publication numbers from first to last, in that order.
func (s *Store) Numbered(ctx context.Context, serial, first, last int64) ([]Article, error) {
	return s.articles(ctx, `feed_id = $1 AND number BETWEEN $2 AND $3 ORDER BY number`, serial, first, last)
}

// LiveNumbers returns the position by publication number of the live articles published after the given number.
func (s *Store) LiveNumbers(ctx context.Context, serial, after int64) (map[int64]int64, error) {
	return s.numbers(ctx, `feed_id = $1 AND number > $2 AND number > 0 AND state = 'live'`, serial, after)
}

// ChangedNumbers returns the position by publication number of the articles up to the given number that changed after a
// revision.
func (s *Store) ChangedNumbers(ctx context.Context, serial, revision, last int64) (map[int64]int64, error) {
	// The plus keeps SQLite from walking through all numbers.
	return s.numbers(ctx, `feed_id = $1 AND revision > $2 AND +number BETWEEN 1 AND $3`, serial, revision, last)
}

func (s *Store) numbers(ctx context.Context, where string, args ...any) (map[int64]int64, error) {
	rows, err := s.query(ctx, `SELECT number, position FROM article WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read articles: %w", err)
	}
	defer rows.Close()
	out := map[int64]int64{}
	for rows.Next() {
		var number, position int64
		if err := rows.Scan(&number, &position); err != nil {
			return nil, fmt.Errorf("read article: %w", err)
		}
		out[number] = position
	}
	return out, rows.Err()
}

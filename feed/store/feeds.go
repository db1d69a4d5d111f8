package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Feed is the state of one feed. Times are to the second; the zero time means none.
type Feed struct {
	Serial   int64 // the feed's key in the other tables
	Name     string
	UID      string    // the permanent id in its documents
	Revision int64     // rises with every commit of articles
	Position int64     // the last article position given
	Number   int64     // the last publication number given
	AsOf     time.Time // the moment that the articles are shown for
	Wake     time.Time // the next embargo or expiry
	Ask      time.Time // when a page that an article waits for may be asked for; zero: none waits. Kept by the store
	Due      time.Time // the next refresh
	Rendered int64     // the revision that the documents show
	Dress    string    // digest of the settings that the documents were made with
	Release  int64     // rises with every change of the documents
	Faceted  int64     // the revision up to which the tags of articles are noted; 0: they are not
}

const feedColumns = `id, name, uid, revision, position, number, as_of, wake, ask, due, rendered, dress, release, faceted`

const (
	selectFeed   = `SELECT ` + feedColumns + ` FROM feed WHERE name = $1`
	updateDue    = `UPDATE feed SET due = $2 WHERE name = $1`
	selectMemory = `SELECT key, value FROM memory WHERE feed_id = $1 AND source = $2`
)

// Feed returns the named feed's state, and makes it with the given permanent id when there is none.
func (s *Store) Feed(ctx context.Context, name, uid string) (Feed, error) {
	f, ok, ticket := s.held.feed(name)
	if ok {
		return f, nil
	}
	f, err := s.feed(ctx, name)
	if err == nil {
		s.held.holdFeed(name, f, ticket)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return f, err
	}
	_, err = s.write.ExecContext(ctx, `
		INSERT INTO feed (id, name, uid) SELECT COALESCE(MAX(id), 0) + 1, $1, $2 FROM feed WHERE true
		ON CONFLICT (name) DO NOTHING`, name, uid)
	if err != nil {
		return Feed{}, s.explain(fmt.Errorf("create feed %s: %w", name, err))
	}
	return s.feed(ctx, name)
}

func (s *Store) feed(ctx context.Context, name string) (Feed, error) {
	return scanFeed(s.often.feed.QueryRowContext(ctx, name), name)
}

func scanFeed(row *sql.Row, name string) (Feed, error) {
	var f Feed
	var asOf, wake, ask, due int64
	err := row.Scan(&f.Serial, &f.Name, &f.UID, &f.Revision, &f.Position, &f.Number, &asOf, &wake, &ask, &due,
		&f.Rendered, &f.Dress, &f.Release, &f.Faceted)
	if err != nil {
		return Feed{}, fmt.Errorf("read feed %s: %w", name, err)
	}
	f.AsOf, f.Wake, f.Ask, f.Due = fromSeconds(asOf), fromSeconds(wake), fromSeconds(ask), fromSeconds(due)
	return f, nil
}

// Due returns when each known feed is next due, the zero time for one that never was.
func (s *Store) Due(ctx context.Context) (map[string]time.Time, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT name, due FROM feed`)
	if err != nil {
		return nil, fmt.Errorf("read due times: %w", err)
	}
	defer rows.Close()
	due := map[string]time.Time{}
	for rows.Next() {
		var name string
		var at int64
		if err := rows.Scan(&name, &at); err != nil {
			return nil, fmt.Errorf("read due times: %w", err)
		}
		due[name] = fromSeconds(at)
	}
	return due, rows.Err()
}

// SaveDue stores when feeds are next due, and what sources remember, all in one transaction. Unknown feeds are passed over.
func (s *Store) SaveDue(ctx context.Context, due map[string]time.Time) error {
	if len(due) == 0 {
		return nil
	}
	err := s.flush(ctx, 0, func(tx *sql.Tx) error {
		save := tx.StmtContext(ctx, s.often.saveDue)
		defer save.Close()
		for name, at := range due {
			if _, err := save.ExecContext(ctx, name, seconds(at)); err != nil {
				return fmt.Errorf("save due time of %s: %w", name, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for name, at := range due {
		s.held.due(name, seconds(at))
	}
	return nil
}

// Memory returns what a source of the feed remembers, which must not be changed. source is the digest of the source's
// words.
func (s *Store) Memory(ctx context.Context, serial int64, source string) (map[string][]byte, error) {
	writing, pending := s.notes.of(serial, source) // before the database is asked: what is written meanwhile is not missed
	memory, ok, ticket := s.held.source(serial, source)
	if !ok {
		var err error
		if memory, err = s.memory(ctx, serial, source); err != nil {
			return nil, err
		}
		s.held.holdSource(serial, source, memory, ticket)
	}
	return overlaid(memory, writing, pending), nil
}

func (s *Store) memory(ctx context.Context, serial int64, source string) (map[string][]byte, error) {
	rows, err := s.often.memory.QueryContext(ctx, serial, source)
	if err != nil {
		return nil, fmt.Errorf("read memory: %w", err)
	}
	defer rows.Close()
	memory := map[string][]byte{}
	for rows.Next() {
		var key string
		var value []byte
		if err := rows.Scan(&key, &value); err != nil {
			return nil, fmt.Errorf("read memory: %w", err)
		}
		memory[key] = value
	}
	return memory, rows.Err()
}

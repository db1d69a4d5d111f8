package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"feedmill/feed"
)

// Rename gives all that is known of a feed with articles to another name: articles with their ids, what sources remember, documents at
// new paths, and the permanent id. Documents are made anew at the next refresh, and delivered as if no output had any;
// no output is told to remove those at the old paths. It reports whether there was anything to rename.
//
// The error is of class [feed.Refused] when both names have articles.
func (s *Store) Rename(ctx context.Context, from, to string) (renamed bool, err error) {
	err = s.flush(ctx, 0, func(tx *sql.Tx) error {
		old, err := scanFeed(tx.QueryRowContext(ctx, selectFeed, from), from)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if old.Position == 0 {
			return nil
		}
		present, err := scanFeed(tx.QueryRowContext(ctx, selectFeed, to), to)
		switch {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil:
			return err
		case present.Position > 0:
			return feed.Classify(feed.Refused, fmt.Errorf("feed %s has %d articles, and %s has %d of its own: they cannot become one; "+
				"give one of the two another key, or take %s out of moved", from, old.Position, to, present.Position, from))
		default: // the names change places: a name is nobody's twice
			if err := nameFeed(ctx, tx, present.Serial, "/"+to); err != nil {
				return err
			}
		}
		renamed = true
		if err := moveFeed(ctx, tx, old, to); err != nil {
			return err
		}
		if present.Serial != 0 {
			return nameFeed(ctx, tx, present.Serial, from)
		}
		return nil
	})
	return renamed && err == nil, err
}

func nameFeed(ctx context.Context, tx *sql.Tx, serial int64, name string) error {
	if _, err := tx.ExecContext(ctx, `UPDATE feed SET name = $2 WHERE id = $1`, serial, name); err != nil {
		return fmt.Errorf("rename feed to %s: %w", name, err)
	}
	return nil
}

// moveFeed renames a feed with its documents, which are to be made and delivered anew.
func moveFeed(ctx context.Context, tx *sql.Tx, f Feed, to string) error {
	for _, change := range []struct {
		statement string
		args      []any
	}{
		{`UPDATE feed SET name = $2, rendered = 0, dress = '' WHERE id = $1`, []any{f.Serial, to}},
		{`DELETE FROM document WHERE feed_id = $1 AND removed = 1`, []any{f.Serial}},
		{`UPDATE document SET path = $2 || substr(path, $3) WHERE feed_id = $1 AND substr(path, 1, 6) <> 'media/'`, []any{f.Serial, to, len(f.Name) + 1}},
		{`DELETE FROM delivery WHERE feed_id = $1`, []any{f.Serial}},
		{`DELETE FROM handover WHERE feed_id = $1`, []any{f.Serial}},
		{`DELETE FROM condition WHERE feed = $1`, []any{to}},
		{`UPDATE condition SET feed = $2 WHERE feed = $1`, []any{f.Name, to}},
		{`DELETE FROM pollers WHERE feed = $1`, []any{to}},
		{`UPDATE pollers SET feed = $2 WHERE feed = $1`, []any{f.Name, to}},
		{`DELETE FROM subscribers WHERE feed = $1`, []any{to}},
		{`UPDATE subscribers SET feed = $2 WHERE feed = $1`, []any{f.Name, to}},
		{`DELETE FROM reader WHERE feed = $1`, []any{to}},
		{`UPDATE reader SET feed = $2 WHERE feed = $1`, []any{f.Name, to}},
	} {
		if _, err := tx.ExecContext(ctx, change.statement, change.args...); err != nil {
			return fmt.Errorf("rename feed %s to %s: %w", f.Name, to, err)
		}
	}
	return nil
}

// Sources returns the digests of the sources that remember something, by feed, of the feeds that have articles.
func (s *Store) Sources(ctx context.Context) (map[string][]string, error) {
	return SourcesIn(ctx, s.read)
}

// SourcesIn is [Store.Sources] for a database of any schema that nobody opened for more.
func SourcesIn(ctx context.Context, db *sql.DB) (map[string][]string, error) {
	rows, err := db.QueryContext(ctx, `SELECT DISTINCT f.name, m.source FROM feed f JOIN memory m ON m.feed_id = f.id
		WHERE f.position > 0 ORDER BY f.name, m.source`)
	if err != nil {
		return nil, fmt.Errorf("read sources: %w", err)
	}
	defer rows.Close()
	sources := map[string][]string{}
	for rows.Next() {
		var name, source string
		if err := rows.Scan(&name, &source); err != nil {
			return nil, fmt.Errorf("read sources: %w", err)
		}
		sources[name] = append(sources[name], source)
	}
	return sources, rows.Err()
}

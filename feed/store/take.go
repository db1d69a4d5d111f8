package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"feedmill/feed"
)

// PublishedBy reports how many articles the feed has published; 0 for one that is not known.
func (s *Store) PublishedBy(ctx context.Context, name string) (int64, error) {
	f, err := s.feed(ctx, name)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return f.Number, err
}

// TakeFeed takes a feed with all its articles over from another store, without documents and what sources remember: both
// are made at the next refresh. What is known of the feed here and was not published gives way. The error is of class
// [feed.Refused] when something was published.
func (s *Store) TakeFeed(ctx context.Context, from *Store, name string) error {
	f, err := from.feed(ctx, name)
	if err != nil {
		return err
	}
	articles, err := from.articles(ctx, `feed_id = $1 ORDER BY position`, f.Serial)
	if err != nil {
		return err
	}
	here, err := s.Feed(ctx, name, f.UID)
	if err != nil {
		return err
	}
	return s.flush(ctx, here.Serial, func(tx *sql.Tx) error {
		here, err := scanFeed(tx.QueryRowContext(ctx, selectFeed, name), name)
		if err != nil {
			return err
		}
		if here.Number > 0 {
			return feed.Classify(feed.Refused, fmt.Errorf("feed %s has published %d articles, which its readers know by their ids", name, here.Number))
		}
		var errs []error
		for _, table := range []string{"article", "memory", "page", "listed", "media_use"} {
			_, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE feed_id = $1`, here.Serial)
			errs = append(errs, err)
		}
		_, err = tx.ExecContext(ctx, `UPDATE feed SET revision = revision + 1, position = $2, number = $3, as_of = $4, wake = $5,
			ask = 0, rendered = 0, dress = '' WHERE id = $1`, here.Serial, f.Position, f.Number, seconds(f.AsOf), seconds(f.Wake))
		if err := errors.Join(append(errs, err)...); err != nil {
			return fmt.Errorf("take over feed %s: %w", name, err)
		}
		return s.saveArticles(ctx, tx, here, 0, articles)
	})
}

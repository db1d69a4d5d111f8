package store

import (
	"context"
	"database/sql"
	"errors"
)

// State returns the named feed's state as it is; found is false when nothing is known of such a feed.
func (s *Store) State(ctx context.Context, name string) (f Feed, found bool, err error) {
	f, err = s.feed(ctx, name)
	if errors.Is(err, sql.ErrNoRows) {
		return Feed{}, false, nil
	}
	return f, err == nil, err
}

// Called returns the articles, in whatever state, that a person may mean by name: a public id, the source's own, a link, a
// key or a slug. It walks through all articles of the feed.
func (s *Store) Called(ctx context.Context, serial int64, name string) ([]Article, error) {
	return s.articles(ctx, `feed_id = $1 AND (id = $2 OR given = $2 OR link = $2 OR key = $2 OR slug = $2) ORDER BY position`, serial, name)
}

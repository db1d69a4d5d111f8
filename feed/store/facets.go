package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Facet is a tag that articles of a feed bear or bore. Its slug is its own for ever.
type Facet struct {
	Tag
	Articles int64     // live ones that bear it
	Changed  time.Time // when one of them last changed
	Release  int64     // of the feed in which its documents last changed

	number int64
}

// Tag is a tag of an article.
type Tag struct {
	Folded string // the same for all ways to write it
	Name   string // as it is written; of a facet as it was first
	Slug   string // its address below the feed's; of a new one the one that it gets if it is free
}

// Tagged is an article with its tags.
type Tagged struct {
	Position, Number int64
	Words            []string // as they are written; none unless the article is live
	Tags             []Tag    // to be noted
}

// Retagged returns the positions of the articles that changed after a revision, in order.
func (s *Store) Retagged(ctx context.Context, serial, after int64) (positions []int64, err error) {
	err = s.readAll(ctx, `SELECT position FROM article WHERE feed_id = $1 AND revision > $2`, []any{serial, after}, func(rows *sql.Rows) error {
		var position int64
		err := rows.Scan(&position)
		positions = append(positions, position)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read articles: %w", err)
	}
	slices.Sort(positions)
	return positions, nil
}

// Tags returns the tags of the articles at the given positions, in that order.
func (s *Store) Tags(ctx context.Context, serial int64, positions []int64) ([]Tagged, error) {
	var out []Tagged
	err := s.atPositions(ctx, selectTags, serial, positions, func(rows *sql.Rows) error {
		var t Tagged
		var state string
		var body []byte
		if err := rows.Scan(&t.Position, &t.Number, &state, &body); err != nil {
			return err
		}
		if state == Live && t.Number > 0 {
			var said struct {
				Tags []string `json:"tags"`
			}
			if err := json.Unmarshal(body, &said); err != nil {
				return err
			}
			t.Words = said.Tags
		}
		out = append(out, t)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read tags: %w", err)
	}
	slices.SortFunc(out, func(a, b Tagged) int { return int(a.Position - b.Position) })
	return out, nil
}

var (
	selectTags   = `SELECT position, number, state, body FROM article WHERE ` + inPositions
	selectTagged = `SELECT position, facet FROM tagged WHERE ` + inPositions
)

const facetColumns = `facet, folded, name, slug, articles, changed, release`

func (s *Store) facets(ctx context.Context, where string, args ...any) (out []Facet, err error) {
	err = s.readAll(ctx, `SELECT `+facetColumns+` FROM facet WHERE `+where, args, func(rows *sql.Rows) error {
		var f Facet
		var changed int64
		err := rows.Scan(&f.number, &f.Folded, &f.Name, &f.Slug, &f.Articles, &changed, &f.Release)
		f.Changed = fromSeconds(changed)
		out = append(out, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read facets: %w", err)
	}
	return out, nil
}

// Facet returns the facet with a slug, nil when there is none.
func (s *Store) Facet(ctx context.Context, serial int64, slug string) (*Facet, error) {
	found, err := s.facets(ctx, `feed_id = $1 AND slug = $2`, serial, slug)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// FacetOf returns the facet of a tag, nil when there is none.
func (s *Store) FacetOf(ctx context.Context, serial int64, folded string) (*Facet, error) {
	found, err := s.facets(ctx, `feed_id = $1 AND folded = $2`, serial, folded)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// LargestFacets returns the n facets with the most live articles, those with the most first.
func (s *Store) LargestFacets(ctx context.Context, serial int64, n int) ([]Facet, error) {
	return s.facets(ctx, `feed_id = $1 AND articles > 0 ORDER BY articles DESC, facet LIMIT $2`, serial, n)
}

// ChangedFacets returns the facets whose documents changed after a release, also those without an article left.
func (s *Store) ChangedFacets(ctx context.Context, serial, release int64) ([]Facet, error) {
	return s.facets(ctx, `feed_id = $1 AND release > $2 ORDER BY release, facet`, serial, release)
}

// Bearing returns the n newest of the articles that bear a tag and were published before the one with the number before,
// newest first; 0: of all.
func (s *Store) Bearing(ctx context.Context, serial int64, f Facet, before int64, n int) ([]Article, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	return s.articles(ctx, `feed_id = $1 AND position IN (
		SELECT position FROM tagged WHERE feed_id = $1 AND facet = $2 AND number < $3 ORDER BY number DESC LIMIT $4)
		AND state = 'live' ORDER BY +number DESC`, serial, f.number, before, n)
}

// NoteTags notes the tags of articles in place of those noted before: of articles that are not live there are none. The
// facets of all of them are marked as changed in f.Release, at the given moment. When done, no more are to come, and f's
// Release and Faceted are stored too.
func (s *Store) NoteTags(ctx context.Context, f Feed, at time.Time, articles []Tagged, done bool) error {
	return s.transactOf(ctx, f.Serial, func(tx *sql.Tx) error {
		insert, err := tx.PrepareContext(ctx, insertTagged)
		if err != nil {
			return fmt.Errorf("note tags: %w", err)
		}
		defer insert.Close()
		n := noting{Store: s, tx: tx, insert: insert, feed: f, known: map[string]int64{}, more: map[int64]int64{}}
		if err := n.all(ctx, articles); err != nil {
			return fmt.Errorf("note tags: %w", err)
		}
		for facet, more := range n.more {
			_, err := tx.ExecContext(ctx, `UPDATE facet SET articles = articles + $3, release = $4, changed = $5 WHERE feed_id = $1 AND facet = $2`,
				f.Serial, facet, more, f.Release, seconds(at))
			if err != nil {
				return fmt.Errorf("note tags: %w", err)
			}
		}
		if !done {
			return nil
		}
		return saveFaceted(ctx, tx, f)
	})
}

func saveFaceted(ctx context.Context, tx *sql.Tx, f Feed) error {
	if _, err := tx.ExecContext(ctx, `UPDATE feed SET faceted = $2, release = $3 WHERE id = $1`, f.Serial, f.Faceted, f.Release); err != nil {
		return fmt.Errorf("note tags: %w", err)
	}
	return nil
}

// RenewFacets marks the documents of all facets as changed in f.Release, at the given moment.
func (s *Store) RenewFacets(ctx context.Context, f Feed, at time.Time) error {
	return s.transactOf(ctx, f.Serial, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE facet SET release = $2, changed = $3 WHERE feed_id = $1 AND articles > 0`, f.Serial, f.Release, seconds(at)); err != nil {
			return fmt.Errorf("renew facets: %w", err)
		}
		return saveFaceted(ctx, tx, f)
	})
}

// DropTags takes away all that was noted of tags but the slugs, and stores f's Release and Faceted.
func (s *Store) DropTags(ctx context.Context, f Feed) error {
	return s.transactOf(ctx, f.Serial, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE facet SET articles = 0, release = $2 WHERE feed_id = $1 AND articles > 0`, f.Serial, f.Release)
		if err == nil {
			_, err = tx.ExecContext(ctx, `DELETE FROM tagged WHERE feed_id = $1`, f.Serial)
		}
		if err != nil {
			return fmt.Errorf("drop tags: %w", err)
		}
		return saveFaceted(ctx, tx, f)
	})
}

const insertTagged = `INSERT INTO tagged (feed_id, facet, number, position) VALUES ($1, $2, $3, $4)
	ON CONFLICT (feed_id, facet, number) DO NOTHING`

// noting is one transaction that notes tags.
type noting struct {
	*Store
	tx     *sql.Tx
	insert *sql.Stmt
	feed   Feed
	known  map[string]int64 // facets by folded tag
	more   map[int64]int64  // how many more articles each facet has; every one that is touched is here
}

func (n *noting) all(ctx context.Context, articles []Tagged) error {
	for some := range slices.Chunk(articles, findAtOnce) {
		before, err := n.before(ctx, some)
		if err != nil {
			return err
		}
		for _, a := range some {
			if err := n.article(ctx, a, before[a.Position]); err != nil {
				return err
			}
		}
	}
	return nil
}

// article notes the tags of an article in place of the facets before.
func (n *noting) article(ctx context.Context, a Tagged, before []int64) error {
	wanted := map[int64]bool{}
	for _, tag := range a.Tags {
		facet, err := n.facet(ctx, tag)
		if err != nil {
			return err
		}
		wanted[facet] = true
		done, err := n.insert.ExecContext(ctx, n.feed.Serial, facet, a.Number, a.Position)
		if err != nil {
			return err
		}
		added, err := done.RowsAffected()
		if err != nil {
			return err
		}
		n.more[facet] += added
	}
	for _, facet := range before {
		if n.more[facet] += 0; wanted[facet] {
			continue
		}
		_, err := n.tx.ExecContext(ctx, `DELETE FROM tagged WHERE feed_id = $1 AND facet = $2 AND number = $3`, n.feed.Serial, facet, a.Number)
		if err != nil {
			return err
		}
		n.more[facet]--
	}
	return nil
}

// before are the facets that were noted of articles, by position.
func (n *noting) before(ctx context.Context, some []Tagged) (map[int64][]int64, error) {
	args := make([]any, 1+findAtOnce)
	args[0] = n.feed.Serial
	for i := range findAtOnce {
		args[1+i] = some[min(i, len(some)-1)].Position // the last one fills up
	}
	rows, err := n.tx.QueryContext(ctx, selectTagged, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[int64][]int64{}
	for rows.Next() {
		var position, facet int64
		if err := rows.Scan(&position, &facet); err != nil {
			return nil, err
		}
		found[position] = append(found[position], facet)
	}
	return found, rows.Err()
}

// facet finds the facet of a tag, or makes it. A slug that another one has gets a number.
func (n *noting) facet(ctx context.Context, t Tag) (int64, error) {
	if facet, ok := n.known[t.Folded]; ok {
		return facet, nil
	}
	var facet int64
	err := n.tx.QueryRowContext(ctx, `SELECT facet FROM facet WHERE feed_id = $1 AND folded = $2`, n.feed.Serial, t.Folded).Scan(&facet)
	if errors.Is(err, sql.ErrNoRows) {
		facet, err = n.add(ctx, t)
	}
	if err == nil {
		n.known[t.Folded] = facet
	}
	return facet, err
}

func (n *noting) add(ctx context.Context, t Tag) (facet int64, err error) {
	err = n.tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(facet), 0) + 1 FROM facet WHERE feed_id = $1`, n.feed.Serial).Scan(&facet)
	slug := t.Slug
	for i := 2; err == nil; i++ {
		var taken int64
		err = n.tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM facet WHERE feed_id = $1 AND slug = $2`, n.feed.Serial, slug).Scan(&taken)
		if err != nil || taken == 0 {
			break
		}
		slug = fmt.Sprintf("%s-%d", t.Slug, i)
	}
	if err == nil {
		_, err = n.tx.ExecContext(ctx, `INSERT INTO facet (feed_id, facet, folded, name, slug) VALUES ($1, $2, $3, $4, $5)`,
			n.feed.Serial, facet, t.Folded, t.Name, slug)
	}
	return facet, err
}

// forgetTags takes articles with some publication numbers out of the facets.
func forgetTags(ctx context.Context, tx *sql.Tx, f Feed, c Chunk) error {
	const of = `FROM tagged t WHERE t.feed_id = $1 AND t.position IN (
		SELECT position FROM article WHERE feed_id = $1 AND number BETWEEN $2 AND $3)`
	_, err := tx.ExecContext(ctx, `UPDATE facet SET release = $4, articles = articles - (SELECT COUNT(*) `+of+` AND t.facet = facet.facet)
		WHERE feed_id = $1 AND facet IN (SELECT t.facet `+of+`)`, f.Serial, c.First, c.Last, f.Release)
	if err == nil {
		_, err = tx.ExecContext(ctx, `DELETE FROM tagged WHERE feed_id = $1 AND position IN (
			SELECT position FROM article WHERE feed_id = $1 AND number BETWEEN $2 AND $3)`, f.Serial, c.First, c.Last)
	}
	return err
}

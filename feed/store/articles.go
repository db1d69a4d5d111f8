package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"feedmill/feed"
)

// The states of an article.
const (
	Waiting   = "waiting"   // not published yet, or not again, for the reason given
	Live      = "live"      // in the feed's history
	Withdrawn = "withdrawn" // taken back by its author, an operator, or because its origin is gone
	Expired   = "expired"   // its time is over
	Dropped   = "dropped"   // a filter did not let it in
	Forgotten = "forgotten" // published, and no longer kept: only what it is known by is
)

// Article is one stored article: what the source said, and what was decided about it.
type Article struct {
	Position   int64 // order of first sight; 0 for one not stored yet
	Number     int64 // order of publication; 0 before it
	State      string
	Reason     string
	ID         string // public, fixed at publication
	Given      string // the id given by the source
	Key        string
	Gone       bool // its origin has vanished
	Link, Slug string
	Hosted     bool // Link is the path of a page of ours below the feed's address
	Published  time.Time
	Updated    time.Time
	Expires    time.Time // of a withdrawn article the end of its notice
	Released   time.Time // when it first appeared in the documents
	Revision   int64     // of the feed in which it last changed; set by Commit
	Digest     string    // of all that the source said
	Material   string    // of what moves the updated date
	Source     string    // digest of the source that it was read from
	Filtered   string    // what the feed's filters said of it when it came in or changed last
	Again      time.Time // until when it is shown, however old it is, because it came back; zero: it did not, or long ago
	Said       feed.Article
}

const articleColumns = `position, number, state, reason, id, given, key, gone, link, slug, hosted,
	published, updated, expires, released, revision, digest, material, source, body, pinned, filtered, again`

func (s *Store) articles(ctx context.Context, where string, args ...any) ([]Article, error) {
	return scanArticles(s.query(ctx, `SELECT `+articleColumns+` FROM article WHERE `+where, args...))
}

func scanArticles(rows *sql.Rows, err error) ([]Article, error) {
	if err != nil {
		return nil, fmt.Errorf("read articles: %w", err)
	}
	defer rows.Close()
	var out []Article
	for rows.Next() {
		a, err := scanArticle(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

// scanArticle reads the columns of an article, and more that stand behind them.
func scanArticle(rows *sql.Rows, more ...any) (a Article, err error) {
	var gone, hosted, published, updated, expires, released, pinned, again int64
	var body []byte
	err = rows.Scan(append([]any{
		&a.Position, &a.Number, &a.State, &a.Reason, &a.ID, &a.Given, &a.Key, &gone, &a.Link, &a.Slug,
		&hosted, &published, &updated, &expires, &released, &a.Revision, &a.Digest, &a.Material, &a.Source, &body, &pinned,
		&a.Filtered, &again,
	}, more...)...)
	if err != nil {
		return a, fmt.Errorf("read article: %w", err)
	}
	if err := json.Unmarshal(body, &a.Said); err != nil {
		return a, fmt.Errorf("read article %s: %w", a.ID, err)
	}
	a.Gone, a.Hosted = gone != 0, hosted != 0
	a.Published, a.Updated = fromSeconds(published), fromSeconds(updated)
	a.Expires, a.Released, a.Again = fromSeconds(expires), fromSeconds(released), fromSeconds(again)
	return a, nil
}

// Named returns the articles that an operator may mean by name: a public id, a link, a key or a slug.
func (s *Store) Named(ctx context.Context, serial int64, name string) ([]Article, error) {
	return s.articles(ctx, `feed_id = $1 AND (id = $2 OR given = $2 OR link = $2 OR key = $2 OR slug = $2)
		AND state IN ('waiting', 'live', 'withdrawn', 'expired') ORDER BY position`, serial, name)
}

// LastSeen returns the n articles that were seen first last, in whatever state they are, the latest first.
func (s *Store) LastSeen(ctx context.Context, serial int64, n int) ([]Article, error) {
	return s.articles(ctx, `feed_id = $1 ORDER BY position DESC LIMIT $2`, serial, n)
}

// Published returns the articles that changed after the given revision and are or were published, in that order, without
// those that are no longer kept.
func (s *Store) Published(ctx context.Context, serial, after int64) ([]Article, error) {
	// The plus keeps SQLite from walking through all numbers in their order.
	return s.articles(ctx, `feed_id = $1 AND revision > $2 AND +number > 0 AND state <> 'forgotten' ORDER BY +number`, serial, after)
}

// Pending returns the articles that wait for publication, the first one or another after they were taken out, but for those
// that wait for their pages.
func (s *Store) Pending(ctx context.Context, serial int64) ([]Article, error) {
	return s.articles(ctx, `feed_id = $1 AND state = 'waiting' AND reason <> 'page' ORDER BY position`, serial)
}

// Unread returns the articles that wait for their pages.
func (s *Store) Unread(ctx context.Context, serial int64) ([]Article, error) {
	return s.articles(ctx, `feed_id = $1 AND position IN (SELECT position FROM listed WHERE feed_id = $1)
		AND state = 'waiting' ORDER BY position`, serial)
}

// Expiring returns the live articles whose time is over at the given moment, the withdrawn ones whose notice is, and those that
// have been shown again for long enough.
func (s *Store) Expiring(ctx context.Context, serial int64, at time.Time) ([]Article, error) {
	return s.articles(ctx, `feed_id = $1 AND (expires > 0 AND expires <= $2 AND state IN ('live', 'withdrawn')
		OR again > 0 AND again <= $2) ORDER BY +position`, serial, seconds(at))
}

// Noticed returns the withdrawn articles whose notice is shown at the given moment, the n last published ones.
func (s *Store) Noticed(ctx context.Context, serial int64, at time.Time, n int) ([]Article, error) {
	// The plus keeps SQLite from looking among those only whose notice is over.
	return s.articles(ctx, `feed_id = $1 AND expires > 0 AND +expires > $2 AND state = 'withdrawn' AND number > 0
		ORDER BY number DESC LIMIT $3`, serial, seconds(at), n)
}

// NextExpiry returns the earliest end of a live article, of a notice, or of being shown again after the given moment, the zero
// time when there is none.
func (s *Store) NextExpiry(ctx context.Context, serial int64, after time.Time) (time.Time, error) {
	var next time.Time
	for _, end := range [...]string{
		`SELECT COALESCE(MIN(expires), 0) FROM article WHERE feed_id = $1 AND expires > $2 AND expires > 0 AND state IN ('live', 'withdrawn')`,
		`SELECT COALESCE(MIN(again), 0) FROM article WHERE feed_id = $1 AND again > $2 AND again > 0`,
	} {
		seconds, err := s.number(ctx, end, serial, seconds(after))
		if err != nil {
			return time.Time{}, fmt.Errorf("read next expiry: %w", err)
		}
		if at := fromSeconds(seconds); next.IsZero() || !at.IsZero() && at.Before(next) {
			next = at
		}
	}
	return next, nil
}

// Window returns the live articles with the n newest publication numbers; newest number first.
func (s *Store) Window(ctx context.Context, serial int64, n int) ([]Article, error) {
	return s.articles(ctx, `feed_id = $1 AND number > 0 AND state = 'live' ORDER BY number DESC LIMIT $2`, serial, n)
}

// Headlines returns of every feed, by its name, the live article with the newest publication number.
func (s *Store) Headlines(ctx context.Context) (map[string]Article, error) {
	rows, err := s.query(ctx, `SELECT `+articleColumns+`, named FROM (
			SELECT feed.name AS named, feed.id AS owner, (
				SELECT number FROM article WHERE feed_id = feed.id AND number > 0 AND state = 'live' ORDER BY number DESC LIMIT 1
			) AS newest FROM feed
		) AS heads JOIN article ON feed_id = owner AND number = newest`)
	if err != nil {
		return nil, fmt.Errorf("read headlines: %w", err)
	}
	defer rows.Close()
	newest := map[string]Article{}
	for rows.Next() {
		var name string
		a, err := scanArticle(rows, &name)
		if err != nil {
			return nil, err
		}
		newest[name] = a
	}
	return newest, rows.Err()
}

// Shown is as much of a live article as tells where it stands in a document and whether it changed.
type Shown struct {
	Position, Number, Revision int64
	ID                         string
	Published, Updated         time.Time
	Released                   time.Time
}

// Shown returns the live articles with the n newest publication numbers, and all that were released after since if that
// is not zero; newest number first.
func (s *Store) Shown(ctx context.Context, serial int64, n int, since time.Time) ([]Shown, error) {
	from := int64(math.MaxInt64)
	if !since.IsZero() {
		from = seconds(since)
	}
	// Numbers rise with the time of release.
	return s.shown(ctx, func(a Shown, before int) bool { return before < n || seconds(a.Released) > from },
		`number > 0 AND state = 'live' ORDER BY number DESC`, serial)
}

// ShownAgain returns the n newest live articles that came back and are shown again at the given moment; newest number first.
func (s *Store) ShownAgain(ctx context.Context, serial int64, at time.Time, n int) ([]Shown, error) {
	// The plus keeps SQLite from walking through all numbers.
	return s.shown(ctx, func(_ Shown, before int) bool { return before < n }, `+number > 0 AND state = 'live' AND again > 0 AND again > $2 ORDER BY +number DESC`, serial, seconds(at))
}

// shown reads articles in the order of where, as long as more says so of the next one and of how many there were before.
func (s *Store) shown(ctx context.Context, more func(next Shown, before int) bool, where string, args ...any) ([]Shown, error) {
	rows, err := s.query(ctx, `SELECT position, number, revision, id, published, updated, released FROM article
		WHERE feed_id = $1 AND `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read articles: %w", err)
	}
	defer rows.Close()
	var out []Shown
	for rows.Next() {
		var a Shown
		var published, updated, released int64
		if err := rows.Scan(&a.Position, &a.Number, &a.Revision, &a.ID, &published, &updated, &released); err != nil {
			return nil, fmt.Errorf("read article: %w", err)
		}
		a.Published, a.Updated, a.Released = fromSeconds(published), fromSeconds(updated), fromSeconds(released)
		if !more(a, len(out)) {
			break
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

// Pinned returns the live articles that their authors pinned, the n last published ones, newest first.
func (s *Store) Pinned(ctx context.Context, serial int64, n int) ([]Article, error) {
	return s.articles(ctx, `feed_id = $1 AND pinned = 1 AND number > 0 AND state = 'live' ORDER BY number DESC LIMIT $2`, serial, n)
}

// Articles returns the articles at the given positions, in any order.
func (s *Store) Articles(ctx context.Context, serial int64, positions []int64) ([]Article, error) {
	var out []Article
	err := s.atPositions(ctx, selectAtPositions, serial, positions, func(rows *sql.Rows) error {
		a, err := scanArticle(rows)
		out = append(out, a)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read articles: %w", err)
	}
	return out, nil
}

// Stale returns the articles that changed after the given revision and whose slug names a page among the feed's
// documents: one that is theirs, or was before they got a link of their own, or another article's. prefix is the part of
// the pages' paths before the slug.
func (s *Store) Stale(ctx context.Context, serial, revision int64, prefix string) ([]Article, error) {
	return s.articles(ctx, `feed_id = $1 AND revision > $2 AND EXISTS (
		SELECT 1 FROM document d WHERE d.feed_id = article.feed_id AND d.path = $3 || article.slug AND d.removed = 0)
		ORDER BY position`, serial, revision, prefix)
}

// Taken reports whether another article than the one at position has the public id.
func (s *Store) Taken(ctx context.Context, serial int64, id string, position int64) (bool, error) {
	n, err := s.number(ctx, `SELECT COUNT(*) FROM article WHERE feed_id = $1 AND id = $2 AND id <> '' AND position <> $3`,
		serial, id, position)
	if err != nil {
		return false, fmt.Errorf("look up id: %w", err)
	}
	return n > 0, nil
}

// Commit is all that one refresh changes about a feed's articles.
type Commit struct {
	// Feed holds the new counters and times; its Revision is the one that was read. The commit raises it.
	Feed Feed
	// Articles are inserted when their Position is new, above the stored feed's, else updated.
	Articles []Article
	// Memory is what the sources remember from now on: source, then key.
	Memory map[string]map[string][]byte
	Holding
	Enrichment
}

// Commit stores all of c or nothing. [ErrFenced] when somebody else committed since c.Feed was read.
func (s *Store) Commit(ctx context.Context, c Commit) error {
	return s.flush(ctx, c.Feed.Serial, func(tx *sql.Tx) error {
		f := c.Feed
		var known int64
		if err := within(ctx, tx, s.often.position).QueryRowContext(ctx, f.Serial).Scan(&known); err != nil {
			return fmt.Errorf("read feed %s: %w", f.Name, err)
		}
		done, err := within(ctx, tx, s.often.commit).ExecContext(ctx, f.Serial, f.Revision, f.Position, f.Number, seconds(f.AsOf), seconds(f.Wake))
		if err != nil {
			return fmt.Errorf("update feed %s: %w", f.Name, err)
		}
		if n, err := done.RowsAffected(); err != nil || n != 1 {
			return fmt.Errorf("update feed %s: %w", f.Name, ErrFenced)
		}
		if err := s.saveArticles(ctx, tx, f, known, c.Articles); err != nil {
			return err
		}
		if err := saveHolding(ctx, tx, f.Serial, c.Holding); err != nil {
			return err
		}
		if err := saveEnrichment(ctx, tx, f.Serial, c.Enrichment); err != nil {
			return err
		}
		return s.saveMemory(ctx, tx, f.Serial, c.Memory)
	})
}

const (
	selectPosition = `SELECT position FROM feed WHERE id = $1`
	updateFeed     = `UPDATE feed SET revision = revision + 1, position = $3, number = $4, as_of = $5, wake = $6
		WHERE id = $1 AND revision = $2`
	insertArticle = `INSERT INTO article (feed_id, ` + articleColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)`
	updateArticle = `UPDATE article SET number = $3, state = $4, reason = $5, id = $6, given = $7,
		key = $8, gone = $9, link = $10, slug = $11, hosted = $12, published = $13, updated = $14, expires = $15,
		released = $16, revision = $17, digest = $18, material = $19, source = $20, body = $21, pinned = $22,
		filtered = $23, again = $24 WHERE feed_id = $1 AND position = $2`
)

func (s *Store) saveArticles(ctx context.Context, tx *sql.Tx, f Feed, known int64, articles []Article) error {
	revision := f.Revision + 1
	insert := within(ctx, tx, s.often.insertArticle)
	update := within(ctx, tx, s.often.updateArticle)
	for _, a := range articles {
		body, err := encode(a.Said)
		if err != nil {
			return fmt.Errorf("encode article %s: %w", a.Key, err)
		}
		statement := update
		if a.Position > known {
			statement = insert
		}
		_, err = statement.ExecContext(ctx, f.Serial, a.Position, a.Number, a.State, a.Reason, a.ID, a.Given, a.Key,
			flag(a.Gone), a.Link, a.Slug, flag(a.Hosted), seconds(a.Published), seconds(a.Updated), seconds(a.Expires),
			seconds(a.Released), revision, a.Digest, a.Material, a.Source, body, flag(a.Said.Pin), a.Filtered, seconds(a.Again))
		if err != nil {
			return fmt.Errorf("save article %s: %w", a.Key, err)
		}
		if err := saveMediaUse(ctx, tx, f.Serial, a, a.Position <= known); err != nil {
			return err
		}
	}
	return nil
}

// encode is an article's JSON with its HTML as it is.
func encode(a feed.Article) (string, error) {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(a)
	return b.String(), err
}

const upsertMemory = `INSERT INTO memory (feed_id, source, key, value) VALUES ($1, $2, $3, $4)
	ON CONFLICT (feed_id, source, key) DO UPDATE SET value = excluded.value`

func (s *Store) saveMemory(ctx context.Context, tx *sql.Tx, serial int64, memory remembered) error {
	save := within(ctx, tx, s.often.saveMemory)
	for source, values := range memory {
		for key, value := range values {
			if _, err := save.ExecContext(ctx, serial, source, key, value); err != nil {
				return fmt.Errorf("save memory: %w", err)
			}
		}
	}
	return nil
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

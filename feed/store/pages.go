package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"feedmill/feed"
)

// LacksPage is the reason of an article that waits for its page. There may be very many of them, so that [Store.Pending]
// leaves them out.
const LacksPage = "page"

// Page is what the web page of an article added to it, in the form that its maker gave it. There is one of each step.
type Page struct {
	Position int64  // the article's
	Step     string // what asked for the page
	Body     []byte // JSON
}

// Listed is an article, or an edit of one, that waits for a page, as its source listed it.
type Listed struct {
	Position int64 // the article's
	Number   int64 // the publication number that is kept for it; 0: none is
	Source   string
	Digest   string // of all that the source said
	Foreign  bool   // the source is somebody else's
	Since    time.Time
	Dated    time.Time // the article's date
	Due      time.Time // the page is not asked for before
	Tries    int       // that failed
	Failure  string    // the last failure, also one that does not count
	Said     feed.Article
}

// Added returns what the pages of the articles at the given positions added to them.
func (s *Store) Added(ctx context.Context, serial int64, positions []int64) ([]Page, error) {
	var out []Page
	err := s.atPositions(ctx, selectPages, serial, positions, func(rows *sql.Rows) error {
		var p Page
		err := rows.Scan(&p.Position, &p.Step, &p.Body)
		out = append(out, p)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read pages of articles: %w", err)
	}
	return out, nil
}

// Listed returns what waits for a page of the articles at the given positions.
func (s *Store) Listed(ctx context.Context, serial int64, positions []int64) ([]Listed, error) {
	var out []Listed
	err := s.atPositions(ctx, selectListedAt, serial, positions, func(rows *sql.Rows) error {
		l, err := scanListed(rows)
		out = append(out, l)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read what waits for pages: %w", err)
	}
	return out, nil
}

// ListedDue returns n of those whose page may be asked for at the given moment: those that have no number yet, then the
// others, the newest first.
func (s *Store) ListedDue(ctx context.Context, serial int64, at time.Time, n int) ([]Listed, error) {
	rows, err := s.query(ctx, `SELECT `+listedColumns+` FROM listed WHERE feed_id = $1 AND due <= $2
		ORDER BY CASE WHEN number > 0 THEN 1 ELSE 0 END, dated DESC, position LIMIT $3`, serial, seconds(at), n)
	if err != nil {
		return nil, fmt.Errorf("read what waits for pages: %w", err)
	}
	defer rows.Close()
	var out []Listed
	for rows.Next() {
		l, err := scanListed(rows)
		if err != nil {
			return nil, fmt.Errorf("read what waits for pages: %w", err)
		}
		out = append(out, l)
	}
	return out, rows.Err()
}

// NextListed returns when the first page after the given moment may be asked for that was not asked for yet, the zero time
// when there is none.
func (s *Store) NextListed(ctx context.Context, serial int64, after time.Time) (time.Time, error) {
	at, err := s.number(ctx, `SELECT COALESCE(MIN(due), 0) FROM listed WHERE feed_id = $1 AND due > $2 AND failure = ''`, serial, seconds(after))
	if err != nil {
		return time.Time{}, fmt.Errorf("read what waits for pages: %w", err)
	}
	return fromSeconds(at), nil
}

// FirstKept returns the lowest publication number that is kept for an article that waits for its page, 0 when none is.
func (s *Store) FirstKept(ctx context.Context, serial int64) (int64, error) {
	n, err := s.number(ctx, `SELECT COALESCE(MIN(number), 0) FROM listed WHERE feed_id = $1 AND number > 0`, serial)
	if err != nil {
		return 0, fmt.Errorf("read what waits for pages: %w", err)
	}
	return n, nil
}

const listedColumns = `position, number, source, digest, is_foreign, since, dated, due, tries, failure, body`

func scanListed(rows *sql.Rows) (l Listed, err error) {
	var foreign, since, dated, due int64
	var body []byte
	err = rows.Scan(&l.Position, &l.Number, &l.Source, &l.Digest, &foreign, &since, &dated, &due, &l.Tries, &l.Failure, &body)
	if err != nil {
		return l, err
	}
	l.Foreign, l.Since, l.Dated, l.Due = foreign != 0, fromSeconds(since), fromSeconds(dated), fromSeconds(due)
	return l, json.Unmarshal(body, &l.Said)
}

// atPositions reads with a statement for findAtOnce positions.
func (s *Store) atPositions(ctx context.Context, text string, serial int64, positions []int64, scan func(*sql.Rows) error) error {
	for some := range slices.Chunk(positions, findAtOnce) {
		args := make([]any, 1+findAtOnce)
		args[0] = serial
		for i := range findAtOnce {
			args[1+i] = some[min(i, len(some)-1)] // the last one fills up
		}
		if err := s.readAll(ctx, text, args, scan); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) readAll(ctx context.Context, text string, args []any, scan func(*sql.Rows) error) error {
	rows, err := s.query(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// inPositions is the condition of a statement for findAtOnce positions.
var inPositions = func() string {
	marks := make([]string, findAtOnce)
	for i := range marks {
		marks[i] = "$" + strconv.Itoa(i+2)
	}
	return `feed_id = $1 AND position IN (` + strings.Join(marks, ", ") + `)`
}()

var (
	selectPages    = `SELECT position, step, body FROM page WHERE ` + inPositions
	selectListedAt = `SELECT ` + listedColumns + ` FROM listed WHERE ` + inPositions
)

// Enrichment is what a refresh changes about the pages of articles.
type Enrichment struct {
	Pages  []Page   // take the place of those of the same articles and steps
	Listed []Listed // take the place of what waited of the same articles
	Whole  []int64  // positions of articles of which nothing waits any more
}

func (e Enrichment) empty() bool { return len(e.Pages)+len(e.Listed)+len(e.Whole) == 0 }

func saveEnrichment(ctx context.Context, tx *sql.Tx, serial int64, e Enrichment) error {
	if e.empty() {
		return nil
	}
	for _, p := range e.Pages {
		_, err := tx.ExecContext(ctx, `INSERT INTO page (feed_id, position, step, body) VALUES ($1, $2, $3, $4)
			ON CONFLICT (feed_id, position, step) DO UPDATE SET body = excluded.body`, serial, p.Position, p.Step, string(p.Body))
		if err != nil {
			return fmt.Errorf("save page of an article: %w", err)
		}
	}
	for _, position := range e.Whole {
		if _, err := tx.ExecContext(ctx, `DELETE FROM listed WHERE feed_id = $1 AND position = $2`, serial, position); err != nil {
			return fmt.Errorf("save that nothing waits: %w", err)
		}
	}
	for _, l := range e.Listed {
		if err := saveListed(ctx, tx, serial, l); err != nil {
			return err
		}
	}
	return noteAsk(ctx, tx, serial)
}

func saveListed(ctx context.Context, tx *sql.Tx, serial int64, l Listed) error {
	body, err := encode(l.Said)
	if err != nil {
		return fmt.Errorf("encode article %s: %w", l.Said.Key, err)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO listed (feed_id, `+listedColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (feed_id, position) DO UPDATE SET number = excluded.number, source = excluded.source, digest = excluded.digest,
		is_foreign = excluded.is_foreign, since = excluded.since, dated = excluded.dated, due = excluded.due,
		tries = excluded.tries, failure = excluded.failure, body = excluded.body`,
		serial, l.Position, l.Number, l.Source, l.Digest, flag(l.Foreign), seconds(l.Since), seconds(l.Dated), seconds(l.Due),
		l.Tries, l.Failure, body)
	if err != nil {
		return fmt.Errorf("save what waits for a page: %w", err)
	}
	return nil
}

// noteAsk keeps in the feed's row when a page may be asked for, so that a quiet refresh need not look.
func noteAsk(ctx context.Context, tx *sql.Tx, serial int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE feed SET ask = (SELECT COALESCE(MIN(due), 0) FROM listed WHERE feed_id = $1) WHERE id = $1`, serial)
	if err != nil {
		return fmt.Errorf("note what waits for pages: %w", err)
	}
	return nil
}

// forgetPages removes what belongs to the articles with some publication numbers.
func forgetPages(ctx context.Context, tx *sql.Tx, serial int64, c Chunk) error {
	for _, table := range []string{"page", "listed"} {
		_, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE feed_id = $1 AND position IN (
			SELECT position FROM article WHERE feed_id = $1 AND number BETWEEN $2 AND $3)`, serial, c.First, c.Last)
		if err != nil {
			return err
		}
	}
	return noteAsk(ctx, tx, serial)
}

package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"strings"
	"time"

	"feedmill/feed"
)

// ofNobody is the feed to which the pieces of media belong: several feeds may publish the same file.
const ofNobody = 0

// HoldNoMedia makes the store forget the bytes of media: only what they are is kept. It is for one that is thrown away.
func (s *Store) HoldNoMedia() { s.hollow = true }

// NewMedia begins to keep a file, of which so many bytes are stored at once. Nobody knows of it before [Store.SaveMedia].
func (s *Store) NewMedia(ctx context.Context, at time.Time, atOnce int) *Large {
	l := s.NewLarge(ctx, ofNobody, atOnce)
	// Its number tells how old one is that came to no end.
	l.number = seconds(at)<<numberBits | rand.Int64N(1<<numberBits) //nolint:gosec // it is no secret
	l.hollow = s.hollow
	return l
}

const numberBits = 24

// SaveMedia keeps a file that was written and closed, or nil for one whose bytes are dropped, under its name. Of one that
// is kept already the bytes are dropped: they are the same.
func (s *Store) SaveMedia(ctx context.Context, l *Large, m feed.Media, at time.Time) error {
	known, err := s.TouchMedia(ctx, m.Name, at)
	if err == nil && !known {
		// It need not be on the disk before the article that refers to it is, and is then.
		err = s.inTransactionOf(ctx, cmp.Or(s.bodies, s.write), func(tx *sql.Tx) error {
			if !l.hollow {
				if err := l.whole(ctx, tx); err != nil {
					return err
				}
			}
			done, err := tx.ExecContext(ctx, `INSERT INTO media (name, type, size, body, kept, touched) VALUES ($1, $2, $3, $4, $5, $5)
				ON CONFLICT (name) DO NOTHING`, m.Name, m.Type, m.Size, l.number, seconds(at))
			if err != nil {
				return err
			}
			n, err := done.RowsAffected()
			known = n == 0
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("keep file %s: %w", m.Name, err)
	}
	if known {
		return s.DropMedia(ctx, l)
	}
	return nil
}

// DropMedia takes away what was written of a file that is not to be kept.
func (s *Store) DropMedia(ctx context.Context, l *Large) error { return s.dropPieces(ctx, l.number) }

func (s *Store) dropPieces(ctx context.Context, number int64) error {
	_, err := cmp.Or(s.bodies, s.write).ExecContext(ctx, `DELETE FROM piece WHERE feed_id = $1 AND body = $2`, ofNobody, number)
	if err != nil {
		return s.explain(fmt.Errorf("take away a file: %w", err))
	}
	return nil
}

// mediaTouch is how exactly it is known when a file was last wanted.
const mediaTouch = 12 * time.Hour

// TouchMedia reports whether a file is kept, and has it kept for a while, for an article is about to refer to it.
func (s *Store) TouchMedia(ctx context.Context, name string, at time.Time) (kept bool, err error) {
	touched, err := s.number(ctx, `SELECT touched FROM media WHERE name = $1`, name)
	if err != nil {
		return false, fmt.Errorf("look for file %s: %w", name, err)
	}
	if touched == 0 || touched > seconds(at.Add(-mediaTouch)) {
		return touched != 0, nil
	}
	done, err := s.write.ExecContext(ctx, `UPDATE media SET touched = $2 WHERE name = $1`, name, seconds(at))
	if err != nil {
		return false, s.explain(fmt.Errorf("look for file %s: %w", name, err))
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// saveMediaUse notes to which files an article refers.
func saveMediaUse(ctx context.Context, tx *sql.Tx, serial int64, a Article, stored bool) error {
	if stored {
		_, err := tx.ExecContext(ctx, `UPDATE media_use SET used = 0 WHERE feed_id = $1 AND position = $2 AND used = 1`, serial, a.Position)
		if err != nil {
			return fmt.Errorf("save media: %w", err)
		}
	}
	for _, m := range a.Said.Media {
		_, err := tx.ExecContext(ctx, `INSERT INTO media_use (feed_id, position, name, used) VALUES ($1, $2, $3, 1)
			ON CONFLICT (feed_id, position, name) DO UPDATE SET used = 1`, serial, a.Position, m.Name)
		if err != nil {
			return fmt.Errorf("save media: %w", err)
		}
	}
	return nil
}

// shows is the condition that a live article of the feed of the row u refers to the file of the row u.
const shows = `EXISTS (SELECT 1 FROM media_use v JOIN article a ON a.feed_id = v.feed_id AND a.position = v.position
	WHERE v.name = u.name AND v.feed_id = u.feed_id AND v.used = 1 AND a.state = 'live')`

// ChangedMedia returns the files that articles refer to, or referred to, which changed after the given revision, if the
// feed's documents do not have them and shall, or have them and shall not.
func (s *Store) ChangedMedia(ctx context.Context, serial, revision int64) (added []feed.Document, removed []string, err error) {
	rows, err := s.query(ctx, `SELECT DISTINCT u.name, CASE WHEN `+shows+` THEN 1 ELSE 0 END,
		CASE WHEN EXISTS (SELECT 1 FROM document d WHERE d.feed_id = u.feed_id AND d.path = 'media/' || u.name AND d.removed = 0) THEN 1 ELSE 0 END
		FROM article c JOIN media_use u ON u.feed_id = c.feed_id AND u.position = c.position
		WHERE c.feed_id = $1 AND c.revision > $2 ORDER BY u.name`, serial, revision)
	if err != nil {
		return nil, nil, fmt.Errorf("look for media: %w", err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		var shown, there int
		if err := rows.Scan(&name, &shown, &there); err != nil {
			return nil, nil, fmt.Errorf("look for media: %w", err)
		}
		switch {
		case shown > there:
			names = append(names, name)
		case shown < there:
			removed = append(removed, feed.MediaPath(name))
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, nil, fmt.Errorf("look for media: %w", err)
	}
	for _, name := range names {
		d, err := s.media(ctx, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it was wanted by nobody for very long before its article came back
		}
		if err != nil {
			return nil, nil, err
		}
		added = append(added, d)
	}
	return added, removed, nil
}

// Media returns a file and the names of the feeds of which a published article refers to it. The error is [fs.ErrNotExist]
// when no file of the name is kept.
func (s *Store) Media(ctx context.Context, name string) (d feed.Document, feeds []string, err error) {
	if d, err = s.media(ctx, name); err != nil {
		return d, nil, err
	}
	rows, err := s.query(ctx, `SELECT DISTINCT f.name FROM media_use u JOIN feed f ON f.id = u.feed_id
		WHERE u.name = $1 AND u.feed_id > 0 AND `+shows+` ORDER BY f.name`, name)
	if err != nil {
		return d, nil, fmt.Errorf("look for the articles of file %s: %w", name, err)
	}
	defer rows.Close()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return d, nil, fmt.Errorf("look for the articles of file %s: %w", name, err)
		}
		feeds = append(feeds, one)
	}
	return d, feeds, rows.Err()
}

// media is a kept file as a document.
func (s *Store) media(ctx context.Context, name string) (d feed.Document, err error) {
	rows, err := s.query(ctx, `SELECT type, size, body, kept FROM media WHERE name = $1`, name)
	if err != nil {
		return d, fmt.Errorf("read file %s: %w", name, err)
	}
	defer rows.Close()
	if !rows.Next() {
		return d, cmp.Or(rows.Err(), fmt.Errorf("read file %s: %w", name, fs.ErrNotExist))
	}
	var size, body, kept int64
	digest, _, _ := strings.Cut(name, "-")
	d = feed.Document{Path: feed.MediaPath(name), ETag: `"` + digest + `"`, Fixed: true}
	if err := rows.Scan(&d.Type, &size, &body, &kept); err != nil {
		return d, fmt.Errorf("read file %s: %w", name, err)
	}
	d.Size, d.Modified = size, fromSeconds(kept)
	d.Open = func() (io.ReadSeekCloser, error) { return s.openPieces(ctx, ofNobody, body, size), nil }
	return d, rows.Err()
}

// SharedMedia returns those of the paths of media that another feed has which the output received documents of.
func (s *Store) SharedMedia(ctx context.Context, serial int64, output string, paths []string) (shared []feed.Document, err error) {
	for _, path := range paths {
		name, ok := feed.MediaName(path)
		if !ok {
			continue
		}
		n, err := s.number(ctx, `SELECT COUNT(*) FROM media_use u WHERE u.name = $1 AND u.feed_id <> $2 AND u.used = 1 AND EXISTS (
			SELECT 1 FROM document d JOIN delivery y ON y.feed_id = d.feed_id AND y.output = $3
			WHERE d.feed_id = u.feed_id AND d.path = $4 AND d.removed = 0)`, name, serial, output, path)
		if err != nil {
			return nil, fmt.Errorf("look for other feeds with %s: %w", path, err)
		}
		if n == 0 {
			continue
		}
		d, err := s.media(ctx, name)
		if err != nil {
			return nil, err
		}
		shared = append(shared, d)
	}
	return shared, nil
}

// forgetMedia takes the files of forgotten articles out of the feed's documents.
func forgetMedia(ctx context.Context, tx *sql.Tx, f Feed, c Chunk) error {
	_, err := tx.ExecContext(ctx, `UPDATE document SET removed = 1, size = 0, release = $4 WHERE feed_id = $1 AND removed = 0 AND path IN (
		SELECT 'media/' || u.name FROM article o JOIN media_use u ON u.feed_id = o.feed_id AND u.position = o.position
		WHERE o.feed_id = $1 AND o.number BETWEEN $2 AND $3 AND NOT `+shows+`)`, f.Serial, c.First, c.Last, f.Release)
	return err
}

// mediaTime is how long a file is kept that no article waiting or published refers to: an article that was withdrawn may
// come back.
const mediaTime = 30 * 24 * time.Hour

// SweepMedia takes away the files that no article has needed for long, and what is left of those that came to no end.
func (s *Store) SweepMedia(ctx context.Context, at time.Time) (removed int, err error) {
	names, err := s.bodiesOf(ctx, `SELECT m.name, m.body FROM media m WHERE m.touched < $1 AND NOT EXISTS (
		SELECT 1 FROM media_use u JOIN article a ON a.feed_id = u.feed_id AND a.position = u.position
		WHERE u.name = m.name AND u.used = 1 AND a.state IN ('live', 'waiting'))`, seconds(at.Add(-mediaTime)))
	if err != nil {
		return 0, err
	}
	for name, body := range names {
		done, err := s.write.ExecContext(ctx, `DELETE FROM media WHERE name = $1 AND touched < $2`, name, seconds(at.Add(-mediaTime)))
		if err != nil {
			return removed, s.explain(fmt.Errorf("take away file %s: %w", name, err))
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			continue // somebody wants it again
		}
		removed++
		if err := s.dropPieces(ctx, body); err != nil {
			return removed, err
		}
	}
	old := seconds(at.Add(-24*time.Hour)) << numberBits
	left, err := s.bodiesOf(ctx, `SELECT DISTINCT '' || body, body FROM piece WHERE feed_id = 0 AND body < $1
		AND body NOT IN (SELECT body FROM media)`, old)
	for _, body := range left {
		err = errors.Join(err, s.dropPieces(ctx, body))
	}
	return removed, err
}

func (s *Store) bodiesOf(ctx context.Context, query string, args ...any) (map[string]int64, error) {
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("look for files that nobody needs: %w", err)
	}
	defer rows.Close()
	found := map[string]int64{}
	for rows.Next() {
		var name string
		var body int64
		if err := rows.Scan(&name, &body); err != nil {
			return nil, fmt.Errorf("look for files that nobody needs: %w", err)
		}
		found[name] = body
	}
	return found, rows.Err()
}

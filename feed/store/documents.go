package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"feedmill/feed"
)

// Document is a stored document. Page marks an article's page or an archive: what stays when its articles leave the live
// documents.
type Document struct {
	feed.Document
	Body    []byte // nil when it is in pieces, and Open reads them
	Large   *Large // of a document to be saved, instead of Body
	Parts   []byte // where its articles stand in it, as its maker notes it; nil when nobody knows
	Page    bool
	Release int64 // in which it last changed or was removed
	Removed bool
}

// Pages returns the articles' pages and the archives of the feed that changed after the given release, and every document
// that was removed after it; 0 gives all. There may be very many: Body and Parts are left empty, and the bytes are read when
// a document is opened, under ctx.
func (s *Store) Pages(ctx context.Context, serial, after int64) ([]Document, error) {
	rows, err := s.query(ctx, `SELECT path, type, modified, etag, size + LENGTH(body), page, release, removed FROM document
		WHERE feed_id = $1 AND release > $2 AND (page = 1 OR removed = 1) ORDER BY path`, serial, after)
	if err != nil {
		return nil, fmt.Errorf("read pages: %w", err)
	}
	defer rows.Close()
	var out []Document
	for rows.Next() {
		var modified int64
		var page, removed int
		var d Document
		if err := rows.Scan(&d.Path, &d.Type, &modified, &d.ETag, &d.Size, &page, &d.Release, &removed); err != nil {
			return nil, fmt.Errorf("read page: %w", err)
		}
		d.Modified, d.Page, d.Removed = fromSeconds(modified), page != 0, removed != 0
		_, d.Fixed = feed.MediaName(d.Path)
		d.Open = s.opener(ctx, serial, d.Path)
		out = append(out, d)
	}
	return out, rows.Err()
}

// opener reads a document when it is asked for.
func (s *Store) opener(ctx context.Context, serial int64, path string) func() (io.ReadSeekCloser, error) {
	return func() (io.ReadSeekCloser, error) {
		if name, ok := feed.MediaName(path); ok {
			d, err := s.media(ctx, name)
			if err != nil {
				return nil, err
			}
			return d.Open()
		}
		d, err := s.Document(ctx, serial, path)
		if err == nil && d == nil {
			err = fmt.Errorf("read document %s: %w", path, fs.ErrNotExist)
		}
		if err != nil {
			return nil, err
		}
		return d.Open()
	}
}

// LiveDocuments returns the feed's documents apart from articles' pages and archives.
func (s *Store) LiveDocuments(ctx context.Context, serial int64) ([]Document, error) {
	return s.documents(ctx, `feed_id = $1 AND page = 0 AND removed = 0 ORDER BY path`, serial)
}

func (s *Store) documents(ctx context.Context, query string, args ...any) ([]Document, error) {
	rows, err := s.query(ctx, `SELECT feed_id, path, type, modified, etag, body, parts, page, release, removed, large, size
		FROM document WHERE `+query, args...)
	if err != nil {
		return nil, fmt.Errorf("read documents: %w", err)
	}
	defer rows.Close()
	var out []Document
	for rows.Next() {
		var serial, modified, large, size int64
		var page, removed int
		var d Document
		err := rows.Scan(&serial, &d.Path, &d.Type, &modified, &d.ETag, &d.Body, &d.Parts, &page, &d.Release, &removed, &large, &size)
		if err != nil {
			return nil, fmt.Errorf("read document: %w", err)
		}
		d.Modified, d.Page, d.Removed = fromSeconds(modified), page != 0, removed != 0
		if large != 0 {
			d.Body = nil
		}
		if _, d.Fixed = feed.MediaName(d.Path); d.Fixed {
			d.Size, d.Body, d.Open = size, nil, s.opener(ctx, serial, d.Path)
		} else {
			d.Document = s.document(ctx, serial, large, size, d.Document, d.Body)
		}
		out = append(out, d)
	}
	return out, rows.Err()
}

// Document returns one document of the feed, nil when there is none.
func (s *Store) Document(ctx context.Context, serial int64, path string) (*Document, error) {
	found, err := s.documents(ctx, `feed_id = $1 AND path = $2 AND removed = 0`, serial, path)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// ETag returns the entity tag of a document of the feed, empty when there is none.
func (s *Store) ETag(ctx context.Context, serial int64, path string) (etag string, err error) {
	err = s.often.etag.QueryRowContext(ctx, serial, path).Scan(&etag)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("read document %s: %w", path, err)
	}
	return etag, nil
}

const selectETag = `SELECT etag FROM document WHERE feed_id = $1 AND path = $2 AND removed = 0`

// Rendering is the result of making a feed's documents.
type Rendering struct {
	Feed    Feed       // Revision is what was read, Rendered, Dress and Release are the new ones
	Changed []Document // new or with other bytes or parts
	Removed []string   // paths
	Chunks  []Chunk    // archives closed by it
	Forgot  []Chunk    // archives whose articles are no longer kept
}

// SaveRendering stores documents and marks the feed as rendered, in one transaction. [ErrFenced] when the feed was
// rendered by somebody else meanwhile.
func (s *Store) SaveRendering(ctx context.Context, r Rendering) error {
	return s.transactOf(ctx, r.Feed.Serial, func(tx *sql.Tx) error {
		f := r.Feed
		done, err := within(ctx, tx, s.often.render).ExecContext(ctx, f.Serial, f.Revision, f.Rendered, f.Dress, f.Release)
		if err != nil {
			return fmt.Errorf("update feed %s: %w", f.Name, err)
		}
		if n, err := done.RowsAffected(); err != nil || n != 1 {
			return fmt.Errorf("update feed %s: %w", f.Name, ErrFenced)
		}
		save := within(ctx, tx, s.often.saveDocument)
		for _, d := range r.Changed {
			if err := saveDocument(ctx, tx, save, f, d); err != nil {
				return fmt.Errorf("save document %s: %w", d.Path, err)
			}
		}
		if err := saveChunks(ctx, tx, f, r.Chunks); err != nil {
			return err
		}
		if err := forgetChunks(ctx, tx, f, r.Forgot); err != nil {
			return err
		}
		for _, path := range r.Removed {
			_, err := tx.ExecContext(ctx, `UPDATE document SET removed = 1, body = '', large = 0, size = 0, parts = NULL, release = $3 WHERE feed_id = $1 AND path = $2`,
				f.Serial, path, f.Release)
			if err != nil {
				return fmt.Errorf("remove document %s: %w", path, err)
			}
		}
		return nil
	})
}

func saveDocument(ctx context.Context, tx *sql.Tx, save bound, f Feed, d Document) error {
	body, large, size := any(d.Body), int64(0), int64(0)
	if d.Large != nil {
		if err := d.Large.whole(ctx, tx); err != nil {
			return err
		}
		body, large, size = "", d.Large.number, d.Large.size // an empty BLOB would be copied as NULL
	}
	if d.Fixed {
		body, size = "", d.Size // the bytes are the media's
	}
	_, err := save.ExecContext(ctx, f.Serial, d.Path, d.Type, seconds(d.Modified), d.ETag, body, d.Parts, flag(d.Page), f.Release, large, size)
	return err
}

const (
	updateRendered = `UPDATE feed SET rendered = $3, dress = $4, release = $5 WHERE id = $1 AND revision = $2 AND release <= $5`
	upsertDocument = `INSERT INTO document (feed_id, path, type, modified, etag, body, parts, page, release, removed, large, size)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11) ON CONFLICT (feed_id, path) DO UPDATE SET type = excluded.type,
		modified = excluded.modified, etag = excluded.etag, body = excluded.body, parts = excluded.parts, page = excluded.page,
		release = excluded.release, removed = 0, large = excluded.large, size = excluded.size`
)

// Paths returns the paths of all documents that the feed ever had.
func (s *Store) Paths(ctx context.Context, serial int64) ([]string, error) {
	rows, err := s.query(ctx, `SELECT path FROM document WHERE feed_id = $1 ORDER BY path`, serial)
	if err != nil {
		return nil, fmt.Errorf("read paths: %w", err)
	}
	defer rows.Close()
	var paths []string
	for rows.Next() {
		var path string
		if err := rows.Scan(&path); err != nil {
			return nil, fmt.Errorf("read path: %w", err)
		}
		paths = append(paths, path)
	}
	return paths, rows.Err()
}

package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"

	"feedmill/feed"
)

// KeepBodies has large bodies written and read through db, so that they do not drive everything else out of the caches of the
// others. What it writes must be on the disk with the next commit of the others. It must be called before the store is used, which
// closes db at its end.
func (s *Store) KeepBodies(db *sql.DB) { s.bodies = db }

// Large is the body of a document that is too large for memory. It is written piece by piece while the document is made, and
// nobody sees it before the document is saved.
type Large struct {
	ctx    context.Context // of the rendering
	store  *Store
	serial int64
	number int64 // no two bodies have the same
	size   int64 // of what is stored
	rest   []byte
	hollow bool // only the size is counted
}

// NewLarge begins a body, of which so many bytes are stored at once. ctx holds for all its writing.
func (s *Store) NewLarge(ctx context.Context, serial int64, atOnce int) *Large {
	return &Large{
		ctx: ctx, store: s, serial: serial, rest: make([]byte, 0, atOnce),
		number: 1 + rand.Int64N(math.MaxInt64-1), //nolint:gosec // it is no secret
	}
}

func (l *Large) Write(p []byte) (int, error) {
	all := len(p)
	for len(p) > 0 {
		n := copy(l.rest[len(l.rest):cap(l.rest)], p)
		l.rest, p = l.rest[:len(l.rest)+n], p[n:]
		if len(l.rest) < cap(l.rest) {
			break
		}
		if err := l.flush(); err != nil {
			return all - len(p) - n, err
		}
	}
	return all, nil
}

// Close stores what is left.
func (l *Large) Close() error { return l.flush() }

func (l *Large) flush() error {
	if len(l.rest) == 0 {
		return nil
	}
	if l.hollow {
		l.size, l.rest = l.size+int64(len(l.rest)), l.rest[:0]
		return nil
	}
	_, err := cmp.Or(l.store.bodies, l.store.write).ExecContext(l.ctx, `INSERT INTO piece (feed_id, body, place, bytes) VALUES ($1, $2, $3, $4)`,
		l.serial, l.number, l.size, l.rest)
	if err != nil {
		return l.store.explain(fmt.Errorf("store a piece of a document: %w", err))
	}
	l.size, l.rest = l.size+int64(len(l.rest)), l.rest[:0]
	return nil
}

// Open returns a new reader of what was written, once it is closed.
func (l *Large) Open() (io.ReadSeekCloser, error) {
	return l.store.openPieces(l.ctx, l.serial, l.number, l.size), nil
}

// openPieces reads a body that is stored in pieces, under ctx but for its end: documents outlive the refresh that read them.
func (s *Store) openPieces(ctx context.Context, serial, number, size int64) io.ReadSeekCloser {
	p := &pieces{ctx: context.WithoutCancel(ctx), store: s, serial: serial, number: number}
	return &piecesReader{SectionReader: io.NewSectionReader(p, 0, size)}
}

type piecesReader struct{ *io.SectionReader }

func (piecesReader) Close() error { return nil }

// pieces is a body in pieces, of which it holds one.
type pieces struct {
	ctx            context.Context
	store          *Store
	serial, number int64
	place          int64
	bytes          []byte
}

// ReadAt is not for use by several at once.
func (p *pieces) ReadAt(b []byte, at int64) (n int, err error) {
	for n < len(b) {
		if at < p.place || at >= p.place+int64(len(p.bytes)) {
			if err := p.load(at); err != nil {
				return n, err
			}
		}
		read := copy(b[n:], p.bytes[at-p.place:])
		n, at = n+read, at+int64(read)
	}
	return n, nil
}

// load reads the piece with the byte at that place.
func (p *pieces) load(at int64) error {
	query := p.store.query
	if p.store.bodies != nil {
		query = p.store.bodies.QueryContext
	}
	rows, err := query(p.ctx, `SELECT place, bytes FROM piece WHERE feed_id = $1 AND body = $2 AND place <= $3
		ORDER BY place DESC LIMIT 1`, p.serial, p.number, at)
	if err != nil {
		return fmt.Errorf("read a piece of a document: %w", err)
	}
	defer rows.Close()
	p.bytes = p.bytes[:0]
	if rows.Next() {
		var raw sql.RawBytes
		if err := rows.Scan(&p.place, &raw); err != nil {
			return fmt.Errorf("read a piece of a document: %w", err)
		}
		p.bytes = append(p.bytes, raw...)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read a piece of a document: %w", err)
	}
	if at >= p.place+int64(len(p.bytes)) {
		return fmt.Errorf("read a piece of a document: there is a newer one: %w", fs.ErrNotExist)
	}
	return nil
}

// DropLarge takes away the bodies of the feed that no document has: those of documents that changed since, which stayed
// for whoever was reading them, and those of a rendering that came to no end.
func (s *Store) DropLarge(ctx context.Context, serial int64) error {
	rows, err := s.read.QueryContext(ctx, `SELECT DISTINCT body FROM piece WHERE feed_id = $1 AND `+nobodys, serial)
	if err != nil {
		return fmt.Errorf("look for old documents: %w", err)
	}
	defer rows.Close()
	var numbers []int64
	for rows.Next() {
		var number int64
		if err := rows.Scan(&number); err != nil {
			return fmt.Errorf("look for old documents: %w", err)
		}
		numbers = append(numbers, number)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return fmt.Errorf("look for old documents: %w", err)
	}
	for _, number := range numbers { // one by one, so that others may write in between
		_, err := cmp.Or(s.bodies, s.write).ExecContext(ctx, `DELETE FROM piece WHERE feed_id = $1 AND body = $2`, serial, number)
		if err != nil {
			return s.explain(fmt.Errorf("take away an old document: %w", err))
		}
	}
	return nil
}

const nobodys = `body NOT IN (SELECT large FROM document WHERE feed_id = $1)`

// whole fails when pieces of a body are missing: somebody took this rendering for one that came to no end.
func (l *Large) whole(ctx context.Context, tx *sql.Tx) error {
	var size int64
	err := tx.QueryRowContext(ctx, `SELECT COALESCE(SUM(LENGTH(bytes)), 0) FROM piece WHERE feed_id = $1 AND body = $2`,
		l.serial, l.number).Scan(&size)
	if err == nil && size != l.size {
		err = ErrFenced
	}
	return err
}

// document makes a stored document readable.
func (s *Store) document(ctx context.Context, serial, large, size int64, d feed.Document, body []byte) feed.Document {
	if large == 0 {
		return feed.NewTagged(d.Path, d.Type, d.ETag, d.Modified, body)
	}
	d.Size = size
	d.Open = func() (io.ReadSeekCloser, error) { return s.openPieces(ctx, serial, large, size), nil }
	return d
}

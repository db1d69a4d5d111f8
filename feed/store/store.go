// Package store keeps the state: feeds, their articles, what sources remember, finished documents and what each output
// last received. There is one concrete store, one schema and one set of statements for every database; the packages
// below it only open one.
//
// It decides nothing: which article is which, what is published and when, is the business of package mill. Each consumer
// names the narrow interface it needs of [Store]. A new statement goes into the file of its table, and if a refresh makes it
// into plan_test.go: none may walk through all articles of a feed, of which there may be millions. A change of the schema
// is a new file in migrations/.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is the state of one feedmill. Safe for concurrent use.
type Store struct {
	write *sql.DB
	read  *sql.DB
	// bodies is for large ones; nil: the other two are.
	bodies *sql.DB
	hollow bool // bytes of media are not kept
	often  often
	locks  Locks
	notes  notes
	held   held
	marks  Marks
	// explain gives a database's error its class, and words that tell an operator what to do.
	explain func(error) error
}

// Locks keep two processes from doing the same thing at once. They must end with the process that holds them.
type Locks interface {
	// Run takes the lock that one daemon holds for its life. [ErrHeld] when another process has it.
	Run() (release func(), err error)
	// Running reports whether another process holds that lock.
	Running() (bool, error)
	// Lease waits until it is the only holder for this feed, in this process and every other, or ctx ends. alone says
	// that no other process has held it since this one last did.
	Lease(ctx context.Context, feed string) (release func(), alone bool, err error)
	Close() error
}

var (
	// ErrHeld says that another process holds the lock asked for.
	ErrHeld = errors.New("the state is held by another process")
	// ErrNewer says that a newer feedmill wrote the state, which this one does not understand.
	ErrNewer = errors.New("the state was written by a newer feedmill")
	// ErrFenced says that the feed changed under a commit, which was dropped.
	ErrFenced = errors.New("the feed was changed by another process meanwhile")
)

// New makes a store of an opened database: one handle for writing, which must serialise its transactions, and one for
// reading (they may be the same). It brings the schema up to date and refuses one that is newer than the program. explain
// gives an error of writing its class, and words that tell an operator what to do; nil leaves all as they are.
func New(ctx context.Context, dialect goose.Dialect, write, read *sql.DB, locks Locks, explain func(error) error) (*Store, error) {
	if explain == nil {
		explain = func(err error) error { return err }
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("open migrations: %w", err)
	}
	provider, err := goose.NewProvider(dialect, write, files)
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	current, newest, err := provider.GetVersions(ctx)
	if err != nil {
		return nil, fmt.Errorf("read schema version: %w", err)
	}
	if current > newest {
		return nil, fmt.Errorf("%w: it has schema version %d, this program knows %d; use the newer feedmill, or go back with `feedmill state restore` and a backup from before", ErrNewer, current, newest)
	}
	if current < newest {
		if _, err := provider.Up(ctx); err != nil {
			return nil, fmt.Errorf("migrate state: %w", err)
		}
	}
	s := &Store{write: write, read: read, locks: locks, explain: explain}
	if err := s.often.prepare(ctx, read, write); err != nil {
		return nil, err
	}
	return s, nil
}

// Schema is the newest schema version that this program knows.
func Schema() int64 {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return 0 // the pattern is a good one
	}
	var newest int64
	for _, name := range files {
		if version, err := goose.NumericComponent(name); err == nil {
			newest = max(newest, version)
		}
	}
	return newest
}

// often holds the statements of a refresh: making them anew each time would be most of its work.
type often struct {
	feed, memory, etag, saveDue, saveMemory, position, commit, insertArticle, updateArticle, render, saveDocument *sql.Stmt

	mu   sync.Mutex
	read map[string]*sql.Stmt // those that [Store.query] was asked for
}

func (o *often) prepare(ctx context.Context, read, write *sql.DB) error {
	for _, one := range []struct {
		statement **sql.Stmt
		db        *sql.DB
		text      string
	}{
		{&o.feed, read, selectFeed}, {&o.memory, read, selectMemory}, {&o.etag, read, selectETag},
		{&o.saveDue, write, updateDue}, {&o.saveMemory, write, upsertMemory},
		{&o.insertArticle, write, insertArticle}, {&o.updateArticle, write, updateArticle},
		{&o.position, write, selectPosition}, {&o.commit, write, updateFeed},
		{&o.render, write, updateRendered}, {&o.saveDocument, write, upsertDocument},
	} {
		var err error
		if *one.statement, err = one.db.PrepareContext(ctx, one.text); err != nil { //nolint:sqlclosecheck // open as long as the database, which closes them
			return fmt.Errorf("prepare statement: %w", err)
		}
	}
	return nil
}

// bound is a prepared statement in a transaction, which closes it.
type bound interface {
	ExecContext(ctx context.Context, args ...any) (sql.Result, error)
	QueryRowContext(ctx context.Context, args ...any) *sql.Row
}

func within(ctx context.Context, tx *sql.Tx, statement *sql.Stmt) bound {
	return tx.StmtContext(ctx, statement)
}

// query reads with a statement whose text stands in the code, so that the number of texts is bounded: it is prepared once.
// It must not be called within a transaction.
func (s *Store) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	o := &s.often
	o.mu.Lock()
	statement := o.read[text]
	o.mu.Unlock()
	if statement == nil {
		made, err := s.read.PrepareContext(ctx, text)
		if err != nil {
			return nil, err
		}
		statement = o.keep(text, made) //nolint:sqlclosecheck // open as long as the database, which closes it
	}
	return statement.QueryContext(ctx, args...)
}

// number reads the one number that a statement gives.
func (s *Store) number(ctx context.Context, text string, args ...any) (n int64, err error) {
	rows, err := s.query(ctx, text, args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	if rows.Next() {
		err = rows.Scan(&n)
	}
	return n, errors.Join(err, rows.Err())
}

// keep returns the statement that is kept: this one, or the one that somebody else made at the same time.
func (o *often) keep(text string, made *sql.Stmt) *sql.Stmt {
	o.mu.Lock()
	defer o.mu.Unlock()
	if first := o.read[text]; first != nil {
		_ = made.Close() // nobody used it
		return first
	}
	if o.read == nil {
		o.read = map[string]*sql.Stmt{}
	}
	o.read[text] = made
	return made
}

// Close stores what is still to be stored, closes the database and gives up all locks.
func (s *Store) Close() error {
	var err error
	if !s.notes.empty() {
		err = s.flush(context.Background(), 0, func(*sql.Tx) error { return nil })
	}
	err = errors.Join(err, s.read.Close())
	if s.bodies != nil {
		err = errors.Join(err, s.bodies.Close())
	}
	err = errors.Join(err, s.locks.Close())
	if s.write != s.read {
		err = errors.Join(err, s.write.Close())
	}
	return err
}

// Run takes the daemon's lock; see [Locks].
func (s *Store) Run() (release func(), err error) { return s.locks.Run() }

// Running reports whether a daemon in another process has this state.
func (s *Store) Running() (bool, error) { return s.locks.Running() }

// Empty reports whether no article of any feed was ever committed.
func (s *Store) Empty(ctx context.Context) (bool, error) {
	var n int
	if err := s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM feed WHERE revision > 0`).Scan(&n); err != nil {
		return false, fmt.Errorf("look for feeds: %w", err)
	}
	return n == 0, nil
}

// transact runs do in one write transaction.
func (s *Store) transact(ctx context.Context, do func(*sql.Tx) error) error {
	defer s.held.forget()
	return s.inTransaction(ctx, do)
}

// transactOf is transact for what changes the row and the memory of one feed only.
func (s *Store) transactOf(ctx context.Context, serial int64, do func(*sql.Tx) error) error {
	defer s.held.forget(serial)
	return s.inTransaction(ctx, do)
}

func (s *Store) inTransaction(ctx context.Context, do func(*sql.Tx) error) error {
	return s.inTransactionOf(ctx, s.write, do)
}

func (s *Store) inTransactionOf(ctx context.Context, db *sql.DB, do func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return s.explain(fmt.Errorf("begin transaction: %w", err))
	}
	if err := do(tx); err != nil {
		return s.explain(errors.Join(err, ignoreDone(tx.Rollback())))
	}
	if err := tx.Commit(); err != nil {
		return s.explain(fmt.Errorf("commit: %w", err))
	}
	return nil
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// seconds is the form of a time in the database: Unix seconds, 0 for none.
func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func fromSeconds(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

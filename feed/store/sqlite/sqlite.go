// Package sqlite opens a store in one SQLite file, with locks that end with the process.
//
// It holds no statements of the trade and no schema; those are package store's. What only SQLite can say stands here: how
// its file is examined (check.go), copied while it is written (backup.go) and put back (restore.go). It needs a file
// system with POSIX record locks (Linux, macOS, the BSDs), which rules out most network shares for the state file;
// articles may lie on one.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver

	"feedmill/feed"
	"feedmill/feed/store"
)

// Open opens or creates the state in the file path. What has been committed survives the loss of power: the writer
// syncs every commit.
//
// A file that is no database, that is cut off, or that is missing though there are backups of it gives [ErrDamaged], and
// nothing is written; damage further inside is for [Check] to find.
func Open(ctx context.Context, path string) (*store.Store, error) {
	if err := lost(path); err != nil {
		return nil, feed.Classify(feed.Refused, fmt.Errorf("open state %s: %w", path, advise(err)))
	}
	return open(ctx, path)
}

func open(ctx context.Context, path string) (*store.Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, feed.Classify(feed.Refused, fmt.Errorf("open state: %w", err))
	}
	locks, err := openLocks(path + "-lock")
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return nil, feed.Classify(feed.Refused, fmt.Errorf("open state: %w; let uid %d write into this folder, or set state: to a file elsewhere", err, os.Getuid()))
	}
	if err == nil {
		err = locks.share()
	}
	if err != nil {
		return nil, feed.Classify(feed.Refused, fmt.Errorf("open state %s: %w", path, err))
	}
	// The writer's cache holds what a thousand feeds with millions of articles are added to; it grows as it is used, and is
	// let go when nothing is written any more.
	write, err := handle(path, "_txlock=immediate", "_pragma=journal_mode(wal)", "_pragma=synchronous(full)", "_pragma=cache_size(-64000)")
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	write.SetConnMaxIdleTime(pause)
	read, err := handle(path, "_pragma=query_only(true)", "_pragma=cache_size(-8000)")
	if err != nil {
		return nil, err
	}
	// Those who read side by side wait for a connection rather than open one each: a new one reads the schema and has a
	// cache of its own.
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	read.SetConnMaxIdleTime(idle)
	s, err := store.New(ctx, goose.DialectSQLite3, write, read, locks, trouble(path))
	if err != nil {
		return nil, feed.Classify(feed.Refused, errors.Join(
			fmt.Errorf("open state %s (uid %d): %w", path, os.Getuid(), advise(damage(err))), read.Close(), write.Close(), locks.Close()))
	}
	s.KeepMarks(marks{path + "-begun"})
	// No piece of a large document need be on the disk before the document is saved, and none is asked for soon again.
	bodies, err := handle(path, "_txlock=immediate", "_pragma=synchronous(normal)", "_pragma=cache_size(-2000)")
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	bodies.SetMaxOpenConns(readers)
	bodies.SetConnMaxIdleTime(idle)
	s.KeepBodies(bodies)
	return s, nil
}

// Sources is [store.Store.Sources] of the state in the file path, which is only read: nothing is created or migrated.
func Sources(ctx context.Context, path string) (map[string][]string, error) {
	db, err := handle(path, "mode=ro")
	if err != nil {
		return nil, err
	}
	sources, err := store.SourcesIn(ctx, db)
	return sources, errors.Join(err, db.Close())
}

// Kept is [store.Store.Kept] of the state in the file path, which is only read. There is nothing in a state that is not there,
// or is of an older feedmill.
func Kept(ctx context.Context, path, name string) []byte {
	if _, err := os.Stat(path); err != nil {
		return nil
	}
	db, err := handle(path, "mode=ro")
	if err != nil {
		return nil
	}
	defer func() { _ = db.Close() }() // nothing was written
	body, err := store.KeptIn(ctx, db, name)
	if err != nil {
		return nil
	}
	return body
}

const (
	// readers is how many connections read at the same time.
	readers = 4
	// idle is how long one that has nothing to read keeps its cache.
	idle = 5 * time.Second
	// pause is how long the one that writes keeps its cache, which takes longer to fill.
	pause = time.Minute
)

func handle(path string, parameters ...string) (*sql.DB, error) {
	parameters = append([]string{"_pragma=busy_timeout(10000)"}, parameters...)
	return sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+strings.Join(parameters, "&"))
}

// Memory opens an empty store that lives in this process's memory and ends with it.
func Memory(ctx context.Context) (*store.Store, error) {
	db, err := sql.Open("sqlite", "file::memory:?_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return store.New(ctx, goose.DialectSQLite3, db, db, newLocks(nil), nil)
}

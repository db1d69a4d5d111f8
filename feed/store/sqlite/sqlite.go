// Package sqlite opens a store in one SQLite file, with locks that end with the process.
//
// It holds no statements and no schema; those are package store's. It needs a file system with POSIX record locks
// (Linux, macOS, the BSDs), which rules out most network shares for the state file; articles may lie on one.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the database driver

	"feedmill/feed"
	"feedmill/feed/store"
)

// Open opens or creates the state in the file path. What has been committed survives the loss of power: the writer
// syncs every commit.
func Open(ctx context.Context, path string) (*store.Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, feed.Classify(feed.Refused, fmt.Errorf("open state: %w", err))
	}
	locks, err := openLocks(path + "-lock")
	if err != nil {
		return nil, feed.Classify(feed.Refused, fmt.Errorf("open state: %w", err))
	}
	write, err := handle(path, "_txlock=immediate", "_pragma=journal_mode(wal)", "_pragma=synchronous(full)")
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	read, err := handle(path, "_pragma=query_only(true)")
	if err != nil {
		return nil, err
	}
	s, err := store.New(ctx, goose.DialectSQLite3, write, read, locks)
	if err != nil {
		return nil, feed.Classify(feed.Refused, errors.Join(
			fmt.Errorf("open state %s (uid %d): %w", path, os.Getuid(), err), read.Close(), write.Close(), locks.Close()))
	}
	return s, nil
}

func handle(path string, parameters ...string) (*sql.DB, error) {
	parameters = append([]string{"_pragma=busy_timeout(10000)", "_pragma=cache_size(-32000)"}, parameters...)
	return sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+strings.Join(parameters, "&"))
}

// Memory opens an empty store that lives in this process's memory and ends with it.
func Memory(ctx context.Context) (*store.Store, error) {
	db, err := sql.Open("sqlite", "file::memory:?_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return store.New(ctx, goose.DialectSQLite3, db, db, newLocks(nil))
}

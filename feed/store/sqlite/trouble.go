package sqlite

import (
	"errors"
	"fmt"
	"os"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"feedmill/feed"
)

// ErrDamaged says that the state's file is not what was written: the disk, or somebody who is not feedmill, changed it.
var ErrDamaged = errors.New("the state is damaged")

// advise adds to an error that is [ErrDamaged] what to do about it.
func advise(err error) error {
	if !errors.Is(err, ErrDamaged) {
		return err
	}
	return fmt.Errorf("%w; it was not overwritten: stop feedmill and run `feedmill state restore`, which keeps the file, "+
		"takes the newest good backup and learns the rest from what is published", err)
}

// damage makes an error of SQLite that speaks of a damaged file [ErrDamaged], and leaves every other as it is.
func damage(err error) error {
	failure, ok := errors.AsType[*driver.Error](err)
	if !ok || errors.Is(err, ErrDamaged) {
		return err
	}
	switch primary(failure) {
	case codes.SQLITE_CORRUPT, codes.SQLITE_NOTADB:
		return feed.Classify(feed.Refused, fmt.Errorf("%w (%w)", ErrDamaged, err))
	}
	return err
}

// primary is the code of a failure without its extension.
func primary(failure *driver.Error) int { return failure.Code() & 0xff }

// remedy is the class of a failure and what to do about it; both are empty when it is our own fault.
func remedy(failure *driver.Error) (feed.Class, string) {
	switch primary(failure) {
	case codes.SQLITE_FULL:
		return feed.Unavailable, "make room on its disk or raise the quota"
	case codes.SQLITE_IOERR:
		return feed.Unavailable, "look at its disk"
	case codes.SQLITE_BUSY, codes.SQLITE_LOCKED:
		return feed.Unavailable, "another program keeps it busy"
	case codes.SQLITE_READONLY, codes.SQLITE_PERM, codes.SQLITE_CANTOPEN:
		return feed.Refused, fmt.Sprintf("let uid %d write it and its folder", os.Getuid())
	case codes.SQLITE_CORRUPT, codes.SQLITE_NOTADB:
		return feed.Refused, "stop feedmill and run `feedmill state restore`"
	}
	return "", ""
}

// trouble gives an error of the database in the file path its class, and says what to do.
func trouble(path string) func(error) error {
	return func(err error) error {
		failure, ok := errors.AsType[*driver.Error](err)
		if !ok {
			return err
		}
		class, words := remedy(failure)
		if class == "" {
			return err
		}
		return feed.Classify(class, fmt.Errorf("write state %s: %w; %s; what was published stays", path, damage(err), words))
	}
}

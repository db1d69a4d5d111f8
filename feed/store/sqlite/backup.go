package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"
	"time"

	driver "modernc.org/sqlite"

	"feedmill/feed"
	"feedmill/feed/store"
)

// kept is how many backups are kept, one a day.
const kept = 7

// backupLease is taken for a backup, so that of several processes one makes it. No feed has such a name.
const backupLease = "state backup"

// otherAtIt is how long to wait for another process that makes the backup.
const otherAtIt = 100 * time.Millisecond

// backupFolder is where the backups of the state in the file path lie.
func backupFolder(path string) string { return path + ".backups" }

var backupName = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}\.db$`)

// Backups are the paths of the backups of the state in the file path, newest first.
func Backups(path string) ([]string, error) {
	entries, err := os.ReadDir(backupFolder(path))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for backups: %w", err)
	}
	var found []string
	for _, e := range slices.Backward(entries) { // sorted by name, which is the day
		if e.Type().IsRegular() && backupName.MatchString(e.Name()) {
			found = append(found, filepath.Join(backupFolder(path), e.Name()))
		}
	}
	return found, nil
}

// BackUpDaily makes a backup of the state in the file path, opened as s, unless there is one of this day (in UTC), or
// nothing in it yet, or another process is at it. It returns the backup that it made, else "".
func BackUpDaily(ctx context.Context, s *store.Store, path string, now time.Time) (string, error) {
	if _, err := os.Stat(backupPath(path, now)); err == nil {
		return "", nil
	}
	empty, err := s.Empty(ctx)
	if err != nil || empty {
		return "", err
	}
	waiting, stop := context.WithTimeout(ctx, otherAtIt)
	defer stop()
	release, err := s.Lease(waiting, backupLease)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			err = nil // it will have made one
		}
		return "", err
	}
	defer release()
	if _, err := os.Stat(backupPath(path, now)); err == nil {
		return "", nil
	}
	return backUp(ctx, path, now)
}

// BackUp makes a backup of the state in the file path, opened as s, and returns its path. One of the same day gives way
// to it; the seven newest are kept. Others may write meanwhile: the backup is the state at one moment.
//
// A backup appears under its name only when it is whole, examined and on the disk. When it cannot be made, those made
// before and the state itself are as they were. A state of 270 MB takes 1.3 s.
func BackUp(ctx context.Context, s *store.Store, path string, now time.Time) (string, error) {
	release, err := s.Lease(ctx, backupLease)
	if err != nil {
		return "", err
	}
	defer release()
	return backUp(ctx, path, now)
}

func backupPath(path string, now time.Time) string {
	return filepath.Join(backupFolder(path), now.UTC().Format(time.DateOnly)+".db")
}

func backUp(ctx context.Context, path string, now time.Time) (string, error) {
	backup := backupPath(path, now)
	temp := filepath.Join(backupFolder(path), ".unfinished.db")
	err := copyInto(ctx, path, temp)
	if err == nil {
		err = os.Rename(temp, backup)
	}
	if err == nil {
		err = syncFile(backupFolder(path))
	}
	if err != nil {
		// A half-made copy would take the room that the next one needs.
		_ = removeAll(temp, temp+"-journal")
		return "", backupTrouble(path, err)
	}
	return backup, prune(path)
}

// copyInto writes the state as it is at this moment into a new file, and sees to it that it can be read.
func copyInto(ctx context.Context, path, temp string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(temp), 0o755); err != nil {
		return err
	}
	if err := removeAll(temp, temp+"-journal"); err != nil { // of a process that was killed
		return err
	}
	// SQLite fills an empty file: so nobody who may not read the state can read the copy.
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm())
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := vacuumInto(ctx, path, temp); err != nil {
		return err
	}
	if err := quickCheck(ctx, temp); err != nil {
		return fmt.Errorf("the copy is not what was written (%v); look at the disk", err) //nolint:errorlint // it is not the state that is damaged
	}
	return syncFile(temp) // SQLite does not
}

func vacuumInto(ctx context.Context, path, target string) error {
	db, err := handle(path)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // it was only read
	_, err = db.ExecContext(ctx, `VACUUM INTO $1`, target)
	return err
}

// syncFile brings a file or the entries of a folder onto the disk.
func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// removeAll deletes files; those that are not there are no error.
func removeAll(paths ...string) error {
	var errs []error
	for _, p := range paths {
		if err := os.Remove(p); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// prune deletes all backups but the newest. Files of other names are left alone.
func prune(path string) error {
	backups, err := Backups(path)
	if err != nil {
		return err
	}
	if len(backups) <= kept {
		return nil
	}
	if err := removeAll(backups[kept:]...); err != nil {
		return feed.Classify(feed.Unavailable, fmt.Errorf("delete old backups: %w", err))
	}
	return nil
}

// backupTrouble says why the state was not copied, and what to do.
func backupTrouble(path string, err error) error {
	class, words := feed.Unavailable, ""
	failure, ok := errors.AsType[*driver.Error](err)
	if ok {
		class, words = remedy(failure)
	}
	switch {
	case ok && class == "":
		class = feed.Internal
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		words = "make room on its disk or raise the quota"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		class, words = feed.Refused, fmt.Sprintf("let uid %d write there", os.Getuid())
	}
	if words != "" {
		words = "; " + words
	}
	return feed.Classify(class, fmt.Errorf("back up state into %s: %w%s; older backups stay", backupFolder(path), damage(err), words))
}

package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"feedmill/feed"
	"feedmill/feed/store"
)

// ErrSound says that there is nothing to restore: the state is as it should be.
var ErrSound = errors.New("the state is sound; nothing was restored. To go back to an older one all the same, name the backup")

// Restoration is a state on its way back. Nothing that stood before is changed until [Restoration.Finish].
type Restoration struct {
	Store *store.Store // what the backup held, for whoever knows what came after it
	// Found is what is wrong with the state that stands; nil when it is sound.
	Found error
	// Backup is the file that was taken; empty when none was left and the state begins anew.
	Backup string
	// Passed are the newer backups that could not be used, and why.
	Passed []error

	path  string
	locks *locks
}

// Restore begins to put a backup in the place of the state in the file path: the one named, else the newest that is good,
// else none. A sound state is [ErrSound] unless a backup is named. While it lasts nobody else can open the state;
// [store.ErrHeld] when somebody has it open. It ends with [Restoration.Finish] or [Restoration.Abandon].
func Restore(ctx context.Context, path, backup string) (*Restoration, error) {
	r, err := restore(ctx, path, backup)
	if err != nil && !errors.Is(err, ErrSound) {
		err = feed.Classify(feed.Refused, fmt.Errorf("restore state %s: %w", path, err))
	}
	return r, err
}

func restore(ctx context.Context, path, backup string) (*Restoration, error) {
	locks, err := openLocks(path + "-lock")
	if err != nil {
		return nil, err
	}
	r := &Restoration{path: path, locks: locks}
	if err := r.begin(ctx, backup); err != nil {
		return nil, errors.Join(err, r.Abandon())
	}
	return r, nil
}

func (r *Restoration) begin(ctx context.Context, backup string) error {
	if err := r.locks.exclude(); err != nil {
		return err
	}
	// A state without a file and without backups was never begun: what is published is all there is to learn from.
	if r.Found = check(ctx, r.path); r.Found == nil {
		r.Found = readable(ctx, r.path)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if r.Found == nil && backup == "" {
		return feed.Classify(feed.Refused, ErrSound)
	}
	if err := r.choose(ctx, backup); err != nil {
		return err
	}
	var err error
	r.Store, err = open(ctx, r.temp())
	return err
}

// readable says why a sound file cannot be used by this program.
func readable(ctx context.Context, path string) error {
	version, err := schemaOf(ctx, path)
	if err != nil {
		return err
	}
	if newest := store.Schema(); version > newest {
		return fmt.Errorf("%w: it has schema version %d, this program knows %d", store.ErrNewer, version, newest)
	}
	return nil
}

// temp is where the state is made before it takes its place.
func (r *Restoration) temp() string { return r.path + ".restoring" }

// choose copies the backup to take, after which it is examined: it is the copy that must be good.
func (r *Restoration) choose(ctx context.Context, named string) error {
	backups := []string{named}
	if named == "" {
		var err error
		if backups, err = Backups(r.path); err != nil {
			return err
		}
	}
	for _, backup := range backups {
		if err := r.clear(); err != nil {
			return err
		}
		err := copyFile(backup, r.temp())
		if err == nil {
			err = quickCheck(ctx, r.temp())
		}
		if err == nil {
			err = readable(ctx, r.temp())
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			r.Backup = backup
			return nil
		case named != "":
			return fmt.Errorf("the backup %s cannot be used: %w", backup, err)
		}
		r.Passed = append(r.Passed, fmt.Errorf("%s: %w", backup, err))
	}
	return r.clear()
}

func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close())
}

// parts are the files that SQLite keeps beside a database's own.
var parts = []string{"", "-wal", "-shm"}

// clear deletes what was made so far.
func (r *Restoration) clear() error {
	files := []string{r.temp() + "-lock", r.temp() + "-journal"}
	for _, part := range parts {
		files = append(files, r.temp()+part)
	}
	return removeAll(files...)
}

// Finish puts the restored state in its place. The file that stood there is kept, in the file aside; empty when there was
// none.
func (r *Restoration) Finish(now time.Time) (aside string, err error) {
	// Closed, the state is one file.
	err = r.Store.Close()
	r.Store = nil
	if err == nil {
		err = syncFile(r.temp())
	}
	if err == nil {
		aside, err = r.exchange(now)
	}
	if err := errors.Join(err, r.Abandon()); err != nil {
		return aside, feed.Classify(feed.Refused, fmt.Errorf("restore state %s: %w", r.path, err))
	}
	return aside, nil
}

func (r *Restoration) exchange(now time.Time) (aside string, err error) {
	name := r.path + now.UTC().Format(".aside-2006-01-02T150405")
	idle := []string{r.path + "-shm"} // SQLite makes it anew
	if size, err := sizeOf(r.path + "-wal"); err == nil && size == 0 {
		idle = append(idle, r.path+"-wal")
	}
	if err := removeAll(idle...); err != nil {
		return "", err
	}
	for _, part := range parts {
		err := os.Rename(r.path+part, name+part)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return aside, err
		default:
			aside = name
		}
	}
	// A loss of power here leaves no state beside backups, which nobody takes for a new one.
	if err := os.Rename(r.temp(), r.path); err != nil {
		return aside, err
	}
	return aside, syncFile(filepath.Dir(r.path))
}

// Abandon leaves everything as it was before [Restore]. After Finish it does nothing.
func (r *Restoration) Abandon() error {
	var errs []error
	if r.Store != nil {
		errs = append(errs, r.Store.Close())
		r.Store = nil
	}
	if r.locks != nil {
		errs = append(errs, r.clear(), r.locks.Close())
		r.locks = nil
	}
	return errors.Join(errs...)
}

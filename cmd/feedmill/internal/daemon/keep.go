package daemon

import (
	"context"
	"errors"
	"os"
	"time"

	"feedmill/feed/store/sqlite"
)

// smallState is the size in bytes up to which a state is known to be sound before anything is written to it. To read a larger
// one would hold up the start: it is examined beside the work.
const smallState = 16 << 20

// backupLook is how often it is looked whether a backup is due.
const backupLook = time.Hour

// examine checks a small state; later says that the state is to be examined when all has started. Only damage keeps a start
// from going on: what else is wrong the opening will tell.
func examine(ctx context.Context, path string) (later bool, err error) {
	if info, err := os.Stat(path); err == nil && info.Size() > smallState {
		return true, nil
	}
	if err := sqlite.Check(ctx, path); errors.Is(err, sqlite.ErrDamaged) {
		return false, err
	}
	return false, nil
}

// keep ends with an error when the state, if it is to be examined, turns out to be damaged, for every further write might make
// it worse; else it makes a backup every day.
func (d *Daemon) keep(ctx context.Context, path string, examine bool) error {
	if examine {
		err := sqlite.Check(ctx, path)
		if errors.Is(err, sqlite.ErrDamaged) {
			return err
		}
		if err != nil && ctx.Err() == nil {
			d.Log.Warn("state not checked", "err", err)
		}
	}
	failure := ""
	look := time.NewTicker(backupLook)
	defer look.Stop()
	for {
		made, err := sqlite.BackUpDaily(ctx, d.store, path, d.Now())
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && err.Error() != failure:
			d.Log.Error("state not backed up; it is tried again every hour", "err", err)
		case err == nil && made != "":
			d.Log.Info("state backed up", "file", made)
		}
		failure = ""
		if err != nil {
			failure = err.Error()
		}
		d.sweep(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
		}
	}
}

// sweep takes away the media that no article has needed for long.
func (d *Daemon) sweep(ctx context.Context) {
	removed, err := d.store.SweepMedia(ctx, d.Now())
	if err != nil && ctx.Err() == nil {
		d.Log.Warn("media that nobody needs are not all taken away; it is tried again every hour", "err", err)
	}
	if removed > 0 {
		d.Log.Info("took away media that no article has needed for 30 days", "files", removed)
	}
}

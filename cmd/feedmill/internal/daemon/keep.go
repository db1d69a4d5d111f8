package daemon

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"feedmill/feed/store/sqlite"
)

// firstLook is how long a start waits for the state to be examined. A small state is known to be sound then before
// anything is written to it, and one of gigabytes holds up nobody: it is examined further beside the work.
const firstLook = 50 * time.Millisecond

// backupLook is how often it is looked whether a backup is due.
const backupLook = time.Hour

// examination is a look at the whole state, under way or done.
type examination struct {
	cancel context.CancelFunc
	done   chan struct{}
	err    error // once done is closed
}

// examine begins to check the state, and waits for a moment. Only damage keeps a start from going on: what else is wrong
// the opening will tell.
func examine(ctx context.Context, path string) (*examination, error) {
	ctx, cancel := context.WithCancel(ctx)
	e := &examination{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(e.done)
		if e.err = sqlite.Check(ctx, path); errors.Is(e.err, fs.ErrNotExist) {
			e.err = nil // it begins now
		}
	}()
	patience := time.NewTimer(firstLook)
	defer patience.Stop()
	select {
	case <-patience.C:
	case <-e.done:
		if errors.Is(e.err, sqlite.ErrDamaged) {
			cancel()
			return nil, e.err
		}
	}
	return e, nil
}

func (e *examination) end() {
	e.cancel()
	<-e.done
}

// keep ends with an error when the state turns out to be damaged, for every further write might make it worse; else it
// makes a backup every day.
func (d *Daemon) keep(ctx context.Context, path string, e *examination) error {
	select {
	case <-ctx.Done():
		return nil
	case <-e.done:
	}
	if errors.Is(e.err, sqlite.ErrDamaged) {
		return e.err
	}
	if e.err != nil && ctx.Err() == nil {
		d.Log.Warn("state not checked", "err", e.err)
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

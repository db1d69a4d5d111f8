package daemon

import (
	"context"
	"errors"
	"fmt"

	"feedmill/cmd/feedmill/internal/alert"
	"feedmill/config"
	"feedmill/feed"
)

// begin goes over to a configuration: its own feeds, and those of the rows that are known. New rows are read by the engine,
// whose first job that is: no list that is slow to answer holds up a start.
func (d *Daemon) begin(ctx context.Context, c *config.Config) error {
	if err := KeepFiles(ctx, d.store, c); err != nil {
		return err
	}
	roster, err := enroll(ctx, c, d.store, reach{d.client, &d.pools, d.Now})
	if err != nil {
		return err
	}
	plan, err := d.prepare(roster.Config(), nil)
	if err != nil {
		return err
	}
	d.roster.Store(roster)
	if err := d.moveTo(ctx, plan); err != nil {
		return err
	}
	d.watchAnew()
	TellFiles(ctx, c, d.desk, d.narrator)
	return nil
}

// look reads the rows of a block, and goes over to the feeds that they make.
func (d *Daemon) look(ctx context.Context, b *config.Block) error {
	roster := d.roster.Load()
	changed, err := roster.Look(ctx, b, false)
	if changed {
		err = errors.Join(err, d.regrow(ctx, roster))
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	err = errors.Join(err, roster.Clashes(b))
	d.narrator.Changed(d.desk.Part(ctx, b.Key, alert.Rows, err))
	return err
}

// regrow goes over to the feeds of new rows. All other feeds stay the very same.
func (d *Daemon) regrow(ctx context.Context, roster *Roster) error {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	if d.roster.Load() != roster {
		return nil // a reload came meanwhile, and has a roster of its own
	}
	before := d.plan.Load()
	plan, err := d.prepare(roster.Config(), before)
	if err != nil {
		return err
	}
	if len(plan.Config.Moved) > 0 {
		err = d.moveTo(ctx, plan)
	} else {
		err = d.adopt(ctx, plan)
	}
	if err != nil {
		return err
	}
	d.watchAnew()
	d.Log.Info("feeds of rows changed", "new or changed", len(plan.fresh), "feeds", len(plan.Feeds))
	return nil
}

// watchAnew has the watchers follow the newest plan.
func (d *Daemon) watchAnew() {
	select {
	case d.rewatch <- struct{}{}:
	default: // they are to look already, and will find the newest plan
	}
}

// TellFiles tells which included files are broken, and which are well again.
func TellFiles(ctx context.Context, c *config.Config, desk *alert.Desk, narrator *Narrator) {
	for _, f := range c.Included {
		narrator.Changed(desk.Part(ctx, f.Name, alert.File, brokenFile(f)))
	}
}

func brokenFile(f config.Included) error {
	if f.Broken == nil {
		return nil
	}
	instead := "its feeds stay as they were when it was last good"
	if !f.Kept {
		instead = "there is nothing good of it from before, and none of its feeds is here"
	}
	return feed.Classify(feed.Unreadable, fmt.Errorf("the included file %s is broken; %s, and all others go on: %w", f.Name, instead, f.Broken))
}

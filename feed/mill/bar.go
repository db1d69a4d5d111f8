package mill

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"feedmill/feed"
)

// takenAway stands in place of the release that an output received when it was barred since. A refresh that began before
// then and comes to its end afterwards must not bring the documents back; [Mill.Deliver] lets the output in again.
const takenAway = -1

// takeAway removes the feed's documents from the outputs that it is barred from: all it ever had, in any case once in a
// process, for one that was killed may have written them without a record, and again when another process has.
func (r *refresh) takeAway(ctx context.Context) error {
	if len(r.feed.Barred) == 0 {
		return nil
	}
	recorded, err := r.library.Delivered(ctx, r.state.Serial)
	if err != nil {
		return fmt.Errorf("take away: %w", err)
	}
	var errs []error
	for _, out := range r.feed.Barred {
		_, written := recorded[out.Name]
		if received, _ := r.received(out.Name); received == takenAway && !written {
			continue
		}
		if err := r.empty(ctx, out); err != nil {
			errs = append(errs, fmt.Errorf("output %s: take away the documents of a feed that is private: %w", out.Name, err))
		}
	}
	return errors.Join(errs...)
}

// empty removes everything of the feed from one output.
func (r *refresh) empty(ctx context.Context, out Output) error {
	paths, err := r.allPaths(ctx)
	if err != nil {
		return err
	}
	old, err := r.formerOf(ctx, out)
	if err != nil {
		return err
	}
	paths = slices.Concat(paths, r.formerly(paths, append(old.gone(), r.feed.Former...)))
	if err := r.bring(ctx, out, feed.Release{Feed: r.feed.Name, Revision: r.state.Release, Removed: paths}); err != nil {
		return err
	}
	if err := r.library.Forget(ctx, r.state.Serial, out.Name); err != nil {
		return err
	}
	if err := r.keepFormer(ctx, out, former{had: old.had}); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.delivered[delivery{r.feed.Name, out.Name}] = takenAway
	return nil
}

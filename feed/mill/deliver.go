package mill

import (
	"context"
	"errors"
	"fmt"

	"feedmill/feed"
	"feedmill/feed/store"
)

// deliver gives each output what it lacks, and records what it received. An output that fails keeps what it had, and is
// tried again at the next refresh even if nothing is new then. The first delivery of a process brings the live documents
// in any case, for somebody may have removed them.
func (r *refresh) deliver(ctx context.Context) error {
	if len(r.feed.Outputs) == 0 || r.state.Release == 0 {
		return nil
	}
	var recorded map[string]int64
	var errs []error
	for _, out := range r.feed.Outputs {
		out.Editions = r.selection(out)
		received, seen := r.received(out.Name)
		if seen && (received == r.state.Release || received == takenAway) {
			continue
		}
		if !seen && !out.Volatile {
			if recorded == nil {
				var err error
				if recorded, err = r.library.Delivered(ctx, r.state.Serial); err != nil {
					return fmt.Errorf("deliver: %w", err)
				}
			}
			received = recorded[out.Name]
		}
		if received == 0 && out.Editions != nil && len(out.Editions) == 0 {
			continue // it has nothing and is to get nothing
		}
		if err := r.hand(ctx, out, received); err != nil {
			if _, output := errors.AsType[*OutputError](err); !output {
				err = fmt.Errorf("deliver to output %s: %w", out.Name, err)
			}
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// OutputError is what the error of a refresh holds for each output that did not take the documents.
type OutputError struct {
	Output string // its name
	Err    error
}

func (e *OutputError) Error() string { return "output " + e.Output + ": " + e.Err.Error() }

// Unwrap returns the cause, which has the class.
func (e *OutputError) Unwrap() error { return e.Err }

// hand publishes to one output what changed after the release that it received.
func (r *refresh) hand(ctx context.Context, out Output, received int64) error {
	old, err := r.formerOf(ctx, out)
	if err != nil {
		return err
	}
	if old.grown() {
		received = 0
	}
	var release feed.Release
	if err := r.inTurn(ctx, func(ctx context.Context) (err error) { // which the output itself may take afterwards
		release, err = r.lacking(ctx, out, received)
		return err
	}); err != nil {
		return err
	}
	release = r.copyTo(release, old, received == 0)
	if gone := old.gone(); len(gone) > 0 {
		paths, err := r.allPaths(ctx)
		if err != nil {
			return err
		}
		release.Removed = append(release.Removed, r.formerly(paths, gone)...)
	}
	if err := r.bring(ctx, out, release); err != nil {
		return err
	}
	if !out.Volatile {
		if err := r.handFacets(ctx, out, old, received); err != nil {
			return err
		}
		if err := r.keepFormer(ctx, out, old); err != nil {
			return err
		}
		h := store.Handover{Output: out.Name, Release: r.state.Release, Revision: r.state.Rendered, At: r.now()}
		if err := r.library.SetDelivered(ctx, r.state.Serial, h); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.delivered[delivery{r.feed.Name, out.Name}] = r.state.Release
	return nil
}

// lacking is what an output lacks that received a release, and what it is to lose.
func (r *refresh) lacking(ctx context.Context, out Output, received int64) (release feed.Release, err error) {
	live, err := r.liveDocuments(ctx)
	if err != nil {
		return release, err
	}
	var changed []store.Document
	if !out.Volatile { // which gets pages and archives when readers ask for them
		if changed, err = r.library.Pages(ctx, r.state.Serial, received); err != nil {
			return release, err
		}
	}
	release = feed.Release{Feed: r.feed.Name, Revision: r.state.Release}
	for _, d := range changed { // before what shows them
		if d.Fixed && !d.Removed && (out.Editions == nil || len(out.Editions) > 0) {
			release.Documents = append(release.Documents, d.Document)
		}
	}
	for _, d := range live {
		switch edition := r.feed.editionOf(d.Path); {
		case out.takes(edition):
			release.Documents = append(release.Documents, d.Document)
		case edition != "":
			release.Removed = append(release.Removed, d.Path)
		}
	}
	for _, d := range changed {
		switch {
		case d.Removed:
			release.Removed = append(release.Removed, d.Path)
		case d.Page && !d.Fixed && out.takes(""):
			release.Documents = append(release.Documents, d.Document)
		}
	}
	return release, nil
}

// liveDocuments are the feed's live documents as they are stored.
func (r *refresh) liveDocuments(ctx context.Context) ([]store.Document, error) {
	if r.finished == nil {
		var err error
		if r.finished, err = r.library.LiveDocuments(ctx, r.state.Serial); err != nil {
			return nil, err
		}
	}
	return r.finished, nil
}

// selection is the editions that an output takes by the newest configuration: a refresh that began under an older one must not
// bring back what became private meanwhile.
func (r *refresh) selection(out Output) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if editions, ok := r.taking[delivery{r.feed.Name, out.Name}]; ok {
		return editions
	}
	return out.Editions
}

func (r *refresh) received(output string) (release int64, seen bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	release, seen = r.delivered[delivery{r.feed.Name, output}]
	return release, seen
}

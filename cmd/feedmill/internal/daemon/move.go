package daemon

import (
	"context"
	"fmt"
	"slices"

	"feedmill/config"
	"feedmill/feed/store"
)

// Move gives what is known of feeds that have another key now to the new one. It says which feeds have moved now.
func Move(ctx context.Context, s *store.Store, c *config.Config) (moved []config.Move, err error) {
	for _, m := range c.Moved {
		done, err := move(ctx, s, m)
		if err != nil {
			return moved, fmt.Errorf("%s: moved.%s: %w", c.Files[0], m.From, err)
		}
		if done {
			moved = append(moved, m)
		}
	}
	return moved, nil
}

func move(ctx context.Context, s *store.Store, m config.Move) (bool, error) {
	names := []string{m.From, m.To}
	slices.Sort(names) // everybody takes two leases in the same order
	for _, name := range names {
		release, err := s.Lease(ctx, name)
		if err != nil {
			return false, err
		}
		defer release()
	}
	return s.Rename(ctx, m.From, m.To)
}

// moved are the keys that feeds had before, with those that they have now.
func (p *Plan) moved() map[string]string {
	keys := map[string]string{}
	for _, m := range p.Config.Moved {
		keys[m.From] = m.To
	}
	return keys
}

// moveTo goes over to a plan in which feeds may have other keys. No refresh by the old plan is under way meanwhile, which
// would begin a feed anew under the key that it no longer has.
func (d *Daemon) moveTo(ctx context.Context, plan *Plan) error {
	pending, err := ToMove(ctx, d.store, plan.Config)
	if err != nil {
		return err
	}
	if len(pending) > 0 {
		d.moving.Lock()
		defer d.moving.Unlock()
	}
	moved, err := Move(ctx, d.store, plan.Config)
	if err != nil {
		return err
	}
	for _, m := range moved {
		d.Log.Info("feed moved", "from", m.From, "to", m.To)
	}
	warnings, err := Forgotten(ctx, d.store, plan.Config)
	if err != nil {
		return err
	}
	for _, warning := range warnings {
		d.Log.Warn(warning)
	}
	return d.adopt(ctx, plan)
}

// ToMove reports which feeds Move would move.
func ToMove(ctx context.Context, s *store.Store, c *config.Config) ([]config.Move, error) {
	known, err := s.Sources(ctx)
	if err != nil {
		return nil, err
	}
	var pending []config.Move
	for _, m := range c.Moved {
		if _, has := known[m.From]; has {
			pending = append(pending, m)
		}
	}
	return pending, nil
}

// Forgotten says of each feed that is known and no longer configured, while a feed that is new reads one of its sources,
// which line makes the one the other: without it readers get all articles again.
func Forgotten(ctx context.Context, s *store.Store, c *config.Config) ([]string, error) {
	known, err := s.Sources(ctx)
	if err != nil {
		return nil, err
	}
	return ForgottenOf(known, c), nil
}

// ForgottenOf is [Forgotten] for the sources that the state knows.
func ForgottenOf(known map[string][]string, c *config.Config) []string {
	for _, m := range c.Moved {
		delete(known, m.From)
	}
	fresh := map[string]string{} // by the digest of a source
	for _, f := range slices.Backward(c.Feeds) {
		_, has := known[f.Key]
		delete(known, f.Key)
		for _, source := range f.Sources {
			if !has {
				fresh[source.Digest] = f.Key
			}
		}
	}
	var warnings []string
	for name, sources := range known {
		at := slices.IndexFunc(sources, func(digest string) bool { return fresh[digest] != "" })
		if at >= 0 {
			to := fresh[sources[at]]
			warnings = append(warnings, fmt.Sprintf("feed %s is no longer in %s, and the new feed %s reads the same source; if it was "+
				"renamed, its articles come as new and its readers stay behind unless this line is added: moved: {%s: %s}",
				name, c.Files[0], to, name, to))
		}
	}
	slices.Sort(warnings)
	return warnings
}

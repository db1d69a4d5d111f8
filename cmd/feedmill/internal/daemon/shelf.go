package daemon

import (
	"context"
	"maps"

	"feedmill/config"
)

// Shelf keeps the last good form of what a configuration is made of.
type Shelf interface {
	Kept(ctx context.Context, name string) ([]byte, error)
	Keep(ctx context.Context, name string, body []byte) error
}

// The names under which things are kept begin so.
const (
	keptRows = "each "
	keptList = "list of each "
	keptFile = "include "
)

// KeptAs is the name under which the last good text of an included file is kept.
func KeptAs(id string) string { return keptFile + id }

// KeepFiles keeps the included files that are good.
func KeepFiles(ctx context.Context, shelf Shelf, c *config.Config) error {
	for _, f := range c.Included {
		if f.Broken != nil {
			continue
		}
		before, err := shelf.Kept(ctx, keptFile+f.ID)
		if err == nil && string(before) != string(f.Text) {
			err = shelf.Keep(ctx, keptFile+f.ID, f.Text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Scratch is a shelf in memory over another one, which it only reads: for a verb that must change nothing.
type Scratch struct {
	Under interface {
		Kept(ctx context.Context, name string) ([]byte, error)
	}
	own map[string][]byte
}

// Kept returns what is kept.
func (s *Scratch) Kept(ctx context.Context, name string) ([]byte, error) {
	if body, ok := s.own[name]; ok {
		return body, nil
	}
	return s.Under.Kept(ctx, name)
}

// Keep keeps in memory.
func (s *Scratch) Keep(_ context.Context, name string, body []byte) error {
	if s.own == nil {
		s.own = map[string][]byte{}
	}
	s.own = maps.Clone(s.own)
	s.own[name] = body
	return nil
}

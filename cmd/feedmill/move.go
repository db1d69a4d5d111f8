package main

import (
	"context"
	"fmt"
	"log/slog"

	"feedmill/cmd/feedmill/internal/daemon"
	"feedmill/config"
	"feedmill/feed"
	"feedmill/feed/store"
)

// move gives feeds that have another key now what is known of them. A daemon on the same state that still has the old
// keys would begin them anew: it has to move them itself.
func (a *app) move(ctx context.Context, s *store.Store, c *config.Config, log *slog.Logger) error {
	pending, err := daemon.ToMove(ctx, s, c)
	if err != nil {
		return err
	}
	if len(pending) > 0 {
		running, err := s.Running()
		if err != nil {
			return err
		}
		if running {
			return feed.Classify(feed.Refused, fmt.Errorf("feed %s is to become %s, but feedmill run still has it under its old key; let it read the configuration first: send it SIGHUP", pending[0].From, pending[0].To))
		}
	}
	if _, err := daemon.Move(ctx, s, c); err != nil {
		return err
	}
	warnings, err := daemon.Forgotten(ctx, s, c)
	for _, warning := range warnings {
		log.Warn(warning)
	}
	return err
}

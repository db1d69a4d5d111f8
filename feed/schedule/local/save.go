package local

import (
	"context"
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
)

// saveGrace is how long the last Save may take once the engine was told to stop.
const saveGrace = 5 * time.Second

// saver stores due times at each beat and says once when that fails and once when it works again.
type saver struct {
	engine *Engine
	failed bool
}

func (s *saver) beat(ctx context.Context) {
	stored, err := s.engine.save(ctx)
	switch log := s.engine.config.Log; {
	case ctx.Err() != nil:
	case err != nil && !s.failed:
		s.failed = true
		log.Error("due times cannot be stored; after a restart feeds may be refreshed once too often", "error", err)
	case stored && s.failed:
		s.failed = false
		log.Info("due times are stored again")
	}
}

// save hands Save what changed; stored is false when there was nothing or it failed.
func (e *Engine) save(ctx context.Context) (stored bool, err error) {
	e.mu.Lock()
	due := e.changed
	e.changed = map[string]time.Time{}
	e.mu.Unlock()
	if len(due) == 0 {
		return false, nil
	}
	defer func() {
		if !stored {
			e.unsaved(due)
		}
	}()
	if err := e.config.Save(ctx, due); err != nil {
		return false, fmt.Errorf("store due times: %w", err)
	}
	return true, nil
}

// unsaved takes back what could not be stored, but for what changed again or was removed since.
func (e *Engine) unsaved(due map[string]time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for name, at := range due {
		j := e.jobs[name]
		if _, newer := e.changed[name]; !newer && j != nil && !j.gone {
			e.changed[name] = at
		}
	}
}

// saveLast stores what is left after ctx ended.
func (e *Engine) saveLast(ctx context.Context) (err error) {
	if e.config.Save == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveGrace)
	defer cancel()
	cron.NewChain(cron.Recover(panics{e.config.Log})).Then(cron.FuncJob(func() { _, err = e.save(ctx) })).Run()
	return err
}

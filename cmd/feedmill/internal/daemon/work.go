package daemon

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"feedmill/cmd/feedmill/internal/admin"
	"feedmill/cmd/feedmill/internal/systemd"
	"feedmill/config"
	"feedmill/feed"
)

// work runs all parts until ctx ends or one of them fails, then stops the others and waits for them.
func (d *Daemon) work(ctx context.Context, l listeners, s *serving, reload <-chan struct{}, keep func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	parts := []func(context.Context) error{d.engine.Run, d.admin(l).Run, d.watchAll, d.publishSite, d.desk.Run, keep}
	if d.server != nil {
		parts = append(parts, s.wait, d.countVisits)
	}
	late := lateAfter(ctx)
	errs := make(chan error, len(parts))
	for _, part := range parts {
		go func() { errs <- part(ctx) }()
	}
	var failed error
	for running := len(parts); running > 0; {
		select {
		case err := <-errs:
			running--
			if err != nil && !errors.Is(err, context.Canceled) {
				failed = errors.Join(failed, err)
			}
			cancel() // one part that ends takes the others with it
		case <-reload:
			if err := d.Reload(ctx); err != nil && ctx.Err() == nil { // a stop that comes meanwhile is no failure
				d.Log.Error("configuration not reloaded; the old one stays", "err", err)
			}
		case <-late:
			return errors.Join(failed, fmt.Errorf("%d parts did not stop within %s", running, grace))
		}
	}
	return failed
}

// serving is the answering of readers, which begins as soon as it is known which feeds there are: their documents of the last
// run need not have been brought to every output for that.
type serving struct {
	cancel context.CancelFunc
	ended  chan struct{}
	err    error
}

func (d *Daemon) serve(ctx context.Context, answer func(context.Context) error) *serving {
	ctx, cancel := context.WithCancel(ctx)
	s, shown := &serving{cancel: cancel, ended: make(chan struct{})}, make(chan struct{})
	d.known = sync.OnceFunc(func() { close(shown) })
	go func() {
		defer close(s.ended)
		select {
		case <-ctx.Done():
		case <-shown:
			s.err = answer(ctx)
		}
	}()
	return s
}

// wait returns when no reader is answered any more: at the latest when ctx has ended and those under way have their answers.
func (s *serving) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		s.stop()
	case <-s.ended:
	}
	return s.err
}

func (s *serving) stop() {
	s.cancel()
	<-s.ended
}

// lateAfter answers when ctx has ended and the stop takes too long.
func lateAfter(ctx context.Context) <-chan struct{} {
	late := make(chan struct{})
	context.AfterFunc(ctx, func() { time.AfterFunc(grace, func() { close(late) }) })
	return late
}

func (d *Daemon) admin(l listeners) *admin.Server {
	return admin.New(l.admin, d.plan.Load().Config.Admin.Token, admin.Actions{
		Refresh: d.engine.Enqueue,
		Reload:  d.Reload,
		Status:  d.status,
	}, d.health, d.metrics, d.Log)
}

// status says how every feed is.
func (d *Daemon) status(ctx context.Context) (admin.Status, error) {
	if err := d.desk.Flush(ctx); err != nil {
		d.Log.Warn("the status may be some seconds old", "err", err)
	}
	if err := d.saveVisits(ctx); err != nil {
		d.Log.Warn("the status may be some minutes old", "err", err)
	}
	return admin.StatusOf(ctx, d.store, d.plan.Load().Config, d.Now())
}

// Reload reads the configuration again and goes over to it as a whole. On any error everything stays as it is.
func (d *Daemon) Reload(ctx context.Context) error {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	d.tell(systemd.Reloading)
	defer d.tell(systemd.Ready)
	err := d.reload(ctx)
	d.health.Reloaded(d.Now(), err)
	d.metrics.Reloaded(d.Now(), err)
	return err
}

func (d *Daemon) reload(ctx context.Context) error {
	c, err := d.Load()
	if err != nil {
		return err
	}
	old := d.plan.Load().Config
	var fixed []error
	for _, word := range []struct{ name, before, after string }{
		{"state", old.State, c.State},
		{"admin.listen", old.Admin.Listen, c.Admin.Listen},
		{"admin.token", old.Admin.Token.Reveal(), c.Admin.Token.Reveal()},
		{"server.listen", serverListen(old), serverListen(c)},
		{"server.tls", serverTLS(old), serverTLS(c)},
	} {
		if word.before != word.after {
			fixed = append(fixed, fmt.Errorf("%s: %s was changed, which takes a restart", c.Files[0], word.name))
		}
	}
	if err := errors.Join(fixed...); err != nil {
		return feed.Classify(feed.Refused, err)
	}
	if err := d.begin(ctx, c); err != nil {
		return err
	}
	plan := d.plan.Load()
	d.setLevel(c)
	for _, job := range plan.jobs(nil) {
		if err := d.engine.Enqueue(ctx, job.Name); err != nil {
			return err
		}
	}
	d.Log.Info("configuration reloaded", "feeds", len(plan.Feeds))
	return nil
}

func serverListen(c *config.Config) string {
	if c.Server == nil {
		return ""
	}
	return c.Server.Listen
}

// serverTLS are the words for certificates.
func serverTLS(c *config.Config) string {
	if c.Server == nil || c.Server.TLS == nil {
		return ""
	}
	return strings.Join(c.Server.TLS.Domains, " ") + " " + c.Server.TLS.Email
}

// watchAll watches the sources of the current plan until ctx ends. When there is a new plan, the feeds that it shares with
// the one before stay watched as they are.
func (d *Daemon) watchAll(ctx context.Context) error {
	watched := map[*Feed]context.CancelFunc{}
	var wait sync.WaitGroup
	for ctx.Err() == nil {
		current := map[*Feed]bool{}
		for _, f := range d.plan.Load().Feeds {
			if current[f] = true; watched[f] != nil || f.Retired || !f.watched() {
				continue
			}
			watching, stop := context.WithCancel(ctx)
			watched[f] = stop
			for _, s := range f.Sources {
				if w, ok := s.Source.(feed.Watcher); ok {
					wait.Go(func() { d.watchOne(watching, f.Name, w) })
				}
			}
		}
		for f, stop := range watched {
			if !current[f] {
				stop()
				delete(watched, f)
			}
		}
		select {
		case <-ctx.Done():
		case <-d.rewatch:
		}
	}
	for _, stop := range watched {
		stop()
	}
	wait.Wait()
	return nil
}

func (d *Daemon) watchOne(ctx context.Context, name string, w feed.Watcher) {
	err := w.Watch(ctx, func() {
		if err := d.engine.Enqueue(ctx, name); err != nil && ctx.Err() == nil {
			d.Log.Error("changed source not refreshed", "feed", name, "err", err)
		}
	})
	if err != nil && ctx.Err() == nil {
		d.Log.Error("source is no longer watched; it is read on schedule only", "feed", name, "err", err)
	}
}

package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"feedmill/config"
	"feedmill/feed"
	"feedmill/feed/mill"
	"feedmill/feed/render"
)

// Theme reads the theme of a configuration, nil when it has none, and makes every page of it once. Errors are
// [config.Problems].
func Theme(c *config.Config) (*render.Theme, error) {
	if c.Server == nil || c.Server.Theme == "" {
		return nil, nil
	}
	theme, err := render.NewTheme(c.Server.Theme, os.DirFS(c.Server.Theme))
	if err != nil {
		return nil, config.Problems{{File: c.Files[0], Line: c.Server.ThemeLine, Column: 1, Path: "server.theme", Message: err.Error()}}
	}
	return theme, nil
}

// Headlines finds the newest articles of feeds, by their names; see [mill.Mill.Headlines].
type Headlines func(context.Context, []*mill.Feed) (map[string]*render.Item, error)

// PublishSite writes the documents that belong to no feed, the index and the list of feeds, to every output, and to more.
// They show no private feed. Outputs also get the redirects of feeds that have moved: the server redirects by itself.
func (p *Plan) PublishSite(ctx context.Context, headlines Headlines, more ...feed.Publisher) error {
	var shown []*mill.Feed
	for _, f := range p.Feeds {
		if !f.Private() && !f.Retired && !f.Over(p.now()) {
			shown = append(shown, &f.Feed)
		}
	}
	newest, err := headlines(ctx, shown)
	if err != nil {
		return fmt.Errorf("make the index: %w", err)
	}
	site := render.Site{Base: p.Config.BaseURL, Theme: p.theme}
	for _, f := range shown {
		site.Feeds = append(site.Feeds, render.Entry{Channel: f.Channel, Newest: newest[f.Name]})
	}
	var r feed.Release
	var errs []error
	for _, make := range []func() (feed.Document, error){site.Index, site.OPML} {
		d, err := make()
		if err == nil {
			r.Documents = append(r.Documents, d)
		}
		errs = append(errs, err)
	}
	for _, out := range more {
		errs = append(errs, out.Publish(ctx, r))
	}
	for _, out := range p.sites {
		own := r
		errs = append(errs, p.redirects(&own, out), out.Publish(ctx, own))
	}
	return errors.Join(errs...)
}

// siteRest is how long the index rests at least: however many feeds have something new, it is made once.
const siteRest = 2 * time.Second

// publishSite makes the index anew when a feed has something new, until ctx ends.
func (d *Daemon) publishSite(ctx context.Context) error {
	failing := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-d.stale:
		}
		err := d.siteOf(ctx, d.plan.Load())
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !failing:
			d.Log.Error("index not published; the old one stays", "err", err)
		case err == nil && failing:
			d.Log.Info("index published again")
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(siteRest):
		}
	}
}

// siteOf publishes the index of a plan.
func (d *Daemon) siteOf(ctx context.Context, plan *Plan) error {
	d.indexing.Lock()
	defer d.indexing.Unlock()
	if plan != d.plan.Load() {
		return nil // another one took its place meanwhile
	}
	var more []feed.Publisher
	if d.server != nil {
		more = append(more, d.server)
	}
	err := plan.PublishSite(ctx, d.mill.Headlines, more...)
	if err != nil {
		time.AfterFunc(retry, d.outdated) // nothing new need come before it is tried again
	}
	return err
}

// outdated says that the index no longer tells the newest articles.
func (d *Daemon) outdated() {
	select {
	case d.stale <- struct{}{}:
	default: // it will be made anew already
	}
}

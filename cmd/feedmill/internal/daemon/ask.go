package daemon

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

	"feedmill/feed"
	"feedmill/feed/render"
)

// page finds for the server what none of its releases holds: an article's page, an archive, a feed of one tag, a media file, or
// a live document of the last run.
func (d *Daemon) page(ctx context.Context, path string) (feed.Document, error) {
	if name, ok := feed.MediaName(path); ok {
		return d.media(ctx, name)
	}
	if name, _, archive := cutLast(path, "/archive/"); archive {
		if f := d.plan.Load().Feed(name); f != nil {
			return d.mill.Archive(ctx, &f.Feed, path)
		}
	}
	if name, _, tag := cutLast(path, "/tag/"); tag {
		if f := d.plan.Load().Feed(name); f != nil {
			return d.inspectTheme(d.mill.Facet(ctx, &f.Feed, path))
		}
	}
	name, slug, _ := cutLast(path, "/a/")
	if f := d.plan.Load().Feed(name); f != nil && slug != "" {
		return d.inspectTheme(d.mill.Page(ctx, &f.Feed, slug))
	}
	if f := d.plan.Load().owner(path); f != nil {
		return d.mill.Archive(ctx, &f.Feed, path)
	}
	return feed.Document{}, fmt.Errorf("page %s: %w", path, fs.ErrNotExist)
}

// inspectTheme passes on a page that its theme fails at. It says so once for each configuration, for crawlers ask for many.
func (d *Daemon) inspectTheme(page feed.Document, err error) (feed.Document, error) {
	fault := render.Fault(err)
	if fault == nil || page.Path == "" {
		return page, err
	}
	if plan := d.plan.Load(); d.undressed.Swap(plan) != plan {
		d.Log.Error("the theme fails at pages that are asked for; they are shown as they were, or without it", "err", fault)
	}
	return page, nil
}

// owner is the feed whose address a path lies below, nil when there is none: of several the one with the longest.
func (p *Plan) owner(path string) *Feed {
	for end := len(path); end > 0; end-- {
		if end == len(path) || path[end] == '/' || path[end] == '.' {
			if f := p.Feed(path[:end]); f != nil {
				return f
			}
		}
	}
	return nil
}

// media finds a file that a published article of one of the plan's feeds refers to.
func (d *Daemon) media(ctx context.Context, name string) (feed.Document, error) {
	file, feeds, err := d.mill.Media(ctx, name)
	if err != nil {
		return feed.Document{}, err
	}
	plan, known := d.plan.Load(), false
	file.Private = true
	for _, one := range feeds {
		if f := plan.Feed(one); f != nil {
			known, file.Private = true, file.Private && f.Private()
		}
	}
	if !known {
		return feed.Document{}, fmt.Errorf("file %s belongs to no feed: %w", name, fs.ErrNotExist)
	}
	return file, nil
}

func cutLast(s, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(s, separator); i >= 0 {
		return s[:i], s[i+len(separator):], true
	}
	return s, "", false
}

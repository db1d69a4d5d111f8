package mill

import (
	"context"
	"slices"
	"time"

	"feedmill/feed/render"
	"feedmill/feed/store"
)

// tellsNews reports whether a document of the feed is of the last two days, whatever its limit.
func (f *Feed) tellsNews() bool {
	return slices.ContainsFunc(f.editions(), func(e Edition) bool { return slices.Contains(e.Channel.Formats, render.NewsSitemap) })
}

// news are the articles of a news sitemap.
func (c *choice) news(ctx context.Context, shown func(render.Version) bool) ([]render.Item, []render.Listed, error) {
	since := c.state.AsOf.Add(-render.NewsAge)
	released, err := c.library.Shown(ctx, c.state.Serial, 0, since) // nothing is published after its release
	if err != nil {
		return nil, nil, err
	}
	var rows []store.Shown
	for _, row := range released {
		if row.Published.After(since) {
			rows = append(rows, row)
		}
	}
	found, err := c.items(ctx, rows, shown, 0)
	if err != nil {
		return nil, nil, err
	}
	items, listed := split(rows, found)
	return items, listed, nil
}

// newsBegins reports whether the feed may have a news sitemap that the stored moment of the next change knows nothing of.
func (r *refresh) newsBegins() bool {
	if !r.feed.tellsNews() {
		return false
	}
	dress, err := dressOf(r.editions())
	return err != nil || dress != r.state.Dress
}

// ageNews finds the moment when the next article gets too old for a news sitemap. What got too old since the documents were
// made is a change of its own: the moment they are made for moves on.
func (r *refresh) ageNews(ctx context.Context, wake func(time.Time)) error {
	rows, err := r.library.Shown(ctx, r.state.Serial, 0, r.state.AsOf.Add(-render.NewsAge))
	if err != nil {
		return err
	}
	for _, row := range rows {
		over := row.Published.Add(render.NewsAge)
		if over.After(r.state.AsOf) && !over.After(r.at) {
			r.changed = true
		}
		wake(over)
	}
	for _, row := range r.rows {
		if row.State == store.Live {
			wake(row.Published.Add(render.NewsAge))
		}
	}
	return nil
}

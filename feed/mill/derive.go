package mill

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"feedmill/feed"
	"feedmill/feed/store"
)

// Follow refreshes a feed without reading anything but the feeds that it takes articles from: what changed there, such as
// a withdrawal, is not to wait for its other sources.
func (m *Mill) Follow(ctx context.Context, f *Feed) (Report, error) {
	one := *f
	one.following = true
	one.Sources = slices.Clone(f.Sources)
	for i := range one.Sources {
		if s := &one.Sources[i]; s.From == "" {
			s.Source, s.Expander = still{}, nil
		}
	}
	return m.Refresh(ctx, &one)
}

// derived is a source of what another feed of the same state has published: its articles with their ids, links and dates,
// and its withdrawals.
type derived struct {
	*refresh
	parent string
	whole  map[string]bool // the articles, by id, that have their pages from the parent
}

// tookWhole reports whether an article has its page from the feed that it was taken from: it is not fetched again.
func (b *batch) tookWhole(id string) bool {
	d, ok := b.Source.(*derived)
	return ok && d.whole[id]
}

// Fetch returns what the parent committed since the last time.
func (d *derived) Fetch(ctx context.Context, m feed.Memory) (feed.Batch, error) {
	const key = "revision"
	parent, err := d.ledger.Feed(ctx, d.parent, opaque("feed", d.feed.Channel.Base, d.parent))
	if err != nil {
		return feed.Batch{}, err
	}
	var seen int64
	if value := m.Get(key); value != nil {
		if seen, err = strconv.ParseInt(string(value), 10, 64); err != nil {
			return feed.Batch{}, fmt.Errorf("read memory of feed %s: %w", d.parent, err)
		}
	}
	if parent.Revision == seen {
		return feed.Batch{Extent: feed.Unchanged}, nil
	}
	rows, err := d.ledger.Published(ctx, parent.Serial, seen)
	if err != nil {
		return feed.Batch{}, err
	}
	b := feed.Batch{Extent: feed.Increment}
	for _, row := range rows {
		b.Articles = append(b.Articles, d.article(row))
	}
	if d.whole, err = d.read(ctx, parent.Serial, rows); err != nil {
		return feed.Batch{}, err
	}
	m.Put(key, strconv.AppendInt(nil, parent.Revision, 10))
	return b, nil
}

// read finds those of the parent's articles whose pages it has.
func (d *derived) read(ctx context.Context, parent int64, rows []store.Article) (map[string]bool, error) {
	if d.feed.Filters.FullText() == nil {
		return nil, nil
	}
	ids, positions := map[int64]string{}, make([]int64, len(rows))
	for i, row := range rows {
		positions[i], ids[row.Position] = row.Position, row.ID
	}
	pages, err := d.ledger.Added(ctx, parent, positions)
	if err != nil {
		return nil, err
	}
	whole := map[string]bool{}
	for _, p := range pages {
		whole[ids[p.Position]] = true
	}
	return whole, nil
}

func (d *derived) article(row store.Article) feed.Article {
	a := row.Said
	a.ID, a.Key, a.Slug, a.Link = row.ID, "", "", row.Link
	if row.Hosted {
		a.Link = d.feed.Channel.Base + "/" + d.parent + "/" + hostedPath(row.Slug)
	}
	a.Trace = "" // how it was read is known there
	a.Published, a.Updated, a.Expires, a.Status = row.Published, row.Updated, row.Expires, feed.Ready
	switch row.State {
	case store.Live, store.Expired: // whose end is in the past
	default:
		a.Status, a.Expires = feed.Withdrawn, time.Time{} // the end of its notice there is nothing to us
	}
	return a
}

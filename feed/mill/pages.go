package mill

import (
	"context"
	"fmt"
	"io/fs"

	"feedmill/feed"
	"feedmill/feed/render"
	"feedmill/feed/store"
)

// pages makes the pages of the hosted articles that are shown, and anew those of others that changed since; it names the
// pages of articles that are no longer live.
func (r *refresh) pages(ctx context.Context, c render.Channel, items []render.Item) (pages []store.Document, removed []string, err error) {
	prefix := r.feed.Name + "/a/"
	stale, err := r.library.Stale(ctx, r.state.Serial, r.state.Rendered, prefix)
	if err != nil {
		return nil, nil, err
	}
	for _, row := range stale {
		owner, err := r.pageOwner(ctx, row)
		if err != nil {
			return nil, nil, err
		}
		if owner == nil {
			removed = append(removed, prefix+row.Slug)
		} else {
			items = append(items, r.item(*owner))
		}
	}
	made := map[string]bool{}
	for _, it := range items {
		if it.Kept || !it.Hosted || made[it.Slug] {
			continue
		}
		made[it.Slug] = true
		page, err := render.Page(c, it)
		if err != nil {
			return nil, nil, fmt.Errorf("page of %s: %w", it.ID, err)
		}
		body, err := page.Bytes()
		if err != nil {
			return nil, nil, err
		}
		pages = append(pages, store.Document{Document: page, Body: body, Page: true})
	}
	return pages, removed, nil
}

// pageOwner is the live article whose page lies at the row's slug: the row itself, or one that the slug has passed to;
// nil when there is none.
func (r *refresh) pageOwner(ctx context.Context, row store.Article) (*store.Article, error) {
	if row.State == store.Live && row.Hosted {
		return &row, nil
	}
	found, err := r.ledger.Find(ctx, r.state.Serial, store.Lookup{Link: hostedPath(row.Slug)})
	if err != nil {
		return nil, err
	}
	for i := range found {
		if found[i].State == store.Live && found[i].Hosted {
			return &found[i], nil
		}
	}
	return nil, nil
}

// Page makes the page of a hosted article on request. The error is [fs.ErrNotExist] when there is no such article, and
// of class Gone when it was taken back.
func (m *Mill) Page(ctx context.Context, f *Feed, slug string) (feed.Document, error) {
	state, err := m.ledger.Feed(ctx, f.Name, feedID(f))
	if err != nil {
		return feed.Document{}, err
	}
	found, err := m.ledger.Find(ctx, state.Serial, store.Lookup{Link: hostedPath(slug)})
	if err != nil {
		return feed.Document{}, err
	}
	err = fmt.Errorf("article %s of feed %s: %w", slug, f.Name, fs.ErrNotExist)
	for _, row := range found {
		switch {
		case row.State == store.Live && row.Hosted:
			return render.Page(f.Channel, item(f, row))
		case row.Number > 0:
			err = feed.Classify(feed.Gone, fmt.Errorf("article %s of feed %s was taken back", slug, f.Name))
		}
	}
	return feed.Document{}, err
}

package mill

import (
	"context"
	"fmt"
	"io/fs"

	"feedmill/feed"
	"feedmill/feed/render"
	"feedmill/feed/store"
)

// paging makes the pages of hosted articles in one rendering.
type paging struct {
	channel render.Channel
	anew    bool            // the settings changed
	made    map[string]bool // by slug
	pages   []store.Document
	failed  error // the first
	others  int   // that failed
}

// fail takes note of a page that cannot be made. Its old one stays, or one is made without the theme, and no other document
// waits for it.
func (p *paging) fail(err error) {
	if p.failed == nil {
		p.failed = err
	} else {
		p.others++
	}
}

func (p *paging) err() error {
	if p.others > 0 {
		return misfit(fmt.Errorf("%w (and %d more pages; the old ones stay, new ones are made without the theme)", p.failed, p.others))
	}
	if p.failed != nil {
		return misfit(fmt.Errorf("%w; what was published of it stays, and a new page is made without the theme", p.failed))
	}
	return nil
}

// hostPage makes the page of an article that is shown, if it is a hosted one. Of very many some are stored at once: their
// articles are published already.
func (r *refresh) hostPage(ctx context.Context, it render.Item) error {
	p := &r.paging
	if !it.Hosted || p.made[it.Slug] {
		return nil
	}
	p.made[it.Slug] = true
	it, err := r.withFacets(ctx, r.feed, r.state.Serial, it)
	if err != nil {
		return err
	}
	page, err := render.Page(p.channel, it)
	if err != nil {
		p.fail(fmt.Errorf("page of %s: %w", it.ID, err))
		if page, err = r.standIn(ctx, p.channel, it, err); err != nil || page.Path == "" {
			return err
		}
	}
	body, err := page.Bytes()
	if err != nil {
		return err
	}
	p.pages = append(p.pages, store.Document{Document: page, Body: body, Page: true})
	if len(p.pages) < r.sizes.pages {
		return nil
	}
	rendering := store.Rendering{Feed: r.state}
	if rendering.Changed, err = r.changedPages(ctx, p.pages); err != nil || len(rendering.Changed) == 0 {
		return err
	}
	rendering.Feed.Release++
	if p.anew { // pages may bear this dress, documents the old one
		rendering.Feed.Dress = ""
	}
	if err := r.library.SaveRendering(ctx, rendering); err != nil {
		return err
	}
	r.state, p.pages = rendering.Feed, nil
	return nil
}

// standIn is the page of an article whose theme fails at it and that has none yet, made without the theme: feeds lead there.
// There is none when an old page stays, or when it is not the theme that fails.
func (r *refresh) standIn(ctx context.Context, c render.Channel, it render.Item, failed error) (feed.Document, error) {
	tag, err := r.library.ETag(ctx, r.state.Serial, c.Feed+"/a/"+it.Slug)
	if err != nil || tag != "" || render.Fault(failed) == nil {
		return feed.Document{}, err
	}
	c.Theme = nil
	page, err := render.Page(c, it)
	if err != nil {
		return feed.Document{}, feed.Classify(feed.Internal, fmt.Errorf("page of %s: %w", it.ID, err))
	}
	return page, nil
}

// changedPages are the pages and archives that differ from those stored.
func (r *refresh) changedPages(ctx context.Context, pages []store.Document) (changed []store.Document, err error) {
	for _, d := range pages {
		tag, err := r.library.ETag(ctx, r.state.Serial, d.Path)
		if err != nil {
			return nil, err
		}
		if tag != d.ETag {
			changed = append(changed, r.stamped(d))
		}
	}
	return changed, nil
}

// stalePages makes the pages of articles anew that changed since and are not shown, and names those of articles that are no
// longer live.
func (r *refresh) stalePages(ctx context.Context) (removed []string, err error) {
	prefix := r.feed.Name + "/a/"
	stale, err := r.library.Stale(ctx, r.state.Serial, r.state.Rendered, prefix)
	if err != nil {
		return nil, err
	}
	for _, row := range stale {
		owner, err := r.pageOwner(ctx, row)
		if err != nil {
			return nil, err
		}
		if owner == nil {
			removed = append(removed, prefix+row.Slug)
		} else if err := r.hostPage(ctx, r.item(*owner)); err != nil {
			return nil, err
		}
	}
	return removed, nil
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

// Page makes the page of a hosted article on request. The error is [fs.ErrNotExist] when there is no such article, and of
// class Gone when it was taken back. When the theme fails at the page, what is wrong with the theme comes beside a document
// that can be shown: the one made last, or one without the theme.
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
			it, err := m.withFacets(ctx, f, state.Serial, item(f, row))
			if err != nil {
				return feed.Document{}, err
			}
			page, err := render.Page(f.Channel, it)
			if err == nil {
				return page, nil
			}
			return m.stillPage(ctx, f, state.Serial, it, err)
		case row.Number > 0:
			err = feed.Classify(feed.Gone, fmt.Errorf("article %s of feed %s was taken back", slug, f.Name))
		}
	}
	return feed.Document{}, err
}

// stillPage is the page of an article that could not be made anew.
func (m *Mill) stillPage(ctx context.Context, f *Feed, serial int64, it render.Item, failed error) (feed.Document, error) {
	fault := render.Fault(failed)
	if old, err := m.library.Document(ctx, serial, f.Name+"/a/"+it.Slug); err == nil && old != nil {
		return old.Document, fault
	}
	if fault == nil {
		return feed.Document{}, failed
	}
	c := f.Channel
	c.Theme = nil
	page, err := render.Page(c, it)
	if err != nil {
		return feed.Document{}, failed
	}
	return page, fault
}

// Headlines are the newest articles of feeds, by the names of these, as a list of feeds shows them: without their content.
// A feed that has no article has none, and neither has one whose newest article its profile leaves out.
func (m *Mill) Headlines(ctx context.Context, feeds []*Feed) (map[string]*render.Item, error) {
	rows, err := m.library.Headlines(ctx)
	if err != nil {
		return nil, err
	}
	newest := map[string]*render.Item{}
	for _, f := range feeds {
		row, ok := rows[f.Name]
		if !ok {
			continue
		}
		it := item(f, row)
		it.Title = render.Title(it.Article)
		if f.Profile.Article(it.Article, row.Released) != "" {
			continue
		}
		it.Content, it.Markdown = "", ""
		newest[f.Name] = &it
	}
	return newest, nil
}

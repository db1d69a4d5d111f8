package mill

import (
	"context"
	"errors"
	"slices"
	"time"

	"feedmill/feed"
	"feedmill/feed/check"
	"feedmill/feed/clean"
	"feedmill/feed/render"
	"feedmill/feed/store"
)

// snapshot is what the documents of an edition are to show. Articles that all documents before show as they are now are not
// read, and of many that they do not show only the first ones are: the others are when their turn comes.
func (c *choice) snapshot(ctx context.Context, before map[string]render.Made) (s render.Snapshot, err error) {
	s = render.Snapshot{Channel: c.Channel, AsOf: c.state.AsOf, Page: c.Channel.Edition == "", Read: c.again(ctx)}
	paths, in := livePaths(c.Channel), map[render.Version]int{}
	for _, path := range paths {
		for _, part := range before[path].Parts {
			in[part.Version]++
		}
	}
	if len(paths) > 0 {
		s.Items, s.Listed, err = c.live(ctx, func(v render.Version) bool { return in[v] == len(paths) })
	}
	if err != nil {
		return s, err
	}
	noticed, err := c.withdrawn(ctx)
	if err != nil {
		return s, err
	}
	for _, row := range noticed {
		s.Items = append(s.Items, c.notice(row))
		s.Deleted = append(s.Deleted, render.Deleted{ID: row.ID, When: row.Updated})
	}
	if s.Page {
		pinned, err := c.library.Pinned(ctx, c.state.Serial, mostPinned)
		if err != nil {
			return s, err
		}
		for _, row := range pinned {
			s.Pinned = append(s.Pinned, c.item(row))
		}
		if s.Facets, err = c.namedFacets(ctx); err != nil {
			return s, err
		}
		if err := errors.Join(c.linkTags(ctx, s.Items), c.linkTags(ctx, s.Pinned)); err != nil {
			return s, err
		}
	}
	if !slices.Contains(c.Channel.Formats, render.NewsSitemap) {
		return s, nil
	}
	earlier := c.Channel.Before(render.NewsSitemap, before)
	s.News, s.NewsListed, err = c.news(ctx, func(v render.Version) bool {
		return slices.ContainsFunc(earlier, func(made render.Made) bool { return made.Parts.Has(v) })
	})
	return s, err
}

// mostPinned bounds how many pinned articles stand above the others on a page.
const mostPinned = 10

// noticeTime is how long a notice stands in the place of a withdrawn article.
const noticeTime = 7 * 24 * time.Hour

// notice is what stands in the place of a withdrawn article, so that subscribers who have it learn of it. Nothing of the
// article is in it.
func (r *refresh) notice(row store.Article) render.Item {
	shown := r.item(row)
	return render.Item{Version: shown.Version, Article: feed.Article{
		ID: shown.ID, Link: shown.Link, Published: shown.Published, Updated: shown.Updated, Language: "en",
		Title: noticeTitle, Summary: noticeSummary,
	}}
}

const (
	noticeTitle   = "This article was withdrawn"
	noticeSummary = "It is no longer part of this feed."
)

// isNotice reports whether an article that was read back from a document is a notice.
func isNotice(a feed.Article) bool {
	says := func(text string) bool { return text == "" || text == noticeTitle || text == noticeSummary }
	return a.Title == noticeTitle && says(clean.PlainText(a.Summary)) && says(clean.PlainText(a.Content))
}

// livePaths are the addresses of a channel's live documents that show every live article: each feed format's. The page of a
// feed shows the newest, which are read for it when it lacks them; it counts where nothing else shows articles.
func livePaths(c render.Channel) []string {
	var paths []string
	for _, f := range c.Formats {
		if f != render.NewsSitemap {
			paths = append(paths, c.Path(f))
		}
	}
	if len(paths) == 0 && c.Edition == "" {
		paths = append(paths, c.Feed+"/")
	}
	return paths
}

// item is a stored article as it is shown.
func (r *refresh) item(row store.Article) render.Item { return item(r.feed, row) }

func item(f *Feed, row store.Article) render.Item {
	a := row.Said
	a.ID, a.Link, a.Slug, a.Published, a.Updated = row.ID, row.Link, row.Slug, row.Published, row.Updated
	if row.Hosted {
		a.Link = hostedLink(f, row.Slug)
	}
	if a.Content == "" {
		a.Content = clean.Markdown(a.Markdown)
	}
	showMedia(&a, f.Channel.Base)
	return render.Item{Article: a, Hosted: row.Hosted, Version: render.Version{Position: row.Position, Revision: row.Revision}}
}

// inspect reads what is new in a document back.
func inspect(s render.Snapshot, d feed.Document, items []render.Item) error {
	w := check.Want{Title: s.Channel.Title, Self: render.Address(s.Channel.Base, d.Path), AsOf: s.AsOf}
	for _, it := range items {
		w.Items = append(w.Items, check.Item{
			ID: it.ID, Title: render.Title(it.Article), Link: it.Link, Published: it.Published, Updated: it.Updated,
		})
	}
	switch d.Type {
	case feed.TypeHTML:
		return nil // it is for people
	case feed.TypeXML:
		return check.News(d, w)
	}
	w.MaxSize = s.Channel.MaxSize
	return check.Document(d, w)
}

// inspectIndex reads the index of a news sitemap of several files back.
func inspectIndex(s render.Snapshot, made []render.Made) error {
	var index *feed.Document
	var files []string
	for i, d := range made {
		switch {
		case d.Path == s.Channel.Path(render.NewsSitemap):
			index = &made[i].Document
		case d.Type == feed.TypeXML:
			files = append(files, s.Channel.Base+"/"+d.Path)
		}
	}
	if index == nil || len(files) == 0 {
		return nil
	}
	return check.SitemapIndex(*index, files)
}

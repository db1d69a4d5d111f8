package mill

import (
	"context"
	"time"

	"feedmill/feed"
	"feedmill/feed/check"
	"feedmill/feed/clean"
	"feedmill/feed/render"
	"feedmill/feed/store"
)

// snapshot is what the documents are to show. Articles that all documents before show as they are now are not read.
func (r *refresh) snapshot(ctx context.Context, e Edition, before map[string]render.Made) (render.Snapshot, error) {
	var since time.Time
	if e.Limit.Hours > 0 {
		since = r.state.AsOf.Add(-time.Duration(e.Limit.Hours) * time.Hour)
	}
	window, err := r.library.Shown(ctx, r.state.Serial, e.Limit.Articles, since)
	if err != nil {
		return render.Snapshot{}, err
	}
	paths := documentPaths(e.Channel)
	in := map[render.Version]int{}
	for _, path := range paths {
		for _, part := range before[path].Parts {
			in[part.Version]++
		}
	}
	s := render.Snapshot{Channel: e.Channel, AsOf: r.state.AsOf, Items: make([]render.Item, 0, len(window))}
	noticed, err := r.library.Noticed(ctx, r.state.Serial, r.state.AsOf, e.Limit.Articles)
	if err != nil {
		return render.Snapshot{}, err
	}
	for _, row := range noticed {
		s.Items = append(s.Items, r.notice(row))
		s.Deleted = append(s.Deleted, render.Deleted{ID: row.ID, When: row.Updated})
	}
	var unread []int64
	for _, row := range window {
		v := render.Version{Position: row.Position, Revision: row.Revision}
		if in[v] < len(paths) {
			unread = append(unread, row.Position)
			continue
		}
		kept := render.Item{Kept: true, Version: v}
		kept.ID, kept.Published, kept.Updated = row.ID, row.Published, row.Updated
		s.Items = append(s.Items, kept)
	}
	if e.Channel.Edition == "" {
		pinned, err := r.library.Pinned(ctx, r.state.Serial, mostPinned)
		if err != nil {
			return render.Snapshot{}, err
		}
		for _, row := range pinned {
			s.Pinned = append(s.Pinned, r.item(row))
		}
	}
	rows, err := r.library.Articles(ctx, r.state.Serial, unread)
	if err != nil {
		return render.Snapshot{}, err
	}
	for _, row := range rows {
		s.Items = append(s.Items, r.item(row))
	}
	return s, nil
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

// documentPaths are the addresses of a channel's live documents: each format's, and the page of a feed.
func documentPaths(c render.Channel) []string {
	var paths []string
	for _, f := range c.Formats {
		paths = append(paths, c.Name()+"."+string(f))
	}
	if c.Edition == "" {
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
	return render.Item{Article: a, Hosted: row.Hosted, Version: render.Version{Position: row.Position, Revision: row.Revision}}
}

// want is what the new part of a document must say.
func want(s render.Snapshot, d render.Made) check.Want {
	w := check.Want{Title: s.Channel.Title, Self: s.Channel.Base + "/" + d.Path, AsOf: s.AsOf, MaxSize: s.Channel.MaxSize}
	for _, it := range s.Items {
		if it.Kept || s.Channel.MaxSize > 0 && !d.Parts.Has(it.Version) {
			continue
		}
		w.Items = append(w.Items, check.Item{
			ID: it.ID, Title: render.Title(it.Article), Link: it.Link, Published: it.Published, Updated: it.Updated,
		})
	}
	return w
}

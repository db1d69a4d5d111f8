package mill

import (
	"context"
	"fmt"
	"slices"

	"feedmill/feed/filter"
	"feedmill/feed/render"
	"feedmill/feed/store"
)

// Place is a document that an article stands in.
type Place struct {
	Path    string
	Edition string // whose document it is; empty: the feed's own
	Page    bool   // it is the article's own page
	Archive bool
	Stale   bool // it shows the article as it was before its last change, as archives do
}

// Places returns the documents that an article stands in: live ones, its page, archives.
func (q *Inquiry) Places(ctx context.Context, row store.Article) ([]Place, error) {
	live, err := q.refresh.liveDocuments(ctx)
	if err != nil {
		return nil, err
	}
	archives, err := q.archives(ctx, row.Number)
	if err != nil {
		return nil, err
	}
	var places []Place
	for _, d := range slices.Concat(live, archives) {
		made, err := remade(d)
		if err != nil {
			return nil, err
		}
		for _, part := range made.Parts {
			if part.Position == row.Position {
				places = append(places, Place{
					Path: d.Path, Edition: q.refresh.feed.editionOf(d.Path), Archive: d.Page, Stale: part.Revision != row.Revision,
				})
				break
			}
		}
	}
	if !row.Hosted || row.State != store.Live {
		return places, nil
	}
	path := q.refresh.feed.Name + "/a/" + row.Slug
	tag, err := q.records.ETag(ctx, q.refresh.state.Serial, path)
	if tag != "" {
		places = append(places, Place{Path: path, Page: true})
	}
	return places, err
}

// archives are the documents of the closed chunk that holds a publication number.
func (q *Inquiry) archives(ctx context.Context, number int64) ([]store.Document, error) {
	if number == 0 {
		return nil, nil
	}
	chunk, err := q.records.ChunkOf(ctx, q.refresh.state.Serial, number)
	if err != nil || chunk.Number == 0 {
		return nil, err
	}
	var found []store.Document
	for _, f := range archived {
		d, err := q.records.Document(ctx, q.refresh.state.Serial, render.ArchivePath(q.refresh.feed.Channel, chunk.Number, f))
		if err != nil {
			return nil, err
		}
		if d != nil {
			found = append(found, *d)
		}
	}
	return found, nil
}

// Holds returns a document of the feed, nil when there is none, and the positions of the articles that stand in it, in its
// order. Of the page of a single article no positions are known.
func (q *Inquiry) Holds(ctx context.Context, path string) (positions []int64, document *store.Document, err error) {
	document, err = q.records.Document(ctx, q.refresh.state.Serial, path)
	if err != nil || document == nil {
		return nil, nil, err
	}
	made, err := remade(*document)
	if err != nil {
		return nil, nil, err
	}
	for _, part := range made.Parts {
		if !slices.Contains(positions, part.Position) {
			positions = append(positions, part.Position)
		}
	}
	return positions, document, nil
}

// Absent says for each edition that does not show a live article why, by the edition's name; "" is the feed itself.
func (q *Inquiry) Absent(ctx context.Context, row store.Article, places []Place) (map[string]string, error) {
	if row.State != store.Live {
		return nil, nil
	}
	why := map[string]string{}
	choices, err := q.refresh.choices(ctx, q.refresh.editions())
	if err != nil {
		return nil, err
	}
	for _, c := range choices {
		name := c.Channel.Edition
		if slices.ContainsFunc(places, func(p Place) bool { return p.Edition == name && !p.Page && !p.Archive }) {
			continue
		}
		if why[name], err = c.whyNot(ctx, row); err != nil {
			return nil, err
		}
	}
	return why, nil
}

// whyNot says why the edition does not show a live article.
func (c *choice) whyNot(ctx context.Context, row store.Article) (string, error) {
	it := c.item(row)
	v, err := c.verdict(ctx, &it, c.sourceName(row))
	if err != nil {
		return "", err
	}
	for _, said := range v.trace {
		if said.Action == filter.Dropped {
			return said.String(), nil
		}
	}
	if v.refused != "" {
		return "its profile leaves it out: " + v.refused, nil
	}
	if c.state.Rendered < row.Revision {
		return "the documents were not made since it changed", nil
	}
	newest, err := c.library.Shown(ctx, c.state.Serial, c.Limit.Articles, c.recently())
	if err != nil {
		return "", err
	}
	switch {
	case !slices.ContainsFunc(newest, func(s store.Shown) bool { return s.Position == row.Position }):
		return fmt.Sprintf("%s newer, and it shows no more (limit)", sinceThen(c.Limit.Articles)), nil
	case c.Channel.MaxSize > 0:
		return "the document would become larger than it may be (limit: size)", nil
	}
	return "its documents show other articles", nil
}

func sinceThen(n int) string {
	if n == 1 {
		return "another article is"
	}
	return fmt.Sprintf("%d articles are", n)
}

// LeavesOut are articles that an edition does not show though they are among the newest.
type LeavesOut struct {
	Edition string // its address below the site's: world/msn
	Article store.Article
	Why     string
}

// LeavesOut returns what the filters and profiles of the feed's editions left out when their documents were made last, the
// newest n of each edition, and how many there are in all by edition.
func (q *Inquiry) LeavesOut(ctx context.Context, n int) (newest []LeavesOut, count map[string]int, err error) {
	choices, err := q.refresh.choices(ctx, q.refresh.editions())
	if err != nil {
		return nil, nil, err
	}
	count = map[string]int{}
	for _, c := range choices {
		var positions []int64
		for _, refused := range []versions{c.before.Dropped, c.before.Refused} {
			for position := range refused {
				positions = append(positions, position)
			}
		}
		slices.Sort(positions)
		slices.Reverse(positions)
		positions = slices.Compact(positions)
		count[c.Channel.Name()] = len(positions)
		rows, err := q.At(ctx, positions[:min(n, len(positions))])
		if err != nil {
			return nil, nil, err
		}
		for _, row := range rows {
			why, err := c.whyNot(ctx, row)
			if err != nil {
				return nil, nil, err
			}
			newest = append(newest, LeavesOut{c.Channel.Name(), row, why})
		}
	}
	return newest, count, nil
}

// Live are the addresses of the feed's live documents below the base address.
func (q *Inquiry) Live(ctx context.Context) ([]string, error) {
	live, err := q.refresh.liveDocuments(ctx)
	paths := make([]string, len(live))
	for i, d := range live {
		paths[i] = d.Path
	}
	return paths, err
}

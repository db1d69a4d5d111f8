package mill

import (
	"context"

	"feedmill/feed/render"
	"feedmill/feed/store"
)

// found is what an edition does with an article.
type found struct {
	passes bool
	item   *render.Item // nil when it is not at hand
}

// items tells of each row whether the edition shows it. An article that the documents before show as it is now is not read,
// nor is one that is known to be left out. Of the others only the first ones stay at hand; any but those are read only if
// there is something to judge. before is how many rows were looked at earlier.
func (c *choice) items(ctx context.Context, rows []store.Shown, shown func(render.Version) bool, before int) ([]found, error) {
	all := make([]found, len(rows))
	var unread []int
	for i, row := range rows {
		switch {
		case c.knownLeftOut(row):
		case shown(version(row)) && !c.Filters.Ages() && !c.tooOld(row):
			all[i].passes = true
		default:
			unread = append(unread, i)
		}
	}
	for from := 0; from < len(unread); from += c.sizes.articles {
		some := unread[from:min(from+c.sizes.articles, len(unread))]
		atHand := from+before == 0
		if !atHand && !c.judges() {
			for _, i := range some {
				all[i].passes = true
			}
			continue
		}
		positions := make([]int64, len(some))
		for n, i := range some {
			positions[n] = rows[i].Position
		}
		read, err := c.read(ctx, positions)
		if err != nil {
			return nil, err
		}
		for _, i := range some {
			it, ok := read[rows[i].Position]
			if ok && c.judges() {
				if ok, err = c.judge(ctx, it.Item, it.source); err != nil {
					return nil, err
				}
			}
			if all[i].passes = ok; ok && atHand && !shown(version(rows[i])) {
				all[i].item = it.Item
			}
		}
	}
	return all, nil
}

// sourced is an article with the name of the source that it was read from.
type sourced struct {
	*render.Item
	source string
}

// read reads articles by their positions, and makes the pages of those that have one of ours.
func (c *choice) read(ctx context.Context, positions []int64) (map[int64]sourced, error) {
	rows, err := c.library.Articles(ctx, c.state.Serial, positions)
	if err != nil {
		return nil, err
	}
	read := make(map[int64]sourced, len(rows))
	for _, row := range rows {
		it := c.item(row)
		if err := c.hostPage(ctx, it); err != nil {
			return nil, err
		}
		read[row.Position] = sourced{&it, c.sourceName(row)}
	}
	return read, nil
}

// again reads articles that were chosen, as the edition shows them.
func (c *choice) again(ctx context.Context) func([]render.Listed) ([]render.Item, error) {
	return func(listed []render.Listed) ([]render.Item, error) {
		positions := make([]int64, len(listed))
		for i, l := range listed {
			positions[i] = l.Position
		}
		read, err := c.read(ctx, positions)
		if err != nil {
			return nil, err
		}
		items := make([]render.Item, 0, len(read))
		for _, it := range read {
			if c.judges() {
				if _, err := c.verdict(ctx, it.Item, it.source); err != nil {
					return nil, err
				}
			}
			items = append(items, *it.Item)
		}
		if c.Channel.Edition == "" {
			err = c.linkTags(ctx, items)
		}
		return items, err
	}
}

// split tells the articles that pass and are at hand from those that are not.
func split(rows []store.Shown, all []found) (items []render.Item, listed []render.Listed) {
	n := 0
	for _, f := range all {
		if f.passes && f.item == nil {
			n++
		}
	}
	listed = make([]render.Listed, 0, n)
	for i, f := range all {
		switch {
		case !f.passes:
		case f.item != nil:
			items = append(items, *f.item)
		default:
			row := rows[i]
			listed = append(listed, render.Listed{Version: version(row), ID: row.ID, Published: row.Published, Updated: row.Updated})
		}
	}
	return items, listed
}

func version(row store.Shown) render.Version {
	return render.Version{Position: row.Position, Revision: row.Revision}
}

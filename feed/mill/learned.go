package mill

import (
	"context"
	"slices"

	"feedmill/feed/store"
)

// learned stands for the digest of an article that is known from a document and not, or not as it is now, from its source.
const learned = "learned"

// recogniseLearned finds the incoming articles that are known from documents only, by the id or the link that they would
// get, else by their title.
func (r *refresh) recogniseLearned(ctx context.Context, taken map[*store.Article]bool) error {
	if !slices.ContainsFunc(r.incoming, func(in *incoming) bool { return in.row == nil }) {
		return nil
	}
	found, err := r.ledger.Find(ctx, r.state.Serial, store.Lookup{Digest: learned})
	if err != nil || len(found) == 0 {
		return err
	}
	r.know(found)
	ids, links, titles := map[string][]*store.Article{}, map[string][]*store.Article{}, map[string][]*store.Article{}
	for _, row := range r.sortedRows() {
		if row.Gone && row.Digest == learned && !taken[row] {
			ids[row.ID] = append(ids[row.ID], row)
			links[place(r.shownLink(row))] = append(links[place(r.shownLink(row))], row)
			titles[row.Said.Title] = append(titles[row.Said.Title], row)
		}
	}
	for _, among := range []func(*incoming, *store.Article) []*store.Article{
		func(_ *incoming, as *store.Article) []*store.Article {
			var rows []*store.Article
			for _, id := range r.idsOf(as) {
				rows = append(rows, ids[id]...)
			}
			return rows
		},
		func(in *incoming, as *store.Article) []*store.Article {
			if in.Key == "" && !in.tells {
				return nil
			}
			return links[place(r.shownLink(as))]
		},
		func(in *incoming, _ *store.Article) []*store.Article {
			return slices.DeleteFunc(slices.Clone(titles[in.Title]), func(row *store.Article) bool { return !sameStory(in, row) })
		},
	} {
		for _, in := range r.incoming {
			if in.row != nil {
				continue
			}
			if row := only(among(in, r.addressed(in)), func(row *store.Article) bool { return !taken[row] }); row != nil {
				in.row, taken[row] = row, true
			}
		}
	}
	return nil
}

// addressed is the incoming article with the link that it would get.
func (r *refresh) addressed(in *incoming) *store.Article {
	row := &store.Article{Given: in.ID, Key: in.Key, Said: in.Article, Published: in.Published}
	// Without a link it still has a title.
	_ = r.link(row, in.batch.Link)
	return row
}

// sameStory tells articles of one title apart where neither id nor link does: by their date, else by their words.
func sameStory(in *incoming, row *store.Article) bool {
	if in.Title == "" || in.Key == "" && (in.ID != "" || in.Link != "") {
		return false
	}
	if !in.Published.IsZero() {
		return in.Published.Equal(row.Published)
	}
	return commonWords(in.Article, row.Said) >= similar
}

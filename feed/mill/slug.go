package mill

import (
	"context"
	"fmt"
	"slices"

	"feedmill/feed/store"
)

// enumerate gives an article whose slug was made of its title, which others have too, a slug-2, slug-3 … that no article
// has or had: a page that was taken back may return to its place. The steps double until one is free, so that the
// thousandth article of one title costs no thousand questions.
func (r *refresh) enumerate(ctx context.Context, row *store.Article, claimed map[string]*store.Article) error {
	slug := row.Slug
	free := func(n int) (bool, error) {
		row.Slug = fmt.Sprintf("%s-%d", slug, n)
		row.Link = hostedPath(row.Slug)
		return r.unclaimed(ctx, row, claimed)
	}
	taken := max(1, r.numbered[slug])
	least := taken + 1
	for step := 1; ; step *= 2 {
		is, err := free(least)
		if err != nil {
			return err
		}
		if is {
			break
		}
		taken, least = least, least+step
	}
	for taken+1 < least {
		middle := (taken + least) / 2
		is, err := free(middle)
		if err != nil {
			return err
		}
		if is {
			least = middle
		} else {
			taken = middle
		}
	}
	r.numbered[slug] = least
	row.Slug = fmt.Sprintf("%s-%d", slug, least)
	row.Link = hostedPath(row.Slug)
	return nil
}

// unclaimed reports that no other article has or had the row's link.
func (r *refresh) unclaimed(ctx context.Context, row *store.Article, claimed map[string]*store.Article) (bool, error) {
	link := r.shownLink(row)
	if claimed[link] != nil {
		return false, nil
	}
	if r.stored() == 0 {
		return true, nil
	}
	for _, stored := range r.storedLinks(link) {
		found, err := r.ledger.Find(ctx, r.state.Serial, store.Lookup{Link: stored})
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(found, func(other store.Article) bool { return other.Position != row.Position }) {
			return false, nil
		}
	}
	return true, nil
}

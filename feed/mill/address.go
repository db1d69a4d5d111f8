package mill

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/store"
)

// linkMaker makes links of slugs and dates; nil: the mill hosts a page.
type linkMaker = func(feed.Article) (string, error)

// linkMakers tells for each article that came in how its source makes links.
func (r *refresh) linkMakers() map[*store.Article]linkMaker {
	makers := map[*store.Article]linkMaker{}
	for _, in := range r.incoming {
		makers[in.row] = in.batch.Link
	}
	return makers
}

// linkerOf is how the source of a stored article makes links.
func (r *refresh) linkerOf(row *store.Article) linkMaker {
	for _, s := range r.feed.Sources {
		if l, ok := s.Source.(feed.Linker); ok && s.Digest == row.Source {
			return l.Linker()
		}
	}
	return nil
}

// address gives the articles their link, id and number, oldest first, and makes them live. One whose link another
// article has goes on waiting, unless the link was made here of its title: then it gets a number.
func (r *refresh) address(ctx context.Context, ready []*store.Article, makers map[*store.Article]linkMaker) error {
	waiting, all := r.beginToWait(), r.withAwaited(ready)
	slices.SortFunc(all, func(a, b *store.Article) int {
		return cmp.Or(a.Published.Compare(b.Published), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Position, b.Position))
	})
	claimed, ids := map[string]*store.Article{}, map[string]bool{}
	for i, row := range all {
		if l := waiting[row]; l != nil {
			if i < len(all)-r.feed.mostShown() {
				r.keepNumber(row, l)
			}
			continue
		}
		maker, ok := makers[row]
		if !ok && row.Link == "" { // an operator let it in before it had one
			maker, ok = r.linkerOf(row), true
		}
		if ok {
			if err := r.link(row, maker); err != nil {
				r.wait(row, asMisaddress, "", err)
				continue
			}
		}
		twin, err := r.twin(ctx, row)
		if err != nil {
			return err
		}
		if twin != nil {
			r.wait(row, asTwin, "", feed.Classify(feed.Unreadable, fmt.Errorf(
				"has the id %q, which belongs to %s; give it an id of its own, or none", row.Given, twin.Key)))
			continue
		}
		other, err := r.claimant(ctx, row, claimed)
		if err == nil && other != nil && row.Hosted && row.Said.Slug == "" {
			other, err = nil, r.enumerate(ctx, row, claimed)
		}
		if err != nil {
			return err
		}
		if other != nil {
			r.wait(row, asConflict, "", conflict(r.shownLink(row), other))
			continue
		}
		claimed[r.shownLink(row)] = row
		if row.ID, err = r.publicID(ctx, row, ids); err != nil {
			return err
		}
		r.publish(row)
	}
	return nil
}

// twin returns the article of another file that is still there and had this one's given id before it: the file was
// copied. Nil when the id is its own.
func (r *refresh) twin(ctx context.Context, row *store.Article) (*store.Article, error) {
	if row.Given == "" || row.Key == "" {
		return nil, nil
	}
	found, err := r.ledger.Find(ctx, r.state.Serial, store.Lookup{Given: row.Given})
	if err != nil {
		return nil, err
	}
	r.know(found)
	for _, other := range r.sortedRows() {
		if other.Given == row.Given && other.Position < row.Position && other.Key != "" && other.Key != row.Key && !other.Gone {
			return other, nil
		}
	}
	return nil, nil
}

// comeBack makes an article live again that was taken out: its id, first date, link and number are what they were; it is
// updated now, later than the notice in its place. One whose link another article has got meanwhile goes on waiting.
func (r *refresh) comeBack(ctx context.Context, row *store.Article) error {
	other, err := r.claimant(ctx, row, nil)
	if err != nil {
		return err
	}
	if other != nil {
		r.wait(row, asConflict, "", conflict(r.shownLink(row), other))
		return nil
	}
	row.State, row.Reason, row.Expires = store.Live, "", row.Said.Expires
	row.Again = r.at.Add(noticeTime) // whoever has its notice is to learn of it
	row.Updated = r.after(row.Updated)
	r.dated = append(r.dated, row)
	r.report.Changed++
	r.touch(row)
	r.say(row, "published again")
	return nil
}

// link finds the article's address: its own, else the one its source makes of the slug, else a page of ours.
func (r *refresh) link(row *store.Article, maker linkMaker) error {
	if row.Slug = row.Said.Slug; row.Slug == "" {
		row.Slug = clean.Slug(row.Said.Title)
	}
	if row.Slug == "" {
		row.Slug = fmt.Sprintf("article-%d", row.Position)
	}
	row.Hosted = false
	switch {
	case row.Said.Link != "":
		row.Link = row.Said.Link
	case maker != nil:
		a := row.Said
		a.Slug, a.Published = row.Slug, row.Published
		link, err := maker(a)
		if err != nil {
			return fmt.Errorf("make link: %w", err)
		}
		row.Link = link
	default:
		row.Link, row.Hosted = hostedPath(row.Slug), true
	}
	return nil
}

// hostedPath is what is stored as the link of a hosted article: its address below the feed's, so that it stays the
// article's own when the base address changes.
func hostedPath(slug string) string { return "a/" + url.PathEscape(slug) }

func hostedLink(f *Feed, slug string) string {
	return f.Channel.Base + "/" + f.Name + "/" + hostedPath(slug)
}

// shownLink is the article's link as readers see it.
func (r *refresh) shownLink(row *store.Article) string {
	if row.Hosted {
		return hostedLink(r.feed, row.Slug)
	}
	return row.Link
}

// claimant returns the article that has this one's link already, nil when it is free. An article of another feed keeps
// the link that it came with, whoever else has it: some feeds give all of theirs the address of the web site.
func (r *refresh) claimant(ctx context.Context, row *store.Article, claimed map[string]*store.Article) (*store.Article, error) {
	if row.Said.Link != "" && row.Said.Source != (feed.Origin{}) {
		return nil, nil
	}
	link := r.shownLink(row)
	if first := claimed[link]; first != nil {
		return first, nil
	}
	if r.stored() == 0 {
		return nil, nil
	}
	for _, stored := range r.storedLinks(link) {
		found, err := r.ledger.Find(ctx, r.state.Serial, store.Lookup{Link: stored})
		if err != nil {
			return nil, err
		}
		for i := range found {
			other := &found[i]
			if seen := r.rows[other.Position]; seen != nil {
				other = seen // as this refresh leaves it
			}
			if other != row && other.State == store.Live && r.shownLink(other) == link {
				return other, nil
			}
		}
	}
	return nil, nil
}

// storedLinks are the forms in which an article may have the link in the store: its own, or as a page of ours.
func (r *refresh) storedLinks(link string) []string {
	if escaped, ours := strings.CutPrefix(link, hostedLink(r.feed, "")); ours {
		return []string{link, "a/" + escaped}
	}
	return []string{link}
}

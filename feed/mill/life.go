package mill

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/store"
)

// Why an article waits, and who withdrew it.
const (
	asDraft      = "draft"
	asEmbargoed  = "embargo"
	asConflict   = "conflict" // another article has its link
	asMisaddress = "address"  // it has no usable link
	asGone       = "gone"     // its origin vanished before it was published
	asOver       = "over"     // it expired before it was published

	byAuthor   = "author"
	byAbsence  = "absence" // its origin vanished
	byOperator = "operator"
)

// live moves articles on in their life: what waits and may appear is published, what is over ends. It finds out when it
// must look again.
func (r *refresh) live(ctx context.Context) error {
	if err := r.recallWaiting(ctx); err != nil {
		return err
	}
	r.expire()
	makers := r.linkMakers()
	var ready []*store.Article
	for _, row := range r.sortedRows() {
		if row.State == store.Waiting && r.mayAppear(row, makers) {
			ready = append(ready, row)
		}
	}
	r.date(ready)
	if err := r.address(ctx, ready, makers); err != nil {
		return err
	}
	if err := r.separateUpdates(ctx); err != nil {
		return err
	}
	return r.wake(ctx)
}

// recallWaiting adds the stored articles that wait, and those whose time is over, to the ones looked at.
func (r *refresh) recallWaiting(ctx context.Context) error {
	if r.stored() == 0 {
		return nil
	}
	pending, err := r.ledger.Pending(ctx, r.state.Serial)
	if err != nil {
		return err
	}
	r.know(pending)
	expiring, err := r.ledger.Expiring(ctx, r.state.Serial, r.at)
	if err != nil {
		return err
	}
	r.know(expiring)
	return nil
}

func (r *refresh) expire() {
	for _, row := range r.sortedRows() {
		if row.State == store.Live && !row.Expires.IsZero() && !row.Expires.After(r.at) {
			row.State = store.Expired
			r.report.Withdrawn++
			r.touch(row)
			r.say(row, "expired")
		}
	}
}

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

// mayAppear decides about an article that waits; if it must go on waiting, the reason is kept. An embargoed article gets
// its link at once: when its moment comes, its source may not answer.
func (r *refresh) mayAppear(row *store.Article, makers map[*store.Article]linkMaker) bool {
	said := row.Said
	reason, words := "", ""
	switch {
	case row.Gone:
		reason, words = asGone, "its origin vanished before it was published"
	case said.Status == feed.Withdrawn:
		reason, words = byAuthor, "withdrawn before it was published"
	case said.Status == feed.Draft:
		reason, words = asDraft, "it is a draft"
	case !said.Expires.IsZero() && !said.Expires.After(r.at):
		reason, words = asOver, "it expired "+r.show(said.Expires)
	case said.Published.After(r.at):
		reason, words = asEmbargoed, "until "+r.show(said.Published)
	default:
		return true
	}
	if maker, ok := makers[row]; ok && reason == asEmbargoed {
		row.Published = said.Published
		if err := r.link(row, maker); err != nil {
			r.wait(row, asMisaddress, "", err)
			return false
		}
	}
	r.wait(row, reason, words, nil)
	return false
}

// wait keeps the article waiting. Only a new reason is reported.
func (r *refresh) wait(row *store.Article, reason, words string, err error) {
	if row.Reason != reason {
		row.Reason = reason
		r.touch(row)
	}
	if j := r.outcomes[row]; j != nil {
		j.outcome.State, j.outcome.Err = "waiting", err
		if words != "" {
			j.outcome.Details = append([]string{words}, j.outcome.Details...)
		}
	}
}

// date gives every article that is about to appear its published date: the one its source gives, else the time of first
// sight, or of its last modification if that is earlier. Undated articles of one batch get strictly rising seconds in the
// order of their keys; nothing is dated into the future.
func (r *refresh) date(ready []*store.Article) {
	var undated []*store.Article
	for _, row := range ready {
		if row.Said.Published.IsZero() {
			undated = append(undated, row)
		} else {
			row.Published = row.Said.Published.UTC().Truncate(time.Second)
		}
	}
	slices.SortStableFunc(undated, func(a, b *store.Article) int { return cmp.Compare(a.Key, b.Key) })
	next := r.at.Add(time.Second)
	for _, row := range slices.Backward(undated) {
		at := next.Add(-time.Second)
		if m := row.Said.Modified.UTC().Truncate(time.Second); !m.IsZero() && m.Before(at) {
			at = m
		}
		row.Published, next = at, at
	}
}

// address gives the articles their link, id and number, oldest first, and makes them live. One whose link another
// article has goes on waiting.
func (r *refresh) address(ctx context.Context, ready []*store.Article, makers map[*store.Article]linkMaker) error {
	slices.SortStableFunc(ready, func(a, b *store.Article) int {
		return cmp.Or(a.Published.Compare(b.Published), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Position, b.Position))
	})
	claimed, ids := map[string]*store.Article{}, map[string]bool{}
	for _, row := range ready {
		if maker, ok := makers[row]; ok {
			if err := r.link(row, maker); err != nil {
				r.wait(row, asMisaddress, "", err)
				continue
			}
		}
		other, err := r.claimant(ctx, row, claimed)
		if err != nil {
			return err
		}
		if other != nil {
			r.wait(row, asConflict, "", conflict(row.Link, other))
			continue
		}
		claimed[row.Link] = row
		if row.ID, err = r.publicID(ctx, row, ids); err != nil {
			return err
		}
		r.publish(row)
	}
	return nil
}

func (r *refresh) publish(row *store.Article) {
	r.state.Number++
	row.Number, row.State, row.Reason, row.Released = r.state.Number, store.Live, "", r.at
	row.Expires = row.Said.Expires
	row.Updated = row.Published
	if u := row.Said.Updated.UTC().Truncate(time.Second); u.After(row.Published) && !u.After(r.at) {
		row.Updated = u
	}
	r.dated = append(r.dated, row)
	r.report.Published++
	r.touch(row)
	r.say(row, "published")
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
		row.Link, row.Hosted = hostedLink(r.feed, row.Slug), true
	}
	return nil
}

func hostedLink(f *Feed, slug string) string {
	return f.Channel.Base + "/" + f.Name + "/a/" + url.PathEscape(slug)
}

// claimant returns the article that has this one's link already, nil when it is free.
func (r *refresh) claimant(ctx context.Context, row *store.Article, claimed map[string]*store.Article) (*store.Article, error) {
	if first := claimed[row.Link]; first != nil {
		return first, nil
	}
	if r.stored() == 0 {
		return nil, nil
	}
	found, err := r.ledger.Find(ctx, r.state.Serial, store.Lookup{Link: row.Link})
	if err != nil {
		return nil, err
	}
	for i := range found {
		other := &found[i]
		if seen := r.rows[other.Position]; seen != nil {
			other = seen // as this refresh leaves it
		}
		if other != row && other.Link == row.Link && other.State == store.Live {
			return other, nil
		}
	}
	return nil, nil
}

func (r *refresh) withdraw(row *store.Article, by string) {
	if row.State == store.Live {
		r.report.Withdrawn++
	}
	row.State, row.Reason = store.Withdrawn, by
	r.touch(row)
	r.say(row, "withdrawn")
}

// updatedAt is the date of a change: the source's own if it moved on, else the time of modification, else now; always
// later than before.
func (r *refresh) updatedAt(in *incoming, before time.Time) time.Time {
	at := r.at
	for _, t := range []time.Time{in.Updated, in.Modified} {
		if t = t.UTC().Truncate(time.Second); t.After(before) && !t.After(r.at) {
			at = t
			break
		}
	}
	if !at.After(before) {
		at = before.Add(time.Second)
	}
	return at
}

// separateUpdates makes the updated dates set in this refresh differ from one another and from those shown beside them, as
// readers expect of a feed: a later one moves on by seconds.
func (r *refresh) separateUpdates(ctx context.Context) error {
	if len(r.dated) == 0 {
		return nil
	}
	set := map[int64]bool{}
	for _, row := range r.dated {
		set[row.Position] = true
	}
	shown, err := r.library.Window(ctx, r.state.Serial, r.feed.Limit.Articles, time.Time{})
	if err != nil {
		return err
	}
	next := map[int64]int64{} // a second in use, and one after it that may be free
	for _, row := range shown {
		if !set[row.Position] {
			next[row.Updated.Unix()] = row.Updated.Unix() + 1
		}
	}
	for _, row := range r.dated {
		first := row.Updated.Unix()
		at := first
		for next[at] != 0 {
			at = next[at]
		}
		next[first], next[at] = at+1, at+1
		row.Updated = time.Unix(at, 0).UTC()
	}
	return nil
}

// wake finds the moment of the next embargo or expiry.
func (r *refresh) wake(ctx context.Context) error {
	next, err := r.ledger.NextExpiry(ctx, r.state.Serial, r.at)
	if err != nil {
		return err
	}
	sooner := func(t time.Time) {
		if t.After(r.at) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, row := range r.rows {
		switch {
		case row.State == store.Live:
			sooner(row.Expires)
		case row.State == store.Waiting && row.Reason == asEmbargoed:
			sooner(row.Said.Published)
		}
	}
	if !next.Equal(r.state.Wake) {
		r.state.Wake, r.changed = next, true
	}
	r.report.Wake = next
	return nil
}

// say sets what the report says became of the article.
func (r *refresh) say(row *store.Article, state string) {
	j := r.outcomes[row]
	if j == nil {
		name := row.Key
		if name == "" {
			name = row.Said.Title
		}
		j = &judgment{outcome: feed.Outcome{Key: name}}
		r.outcomes[row] = j
	}
	j.outcome.State = state
}

// show is a time as an operator reads it, in the feed's time zone.
func (r *refresh) show(t time.Time) string {
	return t.In(r.feed.Location).Format("2006-01-02 15:04 MST")
}

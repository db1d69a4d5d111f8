package mill

import (
	"cmp"
	"context"
	"slices"
	"time"

	"feedmill/feed"
	"feedmill/feed/store"
)

// Why an article waits, and who withdrew it.
const (
	asDraft      = "draft"
	asEmbargoed  = "embargo"
	asConflict   = "conflict" // another article has its link
	asTwin       = "twin"     // another file has its given id
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
		switch {
		case row.State != store.Waiting || !r.mayAppear(row, makers):
		case row.Number == 0:
			ready = append(ready, row)
		default:
			if err := r.comeBack(ctx, row); err != nil {
				return err
			}
		}
	}
	r.date(r.withAwaited(ready))
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
		if !row.Again.IsZero() && !row.Again.After(r.at) { // it has been shown again for long enough
			row.Again = time.Time{}
			r.touch(row)
		}
		switch {
		case row.Expires.IsZero() || row.Expires.After(r.at):
		case row.State == store.Withdrawn: // its notice has been shown long enough
			row.Expires = time.Time{}
			r.touch(row)
		case row.State == store.Live:
			row.State = store.Expired
			r.report.Withdrawn++
			r.touch(row)
			r.say(row, "expired")
		}
	}
}

// mayAppear decides about an article that waits; if it must go on waiting, the reason is kept. An embargoed article gets
// its link at once: when its moment comes, its source may not answer.
func (r *refresh) mayAppear(row *store.Article, makers map[*store.Article]linkMaker) bool {
	if row.Reason == store.LacksPage {
		return false
	}
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
	if maker, ok := makers[row]; ok && reason == asEmbargoed && row.Number == 0 {
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
			if first := row.Published; !first.IsZero() && !first.After(r.at) {
				continue // it was dated when it began to wait for its page
			}
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

func (r *refresh) publish(row *store.Article) {
	if row.Number = r.numbers[row]; row.Number == 0 {
		r.state.Number++
		row.Number, row.Released = r.state.Number, r.at
	}
	row.State, row.Reason = store.Live, ""
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

// withdraw takes an article out. Subscribers who have it see a notice in its place for some days.
func (r *refresh) withdraw(row *store.Article, by string) {
	switch row.State {
	case store.Live:
		r.report.Withdrawn++
		row.Updated, row.Expires = r.after(row.Updated), r.at.Add(noticeTime)
		r.dated = append(r.dated, row)
	case store.Withdrawn: // if there is a notice, it stays for its time
	default:
		row.Expires = time.Time{} // nothing is shown that a notice would replace
	}
	row.State, row.Reason = store.Withdrawn, by
	r.touch(row)
	r.say(row, "withdrawn")
}

// updatedAt is the date of a change: the source's own if it moved on, else the time of modification, else now; always
// later than before.
func (r *refresh) updatedAt(in *incoming, before time.Time) time.Time {
	for _, t := range []time.Time{in.Updated, in.Modified} {
		if t = t.UTC().Truncate(time.Second); t.After(before) && !t.After(r.at) {
			return t
		}
	}
	return r.after(before)
}

// after is now, or a second after a moment that now is not later than.
func (r *refresh) after(before time.Time) time.Time {
	if r.at.After(before) {
		return r.at
	}
	return before.Add(time.Second)
}

// separateUpdates makes the updated dates set in this refresh differ from one another and from those shown beside them, as
// readers expect of a feed: a later one moves on by seconds.
func (r *refresh) separateUpdates(ctx context.Context) error {
	if len(r.dated) == 0 {
		return nil
	}
	// Of more than are shown only the last need it: a large import with one date would reach far into the future.
	dated := r.dated[max(0, len(r.dated)-r.feed.mostShown()):]
	set := map[int64]bool{}
	for _, row := range dated {
		set[row.Position] = true
	}
	shown, err := r.library.Shown(ctx, r.state.Serial, r.feed.mostShown(), time.Time{})
	if err != nil {
		return err
	}
	noticed, err := r.library.Noticed(ctx, r.state.Serial, r.at, r.feed.Limit.usual())
	if err != nil {
		return err
	}
	for _, row := range noticed {
		shown = append(shown, store.Shown{Position: row.Position, Updated: row.Updated})
	}
	again, err := r.library.ShownAgain(ctx, r.state.Serial, r.at, r.feed.Limit.usual())
	if err != nil {
		return err
	}
	shown = append(shown, again...)
	next := map[int64]int64{} // a second in use, and one after it that may be free
	for _, row := range shown {
		if !set[row.Position] {
			next[row.Updated.Unix()] = row.Updated.Unix() + 1
		}
	}
	for _, row := range dated {
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

// wake finds the moment of the next embargo or expiry, or when a news sitemap gets too old an article.
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
		case row.State == store.Live, row.State == store.Withdrawn:
			sooner(row.Expires)
			sooner(row.Again)
		case row.State == store.Waiting && row.Reason == asEmbargoed:
			sooner(row.Said.Published)
		}
	}
	if err := r.wakeForPages(ctx, sooner); err != nil {
		return err
	}
	if r.feed.tellsNews() {
		if err := r.ageNews(ctx, sooner); err != nil {
			return err
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
		j = &judgment{outcome: feed.Outcome{Key: name(row.Said)}}
		r.outcomes[row] = j
	}
	j.outcome.State = state
}

// show is a time as an operator reads it, in the feed's time zone.
func (r *refresh) show(t time.Time) string {
	return t.In(r.feed.Location).Format("2006-01-02 15:04 MST")
}

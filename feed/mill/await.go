package mill

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"feedmill/feed/clean"
	"feedmill/feed/store"
)

// asksAgain reports that the time of a page has come that an article waits for.
func (r *refresh) asksAgain() bool {
	return r.budget > 0 && !r.state.Ask.IsZero() && !r.at.Before(r.state.Ask)
}

// resume takes up what waits for pages: what is known of the articles that came in, and of the others those whose time has
// come, as their sources listed them.
func (r *refresh) resume(ctx context.Context) error {
	if r.state.Ask.IsZero() {
		return nil
	}
	came := map[int64]*incoming{}
	var positions []int64
	for _, in := range r.incoming {
		if in.row != nil && (in.row.Reason == store.LacksPage || in.row.Digest != in.digest) && !r.elsewhere(in) {
			came[in.row.Position] = in
			positions = append(positions, in.row.Position)
		}
	}
	listed, err := r.ledger.Listed(ctx, r.state.Serial, positions)
	if err != nil {
		return err
	}
	for _, l := range listed {
		in := came[l.Position]
		if l.Said.Link != in.Link { // another page
			l.Since, l.Due, l.Tries, l.Failure = r.at, r.at, 0, ""
		}
		if l.Source != in.batch.digest { // the words of its source have changed
			l.Source, in.inherited, r.changed = in.batch.digest, true, true
		}
		in.listed = &l
	}
	if !r.asksAgain() {
		return nil
	}
	return r.resumeDue(ctx, came)
}

// manyListed is how many articles go on at once that wait for pages nobody asks for any more.
const manyListed = 10_000

func (r *refresh) resumeDue(ctx context.Context, came map[int64]*incoming) error {
	n := r.budget
	if !r.enriches() {
		n = manyListed
	}
	due, err := r.ledger.ListedDue(ctx, r.state.Serial, r.at, n)
	if err != nil {
		return err
	}
	var unknown []int64
	for _, l := range due {
		if r.rows[l.Position] == nil {
			unknown = append(unknown, l.Position)
		}
	}
	found, err := r.library.Articles(ctx, r.state.Serial, unknown)
	if err != nil {
		return err
	}
	r.know(found)
	for i := range due {
		r.resumeOne(&due[i], came[due[i].Position])
	}
	return nil
}

// resumeOne takes up one article. in is nil unless it came in again.
func (r *refresh) resumeOne(l *store.Listed, in *incoming) {
	row := r.rows[l.Position]
	switch {
	case row == nil, row.Gone, row.State == store.Forgotten:
		r.settlePage(l.Position)
		return
	case in != nil:
		in.resumed = in.digest == l.Digest
		return
	}
	b := r.batchOf(l.Source)
	if b == nil {
		row.Gone = true // the feed does not read its source any more
		r.touch(row)
		r.settlePage(l.Position)
		return
	}
	in = &incoming{Article: l.Said, batch: b, digest: l.Digest, row: row, enrichment: enrichment{raw: l.Said, listed: l, resumed: true}}
	in.Key = row.Key
	if r.elsewhere(in) {
		r.settlePage(l.Position)
		return
	}
	r.incoming = append(r.incoming, in)
}

// settlePage notes that nothing of the article waits any more.
func (r *refresh) settlePage(position int64) {
	r.settled, r.changed = append(r.settled, position), true
}

func (r *refresh) batchOf(source string) *batch {
	for i := range r.batches {
		if r.batches[i].digest == source {
			return &r.batches[i]
		}
	}
	return nil
}

// recallPages reads what is known of the pages of articles.
func (r *refresh) recallPages(ctx context.Context, todo []*incoming) error {
	if !r.enriches() {
		return nil
	}
	var positions []int64
	for _, in := range todo {
		if in.row != nil && in.row.Position <= r.stored() {
			positions = append(positions, in.row.Position)
		}
	}
	pages, err := r.ledger.Added(ctx, r.state.Serial, positions)
	if err != nil {
		return err
	}
	all, err := recallAdded(pages)
	for _, in := range todo {
		if in.row != nil {
			in.pages = all[in.row.Position]
		}
	}
	return err
}

// await keeps an article, or an edit of one, waiting for its page.
func (r *refresh) await(in *incoming) {
	if in.resumed && in.failure == nil && len(in.gained) == 0 && !in.inherited {
		return // nobody asked
	}
	if in.listed == nil {
		in.listed = &store.Listed{Since: r.at, Due: r.at}
	}
	l := in.listed
	if r.embargoed(in) {
		l.Due = in.raw.Published
	}
	l.Source, l.Digest, l.Foreign, l.Said = in.batch.digest, in.digest, in.batch.Foreign, in.raw
	r.lack(in)
	l.Position = in.row.Position
	r.awaiting, r.changed = append(r.awaiting, in), true
	r.say(in.row, in.lacks(r))
	r.outcomes[in.row].source = in.batch.of
}

// lack makes the stored article of one that waits. One that is or was published stays as it is.
func (r *refresh) lack(in *incoming) {
	said := in.raw
	said.Content = clean.HTML(said.Content)
	row := in.row
	switch {
	case row == nil:
		r.state.Position++
		row = &store.Article{Position: r.state.Position}
		r.fresh, r.rows[row.Position], in.row = append(r.fresh, row), row, row
	case row.Number > 0:
		if row.Source == adoptedFrom {
			row.Key, row.Gone, row.Source = in.Key, false, in.batch.digest
			r.touch(row)
		}
		return
	}
	if row.State != store.Withdrawn {
		row.State, row.Reason = store.Waiting, store.LacksPage
	}
	if in.Link != "" { // by which it is recognised
		row.Link, row.Hosted = in.Link, false
	}
	row.Given, row.Key, row.Gone, row.Digest, row.Source, row.Said = in.ID, in.Key, false, in.digest, in.batch.digest, said
	row.Filtered = in.filtered
	r.touch(row)
}

// lacks says in a report what the article waits for.
func (in *incoming) lacks(r *refresh) string {
	l := in.listed
	switch {
	case r.embargoed(in):
		return "waits for its page until " + r.show(in.raw.Published)
	case l.Failure == "":
		return "waits for its page"
	case l.Tries == 0:
		return "waits for its page: " + l.Failure
	case l.Tries == 1:
		return "waits for its page: 1 try failed: " + l.Failure
	}
	return fmt.Sprintf("waits for its page: %d tries failed: %s", l.Tries, l.Failure)
}

// rests reports that an edit waits for its page, and nobody asked for that now.
func (in *incoming) rests() bool {
	return in.listed != nil && !in.sifted && in.row.Number > 0
}

// withAwaited are articles together with those that begin to wait for their pages, in the order of first sight. They are
// dated together, so that how long a page takes does not change their order.
func (r *refresh) withAwaited(ready []*store.Article) []*store.Article {
	all := append(slices.Clone(ready), slices.Collect(maps.Keys(r.beginToWait()))...)
	slices.SortFunc(all, func(a, b *store.Article) int { return cmp.Compare(a.Position, b.Position) })
	return all
}

// beginToWait are the articles that wait for their first publication since this refresh, with what is stored of them.
func (r *refresh) beginToWait() map[*store.Article]*store.Listed {
	rows := map[*store.Article]*store.Listed{}
	for _, in := range r.awaiting {
		if in.row.Reason == store.LacksPage && in.listed.Since.Equal(r.at) && in.listed.Number == 0 {
			rows[in.row] = in.listed
		}
	}
	return rows
}

// keepNumber gives a number to an article that begins to wait for its page and that no live document would have shown, for so
// many came in at once: it takes its place in the history when it is whole, and does not push newer ones out.
func (r *refresh) keepNumber(row *store.Article, l *store.Listed) {
	r.state.Number++
	l.Number, row.Released = r.state.Number, r.at
	r.touch(row)
}

// wakeForPages finds the moment when the page of an article is wanted that may not appear before.
func (r *refresh) wakeForPages(ctx context.Context, sooner func(time.Time)) error {
	for _, in := range r.awaiting {
		if in.listed.Failure == "" {
			sooner(in.listed.Due)
		}
	}
	if r.state.Ask.IsZero() {
		return nil
	}
	next, err := r.ledger.NextListed(ctx, r.state.Serial, r.at)
	sooner(next)
	return err
}

// enriched is what the refresh changes about pages.
func (r *refresh) enriched() (e store.Enrichment, err error) {
	e.Whole = r.settled
	for _, in := range r.incoming {
		if in.row == nil {
			continue
		}
		for _, step := range in.gained {
			p, err := in.pages[step].stored(in.row.Position, step)
			if err != nil {
				return e, err
			}
			e.Pages = append(e.Pages, p)
		}
		switch {
		case in.sifted && in.listed != nil && in.asks == "":
			e.Whole = append(e.Whole, in.row.Position)
		case in.inherited && !in.sifted:
			e.Listed = append(e.Listed, *in.listed)
		}
	}
	for _, in := range r.awaiting {
		in.listed.Dated = cmp.Or(in.row.Published, r.dateOf(in))
		e.Listed = append(e.Listed, *in.listed)
	}
	return e, nil
}

// tellWaiting notes that more articles came in than pages may be asked for.
func (r *refresh) tellWaiting() {
	behind := 0
	for _, in := range r.awaiting {
		if in.listed.Failure == "" && !r.embargoed(in) {
			behind++
		}
	}
	if behind > 0 && r.budget == 0 {
		r.report.Notes = append(r.report.Notes, fmt.Sprintf("%s for %s: at most %d are read in one refresh",
			plural(behind, "article")+waitsOrWait(behind), "a page", mostPages))
	}
}

func waitsOrWait(n int) string {
	if n == 1 {
		return " waits"
	}
	return " wait"
}

package mill

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/store"
)

// adoptedFrom stands where a stored article has the digests of its source and of its words: it came with the feed of
// another generator, and no source has given it yet.
const adoptedFrom = "adopted"

// Adoption says what became of a feed that another generator made.
type Adoption struct {
	Report
	Old     int      // articles of the old feed
	Matched int      // those of them that the sources have too
	Older   int      // articles of the sources that the old feed lacks and that are history now
	Newer   []string // the titles of those that are newer than the old feed: the next refresh publishes them
}

// adoption is a refresh that recognises what the sources give among the articles of an old feed.
type adoption struct {
	latest time.Time // of the old feed
	newer  []string
}

// Adopt makes the articles of an old feed this feed's own, under their ids and dates, and lets the sources go on from
// there: what they give is recognised by id, link, title and date. What they have beside it and is not newer is history
// too; what is newer waits for the next refresh. Nothing is delivered, and sources remember nothing of it.
//
// A feed that has published anything is refused, for its readers know its articles by other ids; so is one of whose
// sources one cannot be read. It is meant for a store that is thrown away if the result does not please
// (see [store.Store.TakeFeed]).
func (m *Mill) Adopt(ctx context.Context, f *Feed, old []feed.Article) (Adoption, error) {
	release, err := m.ledger.Lease(ctx, f.Name)
	if err != nil {
		return Adoption{}, err
	}
	defer release()
	r, err := m.begin(ctx, f)
	if err != nil {
		return Adoption{}, err
	}
	if r.state.Position > 0 {
		return Adoption{}, feed.Classify(feed.Refused, fmt.Errorf("feed %s has articles already, which its readers know by their ids; adopt a feed before its first refresh", f.Name))
	}
	seeds := r.seed(old)
	if len(seeds) == 0 {
		return Adoption{}, feed.Classify(feed.Refused, fmt.Errorf("the old feed has no articles; there is nothing to adopt"))
	}
	r.state.Position, r.state.Number, r.state.AsOf = int64(len(seeds)), int64(len(seeds)), r.at
	if err := m.ledger.Commit(ctx, store.Commit{Feed: r.state, Articles: seeds}); err != nil {
		return Adoption{}, fmt.Errorf("commit: %w", err)
	}
	return m.goOn(ctx, f, seeds)
}

// goOn is the refresh that follows the seeds.
func (m *Mill) goOn(ctx context.Context, f *Feed, seeds []store.Article) (Adoption, error) {
	r, err := m.begin(ctx, f)
	if err != nil {
		return Adoption{}, err
	}
	r.adopting = &adoption{latest: seeds[len(seeds)-1].Published}
	if err := r.gather(ctx); err != nil {
		return Adoption{}, fmt.Errorf("every source must be read to adopt a feed: %w", err)
	}
	if err := r.judge(ctx); err != nil {
		return Adoption{}, fmt.Errorf("judge: %w", err)
	}
	r.renumber()
	r.forget()
	if err := r.commit(ctx); err != nil {
		return Adoption{}, fmt.Errorf("commit: %w", err)
	}
	a := Adoption{Old: len(seeds), Older: r.report.Published, Newer: r.adopting.newer}
	for _, row := range r.rows {
		if row.Position <= int64(len(seeds)) && row.Source != adoptedFrom {
			a.Matched++
		}
	}
	err = r.render(ctx)
	a.Report = r.report
	return a, err
}

// seed makes stored articles of those of an old feed, the oldest first. Undated ones follow each other by a second in
// the order of the document, the first being the latest.
func (r *refresh) seed(old []feed.Article) []store.Article {
	var seeds []store.Article
	used := map[string]bool{}
	before := r.at
	for _, a := range old {
		row := store.Article{
			State: store.Live, ID: cmp.Or(a.ID, a.Link), Given: a.ID, Gone: true, Link: a.Link,
			Published: a.Published.UTC().Truncate(time.Second), Source: adoptedFrom, Digest: adoptedFrom,
		}
		if a.Published.IsZero() || a.Published.After(r.at) {
			row.Published = before.Add(-time.Second)
		}
		before = row.Published
		if row.ID == "" {
			row.ID = opaque("adopted", r.feed.Name, a.Title, a.Content)
		}
		if used[row.ID] {
			continue
		}
		used[row.ID] = true
		a.Content, a.Key, a.Slug, a.Status, a.Expires = clean.HTML(a.Content), "", "", feed.Ready, time.Time{}
		row.Updated, row.Released, row.Said = row.Published, row.Published, a
		if u := a.Updated.UTC().Truncate(time.Second); u.After(row.Published) && !u.After(r.at) {
			row.Updated = u
		}
		if row.Link == "" {
			row.Slug = fmt.Sprintf("adopted-%d", len(seeds)+1)
			row.Link, row.Hosted = hostedPath(row.Slug), true
		}
		row.Material = materialOf(a)
		seeds = append(seeds, row)
	}
	slices.SortStableFunc(seeds, func(a, b store.Article) int { return a.Published.Compare(b.Published) })
	for i := range seeds {
		seeds[i].Position, seeds[i].Number = int64(i+1), int64(i+1)
	}
	return seeds
}

// recogniseAdopted finds among the articles of an old feed those that nothing but an address to be made, or their title,
// tells: those of sources that know neither the ids nor the links that the old feed had.
//
// The title alone counts only while the feed is being adopted: later there are new articles with old titles.
func (r *refresh) recogniseAdopted(ctx context.Context, taken map[*store.Article]bool) error {
	if !slices.ContainsFunc(r.incoming, func(in *incoming) bool { return in.row == nil }) {
		return nil
	}
	found, err := r.ledger.Find(ctx, r.state.Serial, store.Lookup{Digest: adoptedFrom})
	if err != nil || len(found) == 0 {
		return err
	}
	r.know(found)
	marks := []mark{
		func(_ feed.Article, link string) string { return place(link) },
		func(a feed.Article, _ string) string { return dayOf(a) + titleOf(a) },
	}
	if r.adopting != nil {
		marks = append(marks, func(a feed.Article, _ string) string { return titleOf(a) })
	}
	for _, m := range marks {
		r.matchAdopted(m, taken)
	}
	return nil
}

// mark is by what an article and its link are recognised; empty for nothing.
type mark func(a feed.Article, link string) string

// matchAdopted gives the articles of the old feed away whose mark one article that comes in has, and only that one.
func (r *refresh) matchAdopted(markOf mark, taken map[*store.Article]bool) {
	rows, ins := map[string][]*store.Article{}, map[string][]*incoming{}
	for _, row := range r.sortedRows() {
		if mark := markOf(row.Said, row.Said.Link); row.Source == adoptedFrom && !taken[row] && mark != "" {
			rows[mark] = append(rows[mark], row)
		}
	}
	for _, in := range r.incoming {
		if in.row == nil {
			mark := markOf(in.Article, r.linkToBe(in))
			ins[mark] = append(ins[mark], in)
		}
	}
	for mark, found := range rows {
		if len(found) == 1 && len(ins[mark]) == 1 {
			ins[mark][0].row, taken[found[0]] = found[0], true
		}
	}
}

// titleOf and dayOf are what articles are compared by.
func titleOf(a feed.Article) string {
	return strings.ToLower(strings.Join(strings.Fields(a.Title), " "))
}

func dayOf(a feed.Article) string { return a.Published.UTC().Format("2006-01-02 ") }

// linkToBe is the link that an article has or would get, empty when none can be made.
func (r *refresh) linkToBe(in *incoming) string {
	a := in.Article
	a.Slug = cmp.Or(a.Slug, clean.Slug(a.Title))
	switch {
	case a.Link != "":
		return a.Link
	case a.Slug == "":
		return ""
	case in.batch.Link == nil:
		return hostedLink(r.feed, a.Slug)
	}
	link, err := in.batch.Link(a)
	if err != nil {
		return "" // it is told when the article is published
	}
	return link
}

// postponed reports that the article is newer than the feed that is being adopted: it is no part of that.
func (r *refresh) postponed(in *incoming) bool {
	if r.adopting == nil || in.row != nil {
		return false
	}
	at := in.Published
	if at.IsZero() {
		at = in.Modified
	}
	if !at.IsZero() && !at.After(r.adopting.latest) {
		return false
	}
	if in.Status == feed.Ready {
		r.adopting.newer = append(r.adopting.newer, name(in.Article))
	}
	return true
}

// renumber puts all that is published in the order of its dates, as if it had always been published here.
func (r *refresh) renumber() {
	var published []*store.Article
	for _, row := range r.sortedRows() {
		if row.Number > 0 {
			published = append(published, row)
		}
	}
	slices.SortStableFunc(published, func(a, b *store.Article) int { return a.Published.Compare(b.Published) })
	for i, row := range published {
		row.Number, row.Released = int64(i+1), row.Published
		r.touch(row)
	}
	r.state.Number = int64(len(published))
}

// forget drops what the sources want to remember, so that the next refresh reads them whole.
func (r *refresh) forget() {
	for i := range r.batches {
		r.batches[i].memory.put = map[string][]byte{}
	}
}

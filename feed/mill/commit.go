package mill

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"feedmill/feed"
	"feedmill/feed/store"
)

// commit stores what was judged, together with what the sources remember, in one transaction. When nothing was judged
// only their memory is stored, and nothing at all when they remember nothing new.
func (r *refresh) commit(ctx context.Context) error {
	r.assemble()
	if r.state.AsOf.IsZero() && slices.ContainsFunc(r.batches, func(b batch) bool { return b.answered }) {
		r.changed = true // the feed begins at this moment, even if it is empty
	}
	switch {
	case r.changed:
	case len(r.holding.Held)+len(r.holding.Settled) > 0:
		return r.ledger.Hold(ctx, r.state.Serial, r.holding, r.remembered())
	default:
		return r.ledger.Remember(ctx, r.state.Serial, r.remembered())
	}
	articles := make([]store.Article, 0, len(r.fresh)+len(r.touched))
	for _, row := range r.sortedRows() {
		if r.touched[row] || row.Position > r.stored() {
			articles = append(articles, *row)
		}
	}
	// What is shown never goes back in time, and nothing shown is later than the moment it is shown for.
	for _, t := range articles {
		if (t.State == store.Live || t.State == store.Withdrawn) && t.Updated.After(r.state.AsOf) {
			r.state.AsOf = t.Updated
		}
	}
	if r.at.After(r.state.AsOf) {
		r.state.AsOf = r.at
	}
	pages, err := r.enriched()
	if err != nil {
		return err
	}
	err = r.ledger.Commit(ctx, store.Commit{
		Feed: r.state, Articles: articles, Memory: r.remembered(), Holding: r.holding, Enrichment: pages,
	})
	if err != nil {
		return err
	}
	r.state.Revision++
	return nil
}

// assemble puts the outcomes into the report: problems first, then articles in the order they came in, then those that
// only their time or an operator moved.
func (r *refresh) assemble() {
	for _, p := range r.problems {
		r.report.Outcomes = append(r.report.Outcomes, p.outcome)
	}
	reported := map[*store.Article]bool{}
	add := func(row *store.Article) {
		if j := r.outcomes[row]; j != nil && !reported[row] {
			reported[row] = true
			r.report.Outcomes = append(r.report.Outcomes, j.outcome)
		}
	}
	for _, in := range r.incoming {
		add(in.row)
	}
	for _, row := range r.sortedRows() {
		add(row)
	}
}

// tell lets the sources tell their authors what became of their articles.
func (r *refresh) tell(ctx context.Context) error {
	var errs []error
	for i := range r.feed.Sources {
		source := &r.feed.Sources[i]
		reporter, ok := source.Source.(feed.Reporter)
		if !ok {
			continue
		}
		var outcomes []feed.Outcome
		for _, p := range r.problems {
			if p.source == source {
				outcomes = append(outcomes, p.outcome)
			}
		}
		for _, row := range r.sortedRows() {
			j := r.outcomes[row]
			switch {
			case j == nil:
			case j.source == source, j.source == nil && row.Source == source.Digest, len(r.feed.Sources) == 1:
				outcomes = append(outcomes, r.whereabouts(row, j.outcome))
			}
		}
		outcomes = append(outcomes, r.listed(source)...)
		slices.SortStableFunc(outcomes, func(a, b feed.Outcome) int { return cmp.Compare(a.Key, b.Key) })
		if len(outcomes) == 0 {
			continue
		}
		if err := reporter.Report(ctx, outcomes); err != nil {
			errs = append(errs, fmt.Errorf("report to source %s: %w", source.Name, err))
		}
	}
	return errors.Join(errs...)
}

// whereabouts adds to an outcome where and since when its article is to be found, or from when.
func (r *refresh) whereabouts(row *store.Article, o feed.Outcome) feed.Outcome {
	switch {
	case row.State == store.Live:
		o.Link, o.At = r.shownLink(row), row.Released
	case row.State == store.Waiting && row.Reason == asEmbargoed:
		o.At = row.Said.Published
	}
	return o
}

// listed are outcomes for what a source listed as it was known already: it may be told of it for the first time.
func (r *refresh) listed(source *Source) (outcomes []feed.Outcome) {
	for _, in := range r.incoming {
		if in.batch.of == source && in.batch.Extent == feed.Listing && in.row != nil && r.outcomes[in.row] == nil {
			o := feed.Outcome{Key: name(in.Article), State: "unchanged"}
			if in.row.State != store.Live {
				o.State = in.row.State
			}
			outcomes = append(outcomes, r.whereabouts(in.row, o))
		}
	}
	return outcomes
}

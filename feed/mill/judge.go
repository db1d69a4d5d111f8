package mill

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"feedmill/feed"
	"feedmill/feed/store"
)

// judgment is what the report will say of one article.
type judgment struct {
	outcome feed.Outcome
	source  *Source
}

// judge decides which article is which and what becomes of each. It changes nothing but the refresh's own value.
func (r *refresh) judge(ctx context.Context) error {
	if err := r.guard(ctx); err != nil {
		return fmt.Errorf("guard: %w", err)
	}
	r.collect()
	if r.quiet() {
		return nil
	}
	if err := r.recognise(ctx); err != nil {
		return err
	}
	if err := r.resume(ctx); err != nil {
		return err
	}
	if err := r.filter(ctx); err != nil {
		return err
	}
	for _, in := range r.incoming {
		switch {
		case r.elsewhere(in):
			// Several sources have it, and it is another one's.
		case r.postponed(in):
			// The next refresh publishes it.
		case in.asks != "":
			r.await(in)
		case in.rests():
			// Its page is asked for later.
		case in.dropped != "" && !in.retracts():
			r.drop(in)
		case in.row == nil:
			r.add(in)
		default:
			if err := r.update(ctx, in); err != nil {
				return err
			}
		}
	}
	r.loseOrigins()
	r.tellWaiting()
	return r.live(ctx)
}

// collect takes the articles of all batches in their order. Those that several sources sent hang together until it is
// known whose they are.
func (r *refresh) collect() {
	first := map[string]*incoming{}
	for i := range r.batches {
		b := &r.batches[i]
		for _, in := range b.incoming() {
			if head := in.meets(first); head == nil {
				r.incoming = append(r.incoming, in)
			} else {
				head.doubles = append(head.doubles, in)
			}
		}
		r.takeNotes(b)
	}
}

// retracts reports that a published article is taken back, which no filter may keep from happening.
func (in *incoming) retracts() bool {
	return in.row != nil && in.row.Number > 0 && in.Status != feed.Ready
}

// takeNotes puts what a source says beside its articles into the report.
func (r *refresh) takeNotes(b *batch) {
	for _, note := range b.Notes {
		r.report.Notes = append(r.report.Notes, note)
		r.problems = append(r.problems, judgment{feed.Outcome{Key: b.name, State: note}, b.of})
	}
	for _, problem := range b.Problems {
		outcome := feed.Outcome{State: "failed", Err: problem}
		if p, ok := errors.AsType[*feed.Problem](problem); ok {
			outcome.Key = p.Where
		}
		r.problems = append(r.problems, judgment{outcome, b.of})
	}
}

// elsewhere reports that an article is known from another source that the feed still has, under the same key if it has
// one: that one alone may change it, whether it lists it just now or not.
func (r *refresh) elsewhere(in *incoming) bool {
	return in.row != nil && (in.Key == "" || in.Key == in.row.Key) && !in.row.Gone &&
		in.row.Source != in.batch.digest && r.has(in.row.Source)
}

// has reports whether the feed reads a source with that digest. When nothing was fetched, it is not known what lists name;
// whoever follows a parent believes that all sources are still there.
func (r *refresh) has(source string) bool {
	return r.feed.following || slices.ContainsFunc(r.batches, func(b batch) bool { return b.digest == source }) ||
		slices.ContainsFunc(r.feed.Sources, func(s Source) bool { return s.Digest == source })
}

// quiet reports that nothing came in, nothing vanished and nobody's time has come.
func (r *refresh) quiet() bool {
	if len(r.incoming) > 0 || (!r.state.Wake.IsZero() && !r.at.Before(r.state.Wake)) || r.newsBegins() || r.asksAgain() {
		return false
	}
	for _, b := range r.batches {
		if len(b.Gone) > 0 {
			return false
		}
	}
	return true
}

// add makes a new article of one that nobody recognised.
func (r *refresh) add(in *incoming) {
	r.state.Position++
	row := &store.Article{
		Position: r.state.Position, State: store.Waiting, Given: in.ID, Key: in.Key,
		Digest: in.digest, Material: in.material, Source: in.batch.digest, Said: in.Article,
		Filtered: in.filtered,
	}
	// A key names one article: another that had it (with another given id) has lost its origin.
	for _, other := range r.known.key[row.Key] {
		if other.Key == row.Key {
			other.Key, other.Gone = "", true
			r.touch(other)
		}
	}
	r.fresh = append(r.fresh, row)
	r.rows[row.Position] = row
	in.row = row
	r.judged(in, "")
}

// update brings a stored article up to what its source says now.
func (r *refresh) update(ctx context.Context, in *incoming) error {
	row := in.row
	if row.State == store.Forgotten {
		return nil
	}
	renamed := row.Key != in.Key
	if !renamed && !row.Gone && row.Digest == in.digest && !in.sifted {
		if row.Source != in.batch.digest { // the words of its source have changed: it is the same one still
			row.Source = in.batch.digest
			r.touch(row)
		}
		return nil
	}
	state := "changed"
	switch {
	case row.Digest == learned:
		state = "found again"
	case row.Digest != in.digest:
	case renamed:
		state = "renamed"
	default:
		state = "found again"
	}
	j := r.judged(in, state)
	if renamed && row.Key != "" {
		j.outcome.Details = append(j.outcome.Details, "renamed from "+row.Key)
	}
	if !row.Published.IsZero() && !in.Published.IsZero() && !in.Published.Equal(row.Said.Published) {
		j.outcome.Details = append(j.outcome.Details, "its first date stays: "+r.show(row.Published))
	}
	before := *row
	if !in.sifted { // it says what it said; what filters and pages made of that stays
		in.Article = saidAgain(row.Said, in.Article)
	}
	row.Key, row.Gone, row.Digest, row.Said = in.Key, false, in.digest, in.Article
	if row.Given == "" || row.Number == 0 || before.Source == adoptedFrom && in.ID != "" || in.Key == "" && in.ID != "" {
		row.Given = in.ID // of a foreign article the newest one: it is found by it whatever becomes of its link
	}
	row.Source = in.batch.digest
	if in.sifted {
		row.Filtered = in.filtered
	}
	if row.State == store.Dropped {
		row.State = store.Waiting
	}
	r.touch(row)
	if row.Number == 0 {
		row.Material = in.material
		if row.Reason == store.LacksPage && in.sifted {
			row.Reason = ""
		}
		return nil
	}
	return r.edit(ctx, in, before)
}

// saidAgain is what is stored of an article with what the digest of the source's words leaves out.
func saidAgain(stored, now feed.Article) feed.Article {
	stored.Key, stored.Slug, stored.Source, stored.Modified, stored.Notes = now.Key, now.Slug, now.Source, now.Modified, now.Notes
	return stored
}

// edit applies an edit to an article that is or was published: its id, its first date and, unless the source gives
// another one, its link stay.
func (r *refresh) edit(ctx context.Context, in *incoming, before store.Article) error {
	row := in.row
	withdrawn := row.State == store.Withdrawn
	if !withdrawn {
		row.Expires = in.Expires
	}
	if in.Link != "" && in.Link != row.Link {
		row.Link, row.Hosted = in.Link, false
		other, err := r.claimant(ctx, row, nil)
		if err != nil {
			return err
		}
		if other != nil {
			r.outcomes[row].outcome.Err = conflict(in.Link, other)
			row.Link, row.Hosted = before.Link, before.Hosted
		}
	}
	corrected := in.Correction != "" && in.Correction != before.Said.Correction
	edited := in.material != before.Material && !hasMovedOnly(in.Article, before.Said)
	if before.Material == "" { // known from a document, which says when it was last edited
		edited = in.Updated.After(row.Updated) && !in.Updated.After(r.at)
	}
	if edited && (!in.Minor || corrected) && !withdrawn && before.Source != adoptedFrom {
		row.Updated = r.updatedAt(in, row.Updated)
		r.dated = append(r.dated, row)
	}
	row.Material = in.material
	switch {
	case withdrawn && row.Reason == byOperator:
		j := r.outcomes[row]
		j.outcome.Details = append(j.outcome.Details, "stays withdrawn: an operator withdrew it")
	case in.Status != feed.Ready:
		r.withdraw(row, byAuthor)
	case withdrawn || (row.State == store.Expired && (row.Expires.IsZero() || row.Expires.After(r.at))):
		row.State, row.Reason = store.Waiting, "" // live decides when it comes back
	}
	if row.State == store.Live && row.Digest != before.Digest {
		r.report.Changed++
	}
	return nil
}

// loseOrigins marks the articles whose origin has vanished, and withdraws them if the source says so.
func (r *refresh) loseOrigins() {
	matched := map[*store.Article]bool{}
	for _, in := range r.incoming {
		matched[in.row] = !in.resumed
	}
	for i := range r.batches {
		b := &r.batches[i]
		if b.spared {
			continue
		}
		gone := map[string]bool{}
		for _, key := range b.Gone {
			gone[key] = true
		}
		for _, row := range r.sortedRows() {
			if matched[row] || row.Gone || !gone[row.Key] {
				continue
			}
			row.Gone = true
			r.touch(row)
			if b.WithdrawGone && row.State == store.Live {
				r.withdraw(row, byAbsence)
				r.outcomes[row].source = b.of
				r.outcomes[row].outcome.Details = []string{"it is no longer there"}
			}
		}
	}
}

func (r *refresh) touch(row *store.Article) {
	r.changed = true
	if row.Position <= r.stored() {
		r.touched[row] = true
	}
}

// stored is the position of the last article in the store: those above it are new.
func (r *refresh) stored() int64 { return r.state.Position - int64(len(r.fresh)) }

func (r *refresh) judged(in *incoming, state string) *judgment {
	r.changed = true
	details := in.Notes
	if len(in.Authors) == 0 && !in.batch.Foreign {
		details = append(details, "no author named"+r.feedAuthor())
	}
	j := &judgment{source: in.batch.of, outcome: feed.Outcome{Key: name(in.Article), State: state, Details: details, Err: in.lacked}}
	r.outcomes[in.row] = j
	return j
}

// name is what a report calls an article: its key, else its title.
func name(a feed.Article) string {
	if a.Key == "" || strings.HasPrefix(a.Key, "~") {
		return cmp.Or(a.Title, a.Link, a.ID)
	}
	return a.Key
}

func (r *refresh) feedAuthor() string {
	if r.feed.Channel.Author.Name == "" {
		return ""
	}
	return " (the feed's is used)"
}

// conflict is the error of two articles that claim one link.
func conflict(link string, first *store.Article) error {
	return feed.Classify(feed.Unreadable, fmt.Errorf("claims the address %s, which belongs to %s; give one of them another slug or link", link, cmp.Or(first.Key, first.ID)))
}

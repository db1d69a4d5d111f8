package mill

import (
	"context"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/store"
)

const (
	// fewBack and farBack are how many of the articles seen last are compared with what is new in a listing: with some of
	// it, and with nearly all of it.
	fewBack, farBack = 200, 1000
	// nearlyAll is the part of a whole, in percent, that speaks for the rest.
	nearlyAll = 80
)

// recogniseVanished is the last rule of [refresh.recognise]: what is new in a listing may be what the listing no longer
// has. When nearly all of it seems new, a site has moved, was rebuilt or is read at another address.
//
//   - If the links of nearly all that is new, but not newer than all that vanished, differ from vanished ones in their host
//     alone, the site has moved there; of those of another source, if the titles are the same too.
//   - An article with the title, the date and most of the words of one that vanished is that one.
//   - So is one whose link tells nothing that has the same words, or if it has no id either, most of them and the same
//     date or, undated, the same title.
func (r *refresh) recogniseVanished(ctx context.Context, taken map[*store.Article]bool) error {
	for i := range r.batches {
		b := &r.batches[i]
		var fresh []*incoming
		all := 0
		for _, in := range r.incoming {
			if in.batch != b || !in.foreignKey() {
				continue
			}
			if all++; in.row == nil {
				fresh = append(fresh, in)
			}
		}
		if b.Extent != feed.Listing || len(fresh) == 0 {
			continue
		}
		back := min(2*all, fewBack)
		if len(fresh)*100 >= all*nearlyAll {
			back = farBack
		}
		v, err := r.vanished(ctx, b, taken, back)
		if err != nil {
			return err
		}
		if len(v.words) == 0 {
			continue
		}
		if err := v.moveHost(ctx, fresh, all); err != nil {
			return err
		}
		for _, in := range fresh {
			if in.row == nil {
				v.give(in, v.closest(in))
			}
		}
	}
	return nil
}

// foreignKey reports that the article has no key, or one made of its words.
func (in *incoming) foreignKey() bool { return in.Key == "" || strings.HasPrefix(in.Key, "~") }

// vanished are the articles of a source, or of sources that are no longer read, that its listing does not have.
type vanished struct {
	*refresh
	batch *batch
	taken map[*store.Article]bool
	paths map[string][]*store.Article // by the place that they lie at, without its site
	alike map[string][]*store.Article // by title, date and words, the latest first
	words map[*store.Article]string
}

func (r *refresh) vanished(ctx context.Context, b *batch, taken map[*store.Article]bool, back int) (*vanished, error) {
	latest, err := r.ledger.LastSeen(ctx, r.state.Serial, back)
	if err != nil {
		return nil, err
	}
	r.know(latest)
	v := &vanished{
		refresh: r, batch: b, taken: taken,
		paths: map[string][]*store.Article{}, alike: map[string][]*store.Article{}, words: map[*store.Article]string{},
	}
	for i := range latest {
		row := r.rows[latest[i].Position]
		if !v.has(row) {
			continue
		}
		if _, path := site(row.Said.Link); path != "" {
			v.paths[path] = append(v.paths[path], row)
		}
		v.words[row] = wordsOf(row.Said)
		for _, mark := range marksOf(row.Said, v.words[row]) {
			v.alike[mark] = append(v.alike[mark], row)
		}
	}
	return v, nil
}

// marksOf are what two articles must share one of to be compared.
func marksOf(a feed.Article, words string) []string {
	marks := []string{"title " + a.Title, "words " + words}
	if !a.Published.IsZero() {
		marks = append(marks, "date "+stamp(a.Published))
	}
	return marks
}

// has reports whether a stored article may be among them.
func (v *vanished) has(row *store.Article) bool {
	switch {
	case v.taken[row] || row.Source != v.batch.digest && v.refresh.has(row.Source):
		return false
	case row.Key != "":
		return strings.HasPrefix(row.Key, "~") && !v.batch.keys[row.Key]
	case row.Given != "":
		return !v.batch.ids[row.Given]
	}
	return !v.batch.places[place(row.Said.Link)]
}

func (v *vanished) give(in *incoming, row *store.Article) {
	if row != nil {
		in.row, v.taken[row] = row, true
	}
}

// moveHost recognises the articles of a site that has moved to another host. Two of a kind are no move unless they are
// all there is.
func (v *vanished) moveHost(ctx context.Context, fresh []*incoming, all int) error {
	if len(fresh)*100 < all*nearlyAll {
		return nil
	}
	type way struct{ from, to string }
	votes := map[way]int{}
	var best way
	newest, voters := v.newest(), 0
	for _, in := range fresh {
		if in.Published.After(newest) {
			continue // it was published since, and says nothing
		}
		voters++
		to, path := site(in.Link)
		if from := v.onlySite(in, v.paths[path]); from != "" && from != to {
			w := way{from, to}
			if votes[w]++; votes[w] > votes[best] {
				best = w
			}
		}
	}
	if n := votes[best]; n == 0 || n*100 < voters*nearlyAll || n < 3 && n < all {
		return nil
	}
	for _, in := range fresh {
		rest, moved := strings.CutPrefix(in.Link, best.to)
		if !moved {
			continue
		}
		var rows []*store.Article
		for _, form := range append(formsOf(best.from+rest), best.from+rest) {
			found, err := v.ledger.Find(ctx, v.state.Serial, store.Lookup{Link: form})
			if err != nil {
				return err
			}
			v.know(found)
			for i := range found {
				rows = append(rows, v.rows[found[i].Position])
			}
		}
		v.give(in, only(rows, func(row *store.Article) bool { return v.has(row) && v.mayHaveMoved(in, row) }))
	}
	return nil
}

// newest is the latest date of those that vanished.
func (v *vanished) newest() (latest time.Time) {
	for row := range v.words {
		if row.Said.Published.After(latest) {
			latest = row.Said.Published
		}
	}
	return latest
}

// onlySite is where the articles lie that in may have been, empty when there are none or several places.
func (v *vanished) onlySite(in *incoming, rows []*store.Article) string {
	first := ""
	for _, row := range rows {
		if !v.mayHaveMoved(in, row) {
			continue
		}
		at, _ := site(row.Said.Link)
		if first != "" && at != first {
			return ""
		}
		first = at
	}
	return first
}

// mayHaveMoved reports whether the article may be the row on another host. Of another source it must have the title too:
// sites made with one program have the same paths.
func (v *vanished) mayHaveMoved(in *incoming, row *store.Article) bool {
	return row.Source == v.batch.digest || in.Title == row.Said.Title
}

// compared bounds with how many an article is compared that share a mark with it.
const compared = 50

// closest is the vanished article that in is by its words; nil when none is, or several are that differ.
func (v *vanished) closest(in *incoming) *store.Article {
	words := wordsOf(in.Article)
	var best *store.Article
	most, tie := 0.0, false
	seen := map[*store.Article]bool{}
	for _, mark := range marksOf(in.Article, words) {
		for _, row := range v.alike[mark][:min(compared, len(v.alike[mark]))] {
			if v.taken[row] || seen[row] {
				continue
			}
			seen[row] = true
			share := shared(words, v.words[row])
			if share < most || !in.couldBe(row, share) {
				continue
			}
			best, most, tie = row, share, share == most && share < 1
		}
	}
	if tie {
		return nil
	}
	return best
}

// couldBe reports whether the article is the row, with which it has a share of words in common.
func (in *incoming) couldBe(row *store.Article, share float64) bool {
	titled := in.Title == row.Said.Title
	dated := !in.Published.IsZero() && in.Published.Equal(row.Said.Published)
	undated := in.Published.IsZero() && row.Said.Published.IsZero()
	switch {
	case share < similar:
		return false
	case titled && dated:
		return true
	case in.tells || place(in.Link) != place(row.Said.Link):
		return false
	case titled && share == 1:
		return true
	}
	return in.ID == "" && row.Given == "" && (dated || undated && (titled || share == 1))
}

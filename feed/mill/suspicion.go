package mill

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"feedmill/feed"
	"feedmill/feed/store"
)

// rule is one thing that is not believed.
type rule string

const (
	meagre   rule = "min_articles" // a listing with too few articles
	crowded  rule = "max_new"      // a listing with too many new ones
	empty    rule = "empty"        // a listing with nothing
	shrunk   rule = "shrink"       // a listing with few of what it had
	lost     rule = "lost"         // most files of a source are gone
	strange  rule = "strange"      // a listing of which nothing is known: another site
	untitled rule = "untitled"     // most articles have no title any more
	redated  rule = "redated"      // all articles are dated now, and bore other dates before
)

// forgives reports whether the rule no longer holds what was believed once: what could take nothing away is delayed in
// vain each time. A page that has all new items each day is believed when an operator has said so, files that are missing
// never.
func (name rule) forgives(accepted bool) bool {
	return name == empty || name == shrunk || name == redated || name == strange && accepted
}

// few is how many articles tell nothing by shares: one of two files deleted is half of them.
const few = 5

// mostAsked bounds the articles of one batch that are looked up; of more, some from all over it are.
const mostAsked = 200

// doubt is a rule that a batch breaks; text is empty when that is usual for the origin, and the rule when there is none.
type doubt struct {
	rule rule
	text string
}

// doubt finds the first rule that a batch breaks.
//
// Only a listing is all there is: it alone can be too small or too new. A batch of any extent can be without titles or
// with new dates, and only one that names what is gone can lose files.
func (r *refresh) doubt(ctx context.Context, b *batch, h habits) (doubt, error) {
	usual := doubt{}
	for _, check := range []struct {
		rule
		text func(context.Context, *batch, habits) (string, error)
	}{
		{meagre, r.meagre}, {empty, r.nothing}, {shrunk, r.shrunk}, {untitled, r.untitled}, {strange, r.strange},
		{redated, r.redated}, {crowded, r.crowded}, {lost, r.lost}, // of what is lost alone the rest is believed
	} {
		text, err := check.text(ctx, b, h)
		switch {
		case err != nil:
			return doubt{}, err
		case text == "":
		case h.usual(check.rule, r.at):
			usual.rule = check.rule
		default:
			return doubt{check.rule, text}, nil
		}
	}
	return usual, nil
}

func (r *refresh) meagre(_ context.Context, b *batch, _ habits) (string, error) {
	n := len(b.Articles)
	if b.Extent != feed.Listing || n >= r.feed.Guard.MinArticles {
		return "", nil
	}
	return fmt.Sprintf("%s, and min_articles is %d", plural(n, "article"), r.feed.Guard.MinArticles), nil
}

func (r *refresh) nothing(_ context.Context, b *batch, h habits) (string, error) {
	if b.Extent != feed.Listing || len(b.Articles) > 0 || h.Size == 0 || r.feed.Guard.Shrink <= 0 {
		return "", nil
	}
	return fmt.Sprintf("none of %s left", plural(h.Size, "article")), nil
}

func (r *refresh) shrunk(_ context.Context, b *batch, h habits) (string, error) {
	n, share := len(b.Articles), r.feed.Guard.Shrink
	if b.Extent != feed.Listing || n == 0 || h.Size < few || float64(n) >= share*float64(h.Size) {
		return "", nil
	}
	return fmt.Sprintf("%d of %d articles left (fewer than %s)", n, h.Size, percent(share)), nil
}

// lost asks how many files there were. A file that was moved is gone at one place and new at another.
func (r *refresh) lost(ctx context.Context, b *batch, h habits) (string, error) {
	share, gone := r.feed.Guard.Shrink, len(b.Gone)
	if gone == 0 || share <= 0 {
		return "", nil
	}
	if h.Lost && h.Held == hashOf(b, lost) {
		return h.Reason, nil // what was saved since then makes up for nothing
	}
	before, err := r.lossOf(ctx, b, gone)
	if before == 0 || err != nil {
		return "", err
	}
	for _, a := range b.Articles {
		found, err := r.ledger.Find(ctx, r.state.Serial, store.Lookup{Key: a.Key})
		if err != nil {
			return "", err
		}
		if !slices.ContainsFunc(found, func(row store.Article) bool { return row.Key == a.Key && !row.Gone }) {
			gone--
		}
	}
	if before, err = r.lossOf(ctx, b, gone); before == 0 || err != nil {
		return "", err
	}
	return fmt.Sprintf("%d of %s are gone (fewer than %s left)", min(len(b.Gone), before), plural(before, "file"), percent(share)), nil
}

// lossOf returns how many files of a source there were if so many fewer are too few, else 0.
func (r *refresh) lossOf(ctx context.Context, b *batch, fewer int) (int, error) {
	share, enough := r.feed.Guard.Shrink, math.MaxInt32 // of those there were, so many make it no loss
	if share < 1 {
		enough = int(min(math.Ceil(float64(fewer)/(1-share)), math.MaxInt32))
	}
	if fewer <= 0 || enough < few {
		return 0, nil
	}
	before, err := r.ledger.There(ctx, r.state.Serial, enough, r.others(b))
	if err != nil || before < few || float64(max(0, before-fewer)) >= share*float64(before) {
		return 0, err
	}
	return before, nil
}

// others are the digests of the feed's sources but one. An article that did not change still bears the digest that its
// source had when its words were others.
func (r *refresh) others(b *batch) []string {
	var digests []string
	for i := range r.batches {
		if other := r.batches[i].digest; other != b.digest {
			digests = append(digests, other)
		}
	}
	return digests
}

func (r *refresh) untitled(_ context.Context, b *batch, h habits) (string, error) {
	n := len(b.Articles)
	without := n - titled(b.Articles)
	if n < few || h.Judged < few || h.Titled*10 < h.Judged*9 || without*2 <= n {
		return "", nil
	}
	return fmt.Sprintf("%d of %d articles have no title, and %d of %d had one before", without, n, h.Titled, h.Judged), nil
}

// strange finds a listing of which nothing is known. A busy site that is seldom asked gives one too: it is the same site
// then, and its articles are later ones.
func (r *refresh) strange(ctx context.Context, b *batch, h habits) (string, error) {
	n := len(b.Articles)
	if b.Extent != feed.Listing || n < few || h.Size < few {
		return "", nil
	}
	known, err := r.anyKnown(ctx, b)
	if known || err != nil {
		return "", err
	}
	later := 0
	for _, a := range b.Articles {
		if a.Published.Unix() > h.Newest && !a.Published.IsZero() {
			later++
		}
	}
	nothing := fmt.Sprintf("none of the %d articles is known", n)
	host, title := siteOf(sample(b.Articles))
	switch {
	case !sameHost(h.Host, host):
		return fmt.Sprintf("%s, and they are of %s, not of %s as before", nothing, host, h.Host), nil
	case !sameTitle(h.Title, title):
		return fmt.Sprintf("%s, and the feed is called %q, not %q as before", nothing, title, h.Title), nil
	case later*5 < n*4:
		return fmt.Sprintf("%s, and most are not dated later than the %d before", nothing, h.Size), nil
	}
	return "", nil
}

// redated finds articles that are dated within an hour, later than all before, though they bore other dates: their site was
// built anew, or dates everything when it is asked.
func (r *refresh) redated(ctx context.Context, b *batch, h habits) (string, error) {
	dates := closeDates(b.Articles, time.Unix(h.Newest, 0), r.at.Add(time.Hour))
	if dates == nil {
		return "", nil
	}
	asked, other := sample(b.Articles), 0
	for _, a := range asked {
		row, err := r.met(ctx, a)
		if err != nil {
			return "", err
		}
		if row != nil && !row.Said.Published.IsZero() && row.Said.Published.Before(dates[0]) {
			other++
		}
	}
	if other*2 < len(asked) {
		return "", nil
	}
	return fmt.Sprintf("all of %d articles are dated %s, and %s bore other dates before", len(b.Articles),
		r.show(dates[len(dates)-1]), percent(float64(other)/float64(len(asked)))), nil
}

// closeDates returns the dates of the articles, without a few stragglers, if they lie within an hour, after one moment and
// not after another; else nil.
func closeDates(all []feed.Article, after, until time.Time) []time.Time {
	var dates []time.Time
	for _, a := range all {
		if a.Published.After(after) && !a.Published.After(until) {
			dates = append(dates, a.Published)
		}
	}
	if len(all) < few || len(dates)*10 < len(all)*9 {
		return nil
	}
	slices.SortFunc(dates, time.Time.Compare)
	dates = dates[len(dates)/20 : len(dates)-len(dates)/20]
	if dates[len(dates)-1].Sub(dates[0]) > time.Hour {
		return nil
	}
	return dates
}

// datesNow reports whether an origin dates its articles when it is asked for them.
func datesNow(all []feed.Article, at time.Time) bool {
	return closeDates(all, at.Add(-time.Hour), at.Add(time.Hour)) != nil
}

func (r *refresh) crowded(ctx context.Context, b *batch, _ habits) (string, error) {
	most := r.feed.Guard.MaxNew
	if b.Extent != feed.Listing || most <= 0 || len(b.Articles) <= most {
		return "", nil
	}
	fresh := 0
	for _, a := range b.Articles {
		row, err := r.met(ctx, a)
		if err != nil {
			return "", err
		}
		if row == nil {
			fresh++
		}
		if fresh > most {
			return fmt.Sprintf("more than %d of %d articles are new, and max_new is %d", most, len(b.Articles), most), nil
		}
	}
	return "", nil
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", share*100) }

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

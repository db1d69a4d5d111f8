package mill

import (
	"context"
	"slices"
	"strconv"
	"time"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/filter"
	"feedmill/feed/store"
)

// knownForDedupe is how many of the newest articles a dedupe filter compares with.
const knownForDedupe = 1000

// filter sends the articles that are new or changed through the feed's filters, once, and then makes their content safe,
// whatever source it is from. One that is dropped is kept in the store, so that it is not judged again before it changes; one that is
// published already stays as it is. Those that lack their pages wait, and come here again as they were listed.
func (r *refresh) filter(ctx context.Context) error {
	var todo []*incoming
	for _, in := range r.incoming {
		if in.sifted = r.isNews(in); in.sifted {
			todo = append(todo, in)
		} else if in.row != nil {
			in.material = in.row.Material
		}
	}
	if len(todo) == 0 {
		return nil
	}
	if n := r.feed.Filters.Len(); n > 0 {
		for _, in := range todo {
			in.filtered = strconv.Itoa(n)
		}
	}
	if err := r.recallPages(ctx, todo); err != nil {
		return err
	}
	todo, err := r.follow(ctx, todo)
	if err != nil {
		return err
	}
	kept, trace, err := r.sift(ctx, todo)
	if err != nil {
		return err
	}
	var lacking []*incoming
	for _, in := range todo {
		if in.asks != "" {
			lacking = append(lacking, in)
		}
	}
	if len(lacking) > 0 {
		if err := r.ask(ctx, lacking); err != nil {
			return err
		}
		// Those that have their pages now go with all others but those that wait through the filters again.
		for _, v := range trace {
			if v.Action == filter.Waiting && todo[v.Article].asks != "" {
				r.verdict(todo, v)
			}
		}
		todo = slices.DeleteFunc(todo, func(in *incoming) bool { return in.asks != "" })
		if kept, trace, err = r.sift(ctx, todo); err != nil {
			return err
		}
	}
	for _, v := range trace {
		r.verdict(todo, v)
	}
	r.finish(todo, slices.Clone(kept))
	return nil
}

// isNews reports whether an article is new or changed, or its page may be asked for again.
func (r *refresh) isNews(in *incoming) bool {
	switch row := in.row; {
	case row == nil:
		return true
	case row.State == store.Forgotten, r.elsewhere(in):
		return false
	case in.listed != nil && in.listed.Digest == in.digest:
		return in.resumed
	default:
		return row.Digest != in.digest || row.State == store.Waiting && row.Reason == store.LacksPage && in.listed == nil
	}
}

// sift sends articles through the filters.
func (r *refresh) sift(ctx context.Context, todo []*incoming) ([]feed.Article, []filter.Verdict, error) {
	articles := make([]feed.Article, len(todo))
	for i, in := range todo {
		articles[i] = in.Article
	}
	env := filter.Env{
		Now: r.at, Source: func(i int) string { return todo[i].batch.name },
		Page: func(i int, a feed.Article) (feed.Article, error) { return r.page(todo[i], byFilter, a) },
	}
	if r.feed.Dedupes {
		var err error
		if env.Known, err = r.knownValues(ctx, todo); err != nil {
			return nil, nil, err
		}
	}
	return r.feed.Filters.Apply(ctx, articles, env)
}

// finish takes over what the filters made of articles that need not wait.
func (r *refresh) finish(todo []*incoming, kept []feed.Article) {
	for _, in := range todo {
		if in.dropped == "" {
			in.Article, kept = kept[0], kept[1:]
		}
		in.Content = clean.HTML(in.Content)
		if in.batch.Foreign && in.Published.After(r.at) {
			in.Published = time.Time{} // somebody else's clock is no embargo
		}
		in.Media = referred(in.Article)
		in.material = materialOf(in.Article)
		if in.listed != nil && in.listed.Number > 0 {
			r.numbers[in.row] = in.listed.Number
		}
	}
}

// verdict takes down what a filter did.
func (r *refresh) verdict(todo []*incoming, v filter.Verdict) {
	if v.Action == filter.Emptied {
		if len(todo) > 1 {
			r.problems = append(r.problems, judgment{outcome: feed.Outcome{Key: "filters", State: v.String()}})
		}
		return
	}
	in := todo[v.Article]
	if v.Action == filter.Dropped {
		in.dropped = v.String()
	}
	in.filtered += "\n" + v.String()
	r.report.Verdicts = append(r.report.Verdicts, name(in.Article)+": "+v.String())
}

// knownValues tells the dedupe filter what other articles of the feed hold.
func (r *refresh) knownValues(ctx context.Context, todo []*incoming) (func(feed.Article, filter.Key, string) bool, error) {
	own := map[string]int64{}
	for _, in := range todo {
		if in.row != nil {
			own[digestOf(in.Article)] = in.row.Position
		}
	}
	rows, err := r.library.Window(ctx, r.state.Serial, knownForDedupe)
	if err != nil {
		return nil, err
	}
	type value struct {
		field filter.Key
		text  string
	}
	held := map[value][]int64{}
	for _, row := range rows {
		shown := item(r.feed, row).Article
		for _, field := range filter.DedupeKeys {
			if text := field.Of(shown); text != "" {
				held[value{field, text}] = append(held[value{field, text}], row.Position)
			}
		}
	}
	return func(a feed.Article, field filter.Key, text string) bool {
		self, stored := own[digestOf(a)]
		return slices.ContainsFunc(held[value{field, text}], func(p int64) bool { return !stored || p != self })
	}, nil
}

// drop keeps an article that a filter dropped out of the documents. One that is published already stays as it was.
func (r *refresh) drop(in *incoming) {
	row := in.row
	if row == nil {
		r.state.Position++
		row = &store.Article{
			Position: r.state.Position, State: store.Dropped, Given: in.ID, Key: in.Key, Link: in.Link, Source: in.batch.digest, Said: in.Article,
		}
		in.row = row
		r.fresh = append(r.fresh, row)
		r.rows[row.Position] = row
	}
	if row.Number == 0 {
		row.State, row.Reason, row.Material = store.Dropped, in.dropped, in.material
	}
	if row.Source == adoptedFrom {
		row.Key, row.Gone, row.Source = in.Key, false, in.batch.digest
	}
	row.Digest, row.Filtered = in.digest, in.filtered
	r.touch(row)
}

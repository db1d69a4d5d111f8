package mill

import (
	"context"
	"fmt"
	"slices"
	"time"

	"feedmill/feed"
	"feedmill/feed/filter"
	"feedmill/feed/render"
	"feedmill/feed/store"
)

// lookback is how many times the articles that an edition may hold are looked at, at most, to find as many that it shows.
const lookback = 10

// choice finds the articles that an edition shows.
type choice struct {
	*refresh
	Edition
	before refusals // of the last time
	now    refusals
	aged   map[int64]bool // those of them, by position, that the profile takes no longer
	hosted []render.Item  // the articles it read that have a page of ours, as they are without the edition's filters
}

func (r *refresh) choices(ctx context.Context, editions []Edition) ([]*choice, error) {
	var all []*choice
	for _, e := range editions {
		c := &choice{refresh: r, Edition: e}
		if e.judges() {
			var err error
			if c.before, err = r.recallRefusals(ctx, e); err != nil {
				return nil, err
			}
			c.now, c.aged = refusals{c.before.Rules, versions{}, versions{}}, map[int64]bool{}
		}
		all = append(all, c)
	}
	return all, nil
}

// live are the articles of the live documents: the newest, and those that came back lately, however old they are. shown tells
// the versions that all documents before show.
func (c *choice) live(ctx context.Context, shown func(render.Version) bool) ([]render.Item, error) {
	chosen, err := c.newest(ctx, shown)
	if err != nil {
		return nil, err
	}
	again, err := c.library.ShownAgain(ctx, c.state.Serial, c.state.AsOf, c.Limit.usual())
	if err != nil {
		return nil, err
	}
	again = slices.DeleteFunc(again, func(row store.Shown) bool {
		return slices.ContainsFunc(chosen, func(it render.Item) bool { return it.Version.Position == row.Position })
	})
	more, err := c.items(ctx, again, shown)
	if err != nil {
		return nil, err
	}
	for _, it := range more {
		if it != nil {
			chosen = append(chosen, *it)
		}
	}
	return chosen, nil
}

// newest are the newest articles that pass, and all that pass of the last hours. It looks back in steps until there are as
// many as the edition may hold.
func (c *choice) newest(ctx context.Context, shown func(render.Version) bool) ([]render.Item, error) {
	since := c.recently()
	most := c.Limit.Articles
	if c.judges() {
		most *= lookback
	}
	var looked []*render.Item
	for n := c.Limit.Articles; ; n = min(2*n, most) {
		rows, err := c.library.Shown(ctx, c.state.Serial, n, since)
		if err != nil {
			return nil, err
		}
		more, err := c.items(ctx, rows[len(looked):], shown)
		if err != nil {
			return nil, err
		}
		looked = append(looked, more...)
		var chosen []render.Item
		for i, it := range looked {
			recent := !since.IsZero() && rows[i].Released.After(since)
			if it != nil && (recent || len(chosen) < c.Limit.Articles) {
				chosen = append(chosen, *it)
			}
		}
		if len(chosen) >= c.Limit.Articles || len(rows) < n || n >= most {
			return chosen, nil
		}
	}
}

// recently is when the hours begin of which all articles are shown, the zero time when there are none.
func (c *choice) recently() time.Time {
	if c.Limit.Hours <= 0 {
		return time.Time{}
	}
	return c.state.AsOf.Add(-time.Duration(c.Limit.Hours) * time.Hour)
}

// withdrawn are the articles that were taken back lately and had passed: nobody misses another one here.
func (c *choice) withdrawn(ctx context.Context) ([]store.Article, error) {
	rows, err := c.library.Noticed(ctx, c.state.Serial, c.state.AsOf, c.Limit.usual())
	if err != nil || !c.judges() {
		return rows, err
	}
	var passed []store.Article
	for _, row := range rows {
		it := c.item(row)
		v, err := c.verdict(ctx, &it, c.sourceName(row))
		if err != nil {
			return nil, err
		}
		if !v.dropped && v.refused == "" {
			passed = append(passed, row)
		}
	}
	return passed, nil
}

// items are the rows as the edition shows them, nil for those that it does not. An article that the documents before show as it
// is now is not read, nor is one that is known to be left out.
func (c *choice) items(ctx context.Context, rows []store.Shown, shown func(render.Version) bool) ([]*render.Item, error) {
	all := make([]*render.Item, len(rows))
	places := map[int64]int{}
	var unread []int64
	for i, row := range rows {
		switch {
		case c.knownLeftOut(row):
		case shown(version(row)) && !c.Filters.Ages() && !c.tooOld(row):
			all[i] = kept(row)
		default:
			places[row.Position], unread = i, append(unread, row.Position)
		}
	}
	read, err := c.library.Articles(ctx, c.state.Serial, unread)
	if err != nil {
		return nil, err
	}
	sources := map[int64]string{}
	for _, row := range read {
		it := c.item(row)
		sources[row.Position] = c.sourceName(row)
		if all[places[row.Position]] = &it; it.Hosted {
			c.hosted = append(c.hosted, it)
		}
	}
	if !c.judges() {
		return all, nil
	}
	for _, position := range unread {
		i := places[position]
		switch passes, err := c.judge(ctx, all[i], sources[position]); {
		case err != nil:
			return nil, err
		case !passes:
			all[i] = nil
		case shown(version(rows[i])):
			all[i] = kept(rows[i])
		}
	}
	return all, nil
}

func version(row store.Shown) render.Version {
	return render.Version{Position: row.Position, Revision: row.Revision}
}

// kept is an article that is taken from the documents before.
func kept(row store.Shown) *render.Item {
	it := &render.Item{Kept: true, Version: version(row)}
	it.ID, it.Published, it.Updated = row.ID, row.Published, row.Updated
	return it
}

// knownLeftOut reports whether the edition left the article out before. What a profile refuses it refuses for ever; a
// filter may come to another answer when it looks at the time.
func (c *choice) knownLeftOut(row store.Shown) bool {
	v := version(row)
	if c.tooOld(row) {
		c.aged[row.Position] = true
	}
	switch {
	case c.now.Dropped.has(v), c.now.Refused.has(v):
	case c.before.Refused.has(v):
		c.now.Refused.add(v)
	case c.before.Dropped.has(v) && !c.Filters.Ages():
		c.now.Dropped.add(v)
	default:
		return false
	}
	return true
}

// tooOld reports whether the profile refuses the article for its age, though it may have shown it before.
func (c *choice) tooOld(row store.Shown) bool {
	age := c.Profile.MaxAge()
	return age > 0 && !row.Published.After(c.state.AsOf.Add(-age))
}

// judge says whether an article passes, and takes down why it does not.
func (c *choice) judge(ctx context.Context, it *render.Item, source string) (passes bool, err error) {
	if it == nil {
		return false, nil
	}
	title := render.Title(it.Article)
	v, err := c.verdict(ctx, it, source)
	if err != nil {
		return false, err
	}
	for _, said := range v.trace {
		if said.Action != filter.Emptied {
			c.report.Verdicts = append(c.report.Verdicts, fmt.Sprintf("%s: %s: %s", c.Channel.Name(), title, said))
		}
	}
	switch {
	case v.dropped:
		c.now.Dropped.add(it.Version)
	case v.refused != "":
		c.now.Refused.add(it.Version)
		c.report.LeftOut = append(c.report.LeftOut, LeftOut{Edition: c.Channel.Name(), Article: title, Why: v.refused})
	default:
		return true, nil
	}
	return false, nil
}

// ruling is what an edition's rules say of an article.
type ruling struct {
	trace   []filter.Verdict
	dropped bool   // by a filter
	refused string // by the profile, and why
}

// verdict sends an article through the edition's filters, which may change it, and asks its profile.
func (c *choice) verdict(ctx context.Context, it *render.Item, source string) (v ruling, err error) {
	it.Markdown = "" // its content is HTML by now
	env := filter.Env{Now: c.state.AsOf, Source: func(int) string { return source }}
	passed, trace, err := c.Filters.Apply(ctx, []feed.Article{it.Article}, env)
	if err != nil {
		return v, err
	}
	if v.trace = trace; len(passed) == 0 {
		v.dropped = true
		return v, nil
	}
	it.Article = passed[0]
	v.refused = c.Profile.Article(c.asShown(it.Article), c.state.AsOf)
	return v, nil
}

// sourceName is the name of the source that an article was read from, empty when the feed has it no more.
func (c *choice) sourceName(row store.Article) string {
	for i := range c.feed.Sources {
		if c.feed.Sources[i].Digest == row.Source {
			return c.feed.Sources[i].Name
		}
	}
	return ""
}

// asShown is an article with the title and the author that documents give it.
func (c *choice) asShown(a feed.Article) feed.Article {
	a.Title = render.Title(a)
	if len(a.Authors) == 0 && c.Channel.Author.Name != "" {
		a.Authors = []feed.Person{c.Channel.Author}
	}
	return a
}

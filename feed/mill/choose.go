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
func (c *choice) live(ctx context.Context, shown func(render.Version) bool) ([]render.Item, []render.Listed, error) {
	rows, all, err := c.newest(ctx, shown)
	if err != nil {
		return nil, nil, err
	}
	again, err := c.library.ShownAgain(ctx, c.state.Serial, c.state.AsOf, c.Limit.usual())
	if err != nil {
		return nil, nil, err
	}
	if len(again) > 0 {
		there := map[int64]bool{}
		for i, row := range rows {
			there[row.Position] = all[i].passes
		}
		again = slices.DeleteFunc(again, func(row store.Shown) bool { return there[row.Position] })
	}
	more, err := c.items(ctx, again, shown, len(rows))
	if err != nil {
		return nil, nil, err
	}
	items, listed := split(append(rows, again...), append(all, more...))
	return items, listed, nil
}

// newest are the newest articles, and what becomes of each: those that pass are shown, and all that pass of the last hours.
// It looks back in steps until there are as many as the edition may hold.
func (c *choice) newest(ctx context.Context, shown func(render.Version) bool) ([]store.Shown, []found, error) {
	since := c.recently()
	most := c.Limit.Articles
	if c.judges() {
		most *= lookback
	}
	var looked []found
	for n := c.Limit.Articles; ; n = min(2*n, most) {
		rows, err := c.library.Shown(ctx, c.state.Serial, n, since)
		if err != nil {
			return nil, nil, err
		}
		more, err := c.items(ctx, rows[len(looked):], shown, len(looked))
		if err != nil {
			return nil, nil, err
		}
		looked = append(looked, more...)
		chosen := 0
		for i, f := range looked {
			recent := !since.IsZero() && rows[i].Released.After(since)
			if looked[i].passes = f.passes && (recent || chosen < c.Limit.Articles); looked[i].passes {
				chosen++
			}
		}
		if chosen >= c.Limit.Articles || len(rows) < n || n >= most {
			return rows, looked, nil
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

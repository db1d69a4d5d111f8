package listing

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"golang.org/x/net/html"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/field"
	"feedmill/feed/markup"
)

// Selectors say where the articles of a page are.
type Selectors struct {
	Items  markup.Selector
	Fields Fields
}

// Mend is a set of selectors that finds on a changed page the articles that the old ones found before.
type Mend struct {
	Selectors
	// Changed are the words whose selectors are new, items first.
	Changed []Change
	// Lost are the words of which nothing was found on the changed page.
	Lost []string
	// Taken is what the new selectors take from the page.
	Taken Taken
	// Known is how many of its articles were known before, of Listed that the page had when it was last read well.
	Known, Listed int
	// Confidence is between 0 and 1: how much of what was known is found again as it was.
	Confidence float64
}

// Change is one word whose selector is new.
type Change struct {
	Word     string // "items" or a word of fields
	Old, New string
}

// Broken says in a few words why selectors no longer do what they did, empty when they do. Those that never found anything
// are not broken.
func (k Known) Broken(articles []feed.Article) string {
	if k.Listed == 0 {
		return ""
	}
	if len(articles) == 0 {
		return fmt.Sprintf("items finds nothing, where it found %s before", articleCount(k.Listed))
	}
	for _, word := range []string{"title", "link"} {
		had := 0
		for _, a := range k.Articles {
			if a.Listed && a.Values[word] != "" {
				had++
			}
		}
		empty := 0
		for i := range articles {
			if valueOf(word, &articles[i]) == "" {
				empty++
			}
		}
		if had*2 > min(k.Listed, mostKnown) && empty*2 > len(articles) {
			return fmt.Sprintf("%s is empty in %d of %s, where it was not before", word, empty, articleCount(len(articles)))
		}
	}
	return ""
}

func articleCount(n int) string {
	if n == 1 {
		return "1 article"
	}
	return fmt.Sprintf("%d articles", n)
}

// Repair looks on a page for the articles that are known of it, and works out selectors that find them and like ones: for
// the items and for every field that the old selectors have. What it returns was tried on the page: known articles come out
// with the links, titles and ids that they had. When there is a doubt there is none, and the error says why; a wrong
// repair would put foreign texts into the feed.
//
// It takes time in proportion to the nodes of the page.
func (k Known) Repair(ctx context.Context, page *markup.Page, old Selectors, env field.Env) (Mend, error) {
	if page == nil || len(k.Articles) == 0 {
		return Mend{}, errors.New("nothing is known of the articles that the page had before")
	}
	env.Base = page.Base
	r := &repair{ctx: ctx, page: page, old: old, env: env, known: k}
	if err := r.locate(); err != nil {
		return Mend{}, err
	}
	var best Mend
	for i, region := range r.regions() {
		if i > 0 && bits.OnesCount64(r.below[region]) < best.Known {
			break // it shows fewer of the known articles
		}
		m, err := r.within(region)
		switch {
		case i == 0 && err != nil:
			return Mend{}, err
		case i == 0:
			best = m
		case err != nil || !m.sameArticles(best):
			return Mend{}, errors.New("the page now shows the known articles in several lists that differ otherwise, and it cannot be told which is meant")
		}
	}
	return best, nil
}

func (m Mend) sameArticles(other Mend) bool {
	return slices.EqualFunc(m.Taken.Articles, other.Taken.Articles, func(a, b feed.Article) bool { return a.Link == b.Link && a.Title == b.Title })
}

// repair is one search.
type repair struct {
	ctx   context.Context
	page  *markup.Page
	old   Selectors
	env   field.Env
	known Known
	// spots are, by article, the elements that are sure to belong to it: links to it, or its title.
	spots [][]*html.Node
	// below are the articles with a spot at or below an element: bit i is article i.
	below map[*html.Node]uint64
	looks int // nodes looked at for values
}

// place is where a link leads, in the sense in which the mill recognises articles by it.
func place(link, base string) string {
	bare, err := clean.Link(link, base)
	if err != nil {
		return ""
	}
	return trimPlace(bare)
}

// choose returns what a rule chooses in an item.
func choose(ctx context.Context, rule *field.Rule[markup.Selector], item markup.Item) ([]markup.Match, error) {
	s := rule.Select
	switch {
	case s.IsZero() && rule.Attr == "":
		return nil, nil
	case s.IsZero():
		s = markup.Self()
	}
	return s.With(rule.Attr).All(ctx, item)
}

// article makes the article of an item.
func (r *repair) article(fields *Fields, n *html.Node) feed.Article {
	a, _ := Read(r.ctx, markup.Item{Page: r.page, Node: n}, fields, r.env)
	return a
}

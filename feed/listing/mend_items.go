package listing

import (
	"cmp"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"feedmill/feed/field"
	"feedmill/feed/markup"
)

// guess is one idea of what the items of the changed page are.
type guess struct {
	*repair
	region   *html.Node
	articles []int        // the known articles that it finds, ascending
	items    []*html.Node // of these
	fields   Fields
	changed  []Change
	lost     []string
	choice   Choice
	cost     float64
	usual    map[string]bool // the names by which the items are called
}

// within works out the selectors for the articles in one region of the page.
func (r *repair) within(region *html.Node) (Mend, error) {
	present := bits.OnesCount64(r.below[region])
	var best *guess
	var bestMend Mend
	why := errors.New("the known articles are on the page, but not in a list: each stands in other markup")
	for _, g := range r.groups(region) {
		if len(g.articles) < max(needed(min(present, r.known.Listed)), (present*3+4)/5) {
			break
		}
		for _, guessed := range r.guesses(region, g) {
			m, err := guessed.work()
			if err != nil {
				why = err
				continue
			}
			if best == nil || guessed.betterThan(best) {
				best, bestMend = guessed, m
			}
		}
		if best != nil {
			break
		}
	}
	if best == nil {
		return Mend{}, why
	}
	return bestMend, nil
}

func (g *guess) betterThan(other *guess) bool {
	by := cmp.Or(cmp.Compare(len(g.lost), len(other.lost)), compareBool(g.choice.Position, other.choice.Position), cmp.Compare(g.cost, other.cost))
	return by < 0
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// levelCost is what it costs a guess to leave out text that the next element above has besides: a teaser, a date.
const levelCost = 5.0

// guesses takes the elements at each distance above the spots of a group for the items, as long as they are different
// ones. Those far above come first.
func (r *repair) guesses(region *html.Node, found group) []*guess {
	var all []*guess
	items := slices.Clone(found.nodes)
	for range maxLevels {
		if !distinctItems(items) || slices.Contains(items, region) {
			break
		}
		all = append(all, &guess{repair: r, region: region, articles: found.articles, items: slices.Clone(items), fields: r.old.Fields})
		for i, n := range items {
			items[i] = n.Parent
		}
	}
	slices.Reverse(all)
	for i := 1; i < len(all); i++ {
		all[i].cost = all[i-1].cost
		if r.textOf(all[i].items[0]) != r.textOf(all[i-1].items[0]) {
			all[i].cost += levelCost
		}
	}
	return all
}

func distinctItems(items []*html.Node) bool {
	seen := make(map[*html.Node]bool, len(items))
	for _, n := range items {
		if n == nil || seen[n] || n.Type != html.ElementNode || n.Data == "body" || n.Data == "html" {
			return false
		}
		seen[n] = true
	}
	return true
}

// work makes the guess a mend, or says what speaks against it.
func (g *guess) work() (Mend, error) {
	for _, word := range field.Words {
		rules := g.old.Fields.Of(word)
		if len(rules) == 0 || !chooses(rules) {
			continue
		}
		if g.word(word, rules) {
			continue
		}
		if g.mustHave(word) {
			return Mend{}, fmt.Errorf("no selector was found that gives the %s of the known articles", word)
		}
		g.lose(word)
	}
	if err := g.chooseItems(); err != nil {
		return Mend{}, err
	}
	return g.check()
}

// lose leaves a word as it is when its selectors find nothing any more, and takes it out when they find something else.
func (g *guess) lose(word string) {
	g.lost = append(g.lost, word)
	for _, item := range g.items {
		if a := g.article(&g.old.Fields, item); valueOf(word, &a) != "" {
			g.fields.Put(word, nil)
			return
		}
	}
}

// had is how many of the known articles had a word.
func (g *guess) had(word string) int {
	had := 0
	for _, i := range g.articles {
		if g.known.Articles[i].Values[word] != "" {
			had++
		}
	}
	return had
}

// mustHave reports whether an article without the word would be another one, or none: its id, its link, its title; and
// when nothing else tells it from others, its date.
func (g *guess) mustHave(word string) bool {
	switch word {
	case "id", "title", "link":
		return g.had(word)*2 > len(g.articles) || word != "title" && g.had(word) > 0
	case "published":
		return g.had("id") == 0 && g.had("link") == 0 && g.had(word) > 0
	}
	return false
}

// share is which part of the known values of a word must come out: a headline may have been edited since.
func share(word string) float64 {
	switch word {
	case "id", "link":
		return 1
	case "title":
		return 0.8
	}
	return 0.6
}

// word finds a selector for a word, unless the old one still does. It reports whether there is one.
func (g *guess) word(word string, rules field.Rules[markup.Selector]) bool {
	if g.had(word) == 0 {
		return true // nothing is known of it, so nothing can be said of its selector
	}
	if right, wrong := g.score(word, &g.old.Fields, g.items, g.articles); wrong == 0 && float64(right) >= max(share(word), 0.9)*float64(g.had(word)) {
		return true
	}
	f := g.search(word, g.items, g.articles)
	cost, found := 0.0, false
	var selector string
	var fitting field.Rules[markup.Selector]
	for rank, w := range f.ways {
		c, now, ok := g.byWay(word, rules, f, w)
		if ok && (!found || c.cost+float64(rank)/4 < cost) {
			found, cost, selector, fitting = true, c.cost+float64(rank)/4, c.Selector, now
		}
	}
	if found {
		g.fields.Put(word, fitting)
		g.changed = append(g.changed, Change{word, places(rules), selector})
	}
	return found
}

// places are the selectors of rules as they are written.
func places(rules field.Rules[markup.Selector]) string {
	var all []string
	for _, r := range rules {
		switch {
		case r.Attr != "":
			all = append(all, r.Select.String()+"@"+r.Attr)
		case !r.Select.IsZero():
			all = append(all, r.Select.String())
		}
	}
	return strings.Join(all, ", ")
}

// byWay works out the selector for one way to have a word, and tries it.
func (g *guess) byWay(word string, rules field.Rules[markup.Selector], f *finds, w way) (Choice, field.Rules[markup.Selector], bool) {
	var items []*html.Node
	var values [][]*html.Node
	var articles []int
	for i, found := range f.nodes[w] {
		if found != nil {
			items, values, articles = append(items, g.items[i]), append(values, found), append(articles, g.articles[i])
		}
	}
	if float64(len(items)) < share(word)*float64(g.had(word)) {
		return Choice{}, nil, false
	}
	c, ok := fieldSelector(items, values, w.attr)
	if !ok {
		return c, nil, false
	}
	text := strings.TrimSuffix(c.Selector, "@"+w.attr)
	if text == "" {
		text = "."
	}
	for _, now := range ruled(rules, text, w.attr) {
		tried := g.fields
		tried.Put(word, now)
		if right, wrong := g.score(word, &tried, items, articles); wrong == 0 && right == len(items) {
			return c, now, true
		}
	}
	return c, nil, false
}

// score is how many of the items give what is known of a word, and how many give something else where the known title,
// or whatever it is, is there.
func (g *guess) score(word string, fields *Fields, items []*html.Node, articles []int) (right, wrong int) {
	for i, item := range items {
		before := g.known.Articles[articles[i]].Values[word]
		if before == "" {
			continue
		}
		a := g.article(fields, item)
		switch now := valueOf(word, &a); {
		case g.same(word, now, before):
			right++
		case now != "" && word != "title":
			wrong++
		}
	}
	return right, wrong
}

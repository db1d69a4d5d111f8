package listing

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"feedmill/feed/markup"
)

// chooseItems finds the selector of the items: one that also takes what is like the known ones.
func (g *guess) chooseItems() error {
	like, err := g.likeness()
	if err != nil {
		return err
	}
	outer, inner := g.others(like)
	inner = slices.DeleteFunc(inner, g.isMarked)
	if len(inner) > max(1, len(g.items)/4) {
		return fmt.Errorf("among the %d known articles stand %d that were not on the page before; new articles would stand above them", len(g.items), len(inner))
	}
	wanted := append(slices.Clone(g.items), outer...)
	allowed := map[*html.Node]bool{}
	for _, n := range append(outer, inner...) {
		allowed[n] = true
	}
	if old, err := g.old.Items.All(g.ctx, g.page.Item()); err == nil && g.takes(old, wanted, allowed) {
		g.choice = Choice{Selector: g.old.Items.String(), Nodes: nodesOf(old)}
		return nil
	}
	isAllowed := func(n *html.Node) bool { return allowed[n] }
	for _, try := range []struct {
		wanted []*html.Node
		like   func(*html.Node) bool
		plain  bool
	}{
		{wanted, nil, true}, // what stands among the known ones and was not taken before is not taken now, if that is easy
		{wanted, isAllowed, true},
		{wanted, nil, false},
		{wanted, isAllowed, false},
		{g.items, isAllowed, false},
	} {
		if c, ok := itemSelector(g.page.Root, try.wanted, try.like, try.plain); ok {
			g.choice = c
			g.cost += c.cost
			g.changed = slices.Insert(g.changed, 0, Change{"items", g.old.Items.String(), c.Selector})
			return nil
		}
	}
	return errors.New("the known articles are on the page, but no selector tells them from other things there")
}

// takes reports whether matches are all of wanted, and of others only what is allowed.
func (g *guess) takes(found []markup.Match, wanted []*html.Node, allowed map[*html.Node]bool) bool {
	missing := map[*html.Node]bool{}
	for _, n := range wanted {
		missing[n] = true
	}
	for _, m := range found {
		if !missing[m.Node] && !allowed[m.Node] || !m.IsElement() {
			return false
		}
		delete(missing, m.Node)
	}
	return len(missing) == 0
}

func nodesOf(found []markup.Match) []*html.Node {
	nodes := make([]*html.Node, len(found))
	for i, m := range found {
		nodes[i] = m.Node
	}
	return nodes
}

// mostLike bounds how many elements are looked at for likeness.
const mostLike = 3000

// others returns the elements in the region that lie as the items do and are like them: those before the first and behind
// the last of the known, which are newer and older articles, and those between them.
func (g *guess) others(like func(*html.Node) bool) (outer, inner []*html.Node) {
	known := map[*html.Node]bool{}
	for _, n := range g.items {
		known[n] = true
	}
	path := tagPath(g.items[0], g.region)
	var pending []*html.Node
	passed, looked := 0, 0
	for n := range g.region.Descendants() {
		if n.Type != html.ElementNode || n.Data != g.items[0].Data {
			continue
		}
		if known[n] {
			if passed++; passed > 1 {
				inner = append(inner, pending...)
				pending = nil
			} else {
				outer, pending = append(outer, pending...), nil
			}
			continue
		}
		if looked++; looked > mostLike {
			break
		}
		if tagPath(n, g.region) == path && like(n) {
			pending = append(pending, n)
		}
	}
	return append(outer, pending...), inner
}

// likeness tells by the title and the link of an element whether it is like the known items: it has both, the link leads
// to the same site and was not on the page before, and nothing says that it was paid for.
func (g *guess) likeness() (func(*html.Node) bool, error) {
	var fields Fields
	for _, word := range []string{"title", "link"} {
		if g.mustHave(word) {
			fields.Put(word, g.fields.Of(word))
		}
	}
	if fields.IsZero() {
		return nil, errors.New("neither title nor link is known of the articles, so that nothing like them can be told")
	}
	hosts := map[string]bool{}
	g.usual = map[string]bool{}
	for i, at := range g.articles {
		link := g.known.Articles[at].Values["link"]
		hosts[hostOf(link)] = true
		g.names(g.items[i], link, func(name string) { g.usual[name] = true })
	}
	others := g.known.others()
	return func(n *html.Node) bool {
		a := g.article(&fields, n)
		if len(fields.Title) > 0 && a.Title == "" {
			return false
		}
		if len(fields.Link) > 0 && (a.Link == "" || others[hashPlace(place(a.Link, ""))] || !hosts[hostOf(a.Link)] && len(hosts) <= 3) {
			return false
		}
		bought := false
		g.names(n, a.Link, func(name string) { bought = bought || !g.usual[name] && isPaid(name) })
		return !bought
	}, nil
}

// isMarked reports whether an element among the known items is called by a name that none of them has. A new article would
// stand above them.
func (g *guess) isMarked(n *html.Node) bool {
	a := g.article(&g.fields, n)
	marked := false
	g.names(n, a.Link, func(name string) { marked = marked || !g.usual[name] && judge(name) <= written })
	return marked
}

func hostOf(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}

// names gives the classes, ids and labels by which an item is called: its own, those of what it is in within the region, and
// those of what its link is in within it.
func (g *guess) names(item *html.Node, link string, yield func(string)) {
	of := func(n *html.Node) {
		for _, key := range []string{"class", "id", "data-type", "aria-label"} {
			for name := range strings.FieldsSeq(strings.ToLower(attributeOf(n, key))) {
				yield(name)
			}
		}
	}
	for n := item; n != nil && n != g.region; n = n.Parent {
		of(n)
	}
	at := place(link, "")
	looked := 0
	for n := range item.Descendants() {
		if looked++; looked > maxInside {
			return
		}
		if n.Type != html.ElementNode || at == "" || !slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return isAddress(a.Key) && place(a.Val, g.page.Base) == at }) {
			continue
		}
		for up := n; up != item; up = up.Parent {
			of(up)
		}
	}
}

// paid are words by which advertisements are called.
var paid = []string{
	"ad", "ads", "advert", "advertisement", "sponsored", "sponsor", "promo", "promoted", "promotion", "newsletter", "banner", "anzeige", "werbung",
	"adslot", "outbrain", "taboola",
}

func isPaid(name string) bool {
	for word := range strings.FieldsFuncSeq(name, func(c rune) bool { return c == '-' || c == '_' }) {
		if slices.Contains(paid, word) {
			return true
		}
	}
	return false
}

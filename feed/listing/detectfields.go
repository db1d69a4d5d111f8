package listing

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"feedmill/feed/clean"
	"feedmill/feed/late"
)

// spotted is where one word of an article stands in an item: a node, an attribute of it, or a part of its text.
type spotted struct {
	node  *html.Node
	attr  string
	regex string
	value string
}

// column is one word of all articles of a list.
type column struct {
	word  string
	cells []spotted // as many as there are items; without a node where the item has none
}

func (c column) filled() (n int) {
	for _, cell := range c.cells {
		n += int(one(cell.node != nil))
	}
	return n
}

// finder looks for a word in the item of a group.
type finder func(s *survey, g *cluster, i int) spotted

// columns finds the words of a group's articles: title and link always, the others where half of the items have them.
func (s *survey) columns(g *cluster, now time.Time) []column {
	dates := newDates(now)
	all := []column{
		s.column("title", g, titleCell), s.column("link", g, linkCell),
		s.dates(g, dates), s.column("summary", g, summaryCell), s.column("image", g, imageCell), s.column("author", g, authorCell),
	}
	kept := all[:2]
	for _, c := range all[2:] {
		if n := c.filled(); n > 0 && 2*n >= len(g.leads) {
			kept = append(kept, c)
		}
	}
	return kept
}

func (s *survey) column(word string, g *cluster, find finder) column {
	c := column{word: word, cells: make([]spotted, len(g.leads))}
	for i := range g.leads {
		c.cells[i] = find(s, g, i)
	}
	return c
}

func titleCell(s *survey, g *cluster, i int) spotted {
	if g.titles != nil && g.titles[i] != nil {
		return spotted{node: g.titles[i], value: g.leads[i].title}
	}
	l := g.leads[i]
	link := s.spots[l.at].node
	for at := l.at + 1; l.heading && at < s.spots[l.at].end; at++ {
		if n := s.spots[at].node; isTitle(n) && lineOf(n) == l.title {
			return spotted{node: n, value: l.title}
		}
	}
	if n := s.firstBlockNode(l.at); n != nil && lineOf(n) == l.title {
		return spotted{node: n, value: l.title}
	}
	for at := s.spots[l.at].parent; at >= g.roots[i] && at >= 0; at = s.spots[at].parent {
		if n := s.spots[at].node; isTitle(n) && s.spots[at].text == s.spots[l.at].text {
			return spotted{node: n, value: l.title}
		}
	}
	if s.spots[l.at].text > 0 {
		return spotted{node: link, value: l.title}
	}
	for at := l.at + 1; at < s.spots[l.at].end; at++ {
		if n := s.spots[at].node; n.DataAtom == atom.Img && clean.Line(attr(n, "alt")) == l.title {
			return spotted{node: n, attr: "alt", value: l.title}
		}
	}
	if clean.Line(attr(link, "title")) == l.title {
		return spotted{node: link, attr: "title", value: l.title}
	}
	return spotted{node: link, attr: "aria-label", value: l.title}
}

// linkTextCell takes all the text of the link for the title.
func linkTextCell(s *survey, g *cluster, i int) spotted {
	return spotted{node: s.spots[g.leads[i].at].node, value: g.leads[i].title}
}

func linkCell(s *survey, g *cluster, i int) spotted {
	return spotted{node: s.spots[g.leads[i].at].node, attr: "href", value: g.leads[i].href}
}

// summaryCell finds the longest text of an item that is neither its title nor mostly links.
func summaryCell(s *survey, g *cluster, i int) spotted {
	const shortest, longest = 40, 4000
	var found spotted
	length := int32(shortest - 1)
	for at := g.heads[i]; at < g.tails[i]; at++ {
		p := &s.spots[at]
		switch {
		case p.text <= length || p.text > longest || 2*p.linked > p.text && !linkedAll(s, g, i):
			continue
		case isTitle(p.node):
			at = p.end - 1
			continue
		case holds(p, s, g.leads[i]) || !isProse(s, at):
			continue
		}
		length = p.text
		found = spotted{node: p.node}
		at = p.end - 1
	}
	if found.node != nil {
		found.value = lineOf(found.node)
	}
	return found
}

// linkedAll reports whether the whole item is one link, as cards are.
func linkedAll(s *survey, g *cluster, i int) bool { return s.within(g.roots[i], g.leads[i].at) }

// holds reports whether an element holds the link of an article, or its title.
func holds(p *spot, s *survey, l lead) bool {
	return l.at >= 0 && (s.spots[l.at].node == p.node || isBelow(s.spots[l.at].node, p.node))
}

// isProse reports whether an element is one text, not a box of several.
func isProse(s *survey, at int32) bool {
	if isTitle(s.spots[at].node) {
		return false
	}
	for i := at + 1; i < s.spots[at].end; i++ {
		switch n := s.spots[i].node; {
		case isTitle(n), n.DataAtom == atom.Time:
			return false
		case isBlock(n) && 10*s.spots[i].text > s.spots[at].text:
			return false
		}
	}
	return true
}

// imageCell finds the first picture of an item that is no decoration.
func imageCell(s *survey, g *cluster, i int) spotted {
	for at := g.heads[i]; at < g.tails[i]; at++ {
		n := s.spots[at].node
		if n.DataAtom != atom.Img || isDecoration(n) {
			continue
		}
		return spotted{node: n, value: clean.Picture(n.Attr)}
	}
	return spotted{}
}

var decoration = late.Regexp(`(?i)avatar|icon|emoji|smil|spacer|blank\.|pixel|gravatar|logo|rating|star|badge|flag|button|arrow`)

func isDecoration(n *html.Node) bool {
	if decoration().MatchString(attr(n, "class")) || decoration().MatchString(attr(n, "src")) {
		return true
	}
	for _, side := range []string{"width", "height"} {
		if v := attr(n, side); len(v) == 1 || len(v) == 2 && v < "50" && v[1] != '%' {
			return true
		}
	}
	return clean.Picture(n.Attr) == ""
}

// authorCell finds the name of a writer.
func authorCell(s *survey, g *cluster, i int) spotted {
	const longest = 60
	for at := g.heads[i]; at < g.tails[i]; at++ {
		p := &s.spots[at]
		if p.text == 0 || p.text > longest || !saysAuthor(p.node) {
			continue
		}
		for inner := at + 1; inner < p.end; inner++ { // the name inside "by Alice"
			if q := &s.spots[inner]; q.text > 0 && (saysAuthor(q.node) || q.node.DataAtom == atom.A) {
				at, p = inner, q
				break
			}
		}
		if text := lineOf(p.node); !hasDigit(text) {
			return spotted{node: p.node, value: text}
		}
	}
	return spotted{}
}

func saysAuthor(n *html.Node) bool {
	if attr(n, "rel") == "author" || attr(n, "itemprop") == "author" {
		return true
	}
	for class := range strings.FieldsSeq(attr(n, "class")) {
		words := wordsOf(class)
		if last := words[len(words)-1]; (last == "author" || last == "byline") && !slices.Contains(words, "prep") {
			return true
		}
	}
	return false
}

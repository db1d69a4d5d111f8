package listing

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// headings are the spots of headings that lead nowhere by themselves, in the order of the page.
func (s *survey) headings() []int32 {
	var all []int32
	for i := range s.spots {
		p := &s.spots[i]
		if p.text > 0 && p.text < 300 && p.linked == 0 && isTitle(p.node) {
			all = append(all, int32(i))
		}
	}
	return all
}

// name gives the articles of a group their titles. A link that says no more than the others ("Read more"), or less than a
// heading of its item that is no link, leads to what that heading names.
func (s *survey) name(g *cluster, headings []int32) {
	same := map[string]int{}
	for _, l := range g.leads {
		same[l.title]++
	}
	var found []int32
	better := 0
	for i, l := range g.leads {
		at, _ := slices.BinarySearch(headings, g.heads[i])
		heading := int32(-1)
		for ; at < len(headings) && headings[at] < g.tails[i]; at++ {
			if !s.within(l.at, headings[at]) && !s.within(headings[at], l.at) {
				heading = headings[at]
				break
			}
		}
		if heading < 0 && same[l.title] > 1 {
			heading = s.telling(g, i)
		}
		found = append(found, heading)
		if heading >= 0 && !l.heading && (same[l.title] > 1 || s.spots[heading].text > int32(l.runes)) {
			better++
		}
	}
	if 3*better < 2*len(g.leads) {
		return
	}
	g.titles = make([]*html.Node, len(g.leads))
	named := 0
	for i, heading := range found {
		if heading >= 0 {
			l := &g.leads[i]
			g.titles[i] = s.spots[heading].node
			l.title, l.heading, l.inline = lineOf(g.titles[i]), isTitle(g.titles[i]), false
			l.runes = int(visible(l.title))
			named += int(one(l.heading))
		}
	}
	if 2*named < better {
		g.trust *= 0.8 // no headings, only the likeliest texts
	}
}

// telling finds the text of an item that can be its title when nothing is a heading: the longest short one that is no
// link and no date, such as a cell of a table.
func (s *survey) telling(g *cluster, i int) int32 {
	const shortest, longest = 8, 150
	found, length := int32(-1), int32(shortest-1)
	for at := g.heads[i]; at < g.tails[i]; at++ {
		p := &s.spots[at]
		if p.text > length && p.text <= longest && p.linked == 0 && p.node.DataAtom != atom.P && !isDate(p.node) && len(ownText(p.node)) > 0 && !isSentence(p.node) {
			found, length = at, p.text
		}
	}
	return found
}

// isSentence reports whether an element, or the one around it, is running text.
func isSentence(n *html.Node) bool {
	return n.Parent != nil && n.Parent.DataAtom == atom.P || strings.HasSuffix(lineOf(n), ".")
}

package listing

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// align makes the items alike. Of a list in rows the only one in its row, and of a page the one that stands above the
// others, reach farther up than the rest do.
func (s *survey) align(g *cluster) {
	count := map[looking]int{}
	var usual looking
	for _, root := range g.roots {
		kind := s.spots[root].kind[2]
		if count[kind]++; count[kind] > count[usual] {
			usual = kind
		}
	}
	if 10*count[usual] >= 9*len(g.roots) {
		s.lower(g, func(p *spot) bool { return p.kind[2] == usual })
	} else if name, ok := s.commonName(g); ok {
		s.lower(g, func(p *spot) bool { return hasName(p.node, name) })
	} else {
		s.lower(g, func(p *spot) bool { return p.kind[2] == usual })
	}
}

// lower makes the highest element that is wanted the item of each article, where there is one.
func (s *survey) lower(g *cluster, wanted func(*spot) bool) {
	for i, root := range g.roots {
		last := int32(-1)
		for at := g.leads[i].at; at >= root; at = s.spots[at].parent {
			if wanted(&s.spots[at]) {
				last = at
			}
		}
		if last >= 0 {
			g.roots[i] = last
		}
	}
}

// itemName is what items are called: a tag with a meaning, or a tag with a class.
type itemName struct{ tag, class string }

func hasName(n *html.Node, name itemName) bool {
	return n.Data == name.tag && (name.class == "" || hasClass(n, name.class))
}

// commonName is the name that an element around each link has, at most a few levels below what would be its item.
func (s *survey) commonName(g *cluster) (itemName, bool) {
	const lowest = 3 // levels on average
	type tally struct{ count, up, last int32 }
	tallies := map[itemName]*tally{}
	var order []itemName
	note := func(i int, name itemName, up int32) {
		t := tallies[name]
		if t == nil {
			t = &tally{last: -1}
			tallies[name] = t
			order = append(order, name)
		}
		if t.last != int32(i) {
			t.count, t.up, t.last = t.count+1, t.up+up, int32(i)
		}
	}
	for i, root := range g.roots {
		for at := root; at < g.leads[i].at; at = s.towards(at, g.leads[i].at) { // from above
			n := s.spots[at].node
			if isTitle(n) {
				break
			}
			switch n.DataAtom {
			case atom.Article, atom.Li, atom.Tr, atom.Dt, atom.Dd:
				note(i, itemName{tag: n.Data}, s.spots[at].depth-s.spots[root].depth)
			}
			for class := range strings.FieldsSeq(attr(n, "class")) {
				if s.isWritten(class) {
					note(i, itemName{n.Data, class}, s.spots[at].depth-s.spots[root].depth)
				}
			}
		}
	}
	var best *tally
	var name itemName
	for _, candidate := range order {
		t := tallies[candidate]
		if 10*t.count >= 9*int32(len(g.roots)) && t.up <= lowest*t.count && (best == nil || t.up < best.up) {
			best, name = t, candidate
		}
	}
	return name, best != nil
}

// towards is the child of a spot that another one below it is in.
func (s *survey) towards(at, below int32) int32 { return s.up(below, s.spots[at].depth+1) }

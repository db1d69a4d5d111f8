package listing

import (
	"slices"

	"golang.org/x/net/html"
)

// cluster is a set of links that look alike, each the title of what may be an article.
type cluster struct {
	leads  []lead
	roots  []int32               // the spot of each one's item
	heads  []int32               // where what belongs to each begins: at its root, or behind the last item in a flat list
	tails  []int32               // where what belongs to each ends: the end of its root, or the next root's start in a flat list
	titles []*html.Node          // headings that name the articles, when the links do not; nil otherwise
	is     func(*html.Node) bool // what the markup calls an article; nil when it does not
	flat   bool                  // the items are not elements of their own: a title, and what follows it
	score  float64
	trust  float64 // what its way of being found says for it or against it; 1 is nothing
	place  region
	way    Way
}

// fewest is how many links make a list.
const fewest = 2

// groups puts links that look alike together, in each of the ways to compare. A link that leads where an earlier one of
// its group does is left out.
func (s *survey) groups(leads []lead) []*cluster {
	var all []*cluster
	headings := s.headings()
	known := map[[2]int32]bool{} // groups by their size and first link: a coarser look often gives the same again
	for k := range ways {
		byKind := map[looking][]lead{}
		var order []looking
		for _, l := range leads {
			if l.runes == 0 {
				continue
			}
			kind := s.spots[l.at].kind[k] ^ looking(s.spots[l.at].place)*0x9e3779b97f4a7c15
			if byKind[kind] == nil {
				order = append(order, kind)
			}
			byKind[kind] = append(byKind[kind], l)
		}
		for _, kind := range order {
			for _, members := range byLabel(byKind[kind]) {
				mark := [2]int32{int32(len(members)), members[0].at}
				if known[mark] {
					continue
				}
				known[mark] = true
				if g := s.group(members); g != nil {
					s.name(g, headings)
					all = append(all, g)
				}
			}
		}
	}
	return all
}

// byLabel parts links that are labelled alike, such as "PDF" and "Read more", from those with texts of their own.
func byLabel(members []lead) [][]lead {
	const often = 3
	count := map[string]int{}
	for _, l := range members {
		count[l.title]++
	}
	var own []lead
	labelled := map[string][]lead{}
	var order []string
	for _, l := range members {
		if count[l.title] < often {
			own = append(own, l)
			continue
		}
		if labelled[l.title] == nil {
			order = append(order, l.title)
		}
		labelled[l.title] = append(labelled[l.title], l)
	}
	var parts [][]lead
	if len(own) > 0 {
		parts = append(parts, own)
	}
	for _, label := range order {
		parts = append(parts, labelled[label])
	}
	return parts
}

// group makes a group of links, nil when there are too few.
func (s *survey) group(members []lead) *cluster {
	seen := make(map[string]bool, len(members))
	g := &cluster{trust: 1}
	for _, l := range members {
		if !seen[l.href] {
			seen[l.href] = true
			g.leads = append(g.leads, l)
		}
	}
	if len(g.leads) < fewest {
		return nil
	}
	s.findRoots(g)
	return g
}

// findRoots finds for each link the largest element around it that holds no other of the group.
func (s *survey) findRoots(g *cluster) {
	n := len(g.leads)
	between := make([]int32, n+1) // the depth of what a link has in common with the one before
	for i := 1; i < n; i++ {
		between[i] = s.spots[s.common(g.leads[i-1].at, g.leads[i].at)].depth
	}
	between[0], between[n] = between[1], between[n-1]
	g.roots = make([]int32, n)
	for i := range g.leads {
		g.roots[i] = s.up(g.leads[i].at, max(between[i], between[i+1])+1)
	}
	s.align(g)
	s.findTails(g)
}

// findTails finds out whether the items are flat: titles with what belongs to them behind, such as dt and dd.
func (s *survey) findTails(g *cluster) {
	g.heads, g.tails = slices.Clone(g.roots), make([]int32, len(g.roots))
	siblings, followed := 0, 0
	longest := int32(0)
	for i, root := range g.roots {
		g.tails[i] = s.spots[root].end
		if i+1 < len(g.roots) && s.spots[g.roots[i+1]].parent == s.spots[root].parent {
			siblings++
			if next := g.roots[i+1]; next > g.tails[i] && s.textBetween(g.tails[i], next) > 0 {
				followed++
				longest = max(longest, s.between(g.tails[i], next))
			}
		}
	}
	if 3*siblings < 2*(len(g.roots)-1) || 10*followed < 7*siblings || siblings == 0 {
		return
	}
	g.flat = true
	if s.leadIn(g) {
		for i := 1; i < len(g.roots); i++ {
			if s.spots[g.roots[i-1]].parent == s.spots[g.roots[i]].parent {
				g.heads[i] = g.tails[i-1]
			}
		}
		g.heads[0] = s.before(g.roots[0], longest)
		return
	}
	for i, root := range g.roots {
		if i+1 < len(g.roots) && s.spots[g.roots[i+1]].parent == s.spots[root].parent {
			g.tails[i] = g.roots[i+1]
			continue
		}
		end, parent := g.tails[i], s.spots[root].parent
		for steps := int32(0); steps < longest && end < s.spots[parent].end; steps++ {
			end = s.spots[end].end
		}
		g.tails[i] = end
	}
}

// leadIn reports whether what belongs to the items of a flat list stands before them, as the date above each title does:
// the first has the like before it, and the last nothing behind it.
func (s *survey) leadIn(g *cluster) bool {
	first, last := g.roots[0], g.roots[len(g.roots)-1]
	gap := g.tails[0]
	if gap >= g.roots[1] {
		return false
	}
	before := s.before(first, 1)
	if before == first || s.spots[before].node.DataAtom != s.spots[gap].node.DataAtom {
		return false
	}
	end := s.spots[last].end
	return end >= s.spots[s.spots[last].parent].end || s.spots[end].node.DataAtom != s.spots[gap].node.DataAtom
}

// before is the sibling so many places before a spot, or the first.
func (s *survey) before(at, places int32) int32 {
	var siblings []int32
	for i := s.spots[at].parent + 1; i < at; i = s.spots[i].end {
		siblings = append(siblings, i)
	}
	if len(siblings) == 0 {
		return at
	}
	return siblings[max(0, len(siblings)-int(places))]
}

// textBetween counts the text of the siblings from one spot to another.
func (s *survey) textBetween(from, to int32) (n int32) {
	for at := from; at < to; at = s.spots[at].end {
		n += s.spots[at].text
	}
	return n
}

// between counts the siblings from one spot to another.
func (s *survey) between(from, to int32) (n int32) {
	for at := from; at < to; at = s.spots[at].end {
		n++
	}
	return n
}

// textAndLinked counts the text of an item, and how much of it is in links.
func (s *survey) textAndLinked(g *cluster, i int) (text, linked int32) {
	for at := g.heads[i]; at < g.tails[i]; at = s.spots[at].end {
		text += s.spots[at].text
		linked += s.spots[at].linked
	}
	return text, linked
}

// best returns the groups by their scores, the best first.
func best(groups []*cluster) []*cluster {
	slices.SortStableFunc(groups, func(a, b *cluster) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	return groups
}

// mostStudied bounds the articles of which selectors are learned.
const mostStudied = 60

// sample is the group with some of its articles, from all over the page.
func (g *cluster) sample() *cluster {
	n := len(g.leads)
	if n <= mostStudied {
		return g
	}
	some := *g
	some.leads, some.roots, some.heads, some.tails, some.titles = nil, nil, nil, nil, nil
	for k := range mostStudied {
		i := k * (n - 1) / (mostStudied - 1)
		some.leads, some.roots = append(some.leads, g.leads[i]), append(some.roots, g.roots[i])
		some.heads, some.tails = append(some.heads, g.heads[i]), append(some.tails, g.tails[i])
		if g.titles != nil {
			some.titles = append(some.titles, g.titles[i])
		}
	}
	return &some
}

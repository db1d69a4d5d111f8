package listing

import (
	"slices"
	"strings"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// Choice is a selector that was worked out, and what it matches on the page.
type Choice struct {
	Selector string // CSS
	// Nodes are all that it matches, in the order of the page: those that were asked for, and like ones.
	Nodes []*html.Node
	// Position says that it counts places ("the second list"), for want of anything else: it will not live long.
	Position bool
	cost     float64
}

// maxTries bounds how many selectors are tried, maxWork how many matches that may take in all: some hundred milliseconds.
const (
	maxTries = 240
	maxWork  = 20_000_000
	// maxExtra is how many wrong matches are looked at before a selector is given up.
	maxExtra = 60
)

// ItemSelector works out a short selector that matches the items of a list on the page below root and nothing else,
// except what like allows (nil: nothing). It builds on what site owners keep: the names of elements with a meaning,
// classes and ids that a person wrote, microdata, data attributes for tests. Classes made by a build tool are not used,
// places only when there is nothing else. It reports false when the items have nothing in common that others have not.
//
// It takes time in proportion to the nodes of the page.
func ItemSelector(root *html.Node, items []*html.Node, like func(*html.Node) bool) (Choice, bool) {
	items = slices.DeleteFunc(slices.Clone(items), func(n *html.Node) bool { return n == nil })
	if len(items) == 0 {
		return Choice{}, false
	}
	h := newHunt(items, like)
	if len(h.last) == 0 {
		return Choice{}, false
	}
	h.climb(items, root)
	h.gather([]*html.Node{root})
	best, found := h.run()
	if !found {
		return Choice{}, false
	}
	best.Nodes = cascadia.QueryAll(root, best.sel)
	return best.Choice, h.exact(best.Nodes)
}

// FieldSelector works out a short selector that matches, inside each item, the one node in values at the same index, and
// nothing else there; nil stands for an item that has none. With attr the selector says to take that attribute. A value
// that is the item itself gives "@attr", or with no attr nothing, since no selector finds that.
func FieldSelector(items, values []*html.Node, attr string) (Choice, bool) {
	if len(items) != len(values) || attr != "" && !isAttribute(attr) {
		return Choice{}, false
	}
	suffix := ""
	if attr != "" {
		suffix = "@" + attr
	}
	if suffix != "" && slices.Equal(items, values) {
		return Choice{Selector: suffix, Nodes: values}, true
	}
	var wanted, within []*html.Node
	for i, v := range values {
		switch {
		case v == nil:
		case !isBelow(v, items[i]):
			return Choice{}, false
		default:
			wanted, within = append(wanted, v), append(within, items[i])
		}
	}
	if len(wanted) == 0 {
		return Choice{}, false
	}
	h := newHunt(wanted, nil)
	h.inside(wanted, within)
	h.gather(items)
	best, found := h.run()
	if !found {
		return Choice{}, false
	}
	for _, it := range items {
		best.Nodes = append(best.Nodes, cascadia.QueryAll(it, best.sel)...)
	}
	if !h.exact(best.Nodes) {
		return Choice{}, false
	}
	best.Selector += suffix
	return best.Choice, true
}

// candidate is a selector to be tried.
type candidate struct {
	Choice
	sel   cascadia.Sel
	extra []*html.Node // what it matches and should not, when that is not too much
}

// hunt is the search for one selector.
type hunt struct {
	wanted map[*html.Node]bool
	nodes  []*html.Node // the same
	like   func(*html.Node) bool
	last   []compound   // what all wanted nodes have in common, cheapest first
	above  [][]compound // the same of their parents, of those's parents, and so on
	pool   []*html.Node // the other nodes that a selector may match
	work   int
}

func newHunt(nodes []*html.Node, like func(*html.Node) bool) *hunt {
	h := &hunt{wanted: make(map[*html.Node]bool, len(nodes)), nodes: nodes, like: like, last: compounds(nodes, false)}
	for _, n := range nodes {
		h.wanted[n] = true
	}
	return h
}

// maxLevels is how far above a node a selector looks for something to hold on to.
const maxLevels = 12

// climb collects the ancestors of items: those at the same distance together, and those that all share.
func (h *hunt) climb(items []*html.Node, root *html.Node) {
	level := slices.Clone(items)
	for up := range maxLevels {
		for i, n := range level {
			level[i] = n.Parent
			if n.Parent == nil || n.Parent.Type != html.ElementNode || n.Parent == root || up > 0 && n.Parent.Data == "body" {
				return
			}
		}
		level = distinct(level)
		h.above = append(h.above, compounds(level, true))
	}
}

// inside collects the ancestors of values below their items.
func (h *hunt) inside(values, items []*html.Node) {
	level := slices.Clone(values)
	for range maxLevels {
		for i, n := range level {
			level[i] = n.Parent
			if n.Parent == nil || n.Parent == items[i] {
				return
			}
		}
		h.above = append(h.above, compounds(distinct(level), true))
	}
}

func distinct(nodes []*html.Node) []*html.Node {
	seen := make(map[*html.Node]bool, len(nodes))
	var kept []*html.Node
	for _, n := range nodes {
		if !seen[n] {
			seen[n] = true
			kept = append(kept, n)
		}
	}
	return kept
}

// gather fills the pool with the nodes below roots that have anything in common with the wanted ones.
func (h *hunt) gather(roots []*html.Node) {
	for _, root := range roots {
		for n := range root.Descendants() {
			if n.Type == html.ElementNode && !h.wanted[n] && h.mayMatch(n) {
				h.pool = append(h.pool, n)
			}
		}
	}
}

func (h *hunt) mayMatch(n *html.Node) bool {
	for _, c := range h.last {
		if c.hint.fits(n) {
			return true
		}
	}
	return false
}

// run tries selectors, the cheapest first, until one matches exactly; then those made of the nearest miss by saying what
// the others have and the wanted have not, or the other way round.
func (h *hunt) run() (candidate, bool) {
	var near *candidate
	for i, c := range h.candidates() {
		if i >= maxTries || h.work > maxWork {
			break
		}
		if near != nil && c.cost > near.cost+refineCost {
			if refined, ok := h.refine(*near); ok {
				return refined, true
			}
			near = nil
		}
		ok, few := h.try(&c)
		if ok {
			return c, true
		}
		if few && (near == nil || len(c.extra) < len(near.extra)/2) {
			near = &c
		}
	}
	if near != nil {
		return h.refine(*near)
	}
	return candidate{}, false
}

// try matches one candidate against the pool. It reports whether it is exact, and else whether it is nearly so.
func (h *hunt) try(c *candidate) (exact, few bool) {
	sel, err := cascadia.Parse(c.Selector)
	if err != nil {
		return false, false
	}
	c.sel, c.extra = sel, nil
	h.work += len(h.pool)
	for _, n := range h.pool {
		if sel.Match(n) && (h.like == nil || !h.like(n)) {
			if c.extra = append(c.extra, n); len(c.extra) > maxExtra {
				return false, false
			}
		}
	}
	if len(c.extra) > 0 {
		return false, true
	}
	for _, n := range h.nodes {
		if !sel.Match(n) {
			return false, false
		}
	}
	return true, false
}

// exact checks what a selector found on the page itself.
func (h *hunt) exact(found []*html.Node) bool {
	wanted := 0
	for _, n := range found {
		switch {
		case h.wanted[n]:
			wanted++
		case h.like == nil || !h.like(n):
			return false
		}
	}
	return wanted == len(h.wanted)
}

// candidates returns the selectors to be tried in the order of their cost: of one step, and of two.
func (h *hunt) candidates() []candidate {
	var all []candidate
	add := func(cost float64, position bool, parts ...string) {
		text := strings.Join(parts, "")
		all = append(all, candidate{Choice: Choice{Selector: text, Position: position, cost: cost + float64(len(text))/50}})
	}
	for _, c := range h.last {
		add(c.cost, c.position, c.css)
		for i, level := range h.above {
			for _, a := range level {
				step := c.cost + a.cost + stepCost + float64(i)/8
				add(step, c.position || a.position, a.css, " ", c.css)
				if i == 0 {
					add(step+0.2, c.position || a.position, a.css, " > ", c.css)
				}
				if i == 1 && len(h.above[0]) > 0 {
					between := h.above[0][0]
					add(step+between.cost/2+1, c.position || a.position || between.position, a.css, " > ", between.css, " > ", c.css)
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int {
		switch {
		case a.cost < b.cost:
			return -1
		case a.cost > b.cost:
			return 1
		}
		return 0
	})
	return all
}

// isBelow reports whether n is below top.
func isBelow(n, top *html.Node) bool {
	for n != nil && n != top {
		n = n.Parent
	}
	return n == top
}

package listing

import (
	"slices"
	"strings"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// maxTries bounds how many selectors are tried, maxWork how many matches that may take in all: some hundred milliseconds.
const (
	maxTries = 240
	maxWork  = 20_000_000
	// maxExtra is how many wrong matches are looked at before a selector is given up.
	maxExtra = 60
)

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
	plain  bool
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
	var near, nearest *candidate
	for i, c := range h.candidates() {
		if i >= maxTries || h.work > maxWork {
			break
		}
		if near != nil && c.cost > near.cost+refineCost {
			if refined, ok := h.refine(*near, false); ok {
				return refined, true
			}
			near = nil
		}
		ok, few := h.try(&c)
		if ok {
			return c, true
		}
		if few && !h.plain && (near == nil || len(c.extra) < len(near.extra)/2) {
			near = &c
		}
		if few && !h.plain && (nearest == nil || len(c.extra) < len(nearest.extra)) {
			nearest = &c
		}
	}
	if near != nil {
		if refined, ok := h.refine(*near, false); ok {
			return refined, true
		}
	}
	if nearest != nil {
		return h.refine(*nearest, true)
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
	for _, c := range h.paths() {
		add(c.cost, c.position, c.css)
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

// paths returns the ways that name every element from some ancestor down to the wanted nodes: by what is cheapest, and by
// their places.
func (h *hunt) paths() (all []compound) {
	if len(h.last) == 0 {
		return nil
	}
	plain, placed := h.last[0], placedOf(h.last)
	for i, level := range h.above {
		if len(level) == 0 {
			break
		}
		plain = compound{css: level[0].css + " > " + plain.css, cost: plain.cost + level[0].cost, position: plain.position || level[0].position}
		at := placedOf(level)
		for _, start := range []compound{level[0], at} {
			all = append(all, compound{css: start.css + " > " + placed.css, cost: placed.cost + start.cost + stepCost, position: placed.position || start.position})
		}
		placed = compound{css: at.css + " > " + placed.css, cost: placed.cost + at.cost, position: placed.position || at.position}
		if i > 1 {
			all = append(all, plain)
		}
	}
	return all
}

// placedOf returns the way that counts places, or the cheapest when there is none.
func placedOf(ways []compound) compound {
	for _, c := range ways {
		if strings.Contains(c.css, ":nth-of-type") {
			return c
		}
	}
	return ways[0]
}

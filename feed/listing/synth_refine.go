package listing

import (
	"fmt"
	"iter"
	"slices"

	"golang.org/x/net/html"
)

const (
	stepCost   = 1.0 // of one more step in a selector
	refineCost = 3.0 // of :not() and :has()
	placeCost  = 7.0 // of :nth-of-type()
)

// refine tells the wanted nodes from the few others that a candidate matches too: by a class that only the others have
// (an advertisement among the articles), or by something inside that only the wanted have (a headline); with both, by both
// together.
func (h *hunt) refine(near candidate, both bool) (candidate, bool) {
	without, having := h.without(near.extra), h.having()
	endings, cost := append(slices.Clone(without), having...), refineCost
	if both {
		endings, cost = nil, 2*refineCost
		for _, not := range without {
			for _, has := range having[:min(len(having), 3)] {
				endings = append(endings, has+not)
			}
		}
	}
	for _, ending := range endings {
		c := near
		c.Selector += ending
		c.cost += cost
		if ok, _ := h.try(&c); ok {
			return c, true
		}
	}
	return candidate{}, false
}

// without returns :not() for classes that the first ones of the others have, and none of the wanted: they themselves, or
// what is inside.
func (h *hunt) without(others []*html.Node) (endings []string) {
	used, inside := map[string]bool{}, map[string]bool{}
	for _, n := range h.nodes {
		for class := range classesOf(n) {
			used[class] = true
		}
		for class := range classesBelow(n) {
			inside[class] = true
		}
	}
	var below []string
	for _, n := range others[:min(len(others), 3)] {
		for class := range classesOf(n) {
			if !used[class] && judge(class) < generated && len(endings) < 4 {
				used[class] = true
				endings = append(endings, fmt.Sprintf(":not(.%s)", class))
			}
		}
		for class := range classesBelow(n) {
			if !inside[class] && judge(class) < generated && len(below) < 4 {
				inside[class] = true
				below = append(below, fmt.Sprintf(":not(:has(.%s))", class))
			}
		}
	}
	return append(endings, below...)
}

// classesBelow gives the classes of what is inside a node.
func classesBelow(n *html.Node) iter.Seq[string] {
	return func(yield func(string) bool) {
		looked := 0
		for below := range n.Descendants() {
			if looked++; looked > maxInside {
				return
			}
			for class := range classesOf(below) {
				if !yield(class) {
					return
				}
			}
		}
	}
}

// maxInside bounds how much of an item is looked at for things to tell it by.
const maxInside = 200

// having returns :has() for what all wanted nodes have inside.
func (h *hunt) having() (endings []string) {
	var first []string
	count := map[string]int{}
	for i, n := range h.nodes {
		seen := map[string]bool{}
		looked := 0
		for below := range n.Descendants() {
			if looked++; looked > maxInside {
				break
			}
			if below.Type != html.ElementNode {
				continue
			}
			for _, f := range features(below, false) {
				if f.cost > telling || seen[f.css] {
					continue
				}
				seen[f.css] = true
				count[f.css]++
				if i == 0 {
					first = append(first, f.css)
				}
			}
		}
	}
	for _, css := range first {
		if count[css] == len(h.nodes) && len(endings) < 8 {
			endings = append(endings, ":has("+css+")")
		}
	}
	return endings
}

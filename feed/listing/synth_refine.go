package listing

import (
	"fmt"

	"golang.org/x/net/html"
)

const (
	stepCost   = 1.0 // of one more step in a selector
	refineCost = 3.0 // of :not() and :has()
	placeCost  = 7.0 // of :nth-of-type()
)

// refine tells the wanted nodes from the few others that a candidate matches too: by a class that only the others have
// (an advertisement among the articles), or by something inside that only the wanted have (a headline).
func (h *hunt) refine(near candidate) (candidate, bool) {
	for _, ending := range append(h.without(near.extra), h.having()...) {
		c := near
		c.Selector += ending
		c.cost += refineCost
		if ok, _ := h.try(&c); ok {
			return c, true
		}
	}
	return candidate{}, false
}

// without returns :not() for classes that the first of the others has and none of the wanted.
func (h *hunt) without(others []*html.Node) (endings []string) {
	used := map[string]bool{}
	for _, n := range h.nodes {
		for class := range classesOf(n) {
			used[class] = true
		}
	}
	for class := range classesOf(others[0]) {
		if !used[class] && judge(class) < generated && len(endings) < 4 {
			used[class] = true
			endings = append(endings, fmt.Sprintf(":not(.%s)", class))
		}
	}
	return endings
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

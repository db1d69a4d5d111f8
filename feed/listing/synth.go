package listing

import (
	"slices"

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

// ItemSelector works out a short selector that matches the items of a list on the page below root and nothing else,
// except what like allows (nil: nothing). It builds on what site owners keep: the names of elements with a meaning,
// classes and ids that a person wrote, microdata, data attributes for tests. Classes made by a build tool are not used,
// places only when there is nothing else. It reports false when the items have nothing in common that others have not.
//
// It takes time in proportion to the nodes of the page.
func ItemSelector(root *html.Node, items []*html.Node, like func(*html.Node) bool) (Choice, bool) {
	return itemSelector(root, items, like, false)
}

// itemSelector is [ItemSelector]; plain forbids :not() and :has().
func itemSelector(root *html.Node, items []*html.Node, like func(*html.Node) bool, plain bool) (Choice, bool) {
	items = slices.DeleteFunc(slices.Clone(items), func(n *html.Node) bool { return n == nil })
	if len(items) == 0 {
		return Choice{}, false
	}
	h := newHunt(items, like)
	h.plain = plain
	h.last = slices.DeleteFunc(h.last, func(c compound) bool { return c.position }) // the first of every row are no list
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
// that is the item itself gives "." or "@attr".
func FieldSelector(items, values []*html.Node, attr string) (Choice, bool) {
	if len(items) != len(values) {
		return Choice{}, false
	}
	each := make([][]*html.Node, len(values))
	for i, v := range values {
		if v != nil {
			each[i] = []*html.Node{v}
		}
	}
	return fieldSelector(items, each, attr)
}

// fieldSelector is [FieldSelector] for any number of values in an item.
func fieldSelector(items []*html.Node, values [][]*html.Node, attr string) (Choice, bool) {
	suffix := ""
	if attr != "" {
		if suffix = "@" + attr; !isAttribute(attr) {
			return Choice{}, false
		}
	}
	var wanted, within []*html.Node
	themselves := 0
	for i, item := range items {
		for _, v := range values[i] {
			switch {
			case v == item:
				themselves++
			case !isBelow(v, item):
				return Choice{}, false
			}
			wanted, within = append(wanted, v), append(within, item)
		}
	}
	switch {
	case len(wanted) == 0 || themselves > 0 && themselves < len(wanted):
		return Choice{}, false
	case themselves > 0 && suffix == "":
		return Choice{Selector: ".", Nodes: wanted}, true
	case themselves > 0:
		return Choice{Selector: suffix, Nodes: wanted}, true
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

// isBelow reports whether n is below top.
func isBelow(n, top *html.Node) bool {
	for n != nil && n != top {
		n = n.Parent
	}
	return n == top
}

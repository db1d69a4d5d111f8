package listing

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// feature is one thing by which a selector can name a node.
type feature struct {
	css  string
	cost float64
	hint hint
}

// hint is a cheap test for the nodes that a feature may fit: all that it fits pass.
type hint struct{ tag, attr, part string }

func (h hint) fits(n *html.Node) bool {
	if h.tag != "" {
		return n.Data == h.tag
	}
	for _, a := range n.Attr {
		if a.Key == h.attr {
			return strings.Contains(a.Val, h.part)
		}
	}
	return false
}

// compound is one step of a selector.
type compound struct {
	css      string
	cost     float64
	position bool
	hint     hint
}

// telling is the highest cost of a feature that says something about a node.
const telling = 3.0

// tagCosts of elements that mean something by themselves. Others cost plainTag, and those that mean nothing blankTag.
var tagCosts = map[string]float64{
	"article": 1.8, "time": 1.8, "h1": 2, "h2": 2, "h3": 2, "h4": 2.2, "h5": 2.4, "h6": 2.4, "main": 2, "figcaption": 2, "blockquote": 2.2,
	"a": 3, "li": 3, "tr": 3, "td": 3, "th": 3, "dt": 3, "dd": 3, "img": 2.4, "p": 3, "picture": 3, "figure": 2.6, "header": 3, "footer": 3,
	"ul": 3.2, "ol": 3.2, "dl": 3.2, "table": 3.2, "tbody": 4, "section": 3.2, "aside": 3, "nav": 3, "address": 2.2,
}

const (
	plainTag = 3.5
	blankTag = 5.0
)

func tagCost(tag string) float64 {
	if cost, ok := tagCosts[tag]; ok {
		return cost
	}
	if tag == "div" || tag == "span" {
		return blankTag
	}
	return plainTag
}

// valueCosts of the attributes whose values name a role.
var valueCosts = map[string]float64{
	"itemprop": 1.4, "itemtype": 2.4, "property": 1.8, "role": 2.6, "rel": 2.8, "data-testid": 2.2, "data-test": 2.2, "data-test-id": 2.2,
	"data-qa": 2.2, "data-hook": 2.4, "data-component": 2.4, "data-component-name": 2.6, "data-type": 2.6, "data-content-type": 2.6,
	"data-role": 2.6, "data-tb-region-item": 3, "data-cy": 2.2,
}

// presenceCost is the cost of an attribute that is there, whatever its value: data-article-id.
const presenceCost = 4.2

// features returns what n can be named by. An id is a feature of ancestors only: each item has its own.
func features(n *html.Node, isAncestor bool) []feature {
	found := []feature{{n.Data, tagCost(n.Data), hint{tag: n.Data}}}
	if !isWord(n.Data) {
		found = found[:0]
	}
	for class := range classesOf(n) {
		if f, ok := ofClass(class); ok {
			found = append(found, f)
		}
	}
	for _, a := range n.Attr {
		if a.Namespace != "" {
			continue
		}
		cost, named := valueCosts[a.Key]
		switch {
		case named && isValue(a.Val):
			found = append(found, feature{fmt.Sprintf(`[%s="%s"]`, a.Key, a.Val), cost, hint{attr: a.Key, part: a.Val}})
		case named && a.Key == "itemtype" && isValue(a.Val[strings.LastIndexByte(a.Val, '/')+1:]):
			end := a.Val[strings.LastIndexByte(a.Val, '/'):]
			found = append(found, feature{fmt.Sprintf(`[itemtype$="%s"]`, end), cost, hint{attr: a.Key, part: end}})
		case a.Key == "id" && isAncestor && isWord(a.Val) && judge(a.Val) < generated && !hasDigit(a.Val):
			found = append(found, feature{"#" + a.Val, 2.1, hint{attr: "id", part: a.Val}})
		case strings.HasPrefix(a.Key, "data-") && isAttribute(a.Key) && judge(a.Key[5:]) < layout && !hasDigit(a.Key) && !strings.HasPrefix(a.Key, "data-v-"):
			found = append(found, feature{"[" + a.Key + "]", presenceCost, hint{attr: a.Key}})
		}
	}
	return found
}

// ofClass returns the feature of a class, if it is worth one.
func ofClass(class string) (feature, bool) {
	switch judge(class) {
	case microformat:
		return feature{"." + class, 1.6, hint{attr: "class", part: class}}, true
	case written:
		return feature{"." + class, 2, hint{attr: "class", part: class}}, true
	case layout:
		return feature{"." + class, 5.5, hint{attr: "class", part: class}}, true
	case module:
		start := modulePart(class)
		return feature{fmt.Sprintf(`[class*="%s"]`, start), 4, hint{attr: "class", part: start}}, true
	}
	return feature{}, false
}

// maxCompounds bounds how many ways there are to name one step.
const maxCompounds = 14

// compounds returns the ways to name all nodes at once, cheapest first; for no other node a way is free of doubt, since it
// is not known here what else is on the page.
func compounds(nodes []*html.Node, isAncestor bool) []compound {
	shared := sharedFeatures(nodes, isAncestor)
	tag := sameTag(nodes)
	var all []compound
	for i, f := range shared {
		all = append(all, compound{f.css, f.cost, false, f.hint})
		if f.css == tag {
			continue
		}
		if tag != "" {
			all = append(all, compound{tag + f.css, f.cost + tagCost(tag)/6, false, f.hint})
		}
		for _, g := range shared[i+1:] {
			if g.css != tag && f.css[0] == '.' && g.css[0] == '.' {
				all = append(all, compound{f.css + g.css, f.cost + g.cost, false, f.hint})
			}
		}
	}
	byCost := func(a, b compound) int { return int(100*a.cost) - int(100*b.cost) }
	slices.SortStableFunc(all, byCost)
	all = all[:min(len(all), maxCompounds)]
	if place := samePlace(nodes); place > 0 && tag != "" {
		cost := placeCost
		if tag == "td" || tag == "th" || tag == "dd" {
			cost = 1 // the columns of a table have no other name
		}
		all = append(all, compound{fmt.Sprintf("%s:nth-of-type(%d)", tag, place), cost + tagCost(tag), cost > 1, hint{tag: tag}})
		slices.SortStableFunc(all, byCost)
	}
	return all
}

// sharedFeatures returns the features that all nodes have.
func sharedFeatures(nodes []*html.Node, isAncestor bool) []feature {
	shared := features(nodes[0], isAncestor)
	for _, n := range nodes[1:] {
		have := map[string]bool{}
		for _, f := range features(n, isAncestor) {
			have[f.css] = true
		}
		shared = slices.DeleteFunc(shared, func(f feature) bool { return !have[f.css] })
	}
	slices.SortStableFunc(shared, func(a, b feature) int { return int(100*a.cost) - int(100*b.cost) })
	return shared[:min(len(shared), 8)]
}

// sameTag returns the name of the element that all nodes are, empty when they differ.
func sameTag(nodes []*html.Node) string {
	for _, n := range nodes {
		if n.Data != nodes[0].Data || !isWord(n.Data) {
			return ""
		}
	}
	return nodes[0].Data
}

// samePlace returns the place that all nodes have among their brothers of the same element, counted from 1, or 0.
func samePlace(nodes []*html.Node) int {
	place := 0
	for i, n := range nodes {
		at := 1
		for b := n.PrevSibling; b != nil; b = b.PrevSibling {
			if b.Type == html.ElementNode && b.Data == n.Data {
				at++
			}
			if at > 50 {
				return 0
			}
		}
		if i > 0 && at != place {
			return 0
		}
		place = at
	}
	return place
}

// classesOf returns the classes of n, each once, the first twenty.
func classesOf(n *html.Node) iter.Seq[string] {
	return func(yield func(string) bool) {
		var seen []string
		for _, a := range n.Attr {
			if a.Key != "class" {
				continue
			}
			for class := range strings.FieldsSeq(a.Val) {
				if slices.Contains(seen, class) {
					continue
				}
				if seen = append(seen, class); len(seen) > 20 || !yield(class) {
					return
				}
			}
			return
		}
	}
}

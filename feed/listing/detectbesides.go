package listing

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// firstOfEach is the selector of values that are the first of their name in their items: in XPath when the others would be
// joined to them.
func firstOfEach(items, values []*html.Node, attribute string, joined bool) (string, bool) {
	tag, class := "", map[string]int{}
	filled := 0
	for _, v := range values {
		if v == nil {
			continue
		}
		if tag != "" && tag != v.Data {
			return "", false
		}
		tag = v.Data
		filled++
		for c := range strings.FieldsSeq(attr(v, "class")) {
			class[c]++
		}
	}
	names := []string{""}
	for c, n := range class {
		if n == filled && judge(c) <= written && !hasDigit(c) && !strings.ContainsAny(c, "'\"") {
			names = append(names, c)
		}
	}
	slices.Sort(names)
	slices.Reverse(names)
	for _, c := range names {
		right, wrong := 0, 0
		for i, item := range items {
			switch firstNamed(item, tag, c) {
			case nil:
			case values[i]:
				right++
			default:
				wrong++
			}
		}
		if 10*right < 9*filled || 10*wrong > len(items) {
			continue
		}
		if !joined {
			path := tag
			if c != "" {
				path = "." + c
			}
			if attribute != "" {
				path += "@" + attribute
			}
			return path, true
		}
		path := "(.//" + tag
		if c != "" {
			path += "[contains(concat(' ', @class, ' '), ' " + c + " ')]"
		}
		path += ")[1]"
		if attribute != "" {
			path += "/@" + attribute
		}
		return path, true
	}
	return "", false
}

func firstNamed(item *html.Node, tag, class string) *html.Node {
	for n := range item.Descendants() {
		if n.Type == html.ElementNode && n.Data == tag && (class == "" || hasClass(n, class)) {
			return n
		}
	}
	return nil
}

// besides is the selector of values that stand beside the items of a flat list, in XPath.
func (s *survey) besides(g *cluster, values []*html.Node, attribute string) (string, bool) {
	for i, v := range values {
		if v == nil {
			return "", false
		}
		path, ok := besidesOne(s.spots[g.roots[i]].node, v)
		if !ok || i > 0 && path != besidesFirst(s, g, values) {
			return "", false
		}
	}
	path := besidesFirst(s, g, values)
	if attribute != "" {
		path += "/@" + attribute
	}
	return path, true
}

func besidesFirst(s *survey, g *cluster, values []*html.Node) string {
	path, _ := besidesOne(s.spots[g.roots[0]].node, values[0])
	return path
}

// besidesOne is the way from an item to a value in one of its siblings.
func besidesOne(item, v *html.Node) (string, bool) {
	top := v
	for top != nil && top.Parent != item.Parent {
		top = top.Parent
	}
	if top == nil || top == item {
		return "", false
	}
	inner, ok := innerPath(top, v)
	if !ok {
		return "", false
	}
	for axis, step := range map[string]func(*html.Node) *html.Node{
		"following": func(n *html.Node) *html.Node { return n.NextSibling }, "preceding": func(n *html.Node) *html.Node { return n.PrevSibling },
	} {
		place := 0
		for n := step(item); n != nil; n = step(n) {
			if n.Data == top.Data && n.Type == html.ElementNode {
				place++
			}
			if n == top {
				return fmt.Sprintf("%s-sibling::%s[%d]%s", axis, top.Data, place, inner), true
			}
		}
	}
	return "", false
}

// innerPath is the way from an element to the first of a name in it.
func innerPath(top, v *html.Node) (string, bool) {
	if v == top {
		return "", true
	}
	for class := range strings.FieldsSeq(attr(v, "class")) {
		if judge(class) <= written && !strings.Contains(class, "'") && firstNamed(top, v.Data, class) == v {
			return "/descendant::" + v.Data + "[contains(concat(' ', @class, ' '), ' " + class + " ')][1]", true
		}
	}
	return "/descendant::" + v.Data + "[1]", firstNamed(top, v.Data, "") == v
}

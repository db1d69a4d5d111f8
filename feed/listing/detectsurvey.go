package listing

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// deepest bounds how far below the body elements are looked at; no page that people read is nested so far.
const deepest = 300

// spot is what the survey knows of one element. Spots stand in the order of the document, so that the elements below one
// are those from it to its end.
type spot struct {
	node   *html.Node
	parent int32 // -1 at the body
	end    int32 // the first spot that is not below this one
	depth  int32
	text   int32 // runes of visible text below
	linked int32 // of them, in links
	place  region
	kind   [ways]looking // what is around it looks like
}

// ways are the ways to compare two elements: by all that is around them, in tags and all classes, in tags and the classes
// that siblings share, and in tags alone; and by what is right around them, up to the first class.
const ways = 4

// survey is a page seen once from top to bottom. Everything that detection asks later is answered from it, so that the
// work stays linear in the size of the page.
type survey struct {
	spots []spot
	links []int32 // the spots of links that lead to a page
	hrefs []string
	to    *targets
	names map[string]bool // of classes: whether a person wrote it
	body  int32
}

// unseen are elements whose content is no part of the page.
func unseen(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Select, atom.Textarea, atom.Svg, atom.Object, atom.Iframe, atom.Head:
		return true
	}
	return hasAttr(n, "hidden") || attr(n, "aria-hidden") == "true" && n.DataAtom != atom.A && n.DataAtom != atom.Span && n.DataAtom != atom.I
}

// look makes the survey of a document.
func look(root *html.Node, base string) *survey {
	s := &survey{names: map[string]bool{}}
	body := firstOf(root, atom.Body)
	if body == nil {
		body = root
	}
	s.add(body, -1, 0, false)
	s.mark(base)
	return s
}

// add surveys an element and all below it. Its depth is bounded, and so is the recursion.
func (s *survey) add(n *html.Node, parent, depth int32, linked bool) {
	at := int32(len(s.spots))
	s.spots = append(s.spots, spot{node: n, parent: parent, depth: depth})
	linked = linked || n.DataAtom == atom.A
	var text, inLinks int32
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode:
			length := visible(c.Data)
			text += length
			if linked {
				inLinks += length
			}
		case c.Type == html.ElementNode && depth < deepest && !unseen(c):
			child := int32(len(s.spots))
			s.add(c, at, depth+1, linked)
			text += s.spots[child].text
			inLinks += s.spots[child].linked
		}
	}
	s.spots[at].text, s.spots[at].linked, s.spots[at].end = text, inLinks, int32(len(s.spots))
}

// mark gives every spot its place and its looks, and collects the links.
func (s *survey) mark(base string) {
	s.to = newTargets(base)
	shared := sharedClasses(s)
	for i := range s.spots {
		p := &s.spots[i]
		around := open
		var above [ways]looking
		if p.parent >= 0 {
			around, above = s.spots[p.parent].place, s.spots[p.parent].kind
		}
		p.place = placeOf(s, int32(i), around)
		classes := attr(p.node, "class")
		for k := range ways - 1 {
			look := above[k].with(p.node.Data)
			for class := range strings.FieldsSeq(classes) {
				if k == 0 && !hasDigit(class) || k == 1 && shared[classAt{p.parent, p.node.DataAtom, class}] {
					look = look.with(class)
				}
			}
			p.kind[k] = look
		}
		s.named(p, classes, above[ways-1])
		if p.node.DataAtom == atom.A {
			if href := s.to.of(p.node); href != "" {
				s.links = append(s.links, int32(i))
				s.hrefs = append(s.hrefs, href)
			}
		}
	}
}

// named fills in what an element looks like from the first class around it on.
func (s *survey) named(p *spot, classes string, above looking) {
	isNamed := false
	name := looking(0).with(p.node.Data)
	for class := range strings.FieldsSeq(classes) {
		if s.isWritten(class) {
			isNamed = true
			name = name.with(class)
		}
	}
	p.kind[ways-1] = name
	if !isNamed {
		p.kind[ways-1] = above.with(p.node.Data)
	}
}

// isWritten reports whether a class is a name that a person gave.
func (s *survey) isWritten(class string) bool {
	is, ok := s.names[class]
	if !ok {
		is = judge(class) <= written
		s.names[class] = is
	}
	return is
}

// looking is what something looks like, as a number that is hardly ever that of another look.
type looking uint64

// with is a look with one more word, in the manner of FNV-1a.
func (l looking) with(word string) looking {
	const offset, prime = 14695981039346656037, 1099511628211
	if l == 0 {
		l = offset
	}
	for i := range len(word) {
		l = (l ^ looking(word[i])) * prime
	}
	return (l ^ 0x2f) * prime
}

// classAt is a class of the children of one tag of one parent.
type classAt struct {
	parent int32
	tag    atom.Atom
	class  string
}

// sharedClasses are the classes that say what an element is and not which one: those of at least two thirds of its like
// siblings, and of elements that have none.
func sharedClasses(s *survey) map[classAt]bool {
	count := map[classAt]int32{}
	total := map[classAt]int32{}
	for i := range s.spots {
		p := &s.spots[i]
		if p.parent < 0 {
			continue
		}
		total[classAt{p.parent, p.node.DataAtom, ""}]++
		for class := range strings.FieldsSeq(attr(p.node, "class")) {
			count[classAt{p.parent, p.node.DataAtom, class}]++
		}
	}
	shared := make(map[classAt]bool, len(count))
	for at, n := range count {
		of := total[classAt{at.parent, at.tag, ""}]
		shared[at] = 3*n >= 2*of && (of > 1 || !hasDigit(at.class))
	}
	return shared
}

// within reports whether a spot is below another, or is it.
func (s *survey) within(i, around int32) bool { return i >= around && i < s.spots[around].end }

// common is the nearest spot around both.
func (s *survey) common(a, b int32) int32 {
	for !s.within(b, a) {
		a = s.spots[a].parent
	}
	return a
}

// up is the ancestor of a spot at a depth.
func (s *survey) up(i, depth int32) int32 {
	for s.spots[i].depth > depth {
		i = s.spots[i].parent
	}
	return i
}

// visible counts the runes of a text, a run of white space as one.
func visible(text string) int32 {
	n, space := int32(0), true
	for i := range len(text) {
		switch c := text[i]; {
		case c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f':
			space = true
		case utf8.RuneStart(c):
			if space && n > 0 {
				n++
			}
			n, space = n+1, false
		}
	}
	return n
}

func attr(n *html.Node, name string) string {
	for i := range n.Attr {
		if n.Attr[i].Key == name {
			return n.Attr[i].Val
		}
	}
	return ""
}

func hasAttr(n *html.Node, name string) bool {
	for i := range n.Attr {
		if n.Attr[i].Key == name {
			return true
		}
	}
	return false
}

// firstOf returns the first element of a tag, nil when there is none. It looks at the upper levels only.
func firstOf(n *html.Node, tag atom.Atom) *html.Node {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom == tag {
			return c
		}
		if c.DataAtom == atom.Html {
			if found := firstOf(c, tag); found != nil {
				return found
			}
		}
	}
	return nil
}

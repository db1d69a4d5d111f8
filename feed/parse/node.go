package parse

import (
	"encoding/xml"
	"strings"

	"feedmill/feed/clean"
)

// node is an element, or a piece of text when it has no key.
type node struct {
	// key is the element's name in the words of names.go: "title", "dc:creator".
	key string
	// tag is the local name as written; text the characters of a piece of text.
	tag, text string
	attrs     []attribute
	children  []*node
	// base and lang are what holds here: the element's own, else inherited. Empty for pieces of text.
	base, lang string
	line       int
}

// attribute is an attribute without its prefix; those of other namespaces than the element's own are left out, but for
// rdf's.
type attribute struct{ name, value string }

// attr returns an attribute as a line of text, however its name is capitalised.
func (n *node) attr(name string) string {
	for _, a := range n.attrs {
		if strings.EqualFold(a.name, name) {
			return clean.Line(a.value)
		}
	}
	return ""
}

// all returns the children of a name.
func (n *node) all(key string) []*node {
	var found []*node
	for _, c := range n.children {
		if c.key == key {
			found = append(found, c)
		}
	}
	return found
}

// child returns the first child of a name that is not empty, else the first, else nil.
func (n *node) child(key string) *node {
	var found *node
	for _, c := range n.children {
		if c.key != key {
			continue
		}
		if len(c.children) > 0 {
			return c
		}
		if found == nil {
			found = c
		}
	}
	return found
}

// oneLine returns the text of the first child with one of the names that has any, as one line.
func (n *node) oneLine(keys ...string) string {
	text, _ := n.firstLine(keys...)
	return text
}

// firstLine is [node.oneLine] with the name of that child.
func (n *node) firstLine(keys ...string) (text, from string) {
	for _, key := range keys {
		if c := n.child(key); c != nil {
			if s := clean.Line(c.content()); s != "" {
				return s, key
			}
		}
	}
	return "", ""
}

// content returns all text in a node. A nil node has none.
func (n *node) content() string {
	if n == nil {
		return ""
	}
	if len(n.children) == 1 && n.children[0].key == "" {
		return n.children[0].text
	}
	var b strings.Builder
	n.writeText(&b)
	return b.String()
}

func (n *node) writeText(b *strings.Builder) {
	b.WriteString(n.text)
	for _, c := range n.children {
		c.writeText(b)
	}
}

// hasElements reports whether there is markup in a node.
func (n *node) hasElements() bool {
	for _, c := range n.children {
		if c.key != "" {
			return true
		}
	}
	return false
}

// inner returns what stands in a node as HTML. Elements with an xml:base of their own are made absolute here, since
// nobody can tell later what they were relative to.
func (n *node) inner() string {
	const mostBases = 8 // inside each other; every one costs a pass
	var b strings.Builder
	n.writeInner(&b, mostBases)
	return b.String()
}

func (n *node) writeInner(b *strings.Builder, bases int) {
	for _, c := range n.children {
		switch {
		case c.key == "":
			escape(b, c.text)
		case c.base != n.base && bases > 0:
			var own strings.Builder
			c.writeOuter(&own, bases-1)
			b.WriteString(clean.Resolve(own.String(), c.base))
		default:
			c.writeOuter(b, bases)
		}
	}
}

func (n *node) writeOuter(b *strings.Builder, bases int) {
	b.WriteByte('<')
	b.WriteString(n.tag)
	for _, a := range n.attrs {
		b.WriteByte(' ')
		b.WriteString(a.name)
		b.WriteString(`="`)
		escape(b, a.value)
		b.WriteByte('"')
	}
	b.WriteByte('>')
	if isVoid(n.tag) && len(n.children) == 0 {
		return
	}
	n.writeInner(b, bases)
	b.WriteString("</")
	b.WriteString(n.tag)
	b.WriteByte('>')
}

// isVoid reports whether an HTML element has no end tag (HTML, section 13.1.2).
func isVoid(tag string) bool {
	switch tag {
	case "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr":
		return true
	}
	return false
}

func escape(b *strings.Builder, s string) {
	if strings.ContainsAny(s, `&<>"`) {
		s = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;").Replace(s)
	}
	b.WriteString(s)
}

// attributes keeps the attributes of a start tag that mean something.
func attributes(of []xml.Attr) []attribute {
	var kept []attribute
	for _, a := range of {
		if a.Name.Space == "" && a.Name.Local != "xmlns" || a.Name.Space == "rdf" {
			kept = append(kept, attribute{a.Name.Local, latin1(a.Value)})
		}
	}
	return kept
}

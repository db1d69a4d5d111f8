package mailbox

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"feedmill/feed/clean"
)

// reading is the work on the text of one message.
type reading struct {
	own    *own
	leave  map[string]bool // addresses of List-Unsubscribe
	from   string          // who wrote what was forwarded
	inline inline
}

// content makes the HTML of an article of the pieces of a message. Nothing of it holds an address of the reader.
func (r *reading) content(pieces []piece) string {
	var all []string
	for _, p := range pieces {
		text := p.text
		if p.html {
			text = r.markup(p.text)
		} else {
			text = r.markup(paragraphs(r.withoutLeaving(r.withoutForward(text))))
		}
		if text = strings.TrimSpace(text); text != "" {
			all = append(all, text)
		}
	}
	content := strings.Join(all, "\n<hr>\n")
	if r.own.in(content) || r.own.plain(clean.PlainText(content)) { // hidden in a way that only plain text tells
		content = clean.HTML(paragraphs(r.own.words(clean.PlainText(content))))
	}
	if r.own.in(content) {
		return ""
	}
	return content
}

// markup puts the HTML of a message in order.
func (r *reading) markup(source string) string {
	doc, err := html.Parse(strings.NewReader(clean.Chars(source)))
	if err != nil { // nested too deep
		return clean.HTML(paragraphs(r.own.words(clean.PlainText(source))))
	}
	body := find(doc, atom.Body)
	if body == nil {
		return ""
	}
	r.prune(body)
	r.unforward(body)
	r.unsubscribe(body)
	r.free(body)
	unwrap(body)
	var b strings.Builder
	for c := range body.ChildNodes() {
		if html.Render(&b, c) != nil {
			break // a builder takes everything
		}
	}
	return clean.HTML(b.String())
}

func find(n *html.Node, name atom.Atom) *html.Node {
	for d := range n.Descendants() {
		if d.DataAtom == name {
			return d
		}
	}
	return nil
}

// each calls do for all below n, the innermost first; do may remove what it is given.
func each(n *html.Node, do func(*html.Node)) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		each(c, do)
		do(c)
		c = next
	}
}

func remove(n *html.Node) {
	if n.Parent != nil {
		n.Parent.RemoveChild(n)
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// prune takes out what nobody sees, and the pictures that cannot be shown.
func (r *reading) prune(body *html.Node) {
	each(body, func(n *html.Node) {
		switch {
		case n.Type == html.CommentNode:
			remove(n)
		case n.Type != html.ElementNode:
		case n.DataAtom == atom.Script, n.DataAtom == atom.Style, n.DataAtom == atom.Title, n.DataAtom == atom.Meta, n.DataAtom == atom.Link, hidden(n):
			remove(n)
		case n.DataAtom == atom.Img:
			r.picture(n)
		}
	})
}

// hidden reports whether an element is for programs, such as the text that they show beside the subject.
func hidden(n *html.Node) bool {
	if slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "hidden" }) {
		return true
	}
	for declaration := range strings.SplitSeq(strings.ToLower(attribute(n, "style")), ";") {
		property, value, _ := strings.Cut(strings.Join(strings.Fields(declaration), ""), ":")
		value = strings.TrimSuffix(value, "!important")
		switch {
		case property == "display" && value == "none", property == "visibility" && value == "hidden",
			property == "mso-hide" && value == "all" && n.DataAtom != atom.Img, property == "opacity" && value == "0",
			property == "max-height" && (value == "0" || value == "0px"):
			return true
		}
	}
	return false
}

// picture keeps an image of the web. One that travels in the message, or is written into it, leaves its description.
func (r *reading) picture(n *html.Node) {
	src := strings.TrimSpace(attribute(n, "src"))
	scheme, _, _ := strings.Cut(strings.ToLower(src), ":")
	switch {
	case (scheme == "http" || scheme == "https") && !counts(src) && !r.own.in(src):
		return
	case scheme == "cid" && r.inline.show(n, src[len("cid:"):]):
		return
	case scheme == "cid" || scheme == "data":
		if alt := clean.Line(attribute(n, "alt")); alt != "" && n.Parent != nil {
			n.Parent.InsertBefore(&html.Node{Type: html.TextNode, Data: "[" + alt + "]"}, n)
		}
	}
	remove(n)
}

// blocks are the elements that stand on lines of their own.
var blocks = []atom.Atom{atom.P, atom.Div, atom.Td, atom.Th, atom.Tr, atom.Table, atom.Li, atom.Ul, atom.Ol, atom.Center, atom.Blockquote, atom.Footer,
	atom.Section, atom.Address, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Pre}

func blockAround(n *html.Node) *html.Node {
	for p := n.Parent; p != nil && p.DataAtom != atom.Body; p = p.Parent {
		if slices.Contains(blocks, p.DataAtom) {
			return p
		}
	}
	return nil
}

// unsubscribe takes out the links by which a reader leaves, each with the block that it stands in if that is short.
func (r *reading) unsubscribe(body *html.Node) {
	var links []*html.Node
	for n := range body.Descendants() {
		if (n.DataAtom == atom.A || n.DataAtom == atom.Form) && r.leaves(attribute(n, "href")+attribute(n, "action"), textOf(n, longestLeave+1)) {
			links = append(links, n)
		}
	}
	for _, n := range links {
		block := blockAround(n)
		if block != nil && len(textOf(block, longestFooter+1)) <= longestFooter {
			remove(block)
		} else {
			remove(n)
		}
	}
}

// textOf is the text of an element, as far as limit.
func textOf(n *html.Node, limit int) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
		if b.Len() > limit {
			break
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// free takes the reader's addresses out of texts and attributes, and links that lead nowhere outside of the message.
func (r *reading) free(body *html.Node) {
	for n := range body.Descendants() {
		if n.Type == html.TextNode {
			n.Data = r.own.words(n.Data)
			continue
		}
		n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool {
			return a.Key != "href" && len(a.Val) > 0 && (len(a.Val) > longestWord || r.own.in(a.Val))
		})
		for i, a := range n.Attr {
			if a.Key != "href" {
				continue
			}
			scheme, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(a.Val)), ":")
			address, ok := r.own.link(strings.TrimSpace(a.Val))
			if !ok || len(address) > longestWord || scheme != "http" && scheme != "https" && scheme != "mailto" {
				address = ""
			}
			n.Attr[i].Val = address
		}
		n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "href" && a.Val == "" })
	}
}

// unwrap makes blocks of the tables that only say where things stand.
func unwrap(body *html.Node) {
	each(body, func(n *html.Node) {
		if n.DataAtom != atom.Table || !layout(n) {
			return
		}
		var cells []*html.Node
		inTable(n, func(d *html.Node) { cells = append(cells, d) })
		for _, d := range append(cells, n) {
			d.DataAtom, d.Data, d.Attr = atom.Div, "div", nil
		}
	})
}

// inTable calls do for the rows, cells and groups of a table, but not for those of tables inside of it.
func inTable(n *html.Node, do func(*html.Node)) {
	for c := range n.ChildNodes() {
		switch c.DataAtom {
		case atom.Tbody, atom.Thead, atom.Tfoot, atom.Tr, atom.Td, atom.Th:
			do(c)
			if c.DataAtom != atom.Td && c.DataAtom != atom.Th {
				inTable(c, do)
			}
		}
	}
}

// layout reports whether a table is no table: it says so, has one column, or holds blocks instead of values.
func layout(table *html.Node) bool {
	if role := attribute(table, "role"); role == "presentation" || role == "none" {
		return true
	}
	widest, blocky, heads := 0, false, false
	inTable(table, func(n *html.Node) {
		switch n.DataAtom {
		case atom.Tr:
			cells := 0
			for c := range n.ChildNodes() {
				if c.DataAtom == atom.Td || c.DataAtom == atom.Th {
					cells++
				}
			}
			widest = max(widest, cells)
		case atom.Th:
			heads = true
		case atom.Td:
			for c := range n.ChildNodes() {
				blocky = blocky || slices.Contains(blocks, c.DataAtom) && c.DataAtom != atom.P
			}
		}
	})
	return widest <= 1 || blocky && !heads
}

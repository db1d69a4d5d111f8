package readable

import (
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"feedmill/feed/clean"
)

// blocks returns the blocks below a node in their order: the innermost elements that stand on lines of their own. What
// keeps its form is left alone: code, tables, quotations, figures with their captions.
func blocks(root *html.Node) []block {
	var all []block
	for n := range root.ChildNodes() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.DataAtom {
		case atom.Pre, atom.Table, atom.Blockquote, atom.Figure, atom.Dl, atom.Details, atom.Math, atom.Svg:
			all = append(all, block{node: n, media: true})
			continue
		}
		if !isBlock(n) {
			continue
		}
		if inner := blocks(n); len(inner) > 0 {
			all = append(all, inner...)
			continue
		}
		all = append(all, newBlock(n))
	}
	return all
}

// isBlock reports whether an element stands on lines of its own.
func isBlock(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Address, atom.Article, atom.Aside, atom.Center, atom.Div, atom.Footer, atom.Form, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5,
		atom.H6, atom.Header, atom.Li, atom.Main, atom.Ol, atom.P, atom.Section, atom.Ul:
		return true
	}
	return false
}

func newBlock(n *html.Node) block {
	b := block{node: n, text: clean.Line(text(n))}
	for d := range n.Descendants() {
		switch d.DataAtom {
		case atom.Img, atom.Picture, atom.Video, atom.Audio, atom.Iframe, atom.Object, atom.Embed, atom.Svg, atom.Math, atom.Table, atom.Pre:
			b.media = true
		}
	}
	b.linked = linkedShare(n)
	return b
}

// linkedShare is how much of a node's text is links, from 0 to 1.
func linkedShare(n *html.Node) float64 {
	all, inLinks := 0, 0
	var walk func(n *html.Node, inLink bool)
	walk = func(n *html.Node, inLink bool) {
		if n.Type == html.TextNode {
			size := visible(n.Data)
			all += size
			if inLink {
				inLinks += size
			}
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, inLink || c.DataAtom == atom.A)
		}
	}
	walk(n, n.DataAtom == atom.A)
	if all == 0 {
		return 0
	}
	return float64(inLinks) / float64(all)
}

// visible counts what is no white space.
func visible(s string) int {
	n := 0
	for _, r := range s {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

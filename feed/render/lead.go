package render

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// lead decides what the page of an article shows above its content, which is clean HTML: the lead image. One that the content
// shows as well is taken out there if it stands by itself, so that caption and credit stay with it; from between words
// nothing is taken, and they stand above alone.
func lead(i feed.Image, content string) (shown feed.Image, rest string) {
	if i.URL == "" {
		return i, content
	}
	body := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := html.ParseFragment(strings.NewReader(content), body)
	if err != nil {
		return i, content
	}
	for _, n := range nodes {
		body.AppendChild(n)
	}
	img := pictured(body, i.URL)
	if img == nil {
		return i, content
	}
	if said := clean.PlainText(content); strings.Contains(said, i.Caption) && strings.Contains(said, i.Credit) {
		return feed.Image{}, content
	}
	block := img
	for block.Parent != body && alone(block) {
		block = block.Parent
	}
	if block.Parent != body || block.DataAtom != atom.P && block.DataAtom != atom.Figure {
		return feed.Image{Caption: i.Caption, Credit: i.Credit}, content
	}
	body.RemoveChild(block)
	var b strings.Builder
	for n := range body.ChildNodes() {
		if err := html.Render(&b, n); err != nil {
			return i, content
		}
	}
	return i, b.String()
}

// pictured is the first image of an address, nil when there is none.
func pictured(body *html.Node, address string) *html.Node {
	for n := range body.Descendants() {
		if n.DataAtom != atom.Img {
			continue
		}
		for _, a := range n.Attr {
			if a.Key == "src" && a.Val == address {
				return n
			}
		}
	}
	return nil
}

// alone reports whether there is nothing but blanks beside an element.
func alone(n *html.Node) bool {
	for other := range n.Parent.ChildNodes() {
		if other != n && (other.Type != html.TextNode || strings.TrimSpace(other.Data) != "") {
			return false
		}
	}
	return true
}

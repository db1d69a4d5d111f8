package readable

import (
	"net/url"
	"strings"

	readability "codeberg.org/readeck/go-readability/v2"
	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// document is a page while it is read. Its tree is cut down on the way.
type document struct {
	root    *html.Node
	address *url.URL
	options Options
	head    *head
}

// content finds the text of the article, as markup.
func (d *document) content(a feed.Article) (string, error) {
	for _, m := range d.options.Remove {
		detachAll(cascadia.QueryAll(d.root, m))
	}
	if d.options.Select != nil {
		return d.selected()
	}
	clearClutter(d.root)
	found, err := d.find()
	if err != nil {
		return "", err
	}
	trim(found, a)
	return d.render(found)
}

// selected joins what the operator's selector matches.
func (d *document) selected() (string, error) {
	all := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	for _, n := range cascadia.QueryAll(d.root, d.options.Select) {
		if !inside(n, all) {
			detach(n)
			all.AppendChild(n)
		}
	}
	if all.FirstChild == nil {
		return "", unreadable("select matches nothing on the page; it may have been rebuilt")
	}
	return d.render(all)
}

// find lets readability weigh which part of the page is the text.
func (d *document) find() (*html.Node, error) {
	p := readability.NewParser()
	p.DisableJSONLD = true // the head is read already
	p.KeepClasses = true   // clean keeps those that name a language of code
	a, err := p.ParseAndMutate(d.root, nil)
	if err != nil {
		return nil, unreadable("the page cannot be read: %w", err)
	}
	if a.Node == nil {
		return nil, unreadable("no text of an article was found on the page")
	}
	return a.Node, nil
}

func (d *document) render(n *html.Node) (string, error) {
	var b strings.Builder
	if err := html.Render(&b, n); err != nil {
		return "", unreadable("the page cannot be written down again: %w", err)
	}
	content := b.String()
	if d.head.base != "" {
		content = clean.Resolve(content, d.head.base)
	}
	return content, nil
}

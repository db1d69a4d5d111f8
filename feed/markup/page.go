package markup

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/net/html"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// Page is a parsed web page. It may be read by many goroutines at once; nobody changes its tree.
type Page struct {
	// Root is the document. Its depth and number of nodes are bounded, so that walking it is safe.
	Root *html.Node
	// URL is the address that the page came from.
	URL string
	// Base is what addresses in the page are relative to: its base element's, else URL.
	Base string

	once     sync.Once
	embedded []document
}

// Parse reads a page. contentType is the Content-Type it came with, which may name a charset; address is where it came
// from, absolute. A page that is JSON as a whole has an empty tree and that one document. What cannot be a page is an error of class Unreadable. Of broken markup everything is made what browsers
// make of it, except that elements nested very deep lose their nesting.
func Parse(body []byte, contentType, address string) (*Page, error) {
	if len(body) > largest {
		return nil, unreadable(fmt.Errorf("the page has %d MB; %d MB are the most", len(body)>>20, largest>>20))
	}
	text, err := clean.Decode(body, Charset(body, contentType))
	if err != nil {
		return nil, unreadable(fmt.Errorf("the page %w", err))
	}
	p := &Page{URL: address, Base: address}
	if value, ok := whole(text, contentType); ok {
		p.Root = &html.Node{Type: html.DocumentNode}
		p.once.Do(func() { p.embedded = []document{{value: value}} })
		return p, nil
	}
	root, err := parse(text)
	if err != nil {
		return nil, unreadable(err)
	}
	p.Root = root
	if base := baseOf(root); base != "" {
		if whole, err := clean.URL(base, address); err == nil {
			p.Base = whole
		}
	}
	return p, nil
}

func unreadable(err error) error { return feed.Classify(feed.Unreadable, err) }

// parse makes the tree of a text, of a flattened one when it is nested too deep.
func parse(text string) (*html.Node, error) {
	if err := measure(text); err != nil {
		return nil, err
	}
	if needsTaming(text) {
		text = tame(text, false)
	}
	root, err := html.Parse(strings.NewReader(text))
	for _, strictly := range []bool{false, true} {
		if err != nil {
			root, err = html.Parse(strings.NewReader(tame(text, strictly)))
		}
	}
	if err != nil {
		return nil, errors.New("the page nests its elements too deep to be read")
	}
	if n := count(root, most); n > most {
		return nil, tooMany()
	}
	return root, nil
}

// baseOf returns the address of the first base element that has one.
func baseOf(root *html.Node) string {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "base" {
			if href, ok := attribute(n, "href"); ok {
				return href
			}
		}
	}
	return ""
}

// attribute returns an attribute of an element.
func attribute(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name && a.Namespace == "" {
			return a.Val, true
		}
	}
	return "", false
}

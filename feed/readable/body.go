package readable

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	readability "codeberg.org/readeck/go-readability/v2"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/markup"
)

// document is a page while it is read. Its tree is its own, and is cut down on the way.
type document struct {
	page    *markup.Page
	options Options
	head    *head
	lead    string // the first picture of the text, as a whole address
}

// content finds the text of the article, as markup.
func (d *document) content(a feed.Article) (string, error) {
	if err := d.remove(); err != nil {
		return "", err
	}
	if !d.options.Select.IsZero() {
		return d.selected()
	}
	clearClutter(d.page.Root)
	found, err := d.find()
	if err != nil {
		return "", err
	}
	trim(found, append(d.head.shownTitles(), a.Title), a.Authors)
	d.findLead(found)
	return d.render(found)
}

// smallest is the width, in pixels, below which a picture is a sign or a portrait of the author.
const smallest = 200

// findLead keeps the first picture in a part of the text, unless there is one already.
func (d *document) findLead(part *html.Node) {
	for n := range part.Descendants() {
		if d.lead != "" {
			return
		}
		if n.DataAtom != atom.Img {
			continue
		}
		if width, err := strconv.Atoi(attr(n, "width")); err == nil && width < smallest {
			continue
		}
		d.lead = first(d.head.imageAddress, clean.Picture(n.Attr))
	}
}

// remove takes away what the operator does not want.
func (d *document) remove() error {
	for _, s := range d.options.Remove {
		matches, err := s.All(context.Background(), d.page.Item()) // a selector bounds its time itself
		if err != nil {
			return unreadable("remove: %w", err)
		}
		for _, m := range matches {
			if m.IsElement() {
				detach(m.Node)
			}
		}
	}
	return nil
}

// selected joins what the operator's selector finds. What stands in another match is in it already.
func (d *document) selected() (string, error) {
	matches, err := d.options.Select.All(context.Background(), d.page.Item())
	if err != nil {
		return "", unreadable("select: %w", err)
	}
	var last *html.Node
	matches = slices.DeleteFunc(matches, func(m markup.Match) bool {
		if !m.IsElement() {
			return false
		}
		if last != nil && inside(m.Node, last) {
			return true
		}
		last = m.Node
		d.findLead(m.Node)
		return false
	})
	var content strings.Builder
	for _, m := range matches {
		if m.IsElement() && sourceSize(m.Node) > maxContent || content.Len() > maxContent {
			return "", unreadable("select: %w", errTooLong)
		}
		content.WriteString(m.HTML(len(matches) == 1))
	}
	if strings.TrimSpace(content.String()) == "" {
		return "", unreadable("select: %w; the site may have been rebuilt, or shows another page to programs", errNoText)
	}
	return content.String(), nil
}

// shortenNames cuts the attributes that readability searches for words, which it does often. Of formatting none are left, but
// short ones of code and links: the parser repeats it in every paragraph if a page leaves it open.
func shortenNames(root *html.Node) {
	for n := range root.Descendants() {
		most := longestNames
		switch n.DataAtom {
		case atom.Code, atom.A:
			most = shortNames
		case atom.B, atom.Big, atom.Em, atom.Font, atom.I, atom.Nobr, atom.S, atom.Small, atom.Strike, atom.Strong, atom.Tt, atom.U:
			n.Attr = nil
		}
		for i, a := range n.Attr {
			switch a.Key {
			case "class", "id", "style", "rel", "itemprop", "role":
				n.Attr[i].Val = strings.ToValidUTF8(a.Val[:min(len(a.Val), most)], "")
			}
		}
	}
}

// shortNames bounds, in bytes, such attributes of code, where a class names its language, and of links.
const shortNames = 60

// find lets readability weigh which part of the page is the text.
func (d *document) find() (*html.Node, error) {
	shortenNames(d.page.Root)
	p := readability.NewParser()
	p.DisableJSONLD = true // the head is read already
	p.KeepClasses = true   // clean keeps those that name a language of code
	p.Logger = slog.New(slog.DiscardHandler)
	a, err := p.ParseAndMutate(d.page.Root, nil)
	if err != nil {
		return nil, unreadable("the page cannot be read: %w", err)
	}
	if a.Node == nil {
		return nil, feed.Classify(feed.Unreadable, errNoText)
	}
	for n := range a.Node.Descendants() {
		if n.Type == html.ElementNode {
			n.DataAtom = atom.Lookup([]byte(n.Data)) // readability renames and makes elements without it
		}
	}
	return a.Node, nil
}

// maxContent bounds the markup of an article, in bytes: a few open tags of a page can stand in all of its paragraphs.
const maxContent = 16 << 20

var errTooLong = errors.New("the article has more than 16 MB; no reader would take it")

// sourceSize is about how long the markup of a node is.
func sourceSize(n *html.Node) int {
	size := 0
	for d := range n.Descendants() {
		size += len(d.Data)
		for _, a := range d.Attr {
			size += len(a.Key) + len(a.Val)
		}
	}
	return size
}

// bounded is a text that refuses to grow over all bounds.
type bounded struct{ text strings.Builder }

func (b *bounded) Write(p []byte) (int, error) {
	if b.text.Len()+len(p) > maxContent {
		return 0, errTooLong
	}
	return b.text.Write(p)
}

// render writes down what a node holds, with absolute addresses.
func (d *document) render(n *html.Node) (string, error) {
	var b bounded
	w := bufio.NewWriter(&b)
	for c := range n.ChildNodes() {
		if err := html.Render(w, c); err != nil {
			return "", unreadable("%w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return "", unreadable("%w", err)
	}
	return clean.Resolve(strings.TrimSpace(b.text.String()), d.page.Base), nil
}

package markup

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"feedmill/feed/clean"
)

// Item is what a selector is applied to: an element of a page, or a JSON value when Node is nil.
type Item struct {
	Page *Page
	Node *html.Node
	JSON any
}

// Item returns the whole page as an item.
func (p *Page) Item() Item { return Item{Page: p, Node: p.Root} }

// Match is what a selector found: an element; the attribute Attr of the element Node; a text, when both Node and JSON are
// nil; or a JSON value, when Node is nil.
type Match struct {
	Page *Page
	Node *html.Node
	Attr string
	JSON any
	text string
}

// Item returns the match as an item, to look for things in it.
func (m Match) Item() Item {
	if m.Attr != "" {
		return Item{Page: m.Page, JSON: m.text}
	}
	if m.Node == nil && m.JSON == nil {
		return Item{Page: m.Page, JSON: m.text}
	}
	return Item{Page: m.Page, Node: m.Node, JSON: m.JSON}
}

// IsElement reports whether the match is an element.
func (m Match) IsElement() bool { return m.Node != nil && m.Attr == "" }

// Text returns the match as one line of plain text. Of a JSON value that is no text, number or truth it is what stands
// under name or title in it, else its JSON.
func (m Match) Text() string {
	switch {
	case m.IsElement():
		return Text(m.Node)
	case m.JSON != nil:
		return clean.Line(jsonText(m.JSON))
	}
	return clean.Line(m.text)
}

// Raw returns the match as text with its lines as they stand.
func (m Match) Raw() string {
	switch {
	case m.IsElement():
		return rawText(m.Node)
	case m.JSON != nil:
		return jsonText(m.JSON)
	}
	return m.text
}

// jsonText writes a JSON value as text.
func jsonText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case map[string]any:
		for _, word := range []string{"name", "title", "@value", "url", "@id"} {
			if s, ok := v[word].(string); ok && s != "" {
				return s
			}
		}
	}
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}

// HTML returns the match as HTML with absolute addresses. alone says that it is the only one: of an element that only
// holds others its content is enough then.
func (m Match) HTML(alone bool) string {
	if !m.IsElement() {
		return m.resolve(m.Raw())
	}
	var b strings.Builder
	if outer(m.Node, alone) {
		write(&b, m.Node)
	} else {
		for n := range m.Node.ChildNodes() {
			write(&b, n)
		}
	}
	return m.resolve(strings.TrimSpace(b.String()))
}

func (m Match) resolve(fragment string) string {
	if m.Page == nil {
		return fragment
	}
	return clean.Resolve(fragment, m.Page.Base)
}

// write renders a node; a builder takes everything.
func write(b *strings.Builder, n *html.Node) { _ = html.Render(b, n) }

// outer reports whether an element says something beyond what is in it.
func outer(n *html.Node, alone bool) bool {
	switch n.Data {
	case "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "li", "table", "blockquote", "pre", "figure", "img", "picture", "video",
		"audio", "iframe", "hr", "noscript":
		return true
	case "div", "section", "article", "main", "header", "footer", "aside", "details":
		return !alone
	}
	return false
}

// Text returns the text of an element as a reader sees it, on one line.
func Text(n *html.Node) string { return clean.Line(rawText(n)) }

// rawText is the text of an element with line breaks where its blocks begin and end.
func rawText(n *html.Node) string {
	var b strings.Builder
	if n.Type == html.ElementNode && hidden(n) {
		return source(n)
	}
	appendText(&b, n)
	return b.String()
}

func appendText(b *strings.Builder, n *html.Node) {
	switch {
	case n.Type == html.TextNode:
		b.WriteString(n.Data)
		return
	case n.Type == html.ElementNode && hidden(n):
		return
	}
	apart := n.Type == html.ElementNode && parts(n.Data)
	if apart {
		b.WriteByte('\n')
	}
	for c := range n.ChildNodes() {
		appendText(b, c)
	}
	if apart {
		b.WriteByte('\n')
	}
}

// hidden reports whether the content of an element is no text for readers.
func hidden(n *html.Node) bool {
	switch n.Data {
	case "script", "style", "template", "noscript", "iframe", "noembed", "noframes":
		return true
	}
	return false
}

// parts reports whether an element parts the text before it from the text behind it.
func parts(name string) bool {
	switch name {
	case "address", "article", "aside", "blockquote", "br", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer",
		"form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table",
		"td", "th", "tr", "ul", "option":
		return true
	}
	return false
}

// TextMatch returns a match that is a text of the caller's.
func TextMatch(text string) Match { return Match{text: text} }

// JSONMatch returns a match that is a JSON value; p, which may be nil, is the page that it stands in.
func JSONMatch(p *Page, value any) Match { return Match{Page: p, JSON: value} }

// Attribute returns an attribute of a match that is an element, "" when it has none.
func (m Match) Attribute(name string) string {
	if !m.IsElement() {
		return ""
	}
	value, _ := attribute(m.Node, name)
	return value
}

// Outermost leaves out elements that stand in another one that was found.
func Outermost(found []Match) []Match {
	elements := map[*html.Node]bool{}
	for _, m := range found {
		if m.IsElement() {
			elements[m.Node] = true
		}
	}
	if len(elements) < 2 {
		return found
	}
	within := func(m Match) bool {
		if !m.IsElement() {
			return false
		}
		for a := range m.Node.Ancestors() {
			if elements[a] {
				return true
			}
		}
		return false
	}
	return slices.DeleteFunc(slices.Clone(found), within)
}

package clean

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// maxDepth is how deep elements may be nested. Parsers of HTML give up at 256 (libxml2) or 512 (x/net/html).
const maxDepth = 200

// balance closes what was left open, drops end tags that close nothing, and writes plain quotes where bluemonday wrote
// references. It takes bluemonday's output and follows the rules of HTML (section 13.2.6) for implied end tags.
func balance(s string) string {
	var out strings.Builder
	out.Grow(len(s))
	nest := nesting{}
	tokens := scan(s)
	for kind := tokens.next(); kind != html.ErrorToken; kind = tokens.next() {
		switch kind {
		case html.TextToken:
			out.WriteString(quotes.Replace(tokens.source))
		case html.StartTagToken, html.SelfClosingTagToken:
			name := tokens.name()
			if name == "iframe" && !strings.Contains(tokens.source, " src=") {
				continue
			}
			closing, kept := nest.open(name)
			writeEnds(&out, closing)
			if kept {
				out.WriteString(tokens.source)
			}
		case html.EndTagToken:
			writeEnds(&out, nest.close(tokens.name()))
		}
	}
	writeEnds(&out, nest.pop(0))
	return out.String()
}

// quotes are inert in text.
var quotes = strings.NewReplacer("&#34;", `"`, "&#39;", "'")

func writeEnds(out *strings.Builder, names []string) {
	for _, name := range slices.Backward(names) {
		out.WriteString("</" + name + ">")
	}
}

// nesting is the stack of open elements. The zero value is an empty one.
type nesting struct {
	names []string
	cut   []string
	// over counts the elements opened beyond maxDepth. Their tags are dropped, and as many end tags.
	over int
}

// open enters an element; it returns the elements this closes (outermost first) and whether the tag may stand.
func (n *nesting) open(name string) (closing []string, kept bool) {
	if isVoid(name) {
		if closesParagraph(name) {
			closing = n.closeImplied("p", isScope)
		}
		return closing, true
	}
	if n.over > 0 || len(n.names) >= maxDepth {
		n.over++
		return nil, false
	}
	switch name {
	case "li":
		closing = n.closeImplied("li", isListScope)
	case "dt", "dd":
		closing = n.closeEither("dt", "dd", isListScope)
	case "td", "th":
		closing = n.closeEither("td", "th", isTable)
	case "tr":
		closing = n.closeImplied("tr", isTable)
	case "thead", "tbody", "tfoot":
		closing = n.closeEither("thead", "tbody", isTable)
		if closing == nil {
			closing = n.closeImplied("tfoot", isTable)
		}
	case "rt", "rp":
		closing = n.closeEither("rt", "rp", func(s string) bool { return s == "ruby" || isScope(s) })
	case "a":
		closing = n.closeImplied("a", isScope)
	}
	if closing == nil && closesParagraph(name) {
		closing = n.closeImplied("p", isScope)
	}
	n.names = append(n.names, name)
	return closing, true
}

// close leaves an element and returns the elements this closes; none when it was not open.
func (n *nesting) close(name string) []string {
	if isVoid(name) {
		return nil
	}
	if n.over > 0 {
		n.over--
		return nil
	}
	stop := isScope
	if isTablePart(name) {
		stop = isTable
	}
	return n.closeImplied(name, stop)
}

// closeImplied closes the innermost element of this name, and what is open in it, unless a boundary lies between.
func (n *nesting) closeImplied(name string, boundary func(string) bool) []string {
	for i, open := range slices.Backward(n.names) {
		if open == name {
			return n.pop(i)
		}
		if boundary(open) {
			break
		}
	}
	return nil
}

func (n *nesting) closeEither(one, other string, boundary func(string) bool) []string {
	if closing := n.closeImplied(one, boundary); closing != nil {
		return closing
	}
	return n.closeImplied(other, boundary)
}

// pop shortens the stack and returns what it cut off, until the next call.
func (n *nesting) pop(length int) []string {
	n.cut = append(n.cut[:0], n.names[length:]...)
	n.names = n.names[:length]
	return n.cut
}

func isVoid(name string) bool {
	switch name {
	case "br", "hr", "img", "wbr", "source", "track", "col":
		return true
	}
	return false
}

// isScope reports whether end tags do not reach out of this element.
func isScope(name string) bool {
	switch name {
	case "table", "td", "th", "caption":
		return true
	}
	return false
}

func isTable(name string) bool { return name == "table" }

func isListScope(name string) bool {
	return name == "ul" || name == "ol" || name == "dl" || isScope(name)
}

func isTablePart(name string) bool {
	switch name {
	case "table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption", "colgroup":
		return true
	}
	return false
}

// closesParagraph reports whether an element ends an open paragraph.
func closesParagraph(name string) bool {
	switch name {
	case "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "li", "dt", "dd", "pre", "blockquote", "table", "figure",
		"figcaption", "section", "article", "aside", "address", "hr", "details", "summary":
		return true
	}
	return false
}

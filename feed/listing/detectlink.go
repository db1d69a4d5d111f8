package listing

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"feedmill/feed/clean"
)

// lead is what one link says of the article that it may lead to.
type lead struct {
	at      int32 // its spot
	href    string
	title   string
	runes   int
	heading bool // it stands in a heading, or holds one
	inline  bool // it stands in running text
	article float64
	below   bool // it leads to what lies under the page's own address
}

// leads judges every link of the survey once.
func (s *survey) leads() []lead {
	all := make([]lead, len(s.links))
	rated := map[string]float64{}
	for i, at := range s.links {
		l := lead{at: at, href: s.hrefs[i]}
		rate, ok := rated[l.href]
		if !ok {
			rate = articleLike(l.href)
			rated[l.href] = rate
		}
		l.article, l.below = rate, s.to.below(l.href)
		l.title, l.heading = s.titleOf(at)
		l.runes = int(visible(l.title))
		l.inline = s.inline(at)
		all[i] = l
	}
	return all
}

// longestTitle bounds what is read of a link's text, in bytes.
const longestTitle = 600

// titleOf is the text of a link: of a heading in it, else all of it, else what it says of its picture. heading says
// whether it has or is part of one.
func (s *survey) titleOf(at int32) (title string, heading bool) {
	n := s.spots[at].node
	for i := at + 1; i < min(s.spots[at].end, at+60); i++ {
		if isTitle(s.spots[i].node) {
			if text := lineOf(s.spots[i].node); text != "" {
				return text, true
			}
		}
	}
	if text := s.firstBlock(at); text != "" {
		return text, false
	}
	for up, steps := n.Parent, 0; up != nil && steps < 3; up, steps = up.Parent, steps+1 {
		heading = heading || isTitle(up) || isHeader(up) && !s.dated(at)
	}
	if text := lineOf(n); text != "" {
		return text, heading
	}
	for i := at + 1; i < min(s.spots[at].end, at+20); i++ {
		if s.spots[i].node.DataAtom == atom.Img {
			if alt := clean.Line(attr(s.spots[i].node, "alt")); alt != "" {
				return alt, false
			}
		}
	}
	if name := clean.Line(attr(n, "title")); name != "" {
		return name, heading
	}
	return clean.Line(attr(n, "aria-label")), heading
}

// firstBlock is the first text of a link that holds several blocks, as a card without a heading does; "" for other links.
func (s *survey) firstBlock(at int32) string {
	if n := s.firstBlockNode(at); n != nil {
		return lineOf(n)
	}
	return ""
}

func (s *survey) firstBlockNode(at int32) *html.Node {
	const few = 4 // runes
	var first *html.Node
	blocks := 0
	for i := at + 1; i < s.spots[at].end; i++ {
		p := &s.spots[i]
		if n := p.node; !isBlock(n) && n.DataAtom != atom.Span && n.DataAtom != atom.Strong || p.text < few || p.end > i+1 && s.hasBlock(i) {
			continue
		}
		if blocks++; first == nil && !isDate(p.node) {
			first = p.node
		}
		i = p.end - 1
	}
	if blocks < 2 {
		return nil
	}
	return first
}

// hasBlock reports whether a spot has text in elements of its own.
func (s *survey) hasBlock(at int32) bool {
	for i := at + 1; i < s.spots[at].end; i++ {
		if s.spots[i].text > 0 && isBlock(s.spots[i].node) {
			return true
		}
	}
	return false
}

// isTitle reports whether an element is a heading, by its tag or because its class says title or headline.
func isTitle(n *html.Node) bool {
	switch n.DataAtom {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return true
	case atom.A, atom.Body, atom.Ul, atom.Ol, atom.Table, atom.Tr, atom.Article, atom.Section, atom.Main:
		return false
	}
	if prop := attr(n, "itemprop"); prop == "headline" || hasClass(n, "p-name") {
		return true
	}
	for class := range strings.FieldsSeq(attr(n, "class")) {
		words := wordsOf(class)
		if last := words[len(words)-1]; last == "title" || last == "headline" || last == "heading" {
			return true
		}
	}
	return false
}

// inline reports whether text runs before the link in its own block. It looks back a part of the way only: a page may be one
// row of links.
func (s *survey) inline(at int32) bool {
	const sentence, farthest = 25, 200
	looked := 0
	for n := s.spots[at].node; n != nil && !isBlock(n); n = n.Parent {
		before := int32(0)
		for p := n.PrevSibling; p != nil && looked < farthest && !isBlock(p) && p.DataAtom != atom.Br; p = p.PrevSibling {
			looked++
			if p.Type == html.TextNode {
				before += visible(p.Data)
			}
			if before > sentence {
				return true
			}
		}
	}
	return false
}

// dated reports whether a link shows a date.
func (s *survey) dated(at int32) bool {
	for i := at; i < min(s.spots[at].end, at+10); i++ {
		if isDate(s.spots[i].node) {
			return true
		}
	}
	return false
}

// isHeader reports whether an element is the head of an item by its class: entry-header, release-header.
func isHeader(n *html.Node) bool {
	for class := range strings.FieldsSeq(attr(n, "class")) {
		words := wordsOf(class)
		if len(words) > 1 && words[len(words)-1] == "header" && !slices.Contains([]string{"site", "page", "main", "top", "global", "masthead", "nav"}, words[0]) {
			return true
		}
	}
	return false
}

func isBlock(n *html.Node) bool {
	switch n.DataAtom {
	case atom.P, atom.Div, atom.Li, atom.Td, atom.Th, atom.Tr, atom.Article, atom.Section, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6,
		atom.Dt, atom.Dd, atom.Body, atom.Main, atom.Ul, atom.Ol, atom.Blockquote, atom.Header, atom.Footer, atom.Figure, atom.Figcaption:
		return true
	}
	return false
}

// lineOf is the visible text of an element in one line, up to a bound.
func lineOf(n *html.Node) string {
	var b strings.Builder
	collect(&b, n, 0)
	return clean.Line(b.String())
}

func collect(b *strings.Builder, n *html.Node, depth int) {
	for c := n.FirstChild; c != nil && b.Len() < longestTitle; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode:
			b.WriteString(c.Data[:min(len(c.Data), 4*longestTitle)])
		case c.Type == html.ElementNode && depth < deepest && !unseen(c):
			if isBlock(c) || c.DataAtom == atom.Br {
				b.WriteByte(' ')
			}
			collect(b, c, depth+1)
			if isBlock(c) {
				b.WriteByte(' ')
			}
		}
	}
}

func hasLetter(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }

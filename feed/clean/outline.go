package clean

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Outline is what a Markdown text says of itself, told without converting it.
type Outline struct {
	// Title is the text of the first heading of the first level, wherever it stands; empty when there is none.
	Title string
	// Rest is the text without that heading.
	Rest string
	// Opening is the text of the first paragraph that has some, outside of lists and quotes; empty when there is none.
	Opening string
	// HTML says that raw HTML stands in that paragraph or before it: the opening is to be found in what [Markdown] makes
	// of the text.
	HTML bool
}

// OutlineOf reads as much of the text as it must. When the title and the opening stand at its top, as in most articles,
// that is the first paragraph: 10 µs for an article of 4 KB instead of 80 (BenchmarkOutline, one core of a busy server).
func OutlineOf(text string) Outline {
	if top := topOf(text); top < len(text) {
		if o := outlineOf(text, top); holds(o, text, top) {
			return o
		}
	}
	return outlineOf(text, len(text))
}

// topOf returns the end of the first lines that are neither a heading nor a picture, up to a blank one.
func topOf(text string) int {
	opened := false
	for start := 0; start < len(text); {
		end := lineEnd(text, start)
		line := strings.Trim(text[start:end], " \t\n")
		switch {
		case line == "" && opened:
			return start
		case line != "" && line[0] != '#' && line[0] != '!':
			opened = true
		}
		start = end
	}
	return len(text)
}

// holds reports whether the outline of a text's top, which a blank line ends, is that of the whole text. Blocks are
// recognised line by line, so what follows cannot change them; it can only hold the heading that the top has not, or say
// what a reference in the top refers to.
func holds(o Outline, text string, top int) bool {
	if o.Opening == "" && !o.HTML {
		return false
	}
	if strings.IndexByte(text[:top], '[') >= 0 && strings.Contains(text[top:], "]:") {
		return false
	}
	return o.Title != "" || !mayHoldTitle(text)
}

// mayHoldTitle reports whether a line begins like a heading of the first level, or may underline one.
func mayHoldTitle(text string) bool {
	for start := 0; start < len(text); {
		end := lineEnd(text, start)
		line := strings.TrimLeft(text[start:end], " \t")
		switch line[:min(1, len(line))] {
		case "#":
			if len(line) == 1 || line[1] != '#' {
				return true
			}
		case "=":
			if strings.Trim(line, "= \t\n") == "" {
				return true
			}
		}
		start = end
	}
	return false
}

// lineEnd returns where the line that holds the position i ends, behind its line feed.
func lineEnd(text string, i int) int {
	if n := strings.IndexByte(text[i:], '\n'); n >= 0 {
		return i + n + 1
	}
	return len(text)
}

// outlineOf reads a text up to top.
func outlineOf(s string, top int) Outline {
	source := []byte(s[:top])
	doc := markdown().Parser().Parse(text.NewReader(source))
	o := Outline{Rest: s}
	if h := titleHeading(doc); h != nil && h.Lines().Len() > 0 {
		if o.Title = Line(plainOf(h, source)); o.Title != "" {
			o.Rest = without(h, s)
		}
	}
	o.Opening, o.HTML = openingOf(doc, source)
	return o
}

// titleHeading returns the first heading of the first level, nil if there is none.
func titleHeading(doc ast.Node) *ast.Heading {
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok && h.Level == 1 {
			return h
		}
	}
	return nil
}

// without cuts the lines of a heading out of its text. What stood before and behind it must not grow together: a blank
// line parts paragraphs, and a comment also lists, code and notes.
func without(h *ast.Heading, s string) string {
	first, last := h.Lines().At(0), h.Lines().At(h.Lines().Len()-1)
	start := strings.LastIndexByte(s[:first.Start], '\n') + 1
	end := lineEnd(s, last.Stop-1)
	if line := strings.TrimLeft(s[start:end], " \t"); !strings.HasPrefix(line, "# ") && !strings.HasPrefix(line, "#\t") {
		end = lineEnd(s, end) // the underline
	}
	before, after := s[:start], s[end:]
	if strings.TrimSpace(before) == "" {
		return after
	}
	prev := h.PreviousSibling()
	if prev != nil && (prev.Kind() == ast.KindList || prev.Kind() == ast.KindCodeBlock) || strings.Contains(before, "[^") {
		return before + "<!-- -->\n\n" + after
	}
	return before + "\n" + after
}

// openingOf returns the text of the first paragraph that has some (one that only holds a picture has none), unless raw
// HTML stands in it or before it.
func openingOf(doc ast.Node, source []byte) (opening string, html bool) {
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if inspect(n, source).html {
			return "", true
		}
		if n.Kind() == ast.KindParagraph {
			if s := plainOf(n, source); strings.TrimSpace(s) != "" {
				return s, false
			}
		}
	}
	return "", false
}

// plainOf returns the text below a node, without pictures, footnote marks and HTML.
func plainOf(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			b.Write(resolve(n, source))
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.AutoLink:
			b.Write(n.Label(source))
		case *ast.Image, *extast.FootnoteLink, *ast.RawHTML:
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// resolve takes backslashes and character references out of a text, except in code, where they mean themselves.
func resolve(n *ast.Text, source []byte) []byte {
	s := n.Value(source)
	if n.IsRaw() || n.Parent() != nil && n.Parent().Kind() == ast.KindCodeSpan || !bytes.ContainsAny(s, `\&`) {
		return s
	}
	return util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(s)))
}

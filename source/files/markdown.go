package files

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"feedmill/feed/clean"
)

// markdown reads CommonMark with the tables, strikethrough and bare links of GitHub's dialect, and footnotes. HTML in
// the source passes through; readMarkdown cleans what holds some. It is built once and safe for concurrent use.
var markdown = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(
			extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)),
			extension.Strikethrough,
			extension.Linkify,
			extension.NewFootnote(extension.WithFootnoteIDPrefixFunction(footnotePrefix)),
		),
		goldmark.WithRendererOptions(html.WithUnsafe()),
	)
})

// footnoteKey is where a document keeps what its footnote ids begin with.
const footnoteKey = "feedmill-footnotes"

func footnotePrefix(n ast.Node) []byte {
	prefix, _ := n.OwnerDocument().Meta()[footnoteKey].(string)
	return []byte(prefix)
}

// maxNesting bounds the quotes and lists within each other, which cost more than their length: nobody writes so many.
const maxNesting = 200

// readMarkdown reads the body of a Markdown file. Its title is what the front matter says, else the first heading of
// the first level, which is taken out of the content in both cases when it says the title.
func (d *draft) readMarkdown(m matter) error {
	if strings.TrimSpace(m.body) == "" {
		m.body = d.body
	}
	if line := nestedLine(m.body); line > 0 {
		return problem(m.line+line-1, "quotes or lists are nested deeper than %d; is this an article?", maxNesting)
	}
	source := []byte(m.body)
	doc := markdown().Parser().Parse(text.NewReader(source))
	if h := titleHeading(doc); h != nil {
		title := clean.Line(plain(h, source))
		if d.article.Title == "" {
			d.article.Title = title
		}
		if sameText(title, d.article.Title) {
			doc.RemoveChild(doc, h)
		}
	}
	if d.article.Title == "" {
		return problem(0, "no title; write  title: …  in the front matter or begin with a line  # Title")
	}
	has := inspect(doc, source)
	if has.footnotes { // two articles on one page must not share an id
		h := fnv.New32a()
		_, _ = h.Write(source)
		doc.OwnerDocument().AddMeta(footnoteKey, fmt.Sprintf("%08x-", h.Sum32()))
	}
	var out bytes.Buffer
	out.Grow(len(source) * 5 / 4)
	if err := markdown().Renderer().Render(&out, source, doc); err != nil {
		return fmt.Errorf("render Markdown: %w", err)
	}
	d.article.Content = strings.TrimSpace(out.String())
	if has != (traits{}) { // else the renderer's own output is safe, and cleaning costs more than rendering
		d.article.Content = clean.HTML(d.article.Content)
	}
	if d.article.Summary == "" {
		opening := openingOf(doc, source)
		if has.html {
			opening = firstParagraph(d.article.Content)
		}
		d.article.Summary = clean.Summary(opening, maxSummary)
	}
	return nil
}

// nestedLine returns the first line whose quotes and lists are nested too deep, 0 if there is none.
func nestedLine(body string) int {
	number := 0
	for line := range strings.SplitSeq(body, "\n") {
		number++
		depth := 0
		for i := 0; i < len(line) && strings.IndexByte(" \t>-*+", line[i]) >= 0; i++ {
			if line[i] == '>' || line[i] != '\t' && line[i] != ' ' && i+1 < len(line) && line[i+1] == ' ' {
				depth++
			}
		}
		if depth > maxNesting {
			return number
		}
	}
	return 0
}

// titleHeading returns the first heading of the first level, nil if there is none.
func titleHeading(doc ast.Node) ast.Node {
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok && h.Level == 1 {
			return h
		}
	}
	return nil
}

// openingOf returns the text of the first paragraph that has some; one that only holds a picture has none.
func openingOf(doc ast.Node, source []byte) string {
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if n.Kind() == ast.KindParagraph {
			if s := plain(n, source); strings.TrimSpace(s) != "" {
				return s
			}
		}
	}
	return ""
}

// plain returns the text below a node, without pictures, footnote marks and HTML.
func plain(n ast.Node, source []byte) string {
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

// traits are what decides how a document is rendered.
type traits struct {
	html      bool // raw HTML
	addresses bool // addresses of other schemes than those of the web and mail
	footnotes bool // elements with classes and roles
}

func inspect(doc ast.Node, source []byte) traits {
	var t traits
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.HTMLBlock, *ast.RawHTML:
			t.html = true
		case *ast.Link:
			t.addresses = t.addresses || !isSafeAddress(n.Destination)
		case *ast.Image:
			t.addresses = t.addresses || !isSafeAddress(n.Destination)
		case *ast.AutoLink:
			t.addresses = t.addresses || n.AutoLinkType != ast.AutoLinkEmail && !isSafeAddress(n.URL(source))
		case *extast.FootnoteLink:
			t.footnotes = true
		}
		return ast.WalkContinue, nil
	})
	return t
}

// isSafeAddress is for what stands in [text](address): without a colon before the first slash it is relative. Character
// references could hide a colon.
func isSafeAddress(address []byte) bool {
	if bytes.IndexByte(address, '&') >= 0 && bytes.Contains(address, []byte("&#")) {
		return false
	}
	scheme, _, ok := bytes.Cut(address, []byte(":"))
	if !ok || bytes.ContainsAny(scheme, "/?#") {
		return !bytes.Contains(bytes.ToLower(address), []byte("&colon"))
	}
	switch strings.ToLower(string(scheme)) {
	case "http", "https", "mailto":
		return true
	}
	return false
}

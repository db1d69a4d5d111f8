package clean

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"html"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	rendering "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
)

// Markdown makes safe HTML of CommonMark with the tables, strikethrough and bare links of GitHub's dialect, and
// footnotes, whose ids differ from those of other texts that stand on the same page. Raw HTML comes out as [HTML] leaves
// it. The same text gives the same bytes. Quotes and lists nested thousands deep take time that grows with the square of
// their depth: a source refuses such a text.
//
// An article of 4 KB takes about 130 µs, and about 360 µs more when it holds raw HTML or footnotes (BenchmarkMarkdown, one
// core of a busy server).
func Markdown(text string) string {
	return orAsWritten(text, convert)
}

// orAsWritten shows a text as its author wrote it if the converter panics: one text that trips the library must not keep
// a feed, or the articles beside it, from being published.
func orAsWritten(text string, convert func(string) string) (content string) {
	defer func() {
		if recover() != nil {
			content = "<pre>" + html.EscapeString(Chars(text)) + "</pre>"
		}
	}()
	return convert(text)
}

func convert(s string) string {
	source := []byte(s)
	doc := markdown().Parser().Parse(text.NewReader(source))
	has := inspect(doc, source)
	if has.footnotes { // two articles on one page must not share an id
		h := fnv.New32a()
		_, _ = h.Write(source)
		doc.OwnerDocument().AddMeta(footnoteKey, fmt.Sprintf("%08x-", h.Sum32()))
	}
	var out bytes.Buffer
	out.Grow(len(source) * 5 / 4)
	_ = markdown().Renderer().Render(&out, source, doc) // only a writer fails, and a buffer does not
	content := strings.TrimSpace(out.String())
	if has != (traits{}) { // else the renderer's own output is safe, and cleaning costs more than rendering
		return HTML(content)
	}
	return Chars(content)
}

// markdown is the one converter, built once and safe for concurrent use. HTML passes through it; convert cleans what holds
// some.
var markdown = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(
			extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)),
			extension.Strikethrough,
			extension.Linkify,
			extension.NewFootnote(extension.WithFootnoteIDPrefixFunction(footnotePrefix)),
		),
		goldmark.WithRendererOptions(rendering.WithUnsafe()),
	)
})

// footnoteKey is where a document keeps what its footnote ids begin with.
const footnoteKey = "feedmill-footnotes"

func footnotePrefix(n ast.Node) []byte {
	prefix, _ := n.OwnerDocument().Meta()[footnoteKey].(string)
	return []byte(prefix)
}

// traits are what decides whether the renderer's output must be cleaned.
type traits struct {
	html      bool // raw HTML
	addresses bool // addresses of other schemes than those of the web and mail
	footnotes bool // elements with classes and roles
}

func inspect(root ast.Node, source []byte) traits {
	var t traits
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
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

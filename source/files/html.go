package files

import (
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"feedmill/feed/clean"
)

// charsetInHead finds the encoding that an HTML document declares: in a meta element or, in XHTML, at its very start.
var charsetInHead = regexp.MustCompile(`(?i)<meta[^>]+charset\s*=\s*["']?\s*([a-z0-9_:.-]+)|^\s*<\?xml[^>]+encoding\s*=\s*["']([a-z0-9_:.-]+)`)

// declaredCharset returns the name of the encoding that a document declares, "" if none. Browsers look at its first
// 1024 bytes; heads of today are longer.
func declaredCharset(data []byte) string {
	m := charsetInHead.FindSubmatch(data[:min(len(data), 8<<10)])
	if m == nil {
		return ""
	}
	return string(m[1]) + string(m[2])
}

// readHTML reads an HTML document: what its head says, and the main part of its body as content.
func (d *draft) readHTML(m matter) error {
	root, err := goquery.NewDocumentFromReader(strings.NewReader(m.body))
	if err != nil {
		return problem(0, "the HTML cannot be read (%w); save the article with fewer elements inside each other", err)
	}
	p := page{draft: d, doc: root, source: m.body, line: m.line}
	p.linked, p.broken = linkedData(root)
	if p.broken {
		d.note("JSON-LD that cannot be read was left out")
	}
	if err := p.readHead(); err != nil {
		return err
	}
	if d.article.Title == "" {
		return problem(0, "no title; write a <title> into the head or an <h1> into the body")
	}
	d.article.Content = p.content()
	if d.article.Content == "" {
		d.article.Content = clean.HTML(d.body)
	}
	if d.article.Summary == "" {
		d.article.Summary = clean.Summary(firstParagraph(d.article.Content), maxSummary)
	}
	return nil
}

// firstParagraph returns the text of the first paragraph that has some, in HTML that clean has written; of content
// without paragraphs all text.
func firstParagraph(content string) string {
	for rest := content; ; {
		_, after, ok := strings.Cut(rest, "<p>")
		if !ok {
			return clean.Line(clean.PlainText(content))
		}
		inner, after, _ := strings.Cut(after, "</p>")
		if text := clean.Line(clean.PlainText(inner)); text != "" {
			return text
		}
		rest = after
	}
}

// mains are where the article is, best first.
var mains = []string{"article", "main", "[role=main]", "body"}

// content returns the main part of the body, sanitised: without the title, which every reader shows above it, and
// without what surrounds an article on a page.
func (p *page) content() string {
	main := p.main()
	unwanted := "nav, aside, form, script, style, template, noscript"
	if goquery.NodeName(main) == "body" {
		unwanted += ", header, footer"
	}
	title := main.Find("h1").First()
	if sameText(title.Text(), p.draft.article.Title) {
		title.Remove()
	}
	main.Find(unwanted).Remove()
	inner, err := main.Html()
	if err != nil {
		return "" // the tree is in memory; only a writer can fail
	}
	return strings.TrimSpace(clean.HTML(inner))
}

// main returns the part of the body that holds the article: of several candidates of one kind the longest.
func (p *page) main() *goquery.Selection {
	for _, selector := range mains {
		var longest *goquery.Selection
		length := -1
		for _, e := range p.doc.Find(selector).EachIter() {
			if e.ParentsFiltered(selector).Length() > 0 {
				continue
			}
			if n := len(e.Text()); n > length {
				longest, length = e, n
			}
		}
		if longest != nil {
			return longest
		}
	}
	return p.doc.Selection
}

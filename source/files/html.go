package files

import (
	"cmp"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/readable"
)

// readHTML reads an HTML document: what its head says, where front matter did not say it already, and the main part of
// its body as content.
func (d *draft) readHTML(m matter) error {
	own, err := readable.ReadOwn(m.body, d.article.Title, readable.Options{Zone: d.loc})
	if err != nil {
		return problem(0, "%w", err)
	}
	if own.Broken {
		d.note("JSON-LD that cannot be read was left out")
	}
	a := &d.article
	for _, date := range []struct {
		to   *time.Time
		read readable.Date
	}{{&a.Published, own.Published}, {&a.Updated, own.Updated}} {
		if date.to.IsZero() && date.read.Err != nil {
			// An article must not appear before its time because of a slip.
			return problem(m.lineOf(date.read.Written), "the date in the document: %w", date.read.Err)
		}
	}
	d.take(own.Article)
	if a.Title == "" {
		return problem(0, "no title; write a <title> into the head or an <h1> into the body")
	}
	if a.Content = strings.TrimSpace(clean.HTML(own.Article.Content)); a.Content == "" {
		a.Content = clean.HTML(d.body)
	}
	if a.Summary == "" {
		a.Summary = clean.Summary(firstParagraph(a.Content), maxSummary)
	}
	return nil
}

// take sets what front matter did not say to what the document says about itself.
func (d *draft) take(own feed.Article) {
	a := &d.article
	a.Title = cmp.Or(a.Title, own.Title)
	a.Summary = cmp.Or(a.Summary, own.Summary)
	a.Link = cmp.Or(a.Link, own.Link)
	a.Language = cmp.Or(a.Language, own.Language)
	a.Image.URL = cmp.Or(a.Image.URL, own.Image.URL)
	if len(a.Authors) == 0 {
		a.Authors = own.Authors
	}
	if len(a.Tags) == 0 {
		a.Tags = own.Tags
	}
	if a.Published.IsZero() {
		a.Published = own.Published
	}
	if a.Updated.IsZero() {
		a.Updated = own.Updated
	}
}

// lineOf finds the line of the file that holds a text of the document, 0 if it is not found; the parser tells no places.
func (m matter) lineOf(s string) int {
	before, _, ok := strings.Cut(m.body, s)
	if !ok {
		return 0
	}
	return m.line + strings.Count(before, "\n")
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

package files

import (
	"strings"

	"feedmill/feed/clean"
)

// maxNesting bounds the quotes and lists within each other, which cost more than their length: nobody writes so many.
const maxNesting = 200

// readMarkdown reads the body of a Markdown file. Its title is what the front matter says, else the first heading of
// the first level, which is taken out of the text in both cases when it says the title. The text stays Markdown: of ten
// thousand files a feed shows some thirty, and converting takes several times as long as all the rest.
func (d *draft) readMarkdown(m matter) error {
	if strings.TrimSpace(m.body) == "" {
		m.body = clean.Chars(d.body)
	} else {
		d.place("content", "from line %d", m.line)
	}
	if line := nestedLine(m.body); line > 0 {
		return problem(m.line+line-1, "quotes or lists are nested deeper than %d; is this an article?", maxNesting)
	}
	outline := clean.OutlineOf(m.body)
	if d.article.Title == "" {
		d.article.Title = outline.Title
		d.place("title", "the first heading")
	}
	if d.article.Title == "" {
		return problem(0, "no title; write  title: …  in the front matter or begin with a line  # Title")
	}
	text := m.body
	if sameText(outline.Title, d.article.Title) {
		text = outline.Rest
	}
	if strings.TrimSpace(text) != "" {
		d.article.Markdown = text
	}
	if d.article.Summary == "" {
		opening := outline.Opening
		if outline.HTML {
			opening = firstParagraph(clean.Markdown(text))
		}
		d.article.Summary = clean.Summary(opening, maxSummary)
		d.place("summary", "made of the first paragraph")
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

package files

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"feedmill/feed/clean"
)

// maxSummary is the length in characters of a summary made of the first paragraph.
const maxSummary = 300

// readText reads plain text as it arrives at a newsroom: title, header lines, byline, then paragraphs.
func (d *draft) readText(m matter) error {
	body, first := m.body, m.line
	if strings.TrimSpace(body) == "" {
		body, first = d.body, 0
	}
	lines, err := d.readTop(splitLines(body, first))
	if err != nil {
		return err
	}
	if d.article.Title == "" {
		return problem(0, "no title; the first line of the file is its title, write one")
	}
	switch n := len(lines); {
	case n == 0 || lines[0].number == 0:
	case n == 1:
		d.place("content", "line %d", lines[0].number)
	default:
		d.place("content", "lines %d to %d", lines[0].number, lines[n-1].number)
	}
	blocks := blocksOf(lines, d.article.Title)
	d.article.Content = renderBlocks(blocks)
	if d.article.Summary == "" {
		d.article.Summary = clean.Summary(opening(blocks), maxSummary)
		d.place("summary", "made of the first paragraph")
	}
	return nil
}

// line is a line of a text that is not blank.
type line struct {
	text    string // without the white space around it
	number  int    // 1-based in the file
	gap     bool   // a blank line, or the start of the text, stands before it
	indent  int    // columns of white space before it
	heading bool   // it is underlined
}

// place is where the line stands, for people.
func (l line) place() string {
	if l.number == 0 {
		return "a line of the word content"
	}
	return fmt.Sprintf("line %d", l.number)
}

// splitLines drops blank lines and keeps what they said.
func splitLines(body string, first int) []line {
	var lines []line
	gap, number := true, first
	for raw := range strings.SplitSeq(body, "\n") {
		text := strings.TrimFunc(raw, isBlank)
		if text == "" {
			gap = true
		} else {
			before, _, _ := strings.Cut(raw, text)
			lines = append(lines, line{text: text, number: number, gap: gap, indent: columns(before)})
			gap = false
		}
		if first > 0 {
			number++
		}
	}
	return lines
}

// isBlank also takes the spaces that strings.TrimSpace leaves: those without width, which word processors leave behind.
func isBlank(r rune) bool {
	return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' || r == '\u2060'
}

// readTop takes the title, header lines, the byline and a line that is only a date off the top of a text.
func (d *draft) readTop(lines []line) ([]line, error) {
	var title []line // what the first line said, should a header line say another title
	if pairs, rest := headerLines(lines, true); isHeader(d, pairs) {
		if err := d.setAll(pairs); err != nil {
			return nil, err
		}
		lines = rest
	}
	if d.article.Title == "" && len(lines) > 0 {
		title, lines = lines[:1:1], lines[1:]
		d.article.Title = clean.Title(title[0].text)
		d.place("title", "%s, the first of the text", title[0].place())
	}
	for {
		if len(lines) > 0 && (sameText(lines[0].text, d.article.Title) || isUnderline(lines[0])) {
			lines = lines[1:]
			continue
		}
		pairs, rest := headerLines(lines, false)
		if len(pairs) > 0 {
			before := d.article.Title
			if err := d.setAll(pairs); err != nil {
				return nil, err
			}
			if lines = rest; d.article.Title != before && len(title) > 0 {
				lines = append(title, lines...)
				return lines, nil
			}
			continue
		}
		if len(lines) == 0 || !d.readCredit(lines[0]) {
			return lines, nil
		}
		lines = lines[1:]
	}
}

// readCredit takes a line below the title that is a byline or a date and nothing else.
func (d *draft) readCredit(l line) bool {
	s := l.text
	if len(d.article.Authors) == 0 {
		if authors, ok := clean.Byline(s); ok {
			d.article.Authors = authors
			d.place("author", "%s, a byline", l.place())
			return true
		}
	}
	if d.article.Published.IsZero() && looksLikeDate(s) {
		if t, err := clean.Date(s, d.loc); err == nil && t.Year() >= 1990 {
			d.article.Published = t
			d.place("published", "%s, a date alone", l.place())
			return true
		}
	}
	return false
}

// looksLikeDate keeps numbers, which could be seconds since 1970, and sentences from being tried as dates.
func looksLikeDate(s string) bool {
	digits, others := 0, 0
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			digits++
		case !unicode.IsSpace(r):
			others++
		}
	}
	return digits >= 5 && others >= 2 && utf8.RuneCountInString(s) <= 40
}

// mailWords are the header lines of a mail that was saved as text.
var mailWords = map[string]string{"from": "author", "subject": "title", "sent": "date", "to": "", "cc": ""}

// headerLines reads lines such as  Author: Jane Doe  until the first other line; blank lines between them do not
// count, and an indented line goes on with the one before. With mail, the words of a mail's header count too.
func headerLines(lines []line, mail bool) ([]pair, []line) {
	var pairs []pair
	for len(lines) > 0 {
		p, ok := headerLine(lines[0], mail)
		if !ok {
			break
		}
		parts, next := []string{p.value.text}, 1
		for next < len(lines) && !lines[next].gap && lines[next].indent > lines[0].indent && p.value.kind == scalar {
			parts = append(parts, lines[next].text)
			next++
		}
		p.value.text = strings.Join(parts, " ")
		pairs, lines = append(pairs, p), lines[next:]
	}
	return pairs, lines
}

func headerLine(l line, mail bool) (pair, bool) {
	word, rest, ok := strings.Cut(l.text, ":")
	word = strings.TrimRightFunc(word, isBlank)
	if !ok || len(word) > 24 || strings.HasPrefix(rest, "//") {
		return pair{}, false
	}
	if !isWord(word) {
		meant, ok := mailWords[strings.ToLower(word)]
		if !mail || !ok {
			return pair{}, false
		}
		word = meant
	}
	return pair{word, textValue(l.number, strings.TrimFunc(rest, isBlank))}, true
}

// isHeader reports whether lines at the very top are a header rather than a title that happens to hold a colon
// ("Content: who pays?"): they name the title, or say a date, or there is a title already.
func isHeader(d *draft, pairs []pair) bool {
	if len(pairs) == 0 {
		return false
	}
	return d.article.Title != "" || slices.ContainsFunc(pairs, func(p pair) bool {
		switch w := plainWord(p.word); {
		case w == "title" || synonyms[w] == "title":
			return p.value.kind == scalar
		case w == "published" || synonyms[w] == "published":
			_, err := clean.Date(p.value.text, d.loc)
			return err == nil
		}
		return false
	})
}

// sameText compares as a reader does: without regard to case and white space. The first letters tell most texts apart.
func sameText(a, b string) bool {
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	_, n := utf8.DecodeRuneInString(a)
	if _, m := utf8.DecodeRuneInString(b); !strings.EqualFold(a[:n], b[:m]) {
		return false
	}
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

package parse

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"feedmill/feed/clean"
	"feedmill/feed/late"
)

// feedRoot matches the start tag of a feed.
var feedRoot = late.Regexp(`(?i)<(?:\w+:)?(?:rss|rdf|feed|channel)(?:\s[^<>]*)?/?>`)

// findRoot returns where a feed starts in a text that may begin with other things, -1 when it has none.
func findRoot(text string) int {
	const within = 64 << 10
	if at := feedRoot().FindStringIndex(text[:min(len(text), within)]); at != nil {
		return at[0]
	}
	return -1
}

// mend repairs, from root on, what a tokenizer cannot read: "<" that opens no tag, "]]>" outside of CDATA, references to
// characters that no document may hold, comments and instructions (which are left out). Entities and bare ampersands are
// left to the tokenizer. What stands before root is left out; lines keep their numbers.
func mend(text string, root int) string {
	m := mender{rest: text[root:]}
	m.out.Grow(len(text))
	m.lines(text[:root])
	for m.rest != "" {
		i := strings.IndexAny(m.rest, "<&]")
		if i < 0 {
			break
		}
		m.copy(i)
		switch m.rest[0] {
		case '<':
			m.markup()
		case '&':
			m.reference()
		default:
			m.bracket()
		}
	}
	m.copy(len(m.rest))
	return m.out.String()
}

type mender struct {
	out  strings.Builder
	rest string
}

func (m *mender) copy(n int) {
	m.out.WriteString(m.rest[:n])
	m.rest = m.rest[n:]
}

// lines writes only the line ends of what is left out.
func (m *mender) lines(s string) {
	for range strings.Count(s, "\n") {
		m.out.WriteByte('\n')
	}
}

func (m *mender) drop(n int) {
	m.lines(m.rest[:n])
	m.rest = m.rest[n:]
}

func (m *mender) markup() {
	for _, section := range []struct {
		begin, end string
		keep       bool
	}{{"<![CDATA[", "]]>", true}, {"<!--", "-->", false}, {"<?", "?>", false}} {
		if !strings.HasPrefix(m.rest, section.begin) {
			continue
		}
		end := strings.Index(m.rest[len(section.begin):], section.end)
		switch size := len(section.begin) + end + len(section.end); {
		case end < 0:
			m.copy(len(m.rest)) // the tokenizer finds the end of the document there
		case section.keep:
			m.copy(size)
		default:
			m.drop(size)
		}
		return
	}
	switch {
	case m.tag():
	case strings.HasPrefix(m.rest, "<!DOCTYPE"), strings.HasPrefix(m.rest, "<!doctype"):
		m.copy(len("<!"))
	default:
		m.out.WriteString("&lt;")
		m.rest = m.rest[1:]
	}
}

// reference drops a numeric reference to a character that no document may hold.
func (m *mender) reference() {
	const longest = 12 // digits and the semicolon
	digits, isNumber := strings.CutPrefix(m.rest, "&#")
	if end := strings.IndexByte(digits[:min(len(digits), longest)], ';'); isNumber && end > 0 {
		base := 10
		number := digits[:end]
		if number[0]|0x20 == 'x' {
			base, number = 16, number[1:]
		}
		if code, err := strconv.ParseUint(number, base, 64); err == nil {
			if code > utf8.MaxRune || clean.Chars(string(rune(code))) == "" && (code < 0x80 || code > 0x9F) {
				m.drop(end + len("&#;"))
				return
			}
			fmt.Fprintf(&m.out, "&#%d;", code) // encoding/xml knows no &#X…;
			m.rest = m.rest[end+len("&#;"):]
			return
		}
	}
	m.copy(1)
}

// bracket writes "]]>" as text.
func (m *mender) bracket() {
	if strings.HasPrefix(m.rest, "]]>") {
		m.out.WriteString("]]&gt;")
		m.rest = m.rest[3:]
		return
	}
	m.copy(1)
}

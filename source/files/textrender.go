package files

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// renderBlocks writes blocks as HTML. Every character of the text stays as it is but &, < and >.
func renderBlocks(blocks []block) string {
	var b strings.Builder
	for i, blk := range blocks {
		if i > 0 {
			b.WriteByte('\n')
		}
		switch blk.kind {
		case heading:
			writeElement(&b, "h2", blk.lines)
		case rule:
			b.WriteString("<hr>")
		case bullets, numbers:
			writeList(&b, blk)
		case note:
			b.WriteString("<p>")
			writeElement(&b, "small", blk.lines)
			b.WriteString("</p>")
		default:
			writeElement(&b, "p", blk.lines)
		}
	}
	return b.String()
}

func writeElement(b *strings.Builder, name string, lines []string) {
	b.WriteString("<" + name + ">")
	for i, l := range lines {
		if i > 0 {
			b.WriteString("<br>\n")
		}
		writeInline(b, l)
	}
	b.WriteString("</" + name + ">")
}

func writeList(b *strings.Builder, blk block) {
	name := "ul"
	if blk.kind == numbers {
		name = "ol"
	}
	b.WriteString("<" + name)
	if m := itemStart().FindStringSubmatch(blk.lines[0]); m[2] != "" && strings.TrimLeft(m[2], "0") != "1" {
		b.WriteString(` start="` + m[2] + `"`)
	}
	b.WriteString(">\n")
	for _, l := range blk.lines {
		writeElement(b, "li", []string{l[len(itemStart().FindString(l)):]})
		b.WriteByte('\n')
	}
	b.WriteString("</" + name + ">")
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// writeInline escapes a text and makes links of the web addresses in it.
func writeInline(b *strings.Builder, s string) {
	for {
		start := addressStart(s)
		if start < 0 {
			_, _ = escaper.WriteString(b, s)
			return
		}
		end := start + addressLength(s[start:])
		_, _ = escaper.WriteString(b, s[:start])
		if link, ok := webAddress(s[start:end]); ok && strings.Contains(link, ".") {
			b.WriteString(`<a href="`)
			_, _ = escaper.WriteString(b, link)
			b.WriteString(`">`)
			_, _ = escaper.WriteString(b, s[start:end])
			b.WriteString("</a>")
		} else {
			_, _ = escaper.WriteString(b, s[start:end])
		}
		s = s[end:]
	}
}

// addressStart finds the next http:// or https:// that begins a word.
func addressStart(s string) int {
	for from := 0; ; {
		i := strings.Index(s[from:], "://")
		if i < 0 {
			return -1
		}
		i += from
		for _, scheme := range []string{"https", "http"} {
			if start := i - len(scheme); start >= 0 && s[start:i] == scheme {
				if r, _ := utf8.DecodeLastRuneInString(s[:start]); start == 0 || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
					return start
				}
			}
		}
		from = i + len("://")
	}
}

// addressLength says where the address at the start of s ends: at white space, quotation marks or brackets that it did
// not open, without the punctuation of the sentence around it.
func addressLength(s string) int {
	end := strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("<>\"'“”„«»‹›「」『』、。|\\^`{}", r)
	})
	if end < 0 {
		end = len(s)
	}
	for end > 0 {
		r, size := utf8.DecodeLastRuneInString(s[:end])
		opened := r == ')' && strings.Count(s[:end], "(") >= strings.Count(s[:end], ")") ||
			r == ']' && strings.Count(s[:end], "[") >= strings.Count(s[:end], "]")
		if opened || !strings.ContainsRune(".,;:!?)]…’*_—–", r) {
			break
		}
		end -= size
	}
	return end
}

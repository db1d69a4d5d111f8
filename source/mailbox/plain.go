package mailbox

import (
	"html"
	"strings"

	"feedmill/feed/late"
)

func escape(s string) string { return html.EscapeString(s) }

// unflow joins the lines of format=flowed text (RFC 3676) into paragraphs. With deletes the
// space at the end of a line is none of the text's.
func unflow(text string, deletes bool) string {
	var out []string
	depth, open := 0, false
	for line := range strings.SplitSeq(text, "\n") {
		quoted := len(line) - len(strings.TrimLeft(line, ">"))
		rest := strings.TrimPrefix(line[quoted:], " ")
		flows := strings.HasSuffix(rest, " ") && rest != "-- "
		if flows && deletes {
			rest = rest[:len(rest)-1]
		}
		if open && quoted == depth && rest != "-- " {
			out[len(out)-1] += rest
		} else {
			marks := strings.Repeat(">", quoted)
			if quoted > 0 {
				marks += " "
			}
			out = append(out, marks+rest)
		}
		depth, open = quoted, flows
	}
	return strings.Join(out, "\n")
}

// paragraphs makes HTML of plain text: blank lines part paragraphs, > begins a quotation, addresses of the web become links.
func paragraphs(text string) string {
	var b strings.Builder
	depth := 0
	var lines []string
	flush := func() {
		if len(lines) > 0 {
			b.WriteString("<p>" + linked(joined(lines)) + "</p>\n")
			lines = nil
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRight(line, " \t\r")
		level := 0
		for level < deepestQuote {
			rest, ok := strings.CutPrefix(strings.TrimLeft(line, " "), ">")
			if !ok {
				break
			}
			line = rest
			level++
		}
		if level != depth {
			flush()
			for ; depth < level; depth++ {
				b.WriteString("<blockquote>")
			}
			for ; depth > level; depth-- {
				b.WriteString("</blockquote>")
			}
		}
		if strings.TrimSpace(line) == "" {
			flush()
			continue
		}
		lines = append(lines, line)
	}
	flush()
	b.WriteString(strings.Repeat("</blockquote>", depth))
	return b.String()
}

// deepestQuote is how deep quotations are told apart.
const deepestQuote = 8

// shortLine is the length in bytes of a line that was not broken for being too long.
const shortLine = 50

// joined joins the lines of a paragraph: with spaces where a program broke them, else as lines.
func joined(lines []string) string {
	between := " "
	for _, line := range lines[:len(lines)-1] {
		if len(line) < shortLine {
			between = "\n"
		}
	}
	var trimmed []string
	for _, line := range lines {
		trimmed = append(trimmed, strings.TrimSpace(line))
	}
	return strings.Join(trimmed, between)
}

var webAddress = late.Regexp(`https?://[^\s<>"]+[^\s<>"'.,;:!?)\]]`)

// linked escapes a text and makes links of the addresses in it.
func linked(text string) string {
	var b strings.Builder
	at := 0
	for _, found := range webAddress().FindAllStringIndex(text, -1) {
		address := escape(text[found[0]:found[1]])
		b.WriteString(broken(text[at:found[0]]) + `<a href="` + address + `">` + address + `</a>`)
		at = found[1]
	}
	b.WriteString(broken(text[at:]))
	return b.String()
}

func broken(text string) string { return strings.ReplaceAll(escape(text), "\n", "<br>") }

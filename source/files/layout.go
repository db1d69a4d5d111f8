package files

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The widths, in columns, between which a text may have been wrapped by a program or by hand.
const (
	minWrap = 40
	maxWrap = 110
)

// unwrap joins the lines of a text that was wrapped at a fixed width, so that afterwards every line is a paragraph, a
// heading or an item of its own. A text whose lines are paragraphs already comes back as it is.
func unwrap(lines []line) []line {
	width := wrapWidth(lines)
	if width == 0 {
		return lines
	}
	var joined []line
	for i := 0; i < len(lines); {
		l := lines[i]
		inItem := itemOf(l.text) != noItem
		var text strings.Builder
		text.WriteString(l.text)
		for i++; i < len(lines) && goesOn(lines[i-1], lines[i], width, inItem); i++ {
			text.WriteString(glue(lines[i-1].text, lines[i].text))
			text.WriteString(lines[i].text)
		}
		l.text = text.String()
		joined = append(joined, l)
	}
	return joined
}

// goesOn reports whether l is the rest of the line before it.
func goesOn(before, l line, width int, inItem bool) bool {
	if l.gap || before.heading || l.heading || isRule(before.text) || isRule(l.text) {
		return false
	}
	if itemOf(l.text) != noItem && (inItem || endsSentence(before.text) || strings.HasSuffix(before.text, ":")) {
		return false
	}
	if inItem {
		return l.indent > 0 || isFull(before, l, width)
	}
	return l.indent < before.indent+2 && isFull(before, l, width)
}

// isFull reports whether the first word of l would not have fitted on the line before, which is why a program broke
// there. A tenth of the width is allowed for people, who break earlier, the more so inside a sentence.
func isFull(before, l line, width int) bool {
	used := before.indent + columns(before.text) + 1 + columns(firstWord(l.text))
	if used > width-width/10 {
		return true
	}
	first, _ := utf8.DecodeRuneInString(l.text)
	return unicode.IsLower(first) && !endsSentence(before.text) && used > width/2
}

// wrapWidth returns the width at which a text was wrapped, 0 if it was not. The signs: lines inside blocks are nearly
// all full and of a bounded width, few of them end a sentence, and few begin with a capital as verses do. Without any
// blank line the signs must be stronger.
func wrapWidth(lines []line) int {
	var widths []int
	gaps := len(lines) > 0 && lines[0].gap
	for i, l := range lines[:max(0, len(lines)-1)] {
		if lines[i+1].gap {
			gaps = true
		} else if !isRule(l.text) && !l.heading {
			widths = append(widths, l.indent+columns(l.text))
		}
	}
	if len(widths) == 0 || !gaps && len(widths) < 3 {
		return 0
	}
	slices.Sort(widths)
	width := widths[(len(widths)-1)*9/10]
	if width < minWrap || width > maxWrap {
		return 0
	}
	s := signsOf(lines, width)
	if gaps && s.full*10 >= s.breaks*6 && s.ends*2 <= s.breaks && s.capitals*10 <= s.breaks*7 {
		return width
	}
	if !gaps && s.full*10 >= s.breaks*8 && s.ends*10 < s.breaks*4 && s.capitals*10 <= s.breaks*6 {
		return width
	}
	return 0
}

// signs counts line breaks inside blocks and what they look like.
type signs struct{ breaks, full, ends, capitals int }

func signsOf(lines []line, width int) signs {
	var s signs
	for i, l := range lines[:max(0, len(lines)-1)] {
		next := lines[i+1]
		if next.gap || isRule(l.text) || isRule(next.text) || itemOf(next.text) != noItem || next.indent >= l.indent+2 {
			continue
		}
		s.breaks++
		if l.indent+columns(l.text)+1+columns(firstWord(next.text)) > width-width/10 {
			s.full++
		}
		if endsSentence(l.text) {
			s.ends++
		}
		if first, _ := utf8.DecodeRuneInString(next.text); unicode.IsUpper(first) && next.text != strings.ToUpper(next.text) {
			s.capitals++
		}
	}
	return s
}

// glue is what stands between two parts of a wrapped line: a space, except between characters of scripts that write none
// and after a hyphen or dash at which the line was broken.
func glue(a, b string) string {
	last, size := utf8.DecodeLastRuneInString(a)
	beforeLast, _ := utf8.DecodeLastRuneInString(a[:len(a)-size])
	first, _ := utf8.DecodeRuneInString(b)
	switch {
	case writesNoSpaces(last) && writesNoSpaces(first):
		return ""
	case last == '\u00ad':
		return ""
	case (last == '-' || last == '‐') && unicode.IsLetter(beforeLast) && !isSuspended(b):
		return ""
	case last == '—' && !unicode.IsSpace(beforeLast):
		return ""
	}
	return " "
}

// isSuspended tells "pre- and post-war" from a word that was broken at its hyphen.
func isSuspended(next string) bool {
	w := strings.TrimRight(firstWord(next), ",")
	return slices.Contains([]string{"and", "or", "to", "und", "oder", "bzw.", "bis", "et", "ou", "y", "o", "e"}, w)
}

// firstWord returns what a program would have moved to the line before: a word, or one character of a script that can
// be broken everywhere.
func firstWord(s string) string {
	if first, size := utf8.DecodeRuneInString(s); writesNoSpaces(first) {
		return s[:size]
	}
	if i := strings.IndexFunc(s, unicode.IsSpace); i >= 0 {
		return s[:i]
	}
	return s
}

// writesNoSpaces reports the scripts that put no spaces between words, and their punctuation. Korean does put them.
func writesNoSpaces(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) ||
		r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xff60 || r == 'ー'
}

// columns is how wide s is on a screen of fixed pitch: East Asian characters take two columns, marks none, a tab eight.
func columns(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case r == '\t':
			n += 8
		case r < 0x300:
			n++
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) || r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xff60:
			n += 2
		default:
			n++
		}
	}
	return n
}

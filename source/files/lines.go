package files

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"feedmill/feed/late"
)

// maxShort is the width in columns up to which a line is short: a heading, a verse, an item of a list.
const maxShort = 70

// isShort counts only what could be short: even with marks on every letter no such line has a thousand bytes.
func isShort(s string) bool { return len(s) < 1000 && columns(s) <= maxShort }

// closers stand behind the punctuation that ends a sentence.
const closers = "\"'”’»›“‘」』)]）】"

// openers begin a quotation, in any of the languages that use them.
const openers = "\"'“‘„‚«‹»›「『"

// endsSentence reports whether s ends with the mark that ends a sentence in its script.
func endsSentence(s string) bool {
	r := lastMark(s)
	return r == '…' || r != ':' && r != ';' && unicode.Is(unicode.Sentence_Terminal, r)
}

// closes reports whether s ends with any punctuation, which a heading does not.
func closes(s string) bool {
	r := lastMark(s)
	return r == '…' || r == '—' || r == '–' || r == '-' || unicode.Is(unicode.Terminal_Punctuation, r)
}

func lastMark(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(strings.TrimRight(s, closers))
	return r
}

// isHeadingLike reports whether a line could be a heading by its looks: short, without closing punctuation, and
// neither a quotation nor the beginning of a report.
func isHeadingLike(s string) bool {
	return isShort(s) && !closes(s) && !isQuotation(s) && !isBracketed(s) && !isDateline(s) && !isAddress(s) &&
		strings.ContainsFunc(s, unicode.IsLetter)
}

// isQuotation reports a line that somebody says: it begins with a dash of dialogue, or with a quotation mark whose
// quotation does not end (as in a name) before the line goes on.
func isQuotation(s string) bool {
	first, size := utf8.DecodeRuneInString(s)
	if first == '—' || first == '–' || first == '-' {
		return true
	}
	if !strings.ContainsRune(openers, first) {
		return false
	}
	rest := s[size:]
	end := strings.IndexAny(rest, "\"”“»«›‹」』")
	if end < 0 {
		return first != '\'' && first != '‘' || strings.HasSuffix(rest, "'") || strings.HasSuffix(rest, "’")
	}
	_, width := utf8.DecodeRuneInString(rest[end:])
	return closes(rest[:end]) || strings.TrimSpace(rest[end+width:]) == ""
}

func isBracketed(s string) bool {
	return strings.HasPrefix(s, "(") && strings.HasSuffix(s, ")") || strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]")
}

func isAddress(s string) bool {
	return strings.Contains(s, "://") || strings.HasPrefix(s, "www.") || strings.Contains(s, "@")
}

// datelines: KYIV —, NEW YORK (AP) —, BERLIN, Nov. 24 (Agency) –, WASHINGTON/LONDON, 24 November 2026 -, Berlin (dpa) –.
var dateline = late.Regexp(`^(?:\p{Lu}{2}[\p{Lu}\p{M} .,'’/-]*(?:\p{Lu}?\p{Ll}*\.? \d{1,2}(?:, \d{4})?|\d{1,2}\.? \p{L}+\.?(?: \d{4})?)?(?: ?\([^)]{1,40}\))?|` +
	`\p{Lu}[\p{L}\p{M} ./-]{1,40}\([\p{L}/ ]{2,20}\)) ?[—–-]{1,2}(?: |$)`)

func isDateline(s string) bool { return strings.ContainsAny(s, "—–-") && dateline().MatchString(s) }

// endsInDateline reports a dateline on a line of its own, whose report follows on the next.
func endsInDateline(s string) bool {
	return strings.HasSuffix(strings.TrimRight(s, "—–-"), " ") && closes(s) && dateline().FindString(s) == s
}

// endMark is the sign by which a text says that it is over: -30-, ###, ENDS, (ends).
var endMark = late.Regexp(`^(?:[-–—] ?30 ?[-–—]|# ?# ?#|ENDS?\.?|[-–—(\[]+ ?(?i:ends?) ?[-–—)\]]+)$`)

func isEndMark(s string) bool { return len(s) <= 20 && endMark().MatchString(s) }

// isRule reports a line drawn of marks, such as * * * or ---.
func isRule(s string) bool {
	if s == "⁂" {
		return true
	}
	first, _ := utf8.DecodeRuneInString(s)
	if !strings.ContainsRune("*-_=~#–—•·+", first) {
		return false
	}
	marks := 0
	for _, r := range s {
		switch r {
		case first:
			marks++
		case ' ', '\t', '\u00a0':
		default:
			return false
		}
	}
	return marks >= 3
}

// isUnderline reports a line drawn directly below another.
func isUnderline(l line) bool {
	return !l.gap && isRule(l.text) && strings.ContainsAny(l.text[:1], "=-~_") && !strings.Contains(l.text, " ")
}

// item is what kind of list a line is an item of.
type item int

const (
	noItem item = iota
	bullet
	numbered
)

var itemStart = late.Regexp(`^(?:([-*•‣▪◦])|(\d{1,3})[.)])[ \t\x{a0}]+`)

func itemOf(s string) item {
	if s == "" || s[0] > '9' && s[0] < 0x80 { // nearly every line, without the regular expression
		return noItem
	}
	switch m := itemStart().FindStringSubmatchIndex(s); {
	case m == nil || m[1] == len(s):
		return noItem
	case m[2] >= 0:
		return bullet
	}
	return numbered
}

// noteWord begins the last block of a text that names where it comes from.
var noteWord = late.Regexp(`^(?i:references?|sources?|quellen?|fuentes?|источники?)(?:\s*:\s*(.*)|)$`)

// speaker finds who speaks in an interview: Q:, A:, Zelenskyy:.
var speaker = late.Regexp(`^(\p{Lu}[\p{L}\p{M} .'’-]{0,30})[:：]\s`)

// isInterview reports whether lines begin with the letters of questions and answers, or more than one of them with the
// same name and a colon.
func isInterview(lines []line) bool {
	seen := map[string]bool{}
	for _, l := range lines {
		if !strings.ContainsAny(l.text[:min(len(l.text), 150)], ":：") {
			continue
		}
		if m := speaker().FindStringSubmatch(l.text); m != nil {
			if seen[m[1]] || m[1] == "Q" || m[1] == "A" {
				return true
			}
			seen[m[1]] = true
		}
	}
	return false
}

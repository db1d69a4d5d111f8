package clean

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Chars removes what no document may hold: invalid UTF-8, characters outside XML 1.0 (section 2.2), DEL and the C1
// controls, and U+FFFD, which only says that somebody lost a character before. All else stays byte for byte: bidi marks,
// joiners and emoji too. Clean text is returned as it is, without allocation.
func Chars(s string) string {
	i := firstForbidden(s)
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i >= 0 {
		b.WriteString(s[:i])
		_, size := utf8.DecodeRuneInString(s[i:])
		s = s[i+size:]
		i = firstForbidden(s)
	}
	b.WriteString(s)
	return b.String()
}

func firstForbidden(s string) int {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7F {
				return i
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if forbidden(r) {
			return i
		}
		i += size
	}
	return -1
}

// forbidden reports whether a decoded character may stand in no document; invalid bytes decode to U+FFFD.
func forbidden(r rune) bool {
	switch {
	case r < ' ':
		return r != '\t' && r != '\n' && r != '\r'
	case r < 0x7F:
		return false
	default:
		return r <= 0x9F || r == utf8.RuneError || r == 0xFFFE || r == 0xFFFF
	}
}

// Line makes one line of plain text, for titles, names and tags: [Chars], white space at the ends cut off, every other
// run of white space made one space. A run of typographic spaces only (no-break, thin, ideographic) keeps its first one,
// because authors set them on purpose: « Oui » and 東京　大阪 stay as written.
func Line(s string) string {
	if isLine(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	pending := rune(0) // the space to write before the next visible character
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			if pending == 0 && typographic(r) {
				pending = r
			} else if !typographic(r) {
				pending = ' '
			}
		case forbidden(r):
		default:
			if pending != 0 && b.Len() > 0 {
				b.WriteRune(pending)
			}
			pending = 0
			b.WriteRune(r)
		}
	}
	return b.String()
}

// isLine reports whether Line would change nothing.
func isLine(s string) bool {
	space := true
	for _, r := range s {
		if ' ' < r && r < 0x7F {
			space = false
			continue
		}
		if unicode.IsSpace(r) {
			if space || r != ' ' && !typographic(r) {
				return false
			}
			space = true
			continue
		}
		if forbidden(r) {
			return false
		}
		space = false
	}
	return !space || s == ""
}

// typographic reports whether a white space character is one that typists do not hit by accident.
func typographic(r rune) bool {
	return r >= 0xA0 && r != '\u2028' && r != '\u2029'
}

package clean

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxSlug is the longest slug in characters; percent-encoded it is at most 1200 bytes of an address.
const maxSlug = 100

// Slug makes the last part of an address from a name: NFC, lower case, the letters and digits of every script with the
// marks they need, one "-" for each run of anything else, none at the ends, at most 100 characters and cut at a "-" where
// that leaves most of it. It returns "" when nothing is left.
//
// Joiners stay between letters of scripts that are written with them (Persian, Sinhala); soft hyphens, bidi marks and
// other invisible characters vanish without a trace.
func Slug(s string) string {
	s = norm.NFC.String(strings.ToLower(norm.NFC.String(Chars(s))))
	var b strings.Builder
	var prev rune   // the last character written
	var joiner rune // seen after prev, not yet written
	hyphen := false
	count := 0
	for _, r := range s {
		letter := unicode.IsLetter(r)
		switch {
		case letter || unicode.IsDigit(r):
			if hyphen && count > 0 {
				b.WriteByte('-')
				count++
			} else if joiner != 0 && letter {
				b.WriteRune(joiner)
				count++
			}
			b.WriteRune(r)
			prev, joiner, hyphen = r, 0, false
			count++
		case unicode.IsMark(r) && !unicode.Is(unicode.Variation_Selector, r):
			if !hyphen && joiner == 0 && (unicode.IsLetter(prev) || unicode.IsMark(prev)) {
				b.WriteRune(r)
				prev = r
				count++
			}
		case r == '\u200C' || r == '\u200D':
			if !hyphen && (unicode.IsLetter(prev) || unicode.IsMark(prev)) && !unicode.Is(unicode.Latin, prev) {
				joiner = r
			}
		case unicode.Is(unicode.Cf, r) || unicode.IsMark(r):
		default:
			hyphen, joiner = true, 0
		}
		if count > maxSlug {
			return cutSlug(b.String())
		}
	}
	return b.String()
}

// cutSlug shortens a slug that is too long by a few characters.
func cutSlug(s string) string {
	short := first(s, maxSlug)
	if strings.HasPrefix(s[len(short):], "-") {
		return short
	}
	if i := strings.LastIndexByte(short, '-'); length(short[:max(i, 0)]) >= maxSlug/2 {
		return short[:i]
	}
	for short != "" { // not between a letter and its marks
		next, _ := utf8.DecodeRuneInString(s[len(short):])
		if !unicode.IsMark(next) && !unicode.Is(unicode.Cf, next) {
			break
		}
		_, size := utf8.DecodeLastRuneInString(short)
		short = short[:len(short)-size]
	}
	return strings.TrimRight(short, "-\u200C\u200D")
}

package setting

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// phrase is one or more words to look for.
type phrase struct {
	runes []rune // folded; a ' ' stands for any white space
	// starts are the characters that fold to the first one: most text is passed over without folding.
	starts []rune
}

const softHyphen = '\u00AD'

func parsePhrase(s string) phrase {
	var p phrase
	for _, r := range strings.Join(strings.Fields(s), " ") {
		if r != softHyphen {
			p.runes = append(p.runes, fold(r))
		}
	}
	if len(p.runes) > 0 {
		p.starts = cases(p.runes[0])
	}
	return p
}

// cases returns the characters that fold to first.
func cases(first rune) []rune {
	candidates := []rune{'’', 'ʼ', '‐', '‑', 'İ', 'ı'}
	for r := unicode.SimpleFold(first); r != first; r = unicode.SimpleFold(r) {
		candidates = append(candidates, r)
	}
	all := []rune{first}
	for _, r := range append(candidates, unicode.ToUpper(first), unicode.ToTitle(first)) {
		if fold(r) == first && !slices.Contains(all, r) {
			all = append(all, r)
		}
	}
	return all
}

// find returns where the phrase first occurs at or behind from, or -1.
func (p phrase) find(s string, from int) (begin, end int) {
	before := rune(-1)
	if from > 0 {
		before = visibleBefore(s[:from])
	}
	for i := from; i < len(s); {
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		if slices.Contains(p.starts, r) && isBoundary(before, r) {
			if end := p.matchAt(s, i); end > 0 && isBoundary(visibleBefore(s[:end]), visibleAfter(s[end:])) {
				return i, end
			}
		}
		if r != softHyphen {
			before = r
		}
		i += size
	}
	return -1, -1
}

// all returns at most n places of the phrase that do not overlap.
func (p phrase) all(s string, n int) [][]int {
	var found [][]int
	for from := 0; len(found) < n; {
		begin, end := p.find(s, from)
		if begin < 0 {
			break
		}
		found = append(found, []int{begin, end})
		from = end
	}
	return found
}

// matchAt returns the end of the phrase if it stands at offset i, else 0.
func (p phrase) matchAt(s string, i int) int {
	for k := 0; k < len(p.runes); {
		if i >= len(s) {
			return 0
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == softHyphen && k > 0:
		case p.runes[k] == ' ' && unicode.IsSpace(r):
			for i+size < len(s) {
				next, more := utf8.DecodeRuneInString(s[i+size:])
				if !unicode.IsSpace(next) {
					break
				}
				size += more
			}
			k++
		case fold(r) == p.runes[k]:
			k++
		default:
			return 0
		}
		i += size
	}
	return i
}

// fold returns the one character that stands for all cases of r (Unicode simple case folding), and for the typographic
// forms of ' and -.
func fold(r rune) rune {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	switch r {
	case '’', 'ʼ':
		return '\''
	case '‐', '‑':
		return '-'
	}
	return unicode.ToLower(unicode.ToUpper(r))
}

// isBoundary reports whether a word may begin or end between two characters; -1 is the edge of the text. A mark belongs
// to the character before it.
func isBoundary(before, after rune) bool {
	if before < 0 || after < 0 || !isWord(before) {
		return true
	}
	if unicode.IsMark(after) {
		return false
	}
	return !isWord(after) || isSpaceless(before) || isSpaceless(after)
}

func isWord(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r|0x20 && r|0x20 <= 'z' || '0' <= r && r <= '9' || r == '_'
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
}

// isSpaceless reports whether a character belongs to a script without spaces between words, or with endings that join
// the word without one (Korean).
func isSpaceless(r rune) bool {
	const firstOfThem = 0x0E00 // Thai
	if r < firstOfThem {
		return false
	}
	return r == 'ー' || r == 'ｰ' || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// visibleBefore returns the last character of s that is no soft hyphen, -1 when there is none.
func visibleBefore(s string) rune {
	for s != "" {
		r, size := utf8.DecodeLastRuneInString(s)
		if r != softHyphen {
			return r
		}
		s = s[:len(s)-size]
	}
	return -1
}

// visibleAfter returns the first character of s that is no soft hyphen, -1 when there is none.
func visibleAfter(s string) rune {
	for _, r := range s {
		if r != softHyphen {
			return r
		}
	}
	return -1
}

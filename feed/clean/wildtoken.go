package clean

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// token is a number, a word or a mark of a date.
type token struct {
	text  string
	kind  byte // '0' a number, 'a' a word, ' ' the end, else the mark itself
	glued bool // nothing stands between it and the token before
}

// fold makes spellings of one word equal: lower case, digits of all scripts as ASCII, no accents, Persian and Arabic
// letters of one sound the same, invisible marks gone.
func fold(s string) string {
	s = halves.Replace(s)
	if strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return strings.ToLower(s)
	}
	return norm.NFC.String(strings.Map(foldRune, norm.NFKD.String(s)))
}

// halves of a day, and what else its marks would tear apart.
var halves = strings.NewReplacer("a.m.", "am", "p.m.", "pm", "A.M.", "am", "P.M.", "pm", "a. m.", "am", "p. m.", "pm", "π.μ.", "πμ", "μ.μ.", "μμ",
	"avant-hier", "avant hier", "Avant-hier", "avant hier")

func foldRune(r rune) rune {
	switch {
	case r >= 0x300 && r <= 0x36F, r >= 0x653 && r <= 0x655, r == 0x640, unicode.Is(unicode.Cf, r):
		return -1
	case r == 'ς':
		return 'σ'
	case r == 'ı':
		return 'i'
	case r == 'ي' || r == 'ى':
		return 'ی'
	case r == 'ك':
		return 'ک'
	case r == '−' || r == '‐' || r == '‑':
		return '-'
	case r >= utf8.RuneSelf && unicode.Is(unicode.Nd, r):
		return '0' + decimal(r)
	}
	return unicode.ToLower(r)
}

// decimal is the value of a digit: Unicode keeps the ten digits of a script together, zero first (chapter 4.6).
func decimal(r rune) rune {
	for _, block := range unicode.Nd.R16 {
		if r <= rune(block.Hi) {
			return (r - rune(block.Lo)) % 10
		}
	}
	for _, block := range unicode.Nd.R32 {
		if r <= rune(block.Hi) {
			return (r - rune(block.Lo)) % 10
		}
	}
	return 0
}

// tokenize cuts folded text. Several words that mean one thing together ("il y a", "tháng mười") become one token, and
// words of scripts that are written without spaces are cut into those that are known.
func tokenize(s string) []token {
	var tokens []token
	glued := false
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		t := token{glued: glued}
		switch {
		case unicode.IsSpace(r):
			s, glued = s[size:], false
			continue
		case r >= '0' && r <= '9':
			t.kind, size = '0', span(s, func(r rune) bool { return r >= '0' && r <= '9' })
		case inWord(r):
			t.kind, size = 'a', wordSize(s)
		case r < utf8.RuneSelf:
			t.kind = byte(r)
		default:
			t.kind = ','
		}
		t.text, s, glued = s[:size], s[size:], true
		tokens = append(tokens, t)
	}
	return tokens
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }

// span is the length of the characters at the beginning of s that f accepts.
func span(s string, f func(rune) bool) int {
	for i, r := range s {
		if !f(r) {
			return i
		}
	}
	return len(s)
}

// wordSize is the length of the word at the beginning of s: up to three that are known together, else one.
func wordSize(s string) int {
	one := span(s, inWord)
	ends := []int{one}
	for end := one; len(ends) < 3 && strings.HasPrefix(s[end:], " "); {
		size := span(s[end+1:], inWord)
		if size == 0 {
			break
		}
		end += 1 + size
		ends = append(ends, end)
	}
	known := dateWords()
	for _, end := range slices.Backward(ends) {
		if _, ok := known[s[:end]]; ok {
			return end
		}
	}
	if r, _ := utf8.DecodeRuneInString(s); !unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana) {
		return one
	}
	for end := one; end > 0; {
		if _, ok := known[s[:end]]; ok {
			return end
		}
		_, size := utf8.DecodeLastRuneInString(s[:end])
		end -= size
	}
	return one
}

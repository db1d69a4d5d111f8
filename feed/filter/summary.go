package filter

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"feedmill/feed/clean"
)

// Summary makes the summary of every article anew, of the first words of its content. An article without content has its
// summary shortened.
type Summary struct {
	// Words is how many words a summary has at most. It ends with the last sentence in them if that leaves at least half
	// of them, else with "…". In scripts without spaces two characters count as a word.
	Words int `yaml:"words"`
}

// mostWords bounds a summary; who wants more wants the content.
const mostWords = 1000

// Validate reports a number of words that makes no summary.
func (s Summary) Validate() error {
	if s.Words < 1 || s.Words > mostWords {
		return fmt.Errorf("words is %d; write a number from 1 to %d", s.Words, mostWords)
	}
	return nil
}

func (s Summary) describe() string { return fmt.Sprintf("words: %d", s.Words) }

func (s Summary) start(Env) step { return summing{s} }

type summing struct{ Summary }

func (s summing) apply(_ context.Context, it *item) outcome {
	text := it.text()
	if text == "" {
		text = it.Summary
	}
	got := s.of(text)
	if got == it.Summary {
		return outcome{}
	}
	if got == "" {
		return failed(s.describe(), errors.New("the article has no text to make a summary of"))
	}
	it.Summary = got
	return outcome{action: Changed, why: s.describe()}
}

// of returns the summary of a text.
func (s Summary) of(text string) string {
	text = clean.Line(beginning(text, s.Words))
	end, _ := firstWords(text, s.Words)
	if end == len(text) {
		return text
	}
	cut := text[:end]
	sentence := clean.Summary(text, utf8.RuneCountInString(cut))
	if _, words := firstWords(sentence, s.Words); strings.HasPrefix(text, sentence) && 2*words >= s.Words {
		return sentence
	}
	return strings.TrimRightFunc(cut, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) && !closes(r) }) + "…"
}

// beginning returns what of a text can matter for its first words, so that a book is not tidied for a sentence of it.
func beginning(text string, words int) string {
	const longestWord = 200
	most := (words + 1) * longestWord
	if len(text) <= most {
		return text
	}
	for !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}

// closes reports whether a punctuation mark may stand in front of "…".
func closes(r rune) bool {
	return unicode.In(r, unicode.Pe, unicode.Pf) || strings.ContainsRune(`"'%!?`, r)
}

// firstWords returns where the first n words of a line end, and how many there are if there are fewer.
func firstWords(s string, n int) (end, words int) {
	halves := 0 // a word is two of them, a character without spaces is one
	inWord := false
	for i, r := range s {
		switch {
		case unicode.IsSpace(r):
			inWord = false
			continue
		case unicode.IsMark(r) || unicode.IsPunct(r):
			continue // belongs to what it follows
		case spaceless(r):
			inWord = false
			halves++
		case !inWord:
			inWord = true
			halves += 2
		default:
			continue
		}
		if halves > 2*n {
			return len(strings.TrimRightFunc(s[:i], unicode.IsSpace)), n
		}
	}
	return len(s), (halves + 1) / 2
}

// spaceless reports whether a character belongs to a script that puts no spaces between words.
func spaceless(r rune) bool {
	const firstOfThem = 0x0E00 // Thai
	return r >= firstOfThem && (r == 'ー' || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao,
		unicode.Khmer, unicode.Myanmar))
}

package clean

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Summary shortens plain text to at most limit characters, as one [Line]. Text that fits is returned whole; else it ends
// with the last sentence that fits, and when not even the first does, at a word (in scripts without spaces at a
// character) followed by "…". A sentence ends where no abbreviation, initial, number, ordinal, domain or ellipsis is
// mistaken for its end; in doubt the summary is a sentence shorter.
func Summary(text string, limit int) string {
	text = Line(text)
	fitting := first(text, limit)
	if len(fitting) == len(text) {
		return text
	}
	if end := lastSentenceEnd(text, len(fitting)); end > 0 {
		return text[:end]
	}
	return cutAtWord(text, limit)
}

// lastSentenceEnd returns where in text the last sentence ends that ends within limit bytes, 0 when none does.
func lastSentenceEnd(text string, limit int) int {
	last := 0
	for i := 0; i < limit; {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !isStop(r) {
			i += size
			continue
		}
		stop := sentenceStop{text: text, begin: i}
		stop.measure()
		if stop.end <= limit && stop.endsSentence() {
			last = stop.end
		}
		i = stop.end
	}
	return last
}

// sentenceStop is a run of closing punctuation such as ?!" in a text.
type sentenceStop struct {
	text             string
	begin, afterStop int // the stops themselves
	end              int // behind closing quotes and brackets
	ellipsis, wide   bool
	lone             bool // a single full stop
}

func (s *sentenceStop) measure() {
	i, count, strong, full := s.begin, 0, false, false
	for i < len(s.text) {
		r, size := utf8.DecodeRuneInString(s.text[i:])
		if !isStop(r) {
			break
		}
		switch {
		case r == '…':
			s.ellipsis = true
		case r == '.':
			full = true
		case isWide(r):
			s.wide, strong = true, true
		default:
			strong = true
		}
		count++
		i += size
	}
	s.ellipsis = (s.ellipsis || full && count > 1) && !strong
	s.lone = full && count == 1
	s.afterStop = i
	s.end = closers(s.text, i)
}

// closers returns the offset behind closing quotes and brackets. Quotes that open a sentence in one language and close it
// in another close it here when no word follows; a French » may have a space before it.
func closers(text string, i int) int {
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		next, nextSize := utf8.DecodeRuneInString(text[i+size:])
		if unicode.IsSpace(r) && next == '»' {
			size += nextSize
			r, next = next, firstRune(text[i+size:])
		}
		word := unicode.IsLetter(next) || unicode.IsDigit(next)
		if !strings.ContainsRune("’”›)]}」』】）》〉〕］｣", r) && (word || !strings.ContainsRune(`"'“‘»«`, r)) {
			break
		}
		i += size
	}
	return i
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

func (s *sentenceStop) endsSentence() bool {
	if s.end == len(s.text) {
		return true
	}
	next := firstRune(s.text[s.end:])
	if !unicode.IsSpace(next) {
		// Scripts without spaces. Behind a closing quote the sentence may go on: 「はい。」と言った。
		return s.wide && (s.end == s.afterStop || !unicode.IsLetter(next))
	}
	if s.ellipsis {
		return false
	}
	following := firstVisible(s.text[s.end:])
	if unicode.IsLower(following) || unicode.IsPunct(following) && strings.ContainsRune(",;:–—-", following) {
		return false
	}
	return !s.lone || !notAnEnd(wordBefore(s.text[:s.begin]), following)
}

// firstVisible returns the first character behind spaces and opening quotes.
func firstVisible(s string) rune {
	for _, r := range s {
		if !unicode.IsSpace(r) && !strings.ContainsRune(`"'“„‘‚«‹»(¿¡[「『（《`, r) {
			return r
		}
	}
	return 0
}

// wordBefore returns the word that ends a text: letters, marks, digits and the stops between them.
func wordBefore(s string) string {
	const longest = 60
	s = s[max(0, len(s)-longest):]
	i := strings.LastIndexFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && r != '.'
	})
	if i < 0 {
		return s
	}
	_, size := utf8.DecodeRuneInString(s[i:])
	return s[i+size:]
}

// notAnEnd reports whether a full stop behind word belongs to it.
func notAnEnd(word string, following rune) bool {
	lower := strings.ToLower(word)
	letters := length(word)
	switch {
	case word == "":
		return false
	case letters <= 2 && strings.Trim(word, "0123456789") == "": // an ordinal: am 3. Mai
		return true
	case letters == 1 && alphabetic(firstRune(word)): // an initial
		return true
	case abbreviations[lower], numbered[lower] && unicode.IsDigit(following):
		return true
	}
	return dotted(word)
}

// alphabetic reports whether a letter can be an initial; a character of Chinese or a syllable of Korean is a word.
func alphabetic(r rune) bool {
	return unicode.IsLetter(r) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

// dotted reports whether a word is an abbreviation with stops in it, such as U.S, e.g, a.m and Ph.D: letters only, in
// parts of at most two. Domains and numbers have longer parts or digits.
func dotted(word string) bool {
	if !strings.Contains(word, ".") {
		return false
	}
	for part := range strings.SplitSeq(word, ".") {
		if part == "" || length(part) > 2 || strings.ContainsFunc(part, unicode.IsDigit) {
			return false
		}
	}
	return true
}

// isStop reports whether a character may end a sentence.
func isStop(r rune) bool {
	switch r {
	case '.', '!', '?', '…', '؟', '۔', '।', '॥', '።', '։', '‼', '⁇', '⁈', '⁉':
		return true
	}
	return isWide(r)
}

// isWide reports whether a stop belongs to a script that writes no space behind it.
func isWide(r rune) bool {
	switch r {
	case '。', '！', '？', '｡', '．':
		return true
	}
	return false
}

// cutAtWord shortens text that is longer than most characters and ends it with "…".
func cutAtWord(text string, most int) string {
	if most < 1 {
		return ""
	}
	room := first(text, most-1)
	short := room
	if !unicode.IsSpace(firstRune(text[len(room):])) {
		if i := strings.LastIndexFunc(room, unicode.IsSpace); i > len(room)/2 {
			short = room[:i]
		} else {
			short = wholeCharacters(room, text)
		}
	}
	return strings.TrimRightFunc(short, dangling) + "…"
}

// dangling reports whether a character looks lost in front of "…".
func dangling(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune(",;:–—-、，；：([{“„‘«「『（.", r)
}

// wholeCharacters shortens a beginning of text so that no character loses its marks, joiners or second half of a flag.
func wholeCharacters(begin, text string) string {
	for begin != "" {
		next := firstRune(text[len(begin):])
		prev, size := utf8.DecodeLastRuneInString(begin)
		if !unicode.IsMark(next) && !extends(next) && prev != '\u200D' && !unicode.Is(unicode.Regional_Indicator, next) {
			break
		}
		begin = begin[:len(begin)-size]
	}
	return begin
}

// extends reports whether a character joins the one before it.
func extends(r rune) bool {
	return r == '\u200D' || r == '\u200C' || r >= 0x1F3FB && r <= 0x1F3FF
}

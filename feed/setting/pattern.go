package setting

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Pattern finds text. It is written in one of two ways:
//
//   - as words, golang or "peace talks": they match as whole words in any case, with any white space between them. A
//     word ends where letters, marks and digits end, in every script; in scripts that put no spaces between words
//     (Chinese, Japanese, Thai, Lao, Khmer, Burmese), and in Korean, whose endings join the word, it may stand
//     anywhere. Typographic apostrophes and hyphens equal the plain ones, and soft hyphens do not count.
//   - as a regular expression of RE2 between slashes, '/\bgo 1\.\d+/i', with the flags i (any case), s (the dot matches
//     line ends) and m (^ and $ match at line ends).
//
// Composed and decomposed letters are equal (Unicode NFC). The zero value matches nothing. A Pattern may be used by many
// goroutines at once.
type Pattern struct {
	text  string
	words phrase         // empty for a regular expression
	re    *regexp.Regexp // nil for words
}

// longestPattern bounds, in bytes, what has to be compiled.
const longestPattern = 4000

// UnmarshalText reads a pattern. Its errors say where a regular expression is wrong, in characters from 1.
func (p *Pattern) UnmarshalText(text []byte) error {
	s := string(text)
	switch {
	case len(s) > longestPattern:
		return fmt.Errorf("the pattern has %d bytes; %d are the most", len(s), longestPattern)
	case !utf8.ValidString(s):
		return errors.New("the pattern is not UTF-8 text")
	case strings.HasPrefix(s, "/"):
		re, err := parseExpression(s)
		if err != nil {
			return err
		}
		*p = Pattern{text: s, re: re}
		return nil
	}
	words := parsePhrase(norm.NFC.String(s))
	if len(words.runes) == 0 {
		return errors.New("the pattern is empty; write the words to look for, or /a regular expression/")
	}
	*p = Pattern{text: s, words: words}
	return nil
}

// parseExpression reads /expression/flags. The last slash ends the expression; others may stand in it.
func parseExpression(s string) (*regexp.Regexp, error) {
	end := strings.LastIndexByte(s, '/')
	if end == 0 || s[end-1] == '\\' && !strings.HasSuffix(s[:end], `\\`) {
		return nil, fmt.Errorf(`the regular expression %s is not closed; end it with /, and write \/ for text that begins with a slash: /\/path/`, s)
	}
	body, flags := s[1:end], s[end+1:]
	for _, flag := range flags {
		if !strings.ContainsRune("ism", flag) {
			return nil, fmt.Errorf(`the regular expression %s ends in the flag %q; there are i, s and m`, s, flag)
		}
	}
	if body == "" {
		return nil, errors.New("the regular expression is empty and would match everything; write one between the slashes")
	}
	written := norm.NFC.String(body)
	if flags != "" {
		written = "(?" + flags + ")" + written
	}
	re, err := regexp.Compile(written)
	if err == nil {
		return re, nil
	}
	return nil, explain(s, body, err)
}

// explain says in words, and where the place is known with it, what is wrong with an expression.
func explain(written, body string, err error) error {
	wrong, ok := errors.AsType[*syntax.Error](err)
	if !ok {
		return fmt.Errorf("the regular expression %s is not understood: %w", written, err)
	}
	at, place := strings.Index(body, wrong.Expr), ""
	if wrong.Code == syntax.ErrMissingParen || wrong.Code == syntax.ErrUnexpectedParen {
		at = loneParenthesis(body)
	}
	if at >= 0 {
		place = fmt.Sprintf(" at character %d", utf8.RuneCountInString(body[:at])+2) // the slash is the first
	}
	what := wrong.Code.String()
	if wrong.Code == syntax.ErrInvalidPerlOp {
		what = "RE2 has no look-around and no such group"
	}
	if wrong.Expr != body {
		what += ": " + wrong.Expr
	}
	return fmt.Errorf("the regular expression %s is not understood%s: %s", written, place, what)
}

// loneParenthesis returns the offset of a parenthesis without its partner, -1 when all have one.
func loneParenthesis(s string) int {
	var open []int
	class := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case class:
			class = c != ']'
		case c == '[':
			class = true
			if strings.HasPrefix(s[i+1:], "^]") {
				i += 2
			} else if strings.HasPrefix(s[i+1:], "]") {
				i++
			}
		case c == '(':
			open = append(open, i)
		case c == ')' && len(open) == 0:
			return i
		case c == ')':
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return open[len(open)-1]
	}
	return -1
}

// IsZero reports whether no pattern was read.
func (p Pattern) IsZero() bool { return p.text == "" }

// String returns the pattern as written.
func (p Pattern) String() string { return p.text }

// MarshalText returns the pattern as written.
func (p Pattern) MarshalText() ([]byte, error) { return []byte(p.text), nil }

// Match reports whether the pattern occurs in s. Words take about 6 ns a letter of English and 35 ns a letter of Cyrillic
// text, a regular expression about 20 ns (BenchmarkPattern, one core of a busy server).
func (p Pattern) Match(s string) bool {
	s = norm.NFC.String(s)
	switch {
	case p.re != nil:
		return p.re.MatchString(s)
	case len(p.words.runes) > 0:
		begin, _ := p.words.find(s, 0)
		return begin >= 0
	default:
		return false
	}
}

// Bounds of [Pattern.Replace], so that a small text cannot grow without end.
const (
	mostReplaced = 10_000
	mostGrown    = 16 << 20
)

// Replace returns s with every occurrence of the pattern replaced. For a regular expression, $1 and ${name} in with are
// the groups it found and $$ is a plain $ ([regexp.Regexp.Expand]); for words, with is taken as it is. A text without
// occurrences comes back as it is, another one in NFC. It is an error if the pattern occurs more than 10,000 times or the
// result has more than 16 MB.
func (p Pattern) Replace(s, with string) (string, error) {
	normal := norm.NFC.String(s)
	var found [][]int
	switch {
	case p.re != nil:
		found = p.re.FindAllStringSubmatchIndex(normal, mostReplaced+1)
	case len(p.words.runes) > 0:
		found = p.words.all(normal, mostReplaced+1)
	}
	if len(found) == 0 {
		return s, nil
	}
	if len(found) > mostReplaced {
		return "", fmt.Errorf("%s occurs more than %d times", p.text, mostReplaced)
	}
	var out []byte
	last := 0
	for _, at := range found {
		out = append(out, normal[last:at[0]]...)
		if p.re != nil {
			out = p.re.ExpandString(out, with, normal, at)
		} else {
			out = append(out, with...)
		}
		if last = at[1]; len(out) > mostGrown {
			return "", fmt.Errorf("replacing %s makes a text of more than %d MB", p.text, mostGrown>>20)
		}
	}
	return string(append(out, normal[last:]...)), nil
}

var groupName = regexp.MustCompile(`\$(?:\$|\{(\w+)\}|(\w+))`)

// CheckReplacement returns an error if with names a group that the pattern has not; it would silently stand for nothing.
func (p Pattern) CheckReplacement(with string) error {
	if p.re == nil {
		return nil
	}
	known := map[string]bool{}
	for i, name := range p.re.SubexpNames() {
		known[fmt.Sprint(i)] = true
		known[name] = true
	}
	for _, m := range groupName.FindAllStringSubmatch(with, -1) {
		name := m[1] + m[2]
		if name == "" || known[name] {
			continue
		}
		digits := name[:len(name)-len(strings.TrimLeft(name, "0123456789"))]
		if m[2] != "" && digits != "" && digits != name && known[digits] {
			return fmt.Errorf("%s is read as a group named %s; write ${%s}%s", m[0], name, digits, name[len(digits):])
		}
		return fmt.Errorf("%s names a group that %s has not; it has %d, and a plain $ is written $$", m[0], p.text, p.re.NumSubexp())
	}
	return nil
}

// Find returns the first group of the first match in s, or the whole match when the pattern has no group, and whether
// there is one. A group that took no part in the match is empty.
func (p Pattern) Find(s string) (string, bool) {
	s = norm.NFC.String(s)
	if p.re == nil {
		begin, end := p.words.find(s, 0)
		if len(p.words.runes) == 0 || begin < 0 {
			return "", false
		}
		return s[begin:end], true
	}
	m := p.re.FindStringSubmatch(s)
	switch {
	case m == nil:
		return "", false
	case len(m) > 1:
		return m[1], true
	}
	return m[0], true
}

package sql

import (
	"errors"
	"strings"
)

// scanner cuts SQL into tokens, as far as it takes to tell words from texts and comments.
type scanner struct {
	text   string
	driver driver
	at     int
}

type token struct {
	kind tokenKind
	text string
	at   int
}

type tokenKind int

const (
	end tokenKind = iota
	word
	digits
	quoted // a text or a name in quotes
	placeholder
	mark // one character
)

// sinceName is the placeholder.
const sinceName = ":since"

var errOpen = errors.New("has a quote or a comment that never ends")

// next returns the next token, comments left out.
func (s *scanner) next() (token, error) {
	if err := s.skip(); err != nil {
		return token{}, err
	}
	from := s.at
	if s.at == len(s.text) {
		return token{kind: end, at: from}, nil
	}
	kind, length := mark, 1
	switch c := s.text[s.at]; {
	case c == '\'' || c == '"' || c == '`':
		kind, length = quoted, s.quoted(from, c)
	case c == '$' && s.driver == postgres:
		if length = s.dollar(from); length > 1 {
			kind = quoted
		} else if length == 1 {
			kind = mark
		}
	case isDigit(c):
		kind, length = digits, span(s.text[from:], func(c byte) bool { return isDigit(c) || isWord(c) || c == '.' })
		if strings.ContainsFunc(s.text[from:from+length], func(r rune) bool { return r < '0' || r > '9' }) {
			kind = mark // 1.5, 0x1f, 1e6
		}
	case isWord(c):
		kind, length = word, span(s.text[from:], isWord)
		if s.escapes(s.text[from:from+length]) && from+length < len(s.text) && s.text[from+length] == '\'' {
			kind, length = quoted, s.backslashed(from, from+length+1)
		}
	case strings.HasPrefix(s.text[from:], "::") || strings.HasPrefix(s.text[from:], ":="):
		length = 2 // a cast
	case strings.HasPrefix(s.text[from:], sinceName) && !s.wordAt(from+len(sinceName)):
		kind, length = placeholder, len(sinceName)
	}
	if length < 0 {
		return token{}, errOpen
	}
	s.at = from + length
	return token{kind, s.text[from:s.at], from}, nil
}

// skip goes over blanks and comments.
func (s *scanner) skip() error {
	for s.at < len(s.text) {
		rest := s.text[s.at:]
		switch {
		case strings.IndexByte(" \t\r\n\f\v", rest[0]) >= 0:
			s.at++
		case s.lineComment(rest):
			line := strings.IndexByte(rest, '\n')
			if line < 0 {
				line = len(rest) - 1
			}
			s.at += line + 1
		case strings.HasPrefix(rest, "/*"):
			length := s.comment(rest)
			if length < 0 {
				return errOpen
			}
			s.at += length
		default:
			return nil
		}
	}
	return nil
}

// lineComment reports whether a comment begins that goes to the end of the line. MySQL takes 5--1 for a number.
func (s *scanner) lineComment(rest string) bool {
	if s.driver == mariadb {
		return rest[0] == '#' || rest == "--" || strings.HasPrefix(rest, "--") && rest[2] <= ' '
	}
	return strings.HasPrefix(rest, "--")
}

// comment is the length of a comment; those of Postgres hold others. -1: it never ends.
func (s *scanner) comment(rest string) int {
	depth := 0
	for i := 0; i+1 < len(rest); i++ {
		switch rest[i : i+2] {
		case "/*":
			if depth == 0 || s.driver == postgres {
				depth++
			}
			i++
		case "*/":
			depth--
			i++
			if depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// quoted is the length of a text or name in quotes, in which a quote is written twice.
func (s *scanner) quoted(from int, quote byte) int {
	if s.driver == mariadb && quote != '`' {
		return s.backslashedBy(from, from+1, quote)
	}
	for i := from + 1; i < len(s.text); i++ {
		if s.text[i] != quote {
			continue
		}
		if i+1 < len(s.text) && s.text[i+1] == quote {
			i++
			continue
		}
		return i + 1 - from
	}
	return -1
}

// escapes reports whether a word before a quote makes backslashes escape: E'…' in Postgres.
func (s *scanner) escapes(word string) bool {
	return s.driver == postgres && (word == "E" || word == "e")
}

func (s *scanner) backslashed(from, inside int) int { return s.backslashedBy(from, inside, '\'') }

// backslashedBy is the length of a text in which a backslash escapes, from its beginning; inside is behind its first quote.
func (s *scanner) backslashedBy(from, inside int, quote byte) int {
	for i := inside; i < len(s.text); i++ {
		switch s.text[i] {
		case '\\':
			i++
		case quote:
			if i+1 < len(s.text) && s.text[i+1] == quote {
				i++
				continue
			}
			return i + 1 - from
		}
	}
	return -1
}

// dollar is the length of a text in dollar quotes: $$…$$ or $tag$…$tag$; 1 when none begins.
func (s *scanner) dollar(from int) int {
	rest := s.text[from:]
	name := span(rest[1:], func(c byte) bool { return isWord(c) && c != '$' })
	if len(rest) < name+2 || rest[name+1] != '$' || name > 0 && isDigit(rest[1]) {
		return 1
	}
	tag := rest[:name+2]
	length := strings.Index(rest[len(tag):], tag)
	if length < 0 {
		return -1
	}
	return length + 2*len(tag)
}

func (s *scanner) wordAt(i int) bool { return i < len(s.text) && isWord(s.text[i]) }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWord(c byte) bool {
	return c == '_' || c == '$' || isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// span is how many of the first bytes are wanted ones.
func span(s string, wanted func(byte) bool) int {
	for i := range len(s) {
		if !wanted(s[i]) {
			return i
		}
	}
	return len(s)
}

package markup

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"feedmill/feed/jq"
	"feedmill/feed/late"
)

// Selector finds things in a page. It is written in up to three parts, of which each may be missing:
//
//   - what to look for, in CSS (h2 a) or XPath: an expression that begins with / ./ ../ or (, with an axis (parent::) or with
//     a function (normalize-space(h2)) is XPath, all else is CSS. XPath without namespaces: // begins at the item. A dot alone is
//     the item itself, and so is nothing at all.
//   - @name, an attribute of what was found: a@href, @id. In XPath it is part of the expression.
//   - json: and a jq program, which is run on what was found, read as JSON: script#state json:.posts[]. With nothing
//     before it, it is run on the item itself if that is JSON; else on each of the page's embedded documents until one
//     gives something: __NEXT_DATA__ and other application/json scripts in their order, then JSON-LD.
//
// The zero value finds nothing. A Selector may be used by many goroutines at once.
type Selector struct {
	text    string
	finder  finder // nil: the item itself
	attr    string
	program jq.Program
}

// finder is one language of selectors.
type finder interface {
	// find gives what it finds at or below an item, in the order of the document, until yield returns false.
	find(ctx context.Context, item Item, yield func(Match) bool) error
}

// longestSelector bounds, in bytes, how deep selectors nest.
const longestSelector = 2000

// slowest bounds the work of one selector on one item.
const slowest = 2 * time.Second

// mostMatches bounds what one selector may find.
const mostMatches = 10_000

// UnmarshalText reads a selector. Its errors say where it is wrong, in characters from 1.
func (s *Selector) UnmarshalText(text []byte) error {
	written := string(text)
	switch {
	case strings.TrimSpace(written) == "":
		return errors.New("the selector is empty; write one such as h2 a@href, or . for the item itself")
	case !utf8.ValidString(written):
		return errors.New("the selector is not UTF-8 text")
	}
	parsed := Selector{text: written}
	place, program, embedded := cutProgram(written)
	if embedded {
		if err := parsed.program.UnmarshalText([]byte(program)); err != nil {
			return shifted(err, written, len(written)-len(program))
		}
	}
	if err := parsed.locate(place); err != nil {
		return err
	}
	*s = parsed
	return nil
}

// locate reads the part in CSS or XPath.
func (s *Selector) locate(place string) (err error) {
	if len(place) > longestSelector {
		return fmt.Errorf("the selector has %d bytes; %d are the most", len(place), longestSelector)
	}
	if isXPath(strings.TrimSpace(place)) {
		s.finder, err = newXPath(place)
		return err
	}
	css, attr, ok := cutAttribute(place)
	if ok {
		if attr = strings.TrimSpace(attr); !attributeName().MatchString(attr) {
			return &SelectorError{s.text, column(place, len(css)+1), "what follows @ is no name of an attribute"}
		}
		s.attr = strings.ToLower(attr)
	}
	if trimmed := strings.TrimSpace(css); trimmed != "" && trimmed != "." {
		s.finder, err = newCSS(css, s.text)
	}
	return err
}

// SelectorError is a selector that is not understood, and where: in characters from 1.
type SelectorError struct {
	Selector string
	Column   int
	Reason   string
}

func (e *SelectorError) Error() string {
	return fmt.Sprintf("the selector %q is not understood at character %d: %s", e.Selector, e.Column, e.Reason)
}

// column is the character at a byte of a text, from 1.
func column(s string, at int) int { return utf8.RuneCountInString(s[:max(min(at, len(s)), 0)]) + 1 }

// shifted places an error of a program in the whole selector.
func shifted(err error, written string, offset int) error {
	if wrong, ok := errors.AsType[*jq.Error](err); ok {
		return &SelectorError{written, wrong.Column + column(written, offset) - 1, wrong.Reason}
	}
	return err
}

var (
	attributeName = late.Regexp(`^[\pL_][\pL\pN_:.\-]*$`)
	xpathStart    = late.Regexp(`^(?:\.{0,2}/|\.\.$|\(|[a-z-]+::|[a-z-]+\()`)
)

func isXPath(s string) bool { return xpathStart().MatchString(s) }

// cutProgram splits off json: and what follows. It stands at the beginning or behind white space, outside of quotes and
// brackets.
func cutProgram(s string) (place, program string, ok bool) {
	const mark = "json:"
	for i := range outside(s) {
		if strings.HasPrefix(s[i:], mark) && (i == 0 || unicode.IsSpace(rune(s[i-1]))) {
			return s[:i], s[i+len(mark):], true
		}
	}
	return s, "", false
}

// cutAttribute splits a CSS selector at its last @ outside of quotes and brackets.
func cutAttribute(s string) (css, attr string, ok bool) {
	at := -1
	for i := range outside(s) {
		if s[i] == '@' {
			at = i
		}
	}
	if at < 0 {
		return s, "", false
	}
	return s[:at], s[at+1:], true
}

// outside gives the places of s that lie outside of quotes and brackets.
func outside(s string) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		depth, quote := 0, byte(0)
		for i := 0; i < len(s); i++ {
			switch c := s[i]; {
			case c == '\\':
				i++
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '"' || c == '\'':
				quote = c
			case c == '[' || c == '(':
				depth++
			case c == ']' || c == ')':
				depth--
			case depth <= 0 && !yield(i):
				return
			}
		}
	}
}

// IsZero reports whether no selector was read.
func (s Selector) IsZero() bool { return s.text == "" }

// String returns the selector as written.
func (s Selector) String() string { return s.text }

// MarshalText returns the selector as written.
func (s Selector) MarshalText() ([]byte, error) { return []byte(s.text), nil }

// Compile reads a selector.
func Compile(text string) (Selector, error) {
	var s Selector
	err := s.UnmarshalText([]byte(text))
	return s, err
}

// Attr returns the name of the attribute that the selector ends in, "" for none.
func (s Selector) Attr() string { return s.attr }

// With returns the selector for an attribute of what it finds; one that has an attribute already stays.
func (s Selector) With(attr string) Selector {
	if attr != "" && s.attr == "" && s.program.IsZero() {
		s.attr = strings.ToLower(attr)
	}
	return s
}

// All returns what the selector finds at or below an item, in the order of the document. An error is one of
// time, of number, or of the program in jq; what was found before it is returned with it.
func (s Selector) All(ctx context.Context, item Item) ([]Match, error) {
	if s.IsZero() {
		return nil, nil
	}
	if !s.program.IsZero() {
		return s.values(ctx, item)
	}
	var found []Match
	err := s.each(ctx, item, func(m Match) bool {
		found = append(found, m)
		return len(found) < mostMatches
	})
	return found, err
}

// each gives the matches of the part in CSS or XPath.
func (s Selector) each(ctx context.Context, item Item, yield func(Match) bool) error {
	give := func(m Match) bool {
		if s.attr == "" || m.Node == nil || m.Attr != "" {
			return yield(m)
		}
		value, ok := attribute(m.Node, s.attr)
		return !ok || yield(Match{Page: m.Page, Node: m.Node, Attr: s.attr, text: value})
	}
	switch {
	case s.finder == nil:
		give(Match{Page: item.Page, Node: item.Node, JSON: item.JSON})
		return nil
	case item.Node == nil:
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, slowest)
	defer cancel()
	if err := s.finder.find(ctx, item, give); err != nil {
		return fmt.Errorf("the selector %q %w", s.text, err)
	}
	return nil
}

var errSlow = errors.New("takes too long on this page; make it simpler")

// Self returns the selector of the item itself.
func Self() Selector { return Selector{text: "."} }

// Markup returns the part of the selector that is CSS or XPath, "" when there is none: what a browser can wait for.
func (s Selector) Markup() string {
	place, _, _ := cutProgram(s.text)
	if s.finder == nil {
		return ""
	}
	if s.attr != "" {
		place, _, _ = cutAttribute(place)
	}
	return strings.TrimSpace(place)
}

package clean

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
)

// element is one start tag as it was written.
type element struct {
	name    string
	attrs   []html.Attribute
	closed  bool // written as <br/>
	changed bool // by one of the methods below
}

// get returns the value of an attribute.
func (e *element) get(name string) (string, bool) {
	for _, a := range e.attrs {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// set gives an attribute a value.
func (e *element) set(name, value string) {
	for i := range e.attrs {
		if e.attrs[i].Key == name {
			if e.attrs[i].Val != value {
				e.attrs[i].Val, e.changed = value, true
			}
			return
		}
	}
	e.attrs, e.changed = append(e.attrs, html.Attribute{Key: name, Val: value}), true
}

// render writes the start tag anew.
func (e *element) render(b *bytes.Buffer) {
	b.WriteByte('<')
	b.WriteString(e.name)
	for _, a := range e.attrs {
		b.WriteByte(' ')
		b.WriteString(a.Key)
		b.WriteString(`="`)
		b.WriteString(html.EscapeString(a.Val))
		b.WriteByte('"')
	}
	if e.closed {
		b.WriteByte('/')
	}
	b.WriteByte('>')
}

// scanner reads a fragment token by token and keeps the source text of each. It builds no tree, so that depth costs
// nothing and what nobody touches can be copied as it stands.
type scanner struct {
	tokens *html.Tokenizer
	rest   string // what was not yet read
	source string // the source text of the current token
}

func scan(s string) *scanner {
	return &scanner{tokens: html.NewTokenizer(strings.NewReader(s)), rest: s}
}

// next moves to the next token; [html.ErrorToken] ends the fragment, with an unfinished tag as source.
func (s *scanner) next() html.TokenType {
	kind := s.tokens.Next()
	size := len(s.tokens.Raw())
	if kind == html.ErrorToken {
		size = len(s.rest)
	}
	s.source, s.rest = s.rest[:size], s.rest[size:]
	return kind
}

// name returns the tag's name in lower case.
func (s *scanner) name() string {
	name, _ := s.tokens.TagName()
	return string(name)
}

// element reads the start tag that next found.
func (s *scanner) element(kind html.TokenType) element {
	name, more := s.tokens.TagName()
	e := element{name: string(name), closed: kind == html.SelfClosingTagToken}
	for more {
		var key, value []byte
		key, value, more = s.tokens.TagAttr()
		if _, again := e.get(string(key)); !again { // the first one counts (HTML, section 13.2.5.33)
			e.attrs = append(e.attrs, html.Attribute{Key: string(key), Val: string(value)})
		}
	}
	return e
}

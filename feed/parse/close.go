package parse

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
)

// end closes the element that an end tag names. Strictly that is the innermost one. Leniently it closes all that was left
// open inside; a tag that closes nothing is either a misspelt end of the open field, or a stray one of HTML.
func (s *scanner) end(name xml.Name) error {
	if s.closed || len(s.open) == 0 {
		if s.mode == strict {
			return fmt.Errorf("</%s> closes nothing", name.Local)
		}
		return nil
	}
	top := s.open[len(s.open)-1]
	if top.name == name {
		s.pop()
		return nil
	}
	if s.mode == strict {
		return fmt.Errorf("</%s> closes <%s> of line %d", name.Local, top.tag, top.line)
	}
	for i, f := range slices.Backward(s.open) {
		if strings.EqualFold(f.name.Local, name.Local) && (i > 0 || strings.EqualFold(f.name.Space, name.Space)) {
			for len(s.open) > i {
				s.pop()
			}
			return nil
		}
	}
	if !top.structure && !s.inField() && !top.hasElements() && !isHTML(strings.ToLower(name.Local)) {
		s.pop()
	}
	return nil
}

// closeForgotten closes, in front of a start tag, an item or paragraph whose end tag was forgotten.
func (s *scanner) closeForgotten(next xml.Name) {
	if len(s.open) == 0 {
		return
	}
	switch name := strings.ToLower(next.Local); name {
	case "item", "entry":
		for i, f := range s.open {
			if f.item && f.name == next {
				for len(s.open) > i {
					s.pop()
				}
			}
		}
	case "p", "li":
		if s.inField() && strings.EqualFold(s.open[len(s.open)-1].tag, name) {
			s.pop()
		}
	}
}

// pop closes the innermost element.
func (s *scanner) pop() {
	f := s.open[len(s.open)-1]
	s.open = s.open[:len(s.open)-1]
	s.bindings = s.bindings[:f.bindings]
	s.closed = len(s.open) == 0
	if f.item {
		s.build.item(f.node, s.items, s.fault)
		s.kept, s.fault = s.before, nil
	}
}

// isHTML reports whether an element is one of those that authors write inside of texts.
func isHTML(name string) bool {
	switch name {
	case "a", "abbr", "b", "big", "blockquote", "br", "center", "cite", "code", "dd", "del", "div", "dl", "dt", "em", "figure", "font",
		"h1", "h2", "h3", "h4", "h5", "h6", "i", "iframe", "img", "ins", "li", "ol", "p", "pre", "q", "s", "small", "span", "strike",
		"strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "tt", "u", "ul":
		return true
	}
	return false
}

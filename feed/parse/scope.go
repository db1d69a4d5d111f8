package parse

import (
	"encoding/xml"
	"slices"
	"strings"
)

// binding is a namespace declaration in scope.
type binding struct{ prefix, address, short string }

// root tells the format by the document's element.
func (s *scanner) root(f *frame) error {
	s.home = s.address("")
	if shortName("", s.home) != unknown {
		s.home = ""
	}
	short := s.short(f.name.Space)
	if short != "rdf" && short != "atom" {
		short = ""
	}
	s.native = short
	if short == "rdf" {
		s.native = ""
	}
	f.key = key(short, f.name.Local, s.native)
	if err := s.build.begin(f.node); err != nil {
		return err
	}
	f.structure = true
	f.item = f.key == "entry"
	return nil
}

// bind takes the namespaces that a start tag declares.
func (s *scanner) bind(attrs []xml.Attr) {
	const most = 100 // bindings in scope; what is declared beyond them stays unknown
	for _, a := range attrs {
		prefix := a.Name.Local
		switch {
		case a.Name.Space == "" && prefix == "xmlns":
			prefix = ""
		case a.Name.Space != "xmlns":
			continue
		}
		if len(s.bindings) < most {
			s.bindings = append(s.bindings, binding{prefix, a.Value, shortName(prefix, a.Value)})
		}
	}
}

// short returns the short name of the namespace that a prefix stands for.
func (s *scanner) short(prefix string) string {
	for _, b := range slices.Backward(s.bindings) {
		if b.prefix == prefix {
			if b.short == unknown && s.home != "" && b.address == s.home {
				return s.native
			}
			return b.short
		}
	}
	return shortName(strings.ToLower(prefix), "")
}

// address returns the address that a prefix stands for.
func (s *scanner) address(prefix string) string {
	for _, b := range slices.Backward(s.bindings) {
		if b.prefix == prefix {
			return b.address
		}
	}
	return ""
}

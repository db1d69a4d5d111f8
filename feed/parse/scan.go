package parse

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"feedmill/feed/clean"
)

// mode is how a document is read.
type mode bool

const (
	strict  mode = false
	lenient mode = true
)

// scanner reads an XML document token by token and hands each item over as soon as it is closed.
type scanner struct {
	tokens *xml.Decoder
	mode   mode
	build  *builder
	open   []frame
	closed bool // the root element is

	bindings []binding // namespaces in scope
	native   string    // short name of the format's own namespace
	home     string    // its address where it is none that is known

	elements int // so far
	kept     int // nodes held of the open item, or of all that stands outside of items
	before   int // kept when the open item began
	items    int
	field    int   // bytes of text in the open field
	fault    error // why the open item cannot be used
}

// frame is an open element.
type frame struct {
	*node
	name     xml.Name // as written: the prefix stands in Space
	bindings int      // in scope around it
	// structure says that the element holds fields and items, and is no field itself; item that it is one.
	structure, item bool
}

// scan reads a document in one mode.
func scan(text string, w where, m mode) (Feed, error) {
	s := scanner{tokens: xml.NewDecoder(strings.NewReader(text)), mode: m, build: &builder{where: w}}
	s.tokens.Strict = m == strict
	s.tokens.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // decoded already
	if m == lenient {
		s.tokens.Entity = xml.HTMLEntity
	}
	for !s.closed || m == strict {
		token, err := s.tokens.RawToken()
		if errors.Is(err, io.EOF) && s.closed {
			break
		}
		if err == nil {
			err = s.take(token)
		}
		if err != nil {
			return Feed{}, s.explain(err)
		}
	}
	return s.build.finish()
}

func (s *scanner) take(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		return s.start(t)
	case xml.EndElement:
		return s.end(t.Name)
	case xml.CharData:
		return s.text(t)
	case xml.Directive:
		return s.directive(string(t))
	}
	return nil
}

// explain tells what an error of the document means.
func (s *scanner) explain(err error) error {
	if errors.As(err, new(*refusal)) || errors.As(err, new(*NotFeed)) {
		return err
	}
	line, _ := s.tokens.InputPos()
	syntax, isSyntax := errors.AsType[*xml.SyntaxError](err)
	if len(s.open) >= maxDepth {
		return err
	}
	if !errors.Is(err, io.EOF) && (!isSyntax || syntax.Msg != "unexpected EOF") {
		if isSyntax {
			return fmt.Errorf("the document is no well-formed XML: line %d: %s", syntax.Line, syntax.Msg)
		}
		return fmt.Errorf("the document is no well-formed XML: line %d: %w", line, err)
	}
	if len(s.open) == 0 {
		return &NotFeed{Kind: Text}
	}
	last := s.open[len(s.open)-1]
	return fmt.Errorf("the document is truncated: it ends in line %d inside <%s> of line %d; the transfer broke off or the site's program "+
		"died while it wrote", line, last.tag, last.line)
}

// refusal is a reason that no second pass can cure.
type refusal struct{ text string }

func (r *refusal) Error() string { return r.text }

// directive refuses what declares entities, and allows a document with a DTD the entities of HTML, which Netscape's DTD
// for RSS declares.
func (s *scanner) directive(text string) error {
	if strings.Contains(text, "<!ENTITY") {
		return &refusal{"the document declares entities (<!ENTITY …> in its DOCTYPE), which no feed needs and attacks use; ask its publisher to leave them out"}
	}
	if strings.HasPrefix(text, "DOCTYPE") {
		s.tokens.Entity = xml.HTMLEntity
	}
	return nil
}

func (s *scanner) start(t xml.StartElement) error {
	if s.closed {
		return errors.New("an element stands behind the document's end")
	}
	s.elements++
	switch {
	case s.elements > maxElements:
		return &refusal{fmt.Sprintf("the document has more than %d elements; no feed does", maxElements)}
	case len(s.open) >= maxDepth: // HTML whose end tags were left out looks deep, until they are mended
		return fmt.Errorf("the document's elements are nested more than %d deep; no feed's are", maxDepth)
	}
	if s.mode == lenient {
		s.closeForgotten(t.Name)
	}
	f := frame{name: t.Name, bindings: len(s.bindings)}
	s.bind(t.Attr)
	f.node = s.node(t)
	if len(s.open) == 0 {
		if err := s.root(&f); err != nil {
			return err
		}
	} else {
		s.attach(&f)
	}
	s.open = append(s.open, f)
	if s.mode == lenient && s.inField() && isVoid(strings.ToLower(t.Name.Local)) {
		s.pop() // <br> and its like, written as HTML
	}
	return nil
}

// attach gives an element its place: an item stands alone, all else hangs below its parent.
func (s *scanner) attach(f *frame) {
	parent := &s.open[len(s.open)-1]
	if parent.structure {
		s.field = 0
		switch {
		case parent.item:
		case f.key == "item" || f.key == "entry":
			f.item, f.structure = true, true
			s.items++
			s.before, s.kept, s.fault = s.kept, 0, nil
			return
		case f.key == "channel" || f.key == "items":
			f.structure = true
		}
	}
	s.keep(parent.node, f.node)
}

// keep hangs a node below its parent unless that would be too many.
func (s *scanner) keep(parent, n *node) {
	s.kept++
	if s.kept <= maxKept {
		parent.children = append(parent.children, n)
	} else if s.fault == nil {
		s.fault = fmt.Errorf("it holds more than %d elements; no article does", maxKept)
	}
}

func (s *scanner) node(t xml.StartElement) *node {
	n := &node{key: key(s.short(t.Name.Space), t.Name.Local, s.native), tag: t.Name.Local, base: s.build.base}
	n.line, _ = s.tokens.InputPos()
	if len(s.open) > 0 {
		parent := s.open[len(s.open)-1]
		n.base, n.lang = parent.base, parent.lang
	}
	for i, a := range t.Attr {
		short := ""
		if a.Name.Space != "" {
			short = s.short(a.Name.Space)
		}
		switch {
		case a.Name.Space == "xmlns":
		case short == "xml" && a.Name.Local == "base":
			if base, err := clean.URL(a.Value, n.base); err == nil {
				n.base = base
			}
		case short == "xml" && a.Name.Local == "lang":
			n.lang = language(a.Value)
		}
		t.Attr[i].Name.Space = short
		if a.Name.Space == "xmlns" {
			t.Attr[i].Name.Space = "xmlns"
		}
	}
	n.attrs = attributes(t.Attr)
	return n
}

// inField reports whether the innermost open element stands inside of a field.
func (s *scanner) inField() bool {
	return len(s.open) > 1 && !s.open[len(s.open)-2].structure
}

func (s *scanner) text(t xml.CharData) error {
	if len(s.open) == 0 || s.closed || s.open[len(s.open)-1].structure {
		if s.mode == strict && (len(s.open) == 0 || s.closed) && strings.TrimSpace(string(t)) != "" {
			return errors.New("text stands outside of the document's element")
		}
		return nil
	}
	s.field += len(t)
	if s.field > maxField {
		if s.fault == nil {
			s.fault = fmt.Errorf("its <%s> holds more than %d MB", s.fieldName(), maxField>>20)
		}
		return nil
	}
	s.keep(s.open[len(s.open)-1].node, &node{text: latin1(string(t))})
	return nil
}

// fieldName returns the name of the open field.
func (s *scanner) fieldName() string {
	for _, f := range s.open {
		if !f.structure {
			return f.tag
		}
	}
	return ""
}

package parse

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// maxListDepth bounds the open elements of a list of feeds.
const maxListDepth = 100

// Outline is a feed that a list names.
type Outline struct {
	Title string // plain text, empty when it has none
	URL   string // as written, on one line
}

// NotList is the error of a document that is something else than a list of feeds.
type NotList struct {
	Root string // the name of the element it starts with; empty when it has none
}

func (n *NotList) Error() string {
	if n.Root == "" {
		return "this is no list of feeds (OPML): it has no markup"
	}
	return fmt.Sprintf("this is no list of feeds (OPML): it begins with <%s>", n.Root)
}

// Outlines reads a list of feeds (OPML 1.0 and 2.0): the outlines with an xmlUrl, in the order of the document, at any
// depth. Outlines that are comments (isComment), links and inclusions are left out with all below them or for
// themselves. Faults that lose nothing, such as bare ampersands, are overlooked.
//
// Errors are of class Unreadable; one that says that the document is no such list is a [*NotList]. A document that does
// not end is an error: half a list would look like feeds that were taken out.
func Outlines(body []byte, contentType string) ([]Outline, error) {
	text, err := decode(body, contentType)
	if err != nil {
		return nil, feed.Classify(feed.Unreadable, fmt.Errorf("read document: %w", err))
	}
	l := list{tokens: xml.NewDecoder(strings.NewReader(cutDeclaration(text)))}
	l.tokens.Strict = false
	l.tokens.Entity = xml.HTMLEntity
	l.tokens.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // decoded already
	for !l.closed {
		token, err := l.tokens.RawToken()
		if err == nil {
			err = l.take(token)
		}
		if err != nil {
			return nil, feed.Classify(feed.Unreadable, l.explain(err))
		}
	}
	return l.outlines, nil
}

// list is a list of feeds that is being read.
type list struct {
	tokens   *xml.Decoder
	begun    bool
	closed   bool
	depth    int
	comment  int // depth of the outline that makes all below it a comment; 0 for none
	elements int
	outlines []Outline
}

func (l *list) take(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		return l.start(t)
	case xml.EndElement:
		if l.comment >= l.depth {
			l.comment = 0
		}
		l.depth = max(1, l.depth-1) // an end tag too many ends nothing
		l.closed = strings.EqualFold(t.Name.Local, "opml")
	case xml.Directive:
		if strings.Contains(string(t), "<!ENTITY") {
			return errors.New("the document declares entities (<!ENTITY …> in its DOCTYPE), which no list needs and attacks use; ask its publisher to leave them out")
		}
	}
	return nil
}

func (l *list) start(t xml.StartElement) error {
	name := strings.ToLower(t.Name.Local)
	if !l.begun && name != "opml" {
		return &NotList{Root: clean.Line(t.Name.Local)}
	}
	l.begun = true
	l.depth++
	l.elements++
	switch {
	case l.elements > maxElements:
		return fmt.Errorf("the document has more than %d elements; no list of feeds does", maxElements)
	case l.depth > maxListDepth:
		return fmt.Errorf("the document's elements are nested more than %d deep; see whether every <outline> is closed", maxListDepth)
	case name == "outline" && l.comment == 0:
		l.outline(t.Attr)
	}
	return nil
}

func (l *list) outline(attrs []xml.Attr) {
	said := map[string]string{}
	for _, a := range attrs {
		if name := strings.ToLower(a.Name.Local); said[name] == "" {
			said[name] = clean.Line(a.Value)
		}
	}
	kind := strings.ToLower(said["type"])
	switch {
	case strings.EqualFold(said["iscomment"], "true"):
		l.comment = l.depth
	case said["xmlurl"] != "" && kind != "link" && kind != "include":
		l.outlines = append(l.outlines, Outline{Title: clean.Title(firstOf(said["title"], said["text"])), URL: said["xmlurl"]})
	}
}

// explain tells what an error of the document means.
func (l *list) explain(err error) error {
	syntax, isSyntax := errors.AsType[*xml.SyntaxError](err)
	line, _ := l.tokens.InputPos()
	switch {
	case errors.Is(err, io.EOF) && !l.begun, isSyntax && !l.begun:
		return &NotList{}
	case errors.Is(err, io.EOF), isSyntax && syntax.Msg == "unexpected EOF":
		return fmt.Errorf("the list is truncated: it ends in line %d without </opml>; whoever wrote it was interrupted", line)
	case isSyntax:
		return fmt.Errorf("the list is no well-formed XML: line %d: %s", syntax.Line, syntax.Msg)
	}
	return err
}

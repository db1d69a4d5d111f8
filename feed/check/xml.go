package check

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

const (
	nsXML     = "http://www.w3.org/XML/1998/namespace"
	nsAtom    = "http://www.w3.org/2005/Atom"
	nsDC      = "http://purl.org/dc/elements/1.1/"
	nsMedia   = "http://search.yahoo.com/mrss/"
	nsContent = "http://purl.org/rss/1.0/modules/content/"
	nsDeleted = "http://purl.org/atompub/tombstones/1.0"
	nsHistory = "http://purl.org/syndication/history/1.0"
	nsSitemap = "http://www.sitemaps.org/schemas/sitemap/0.9"
	nsNews    = "http://www.google.com/schemas/sitemap-news/0.9"
)

// element is a node of an XML document. Looking elements up by namespace and name here is exact, where struct tags of
// encoding/xml take an Atom link for an RSS one.
type element struct {
	name     xml.Name
	attrs    []xml.Attr
	text     string // what stands directly in it
	children []*element
}

// The namespaces that a document may use.
var (
	inFeeds    = []string{"", nsAtom, nsDC, nsMedia, nsContent, nsDeleted, nsHistory}
	inSitemaps = []string{nsSitemap, nsNews}
)

// parseXML reads a document that begins with an XML declaration, has one root, no DOCTYPE and no namespace but those given.
func parseXML(body []byte, spaces []string) (*element, error) {
	if !bytes.HasPrefix(body, []byte("<?xml ")) {
		return nil, errors.New("it does not begin with <?xml")
	}
	dec := xml.NewDecoder(bytes.NewReader(body))
	top := &element{}
	for open := []*element{top}; ; {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("it is not well-formed: %w", err)
		}
		in := open[len(open)-1]
		switch t := token.(type) {
		case xml.StartElement:
			e, err := newElement(t, spaces)
			if err != nil {
				return nil, err
			}
			in.children = append(in.children, e)
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			in.text += string(t)
			if err := characters(string(t)); err != nil { // written as a reference
				return nil, fmt.Errorf("element %s: %w", in.name.Local, err)
			}
		case xml.Directive:
			return nil, errors.New("it has a DOCTYPE")
		}
	}
	if len(top.children) != 1 || strings.TrimSpace(top.text) != "" {
		return nil, errors.New("it is not well-formed: there must be one root element and nothing beside it")
	}
	return top.children[0], nil
}

func newElement(t xml.StartElement, spaces []string) (*element, error) {
	e := &element{name: t.Name, attrs: slices.Clone(t.Attr)}
	if !slices.Contains(spaces, t.Name.Space) {
		return nil, fmt.Errorf("element %s has the unknown namespace %q", t.Name.Local, t.Name.Space)
	}
	for i, a := range e.attrs {
		if err := characters(a.Value); err != nil {
			return nil, fmt.Errorf("attribute %s of %s: %w", a.Name.Local, t.Name.Local, err)
		}
		if slices.ContainsFunc(e.attrs[:i], func(b xml.Attr) bool { return a.Name == b.Name }) {
			return nil, fmt.Errorf("it is not well-formed: attribute %s of %s stands twice", a.Name.Local, t.Name.Local)
		}
	}
	return e, nil
}

// all returns the children with the name, in order.
func (e *element) all(space, local string) []*element {
	var out []*element
	for _, c := range e.children {
		if c.name.Space == space && c.name.Local == local {
			out = append(out, c)
		}
	}
	return out
}

// optional returns the text of the child with the name, empty when there is none; two are an error, as is one that says
// nothing.
func (e *element) optional(space, local string) (string, error) {
	found := e.all(space, local)
	switch {
	case len(found) == 0:
		return "", nil
	case len(found) > 1:
		return "", fmt.Errorf("%s stands %d times", local, len(found))
	case strings.TrimSpace(found[0].text) == "":
		return "", fmt.Errorf("%s is empty", local)
	}
	return found[0].text, nil
}

// required is optional for a child that must be there.
func (e *element) required(space, local string) (string, error) {
	text, err := e.optional(space, local)
	if err == nil && text == "" {
		err = fmt.Errorf("%s is missing", local)
	}
	return text, err
}

func (e *element) attr(name string) string {
	for _, a := range e.attrs {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// link returns the address of the one Atom link with the relation.
func (e *element) link(rel string) (string, error) {
	href, n := "", 0
	for _, l := range e.all(nsAtom, "link") {
		if r := l.attr("rel"); r == rel || r == "" && rel == "alternate" {
			href, n = l.attr("href"), n+1
		}
	}
	if n != 1 {
		return "", fmt.Errorf("there are %d links with rel=%s, not one", n, rel)
	}
	return href, nil
}

// checkEnclosure demands address and type, and a length that is a number if it stands there.
func checkEnclosure(url, mediaType, length string) error {
	switch {
	case url == "":
		return errors.New("an enclosure has no address")
	case !strings.Contains(mediaType, "/"):
		return fmt.Errorf("the enclosure %s has the type %q, which is none", url, mediaType)
	case length != "":
		if n, err := strconv.ParseInt(length, 10, 64); err != nil || n < 0 {
			return fmt.Errorf("the enclosure %s has the length %q, which is no number of bytes", url, length)
		}
	}
	return nil
}

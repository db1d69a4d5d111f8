package parse

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/late"
)

// MostAddresses is how many addresses one sitemap holds (sitemaps.org, protocol); those that follow are left out.
const MostAddresses = 50_000

// Bounds of one address in a sitemap.
const (
	mostInside   = 20       // open elements
	longestWords = 64 << 10 // bytes of text in one element
)

// List is what a sitemap says: addresses of pages, or, if it is an index, of other sitemaps.
type List struct {
	// Format is the name of the format for people, such as "sitemap".
	Format string
	// Index says that the entries are sitemaps.
	Index   bool
	Entries []Entry
	// Lenient says that the document is broken and was read by mending it.
	Lenient bool
	// Problems say what is wrong with entries, a sentence for each kind of fault.
	Problems []error
}

// Entry is one address of a sitemap, with what the extensions for news, images and videos say of it. All but URL may be
// empty.
type Entry struct {
	URL      string    // absolute
	Modified time.Time // lastmod
	Day      bool      // Modified names a day, and no time

	Title     string // plain text; of the news, else of the video
	Summary   string
	Published time.Time // of the news
	Name      string    // of the publication
	Language  string    // of the news, BCP 47
	Tags      []string
	Image     feed.Image
	Video     feed.Enclosure
}

// IsNews reports whether the entry says of an article all that a news sitemap must.
func (e *Entry) IsNews() bool { return e.Name != "" && e.Title != "" && !e.Published.IsZero() }

// NotSitemap is the error of a document that is something else than a sitemap.
type NotSitemap struct{ Is NotFeed }

func (n *NotSitemap) Error() string {
	titled := ""
	if n.Is.Title != "" {
		titled = fmt.Sprintf(" (“%s”)", n.Is.Title)
	}
	switch n.Is.Kind {
	case Login:
		return "this is a login page" + titled + ", not a sitemap: the site wants a password or a cookie; set auth, headers or cookies of the source"
	case Challenge:
		return "this is a bot wall or captcha" + titled + ", not a sitemap: the site does not let programs in; ask its owner to allow your user agent"
	case Page:
		return "this is a web page" + titled + ", not a sitemap; look for the sitemap's address in the site's robots.txt, or write the address of the site itself"
	case XML:
		if n.Is.Root == "rss" || n.Is.Root == "feed" || n.Is.Root == "RDF" {
			return "this is a feed, not a sitemap; use it with feed:"
		}
		return fmt.Sprintf("this is XML, but no sitemap: it begins with <%s>; a sitemap begins with <urlset> or <sitemapindex>", n.Is.Root)
	case Empty:
		return "the document is empty"
	default:
		return "this is text, but no sitemap: it does not begin with a web address"
	}
}

// Addresses reads a sitemap (sitemaps.org, protocol 0.9): a list of addresses in XML, an index of sitemaps, or plain text
// with an address a line; each as it is or packed by gzip, when it may unpack to most bytes. The arguments are those of
// [Parse]. No more than [MostAddresses] entries are read. An address that stands several times is taken once, with its
// latest date; relative ones are resolved against base.
//
// A date that cannot be read, that lies before 1990 or more than a day after now is left out, and so is an entry without
// a web address; Problems say so. Errors are of class Unreadable, and Refused for what is too large; one that says what
// the document is instead of a sitemap is a [*NotSitemap]. A document that does not end is an error: half a list looks
// like pages that were taken away.
func Addresses(body []byte, contentType, base string, loc *time.Location, now time.Time, most int64) (List, error) {
	body, err := unpacked(body, most)
	if err != nil {
		return List{}, err
	}
	text, err := decode(body, contentType)
	if err != nil {
		return List{}, feed.Classify(feed.Unreadable, fmt.Errorf("the document %w", err))
	}
	w := where{base: base, loc: loc, now: now}
	if loc == nil {
		w.loc = time.UTC
	}
	l, err := listed(text, w)
	return l, feed.Classify(feed.Unreadable, err)
}

func listed(text string, w where) (List, error) {
	begin := strings.TrimLeft(text, " \t\r\n\ufeff")
	root := sitemapRoot().FindStringIndex(text[:min(len(text), 64<<10)])
	switch {
	case begin == "":
		return List{}, &NotSitemap{NotFeed{Kind: Empty}}
	case begin[0] != '<' && root == nil:
		return plainList(text, w)
	}
	text = cutDeclaration(text)
	if longTag(text) {
		return List{}, fmt.Errorf("the document holds a tag of more than %d MB; no sitemap does", maxTag>>20)
	}
	if root = sitemapRoot().FindStringIndex(text[:min(len(text), 64<<10)]); root == nil {
		is := NotFeed{Kind: Text}
		if other, ok := errors.AsType[*NotFeed](notXMLFeed(text, w.base)); ok {
			is = *other
		}
		return List{}, &NotSitemap{is}
	}
	l, err := scanList(text, w, strict)
	if err == nil || errors.As(err, new(*refusal)) {
		return l, err
	}
	l, err = scanList(mend(text, root[0]), w, lenient)
	l.Lenient = true
	return l, err
}

// sitemapRoot matches the start tag of a sitemap.
var sitemapRoot = late.Regexp(`<(?:[\w.-]+:)?(?:urlset|sitemapindex)(?:\s[^<>]*)?/?>`)

// listScanner reads an XML sitemap token by token.
type listScanner struct {
	tokens   *xml.Decoder
	list     *listBuilder
	open     []string // names of the open elements, below the first with what their namespaces are called here
	spaces   map[string]string
	words    strings.Builder
	elements int
	closed   bool
	at       int // line where the open entry began
}

func scanList(text string, w where, m mode) (List, error) {
	s := listScanner{tokens: xml.NewDecoder(strings.NewReader(text)), list: newListBuilder(w), spaces: map[string]string{}}
	s.tokens.Strict = m == strict
	s.tokens.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // decoded already
	if m == lenient {
		s.tokens.Entity = xml.HTMLEntity
	}
	for !s.closed {
		token, err := s.tokens.RawToken()
		if err == nil {
			err = s.take(token)
		}
		if err != nil {
			return List{}, s.explain(err)
		}
	}
	return s.list.finish(), nil
}

func (s *listScanner) take(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		return s.start(t)
	case xml.EndElement:
		s.end(t)
	case xml.CharData:
		if len(s.open) > 2 && s.words.Len()+len(t) <= longestWords {
			s.words.Write(t)
		}
	case xml.Directive:
		if strings.Contains(string(t), "<!ENTITY") {
			return &refusal{"the document declares entities (<!ENTITY …> in its DOCTYPE), which no sitemap needs and attacks use; ask its publisher to leave them out"}
		}
	}
	return nil
}

func (s *listScanner) start(t xml.StartElement) error {
	s.elements++
	switch {
	case s.elements > maxElements:
		return &refusal{fmt.Sprintf("the document has more than %d elements; no sitemap does", maxElements)}
	case len(s.open) >= mostInside:
		return &refusal{fmt.Sprintf("the document's elements are nested more than %d deep; no sitemap's are", mostInside)}
	}
	for _, a := range t.Attr {
		if a.Name.Space == "xmlns" {
			s.spaces[a.Name.Local] = extension(a.Value)
		}
	}
	name := s.name(t.Name)
	switch len(s.open) {
	case 0:
		s.list.index = name == "sitemapindex"
	case 1:
		s.list.begin()
		s.at, _ = s.tokens.InputPos()
	}
	s.open = append(s.open, name)
	s.words.Reset()
	return nil
}

// name is the name of an element, with the extension that it belongs to.
func (s *listScanner) name(n xml.Name) string {
	local := strings.ToLower(n.Local)
	if n.Space == "" {
		return local
	}
	space, declared := s.spaces[n.Space]
	if !declared {
		space = strings.ToLower(n.Space)
	}
	if space == "" {
		return local
	}
	return space + ":" + local
}

// extension is what an extension is called here, by its namespace; "" for that of sitemaps themselves.
func extension(namespace string) string {
	for _, name := range []string{"news", "image", "video"} {
		if strings.Contains(namespace, "sitemap-"+name) {
			return name
		}
	}
	if strings.Contains(namespace, "sitemap") {
		return ""
	}
	return "other"
}

func (s *listScanner) end(t xml.EndElement) {
	name := s.name(t.Name)
	i := len(s.open) - 1
	for i >= 0 && s.open[i] != name {
		i--
	}
	if i < 0 {
		return // an end tag too many ends nothing
	}
	if len(s.open) > 2 {
		s.list.word(s.open, s.words.String())
		s.words.Reset()
	}
	if i < 2 && len(s.open) > 1 {
		s.list.end(s.open[1], s.at)
	}
	s.open = s.open[:i]
	s.closed = i == 0
}

// explain tells what an error of the document means.
func (s *listScanner) explain(err error) error {
	if errors.As(err, new(*refusal)) {
		return err
	}
	line, _ := s.tokens.InputPos()
	syntax, isSyntax := errors.AsType[*xml.SyntaxError](err)
	switch {
	case errors.Is(err, io.EOF), isSyntax && syntax.Msg == "unexpected EOF":
		return fmt.Errorf("the sitemap is truncated: it ends in line %d without its end tag; the transfer broke off or the site's program died while it wrote", line)
	case isSyntax:
		return fmt.Errorf("the sitemap is no well-formed XML: line %d: %s", syntax.Line, syntax.Msg)
	}
	return err
}

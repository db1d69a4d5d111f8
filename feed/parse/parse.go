package parse

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// Bounds of one document. Real feeds stay far below them: the largest podcast feeds known have some 10,000 items.
const (
	maxDepth    = 200       // open elements
	maxElements = 2_000_000 // in the whole document
	maxKept     = 200_000   // nodes of one item, or of all that stands outside of items
	maxItems    = 20_000
	maxField    = 8 << 20 // bytes of text in one field of an item
	maxTag      = 2 << 20 // bytes between < and >, whose attributes a tokenizer reads at once
)

// Feed is what a feed document says.
type Feed struct {
	// Format is the name of the format for people, such as "RSS 2.0".
	Format string
	// Title and Description are plain text.
	Title       string
	Description string
	// Link is the absolute address of the web site, Self the feed's address as it gives it itself; both may be empty.
	Link string
	Self string
	// Language is a BCP 47 tag or empty. Articles that name no language have it too.
	Language string
	// Articles are in the order of the document.
	Articles []feed.Article
	// Lenient says that the document is broken and was read by mending it.
	Lenient bool
	// Problems name the items that were left out or lost a part, as [*feed.Problem] with their place.
	Problems []error
}

// Parse reads a feed document. contentType is the value of the HTTP header, of which the charset counts; base the final
// address of the document, against which relative addresses are resolved where no xml:base stands; loc the zone of dates
// that name none (nil is UTC); now the time against which relative and future dates are judged.
//
// A date that cannot be read, that lies before 1990 or more than a day after now is left out, never guessed. A link or
// image that is no web address is left out.
//
// Errors are of class Unreadable and say what is wrong. One that says what the document is instead of a feed is a
// [*NotFeed].
func Parse(body []byte, contentType, base string, loc *time.Location, now time.Time) (Feed, error) {
	return classed(read(body, contentType, where{base: base, loc: loc, now: now}))
}

// Own is [Parse] for a feed of the operator's own, such as one that a program of his prints: dates in the future stand, for
// they are embargoes.
func Own(body []byte, contentType, base string, loc *time.Location, now time.Time) (Feed, error) {
	return classed(read(body, contentType, where{base: base, loc: loc, now: now, own: true}))
}

func classed(f Feed, err error) (Feed, error) {
	if err != nil {
		return Feed{}, feed.Classify(feed.Unreadable, err)
	}
	return f, nil
}

// where is the surrounding of a document.
type where struct {
	base string
	loc  *time.Location
	now  time.Time
	own  bool // its dates may lie in the future
}

func read(body []byte, contentType string, w where) (Feed, error) {
	text, err := decode(body, contentType)
	if err != nil {
		return Feed{}, fmt.Errorf("the document %w", err)
	}
	if absolute, err := clean.URL(w.base, ""); err == nil {
		w.base = absolute
	} else {
		w.base = ""
	}
	begin := strings.TrimLeft(text, " \t\n")
	switch {
	case begin == "":
		return Feed{}, &NotFeed{Kind: Empty}
	case begin[0] == '{' || begin[0] == '[':
		return readJSON(begin, w)
	default:
		return readXML(text, w)
	}
}

// readXML reads a document strictly, and when that fails leniently.
func readXML(text string, w where) (Feed, error) {
	text = cutDeclaration(text)
	if longTag(text) {
		return Feed{}, fmt.Errorf("the document holds a tag of more than %d MB; no feed does", maxTag>>20)
	}
	text = shorten(text)
	f, err := scan(text, w, strict)
	if err == nil || errors.As(err, new(*refusal)) {
		return f, err
	}
	root := findRoot(text)
	if root < 0 || errors.As(err, new(*NotFeed)) {
		return Feed{}, notXMLFeed(text, w.base)
	}
	f, err = scan(mend(text, root), w, lenient)
	f.Lenient = true
	return f, err
}

// longTag reports whether some tag is longer than maxTag.
func longTag(text string) bool {
	for len(text) > maxTag {
		begin := strings.IndexByte(text, '<')
		if begin < 0 {
			return false
		}
		text = text[begin:]
		end := strings.IndexByte(text, '>')
		if end < 0 {
			end = len(text)
		}
		if end > maxTag && !strings.HasPrefix(text, "<!") && !strings.HasPrefix(text, "<?") {
			return true
		}
		text = text[min(end+1, len(text)):]
	}
	return false
}

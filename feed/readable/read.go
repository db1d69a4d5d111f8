package readable

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"time"

	"feedmill/feed"
	"feedmill/feed/markup"
)

// Options say how a page is read. The zero value reads any page.
type Options struct {
	// Select matches what is the article's text. Several matches are joined in the order of the page. The zero one: it
	// is found.
	Select markup.Selector
	// Remove match what is taken away before the text is looked for.
	Remove []markup.Selector
	// Zone is where dates are that name no zone; nil is UTC.
	Zone *time.Location
}

// Read makes an article of a web page. ContentType is the one that the page was sent with, "" if unknown; address is
// where it was found, nil if it has none: addresses in the page are then left as they stand.
//
// The article has what the page says of title, content, summary, authors, tags, language, lead image (else its first
// picture that is not small), dates and its own (canonical) link; what it does not say is zero, and ID and Key always
// are. Content is foreign markup that has yet to go through clean.HTML; its addresses are absolute.
//
// An error of class unavailable means that something stands before the article (a bot check, a login, a consent page):
// it may be there next time. One of class unreadable means that the page is no article: it is empty, holds an error
// message, or nothing that reads like a text; that selectors match nothing is such an error too.
//
// A page of 100 KB takes 8 to 10 ms of one core and 3 MB, one of 1 MB 110 ms and 30 MB; half of it is the work of
// go-readability, a quarter that of the parser (BenchmarkRead100KB, BenchmarkRead1MB, on a busy server).
func Read(page []byte, contentType string, address *url.URL, o Options) (feed.Article, error) {
	d := document{options: o}
	where := ""
	if address != nil {
		where = address.String()
	}
	var err error
	if d.page, err = markup.Parse(page, contentType, where); err != nil {
		return feed.Article{}, err
	}
	d.head = readHead(d.page, o.Zone)
	a, signs := d.head.article(), d.head.signs()
	a.Content, err = d.content(a)
	if err != nil && !errors.Is(err, errNoText) {
		return feed.Article{}, err
	}
	refused := signs.refuse(a.Content)
	switch {
	case o.Select.IsZero() && refused != nil, err != nil && feed.ClassOf(refused) == feed.Unavailable:
		return feed.Article{}, refused
	case err != nil:
		return feed.Article{}, err
	}
	a.Image.URL = cmp.Or(a.Image.URL, d.lead)
	return a, nil
}

// errNoText is that nothing was found: what the page is instead may say why.
var errNoText = errors.New("no text of an article was found on the page")

func unreadable(format string, args ...any) error {
	return feed.Classify(feed.Unreadable, fmt.Errorf(format, args...))
}

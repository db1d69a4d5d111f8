package parse

import (
	"errors"
	"fmt"
	"strings"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// builder makes the feed of what a reader hands over.
type builder struct {
	where
	feed    Feed
	atom    bool // Atom's rules hold: typed texts, authors inherited
	root    *node
	authors []feed.Person // of the feed, for articles that name none where the format says so
	seen    int           // items
	places  []itemPlace   // of the articles

	problems int // noted, and not noted because there are too many
}

// errRoot is returned for an element that begins no feed, though one may follow it.
var errRoot = errors.New("the document's element is none of a feed")

// begin takes the document's element.
func (b *builder) begin(root *node) error {
	version := clean.Line(root.attr("version"))
	if len(version) > 10 {
		version = ""
	}
	switch root.key {
	case "rss":
		b.feed.Format = strings.TrimSpace("RSS " + version)
	case "rdf:rdf", "rdf":
		b.feed.Format = "RSS 1.0 (RDF)"
	case "feed", "entry":
		b.atom = true
		b.feed.Format = strings.TrimSpace("Atom " + version)
		if version == "" {
			b.feed.Format = "Atom 1.0"
		}
	case "channel":
		b.feed.Format = "CDF"
	default:
		if isHTML(strings.ToLower(root.tag)) {
			return errRoot
		}
		return &NotFeed{Kind: XML, Root: root.tag}
	}
	b.root = root
	return nil
}

// item takes the n-th item of an XML document. fault says why it cannot be used.
func (b *builder) item(n *node, number int, fault error) {
	if number > maxItems {
		return
	}
	a := b.article(n)
	b.add(a, itemPlace{number, n.line}, fault)
}

// itemPlace tells where an item stands.
type itemPlace struct{ number, line int }

// add takes an article, unless a fault forbids or nothing is in it.
func (b *builder) add(a feed.Article, at itemPlace, fault error) {
	b.seen++
	if b.seen == maxItems {
		b.problem(at, "", fmt.Errorf("is the %dth; what follows it is left out", maxItems))
	}
	if fault == nil && a.ID == "" && a.Link == "" && a.Title == "" && a.Content == "" && a.Summary == "" {
		fault = errors.New("it has neither id, link, title nor content")
	}
	if fault != nil {
		b.problem(at, a.Title, fmt.Errorf("is left out: %w", fault))
		return
	}
	b.feed.Articles = append(b.feed.Articles, a)
	b.places = append(b.places, at)
}

// problem notes what is wrong with an item.
func (b *builder) problem(at itemPlace, title string, err error) {
	const most = 100
	if b.problems++; b.problems > most {
		return
	}
	where := fmt.Sprintf("item %d", at.number)
	if title != "" {
		where += fmt.Sprintf(" (“%s”)", clean.Summary(title, 60))
	}
	b.feed.Problems = append(b.feed.Problems, &feed.Problem{Where: where, Line: at.line, Err: err})
}

// finish gives the articles what they inherit.
func (b *builder) finish() (Feed, error) {
	if b.root != nil {
		b.channel()
	}
	for i := range b.feed.Articles {
		a := &b.feed.Articles[i]
		if len(a.Authors) == 0 {
			a.Authors = b.authors
		}
		if a.Language == "" {
			a.Language = b.feed.Language
		}
	}
	b.singleIDs()
	if more := b.problems - len(b.feed.Problems); more > 0 {
		b.feed.Problems = append(b.feed.Problems, fmt.Errorf("%d more items are left out or lack something", more))
	}
	return b.feed, nil
}

// channel reads what the document says of the feed.
func (b *builder) channel() {
	n := b.root
	if c := n.child("channel"); c != nil {
		n = c
	}
	l := b.links(n)
	b.feed.Title, _ = b.title(n)
	b.feed.Link, b.feed.Self = firstOf(l.page, absolute(n.attr("href"), n.base)), l.self
	b.feed.Description, _ = b.plain(n, "description", "subtitle", "tagline", "itunes:subtitle", "itunes:summary", "abstract", "dc:description")
	b.feed.Language = n.lang
	if b.feed.Language == "" {
		b.feed.Language = language(n.oneLine("language", "dc:language"))
	}
	if b.atom && b.root.key == "feed" {
		b.authors = b.people(n)
	}
	if b.root.key == "entry" {
		b.feed.Title, b.feed.Description = "", "" // they are the article's
	}
}

// singleIDs sees to it that no two articles have one id. With links of their own both stay and the later loses the id;
// else the later is a repetition. In Atom it may be a newer version (RFC 4287, section 4.1.1), which counts.
func (b *builder) singleIDs() {
	type known struct {
		links map[string]bool
		at    int // in kept
	}
	ids := make(map[string]*known, len(b.feed.Articles))
	kept := b.feed.Articles[:0]
	for i, a := range b.feed.Articles {
		before := ids[a.ID]
		switch {
		case a.ID == "":
		case before == nil:
			ids[a.ID] = &known{map[string]bool{a.Link: true}, len(kept)}
		case a.Link != "" && !before.links[a.Link]:
			before.links[a.Link] = true
			a.ID = ""
		case b.atom && a.Link == kept[before.at].Link && a.Updated.After(kept[before.at].Updated):
			kept[before.at] = a
			continue
		default:
			b.problem(b.places[i], a.Title, fmt.Errorf("is left out: an item before it has the same id (%s) and no other link", clean.Summary(a.ID, 80)))
			continue
		}
		kept = append(kept, a)
	}
	clear(b.feed.Articles[len(kept):])
	b.feed.Articles = kept
}

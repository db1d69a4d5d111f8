package parse

import (
	"strings"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// article makes an article of an item of RSS or an entry of Atom. Both mix their words in the wild, so one reader takes
// all of them; where they differ, [builder.atom] decides.
func (b *builder) article(n *node) feed.Article {
	l := b.links(n)
	a := feed.Article{Authors: b.people(n), Tags: tags(n), Source: b.source(n)}
	var from string
	if a.ID, from = n.firstLine("guid", "id", "atom:id"); a.ID == "" {
		if a.ID, from = n.attr("about"), "@about"; a.ID == "" {
			a.ID, from = n.firstLine("dc:identifier")
		}
	}
	a.Trace.Add("id", from)
	a.Title, from = b.title(n)
	a.Trace.Add("title", from)
	a.Link, from = b.link(n, l)
	a.Trace.Add("link", from)
	a.Published, from = b.date(n, "pubdate", "published", "issued", "atom:published", "dc:date", "dcterms:issued", "dcterms:created", "created", "atom:issued", "dcterms:date")
	a.Trace.Add("published", from)
	if a.Updated, from = b.date(n, "updated", "modified", "atom:updated", "dcterms:modified", "atom:modified"); a.Updated.IsZero() {
		if a.Updated = b.moment(n.attr("lastmod")); !a.Updated.IsZero() { // CDF
			from = "@lastmod"
		}
	}
	a.Trace.Add("updated", from)
	b.texts(n, &a)
	if title := n.child("title"); a.Content == "" && title != nil {
		a.Language = title.lang
	}
	a.Language = firstOf(a.Language, n.lang, language(n.oneLine("language", "dc:language")))
	b.media(n, l, &a)
	return a
}

// link returns the address of an item's page, and where it is read.
func (b *builder) link(n *node, l links) (address, from string) {
	for _, may := range []struct{ address, from string }{
		{b.address(n, "feedburner:origlink"), "feedburner:origlink"}, {l.page, "link"}, {b.permalink(n), "guid"},
		{absolute(n.attr("about"), n.base), "@about"}, {absolute(n.attr("href"), n.base), "@href"},
	} {
		if may.address != "" {
			return bare(may.address), may.from
		}
	}
	return "", ""
}

func firstOf(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}

// bare is the address of an article without what tells only where its readers come from: a site may begin with that, or
// change it, at any time.
func bare(address string) string {
	if page, err := clean.Link(address, ""); err == nil {
		return page
	}
	return address
}

// absolute makes a web address absolute; what is none is empty.
func absolute(address, base string) string {
	if address == "" {
		return ""
	}
	to, err := clean.URL(address, base)
	if err != nil {
		return ""
	}
	return to
}

// address returns the web address that stands as text in a child.
func (b *builder) address(n *node, key string) string {
	if c := n.child(key); c != nil {
		return absolute(clean.Line(c.content()), c.base)
	}
	return ""
}

// permalink returns the guid of an RSS item if that is its address (RSS 2.0, guid).
func (b *builder) permalink(n *node) string {
	guid := n.child("guid")
	if guid == nil || strings.EqualFold(guid.attr("isPermaLink"), "false") {
		return ""
	}
	text := clean.Line(guid.content())
	if !strings.Contains(text, "://") && guid.attr("isPermaLink") == "" {
		return "" // most ids without the attribute are no addresses, whatever the default says
	}
	return absolute(text, guid.base)
}

// links are the links of an item or feed, by what they are for.
type links struct {
	page, self string
	enclosures []feed.Enclosure
}

// links reads RSS's link, whose text is the address, and Atom's, which tells in rel what it is for (RFC 4287, section
// 4.2.7).
func (b *builder) links(n *node) links {
	var l links
	best := 0
	offer := func(address string, worth int) {
		if address != "" && worth > best {
			l.page, best = address, worth
		}
	}
	for _, c := range n.children {
		switch c.key {
		case "link", "atom:link", "url":
		case "content": // out of line (RFC 4287, section 4.1.3.2)
			offer(absolute(c.attr("src"), c.base), 1)
			continue
		default:
			continue
		}
		href, rel := c.attr("href"), c.attr("rel")
		if href == "" {
			href = clean.Line(c.content())
			if rel == "" { // RSS
				offer(absolute(href, c.base), 5)
				continue
			}
		}
		address := absolute(href, c.base)
		switch kind := strings.ToLower(c.attr("type")); relation(rel) {
		case "alternate":
			worth := 3
			if kind == "" || strings.Contains(kind, "html") {
				worth = 4
			} else if strings.Contains(kind, "rss") || strings.Contains(kind, "atom") || strings.Contains(kind, "json") {
				worth = 2
			}
			offer(address, worth)
		case "self":
			l.self = firstOf(l.self, address)
		case "enclosure":
			if address != "" {
				l.enclosures = append(l.enclosures, enclosure(address, kind, c.attr("length"), ""))
			}
		}
	}
	return l
}

// relation returns the plain name of a registered relation (RFC 4287, section 4.2.7.2).
func relation(rel string) string {
	rel = strings.ToLower(rel)
	for _, registry := range []string{"http://www.iana.org/assignments/relation/", "http://www.iana.org/assignments/link-relations/"} {
		rel = strings.TrimPrefix(rel, registry)
	}
	if rel == "" {
		return "alternate"
	}
	return rel
}

// tags reads the categories of all dialects, each once, in the order of the document.
func tags(n *node) []string {
	var found []string
	add := func(tag string) {
		if tag = clean.Title(tag); tag == "" {
			return
		}
		for _, f := range found {
			if strings.EqualFold(f, tag) {
				return
			}
		}
		found = append(found, tag)
	}
	const most = 500 // that nobody reads; and each is compared with all before it
	for _, c := range n.children {
		if len(found) >= most {
			break
		}
		switch c.key {
		case "category", "atom:category", "media:category":
			add(firstOf(c.attr("label"), c.attr("term"), clean.Line(c.content())))
		case "dc:subject":
			add(c.content())
		case "itunes:category":
			add(c.attr("text"))
			for _, inner := range c.all("itunes:category") {
				add(inner.attr("text"))
			}
		case "itunes:keywords", "media:keywords":
			for tag := range strings.SplitSeq(c.content(), ",") {
				add(tag)
			}
		}
	}
	return found
}

// source reads where an article was first published (RSS 2.0, source; RFC 4287, section 4.2.11).
func (b *builder) source(n *node) feed.Origin {
	for _, c := range n.children {
		if c.key != "source" && c.key != "atom:source" {
			continue
		}
		if c.hasElements() {
			l := b.links(c)
			title, _ := b.title(c)
			return feed.Origin{Title: title, Link: l.page, FeedURL: l.self}
		}
		return feed.Origin{Title: clean.Title(c.content()), FeedURL: absolute(c.attr("url"), c.base)}
	}
	return feed.Origin{}
}

package render

import (
	"bytes"
	"cmp"
	"strconv"
	"time"

	"feedmill/feed"
	"feedmill/feed/clean"

	"github.com/gorilla/feeds"
)

// atomFeed and atomEntry embed gorilla's structs and hide their fields, as in rss.go.
type atomFeed struct {
	feeds.AtomFeed
	Media      string           `xml:"xmlns:media,attr"`
	History    string           `xml:"xmlns:fh,attr,omitempty"`
	Tombstones string           `xml:"xmlns:at,attr,omitempty"`
	Language   string           `xml:"xml:lang,attr,omitempty"`
	Links      []link           `xml:"link"`
	Author     feeds.AtomPerson `xml:"author"`
	Categories []atomCategory   `xml:"category"`
	Generator  string           `xml:"generator"`
	Archive    *struct{}        `xml:"fh:archive"`
	Deleted    []tombstone      `xml:"at:deleted-entry"`
}

// FeedXml makes atomFeed a feeds.XmlFeed.
func (f *atomFeed) FeedXml() any { return f } //nolint:revive // the interface spells it so

// tombstone says that an entry was taken back (RFC 6721 section 3).
type tombstone struct {
	Ref  string `xml:"ref,attr"`
	When string `xml:"when,attr"`
}

type atomEntry struct {
	feeds.AtomEntry
	Language   string             `xml:"xml:lang,attr,omitempty"`
	Links      []link             `xml:"link"`
	Authors    []feeds.AtomPerson `xml:"author"`
	Categories []atomCategory     `xml:"category"`
	Source     *atomSource        `xml:"source"`
	Media      []mediaContent     `xml:"media:content"`
}

// atomSource names the feed that an entry was taken from (RFC 4287 section 4.2.11). Its own id is not known to us; its
// address stands for it.
type atomSource struct {
	ID      string `xml:"id"`
	Title   string `xml:"title"`
	Updated string `xml:"updated"`
	Links   []link `xml:"link"`
}

type atomCategory struct {
	Term string `xml:"term,attr"`
}

// atomForm is Atom 1.0.
type atomForm struct{}

func (atomForm) shell(c channel, modified time.Time, _ bool) (shell, error) {
	base := (&feeds.Atom{Feed: generic(c, nil, modified)}).AtomFeed()
	base.Id, base.Subtitle, base.Icon, base.Logo = c.ID, c.Description, c.Icon, c.Image
	author := atomAuthor(c)
	f := &atomFeed{
		AtomFeed: *base,
		Media:    nsMedia,
		Language: c.Language,
		Links: append([]link{
			{Rel: "self", Type: Atom.linkType(), Href: c.document(Atom)},
			{Rel: "alternate", Type: "text/html", Href: c.Link},
		}, c.history(Atom)...),
		Author:     feeds.AtomPerson{Name: author.Name, Email: author.Email, Uri: author.URL},
		Categories: atomCategories(c.Tags),
		Generator:  generator,
	}
	f.Archive, f.History = c.mark()
	if len(c.deleted) > 0 {
		f.Tombstones = nsTombstones
	}
	for _, d := range c.deleted {
		f.Deleted = append(f.Deleted, tombstone{Ref: clean.Line(d.ID), When: seconds(d.When).Format(time.RFC3339)})
	}
	return feedShell(c, f, "\n</feed>")
}

// atomAuthor is the feed's author: Atom demands one with a name somewhere, and a feed that names none is its own.
func atomAuthor(c channel) feed.Person {
	if c.Author.Name == "" {
		return feed.Person{Name: c.Title}
	}
	return c.Author
}

func (atomForm) fragments(c channel, es []entry) ([][]byte, error) {
	base := (&feeds.Atom{Feed: generic(c, es, time.Time{})}).AtomFeed()
	author := atomAuthor(c)
	return encodeEach(es, func(b *bytes.Buffer, i int) error {
		return writeElement(b, "  ", newAtomEntry(base.Entries[i], es[i], author))
	})
}

// newAtomEntry repeats the feed's author in entries that have none of their own, because most readers do not inherit it.
func newAtomEntry(base *feeds.AtomEntry, e entry, author feed.Person) *atomEntry {
	a := &atomEntry{
		AtomEntry:  *base,
		Language:   e.language,
		Links:      []link{{Rel: "alternate", Type: e.linkType, Href: e.link}},
		Categories: atomCategories(e.tags),
		Media:      imageMedia(e.image),
	}
	a.AtomEntry.Links = nil // untagged in gorilla, so ours does not hide it
	a.Published = e.published.Format(time.RFC3339)
	a.Summary = nil
	if e.content == "" || e.summary != "" && !e.summaryOnly { // an entry should say more than its title
		a.Summary = &feeds.AtomSummary{Type: "text", Content: cmp.Or(e.summary, e.title)}
	}
	if o := e.source; o.FeedURL != "" {
		a.Source = &atomSource{ID: o.FeedURL, Title: o.Title, Updated: e.updated.Format(time.RFC3339), Links: []link{{Rel: "self", Href: o.FeedURL}}}
		if o.Link != "" {
			a.Source.Links = append(a.Source.Links, link{Rel: "alternate", Href: o.Link})
		}
	}
	for _, x := range e.enclosures {
		l := link{Rel: "enclosure", Type: x.Type, Href: x.URL}
		if x.Length > 0 {
			l.Length = strconv.FormatInt(x.Length, 10)
		}
		a.Links = append(a.Links, l)
	}
	authors := e.authors
	if len(authors) == 0 {
		authors = []feed.Person{author}
	}
	for _, p := range authors { // without e-mail addresses: feedparser shows them as part of the name, or of another's
		a.Authors = append(a.Authors, feeds.AtomPerson{Name: p.Name, Uri: p.URL})
	}
	return a
}

func atomCategories(tags []string) []atomCategory {
	out := make([]atomCategory, len(tags))
	for i, t := range tags {
		out[i].Term = t
	}
	return out
}

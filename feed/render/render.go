// Package render makes the documents of a feed: RSS 2.0, Atom 1.0, JSON Feed 1.1, their archives (RFC 5005), news sitemaps,
// and the pages people read in a browser.
//
// It is pure: a [Snapshot] goes in, documents come out. It reads no clock, no network and no disk, so that the same
// snapshot gives the same bytes on every node and after every restart. It decides nothing about which articles are live
// and invents no ids, links or dates: those are the mill's, and a snapshot that lacks them is an error.
//
// gorilla/feeds builds every feed document, and this package is its only importer. What gorilla cannot say (self links,
// creators, categories, languages, attachments) is added by embedding its structs, shadowing their fields with fields of
// the same element name, and writing the result through its XmlFeed interface. Strings reach those structs only through
// channel.go and entry.go, where control characters and broken UTF-8 are removed and addresses are made absolute. HTML is
// trusted to have been sanitised by package clean when it came in; only pages, which run in our own origin, sanitise it
// once more.
//
// Other formats are not linked as alternates inside a feed: newsboat, for one, takes the last alternate of an Atom feed
// for its home page. The pages announce them instead.
//
// An article is encoded once: a document is the shell around its articles with their bytes joined, most of them taken out
// of the document before (sheet.go). Articles are read, encoded and read back in portions, all documents of a snapshot side
// by side (press.go), so that of a large document no more than a piece is in memory at any time.
//
// Pages are templates and a style sheet in pages/, or in the theme of an operator (theme.go); view.go is what they are given.
//
// A new format is one file with a form and one line in [Format.form]; new elements of a format go into its structs. Package check reads
// every document back without gorilla.
package render

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"feedmill/feed"
)

// Format is a feed format. Its value is also the extension of the document.
type Format string

// The formats.
const (
	RSS  Format = "rss"  // RSS 2.0 with the Advisory Board's profile
	Atom Format = "atom" // RFC 4287
	JSON Format = "json" // JSON Feed 1.1
	// NewsSitemap is no feed: it names the articles of the last two days to search engines (sitemap.go).
	NewsSitemap Format = "news-sitemap"
)

// Content says how much of an article a feed shows. The zero value is Full.
type Content string

// The amounts of content.
const (
	Full   Content = "full"
	Teaser Content = "teaser" // the summary only
	None   Content = "none"   // titles and links only
)

// Channel is what a feed says about itself.
type Channel struct {
	Feed        string // the key, which is also the address below Base: "world" or "teams/blue"
	Edition     string // another dress of the same articles, below the feed's address; empty: the feed itself
	ID          string // the permanent Atom id, a urn:uuid or tag: URI
	Base        string // the site's base address without a trailing slash
	Title       string // never empty
	Description string // empty: RSS, which demands one, takes the title
	Link        string // the site the feed is about; empty: the feed's own page
	Language    string // BCP 47; empty or unreadable: none is claimed
	Rights      string
	Image       string      // address of a logo
	Icon        string      // address of a small square image
	Author      feed.Person // author of articles that name none; may be empty
	Tags        []string
	Formats     []Format
	// FileNames are the names, below the channel's own folder, of documents that do not lie at the usual address.
	FileNames map[Format]string `json:",omitempty"`
	Content   Content
	// Tokens says that the server lets in only readers with a token: the pages tell them how to show it.
	Tokens bool `json:",omitempty"`
	// LeadImage puts an article's image at the top of its content, unless the content shows it already.
	LeadImage bool `json:",omitempty"`
	// Others are the editions that the feed's page names.
	Others []Other `json:",omitempty"`
	// Zone is that of the dates on pages.
	Zone Zone
	// Theme is how pages look; nil: as ours do.
	Theme *Theme `json:",omitempty"`
	// Facets says that the tags of articles have documents of their own. Facet is the one tag that the channel's articles
	// bear, as [Channel.OfFacet] makes it; nil: it is the feed itself or an edition.
	Facets bool   `json:",omitempty"`
	Facet  *Facet `json:",omitempty"`
	// MaxSize is the greatest size of one document in bytes; 0 is no limit. The oldest articles are left out until each
	// document fits, and an article whose content alone would take more than half of it shows its summary instead.
	MaxSize int64
}

// Name is the address of the channel's documents below Base, without their extension: "world", or "world/full" for its
// edition full.
func (c Channel) Name() string {
	if c.Facet != nil {
		return strings.TrimSuffix(c.Page(), "/")
	}
	if c.Edition == "" {
		return c.Feed
	}
	return c.Feed + "/" + c.Edition
}

// Page is the path of the page of the feed, or of the facet.
func (c Channel) Page() string {
	if c.Facet != nil {
		return c.Facet.path(c)
	}
	return c.Feed + "/"
}

// Other is another edition of the channel's feed, in its formats.
type Other struct {
	Edition   string
	Formats   []Format
	FileNames map[Format]string `json:",omitempty"` // as in [Channel]
}

// Path is the address of the channel's document in a format, below Base.
func (c Channel) Path(f Format) string {
	if name := c.FileNames[f]; name != "" {
		return c.Name() + "/" + name
	}
	return c.Name() + f.ending()
}

// Before picks the documents of the channel in a format out of documents made before.
func (c Channel) Before(f Format, before map[string]Made) []Made {
	var found []Made
	if made, ok := before[c.Path(f)]; ok {
		found = append(found, made)
	}
	if f != NewsSitemap {
		return found
	}
	for n := 1; ; n++ {
		made, ok := before[c.newsPath(n)]
		if !ok {
			return found
		}
		found = append(found, made)
	}
}

// Item is an article as it is published: ID, Link (absolute), Published and Updated are filled.
type Item struct {
	feed.Article
	Hosted bool // Link is a page that this package makes with [Page]
	// Facets are the slugs of those of its tags that have pages; [Page] links to them.
	Facets  map[string]string
	Version Version
}

// Listed is as much of an article as tells where it stands in documents. It is taken as it is from the documents made
// before that show it in its version, and read for those that do not.
type Listed struct {
	Version
	ID                 string
	Published, Updated time.Time
}

// Snapshot is the state of a feed at one moment.
type Snapshot struct {
	Channel Channel
	AsOf    time.Time // the moment the documents are made for; no date of an article may be later
	Items   []Item    // live articles that are at hand, in any order; they are encoded anew
	Listed  []Listed  // the other live articles, in any order
	// News and NewsListed are the same for a news sitemap: the articles published in the [NewsAge] before AsOf.
	News       []Item
	NewsListed []Listed
	// Read reads listed articles, in any order. Nil: all stand in the documents before.
	Read func([]Listed) ([]Item, error)
	// Page says that the feed's own page is made too. Pinned are the live articles that stand first on it, whether they are
	// among the others or not.
	Page   bool
	Pinned []Item
	// Facets are those that the feed's own page names, in their order, and the list beside it.
	Facets []Facet
	// Archive is the number of a closed archive that the documents are, from 1; 0: they are the live ones.
	Archive int64
	// Closed is the number of the newest archive that is closed before a live document; 0 when there is none.
	Closed int64
	// Deleted are articles that were taken back. Atom has a tombstone for each (RFC 6721), whether an item stands in the
	// article's place or not.
	Deleted []Deleted
}

// Deleted is an article that was taken back.
type Deleted struct {
	ID   string
	When time.Time
}

// Documents makes the documents of a snapshot: one for each format of the channel with the path Channel.Path(format), of an
// archive Name()+"/archive/"+Archive+"."+format, then the page with the path Feed+"/" if it is wanted, which shows the
// newest hundred articles, however many fit into the others, and the list of its facets with the path Feed+"/opml" if there are any. A news sitemap of more than [NewsMost] articles is an index and numbered files.
// Articles stand newest first by Published, ties by ID. A document's Modified is the newest change of the snapshot's
// articles, taken back ones among them, or AsOf when it has no articles.
//
// before holds documents made before of the same channel, by path. The result is the same, byte for byte, as if all
// articles were encoded anew.
//
// It fails when an article lacks id, link or dates or bears a date after AsOf, when two share an id, when a format is
// unknown, when an article can neither be taken nor read, and when not even one article fits into MaxSize. Documents that
// are good all the same are returned beside the error: others than the one that the Check refused, others than a page that its
// theme fails at, and other than the news sitemap or than all but it.
//
// Three formats of articles with 4 KB of content and 35 links each take, in processor time of one core, 6 ms for 30
// articles and 0.3 s for 1,000; a third of it makes the addresses in the content absolute.
func (p Press) Documents(s Snapshot, before map[string]Made) ([]Made, error) {
	made, err := p.feeds(s, before)
	if slices.Contains(s.Channel.Formats, NewsSitemap) {
		news, failed := p.newsSitemap(s, s.Channel.Before(NewsSitemap, before))
		made, err = append(made, news...), errors.Join(err, failed)
	}
	if err != nil {
		err = fmt.Errorf("render feed %q: %w", s.Channel.Name(), err)
	}
	return made, err
}

// feeds makes the documents that show the live articles.
func (p Press) feeds(s Snapshot, before map[string]Made) (made []Made, err error) {
	all, err := spots(s.Items, s.Listed, s.AsOf)
	if err != nil {
		return nil, err
	}
	pinned, err := spots(s.Pinned, nil, s.AsOf)
	if err != nil {
		return nil, err
	}
	c, r := newChannel(s.Channel), run{Press: p, read: s.Read}
	defer func() { err = errors.Join(err, r.close()) }()
	c.deleted, c.archive, c.closed = s.Deleted, s.Archive, s.Closed
	for _, f := range s.Channel.Formats {
		if f == NewsSitemap {
			continue
		}
		form, err := f.form()
		if err != nil {
			return nil, err
		}
		r.sheet(&sheet{
			form: form, channel: c, path: c.path(f), mediaType: f.MediaType(), limit: s.Channel.MaxSize,
			modified: lastModified(s, all, nil),
		}, before[c.path(f)])
	}
	for _, sheet := range r.sheets {
		if err := sheet.begin(len(all)); err != nil {
			return nil, sheet.named(err)
		}
	}
	if s.Page {
		page := r.sheet(pageSheet(c, s.Facets, lastModified(s, all, pinned), len(all), len(pinned)), before[c.Page()])
		if err := page.begin(len(all) + len(pinned)); err != nil {
			page.failed = page.named(err)
		}
		if err := r.add(pinned, []*sheet{page}); err != nil {
			return nil, err
		}
		page.skip(pinned)
	}
	if err := r.add(all, r.sheets); err != nil {
		return nil, err
	}
	if made, err = r.finish(); s.Page && len(s.Facets) > 0 {
		list, failed := facetList(s.Channel, s.Facets, lastModified(s, all, pinned))
		made, err = append(made, list), errors.Join(err, failed)
	}
	return made, err
}

// MediaType is the type a document of the format is served as, with its charset; empty for an unknown format.
func (f Format) MediaType() string {
	switch f {
	case RSS:
		return feed.TypeRSS
	case Atom:
		return feed.TypeAtom
	case JSON:
		return feed.TypeJSON
	case NewsSitemap:
		return feed.TypeXML
	}
	return ""
}

// ending is what a document's path has behind the channel's name.
func (f Format) ending() string {
	if f == NewsSitemap {
		return ".news-sitemap.xml"
	}
	return "." + string(f)
}

// linkType is the media type as it stands in a link's type attribute, where a charset has no place.
func (f Format) linkType() string {
	t, _, _ := strings.Cut(f.MediaType(), ";")
	return t
}

// String is the format's name as people write it.
func (f Format) String() string {
	switch f {
	case RSS:
		return "RSS"
	case Atom:
		return "Atom"
	case JSON:
		return "JSON Feed"
	case NewsSitemap:
		return "news sitemap"
	}
	return string(f)
}

func (f Format) form() (form, error) {
	switch f {
	case RSS:
		return rssForm{}, nil
	case Atom:
		return atomForm{}, nil
	case JSON:
		return jsonForm{}, nil
	}
	return nil, feed.Classify(feed.Refused, fmt.Errorf("unknown format %q; write rss, atom, json or news-sitemap", string(f)))
}

// lastModified is the date a feed bears: that of its newest change, never the clock's, or every refresh would look like
// news to readers and caches.
func lastModified(s Snapshot, all, pinned []spot) time.Time {
	if len(all)+len(pinned) == 0 {
		return seconds(s.AsOf)
	}
	newest := newestUpdate(all, time.Time{})
	if first := newestUpdate(pinned, time.Time{}); first.After(newest) {
		newest = first
	}
	for _, d := range s.Deleted {
		if when := seconds(d.When); when.After(newest) {
			newest = when
		}
	}
	return newest
}

package render

import (
	"html/template"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// page is what every template gets. Of the three parts at its end a page has one.
type page struct {
	Title       string // of the feed, of the article, or the site's name
	Description string // plain text; may be empty
	Canonical   string // the address under which the page is known
	Language    string // BCP 47; empty when unknown
	Direction   string // ltr, rtl or auto
	Home        string // the address of the index
	OPML        string // the address of the list of all feeds
	Icon        string // of the feed; may be empty
	Picture     feed.Image
	Feeds       []subscription // for autodiscovery: what a reader given this page's address can subscribe to
	Private     bool           // who follows one of them must show a token

	Index   []channelView
	Feed    *feedView
	Article *articleView
}

// Kind is index, feed or article.
func (p page) Kind() string {
	switch {
	case p.Article != nil:
		return "article"
	case p.Feed != nil:
		return "feed"
	}
	return "index"
}

// subscription is a document that readers can follow.
type subscription struct {
	Format Format // written as RSS, Atom or JSON Feed
	Title  string // of its feed
	URL    string
}

// Opens is the address with the scheme by which a browser hands it to a reader on the same device.
func (s subscription) Opens() template.URL {
	return template.URL("feed:" + s.URL) //nolint:gosec // an http address of ours behind a scheme that runs nothing
}

// channelView is a feed on the index.
type channelView struct {
	Title, Description, Page string
	Language, Direction      string
	Image                    string // a small one; may be empty
	Feeds                    []subscription
	Newest                   *articleView // nil: it has none yet
}

// feedView is a feed on its own page.
type feedView struct {
	Site, SiteName string // the address that the feed is about, and its host; both empty when that is this page
	Image          string
	Tags           []tagView
	Facets         []tagView // those of its articles that have the most
	FacetList      string    // their feeds as OPML; empty without facets
	Whole          string    // of a facet: the page of the feed, and its title; else empty
	WholeTitle     string
	Others         []otherView
	Archive        []subscription // its newest archive
	More           bool           // there are older articles than the page shows
	Most           int            // how many it shows
	Articles       template.HTML  // empty when there are none
}

// otherView is another edition of the feed.
type otherView struct {
	Name  string
	Feeds []subscription
}

// tagView is a tag, and the address of what bears it; empty when there is none.
type tagView struct{ Name, URL string }

// articleView is an article in a list, or on its page.
type articleView struct {
	Feed, FeedPage      string // the title and the page of its feed
	Title, Link         string
	Summary             string
	Language, Direction string // of the article; Language is empty in a list where it is the feed's
	Authors             []feed.Person
	Tags                []tagView
	Published, Updated  time.Time // in the feed's time zone
	Changed             bool      // Updated is later than Published
	Pinned              bool
	Image               feed.Image // on its page, without URL when the content shows it already
	Correction          string
	Content             template.HTML // on its page only; may be empty
	Enclosures          []enclosureView
	Data                *ldArticle // for search engines; on its page only
}

// enclosureView is a file that belongs to an article. Kind is audio, video or what else stands before the slash of its type.
type enclosureView struct{ URL, Name, Kind string }

// subscriptions are what a reader can follow: a news sitemap is for search engines.
func subscriptions(c channel) []subscription {
	var out []subscription
	for _, f := range c.Formats {
		if f != NewsSitemap {
			out = append(out, subscription{f, c.Title, c.document(f)})
		}
	}
	return out
}

func newArticleView(c channel, e entry) *articleView {
	v := &articleView{
		Feed: c.Title, FeedPage: c.page(), Title: e.title, Link: e.link, Summary: e.summary, Language: e.language,
		Direction: direction(e.language), Authors: e.authors, Tags: tagViews(c.Channel, e.tags, e.facets), Published: c.Zone.in(e.published),
		Updated: c.Zone.in(e.updated), Changed: e.updated.After(e.published), Pinned: e.pinned && c.Facet == nil, Image: e.image,
	}
	for _, x := range e.enclosures {
		kind, _, _ := strings.Cut(x.Type, "/")
		v.Enclosures = append(v.Enclosures, enclosureView{URL: x.URL, Name: c.fileName(x.URL), Kind: kind})
	}
	return v
}

func tags(names []string) []tagView {
	var out []tagView
	for _, name := range names {
		out = append(out, tagView{Name: name})
	}
	return out
}

// archives are the documents of the newest archive of a live feed.
func (c channel) archives() []subscription {
	var out []subscription
	for _, f := range []Format{RSS, Atom} {
		if c.closed > 0 && slices.Contains(c.Formats, f) {
			out = append(out, subscription{f, c.Title, c.Base + "/" + c.archivePath(c.closed, f)})
		}
	}
	return out
}

// fileName is the last part of an address, readable: of a file that is published here the name that it had.
func (c channel) fileName(address string) string {
	if file, ours := strings.CutPrefix(address, c.Base+"/"); ours {
		name, _ := feed.MediaName(file)
		if _, own, found := strings.Cut(name, "-"); found {
			return own
		}
	}
	u, err := url.Parse(address)
	if err != nil || path.Base(u.Path) == "/" || u.Path == "" {
		return address
	}
	return clean.Line(path.Base(u.Path))
}

// siteName is the part of a base address by which people know a site.
func siteName(base string) string {
	if u, err := url.Parse(base); err == nil && u.Host != "" {
		return u.Host + strings.TrimSuffix(u.Path, "/")
	}
	return base
}

// hostName is siteName without a path and without www.
func hostName(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return strings.TrimPrefix(u.Host, "www.")
}

// Zone is a time zone for what people read. The zero value is UTC.
type Zone struct{ *time.Location }

// MarshalText gives the zone's name, so that what is made in another one is known to differ.
func (z Zone) MarshalText() ([]byte, error) { return []byte(z.String()), nil }

func (z Zone) in(t time.Time) time.Time {
	if z.Location == nil {
		return t.UTC()
	}
	return t.In(z.Location)
}

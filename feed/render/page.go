package render

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/url"
	"path"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/clean"
)

//go:embed pages
var pages embed.FS

// templates are parsed once and only read afterwards. The pages bear no script, and no style but the inlined sheet.
var templates = template.Must(template.New("pages").Funcs(template.FuncMap{
	"style":   style,
	"type":    typeAttribute,
	"rfc3339": func(t time.Time) string { return t.Format(time.RFC3339) },
	"day":     func(t time.Time) string { return t.Format(time.DateOnly) },
	"minute":  func(t time.Time) string { return t.Format("2006-01-02 15:04 UTC") },
	"names":   names,
}).ParseFS(pages, "pages/*.html"))

func style() (template.CSS, error) {
	css, err := pages.ReadFile("pages/style.css")
	return template.CSS(css), err //nolint:gosec // our own sheet, compiled in
}

// typeAttribute is a link's type attribute as programs search for it: html/template would write the plus as a reference,
// which is right but escapes simple searches.
func typeAttribute(f Format) template.HTMLAttr {
	return template.HTMLAttr(`type="` + f.linkType() + `"`) //nolint:gosec // one of our three media types
}

// page is what every template gets.
type page struct {
	Title, Description  string
	Canonical           string
	Language, Direction string
	Feeds               []subscription // for autodiscovery: what a reader given this page's address can subscribe to
	Image               string
	Article             *articleView
	Articles            template.HTML
	Channels            []channelView
	Others              []otherView
	Home                string // the index
}

type subscription struct {
	Format Format
	Title  string
	URL    string
}

// otherView is another edition of the feed.
type otherView struct {
	Name  string
	Feeds []subscription
}

type channelView struct {
	Title, Description, Page string
	Language, Direction      string
	Feeds                    []subscription
}

type articleView struct {
	Feed, FeedPage      string
	Title, Link         string
	Summary             string
	Language, Direction string
	Authors             []feed.Person
	Tags                []string
	Published, Updated  time.Time
	Changed             bool
	Image               feed.Image // empty when the content shows it already
	Content             template.HTML
	Enclosures          []enclosureView
}

type enclosureView struct {
	URL, Name, Kind string // Kind is audio, video or what else stands before the slash
}

// Page makes the page of an article that has no link of its own, with the path Feed+"/a/"+Slug. It shows the whole
// article, however much the feed shows. It fails when the article lacks link, dates or a slug fit for a path.
func Page(c Channel, it Item) (feed.Document, error) {
	if err := publishable(it); err != nil {
		return feed.Document{}, fmt.Errorf("render a page of feed %q: %w", c.Feed, err)
	}
	if it.Slug == "" || it.Slug == "." || it.Slug == ".." || it.Slug != clean.Line(it.Slug) || strings.ContainsAny(it.Slug, `/\`) {
		return feed.Document{}, fmt.Errorf("render a page of feed %q: article %q has the unfit slug %q", c.Feed, it.ID, it.Slug)
	}
	c.Content, c.MaxSize = Full, 0
	ch := newChannel(c)
	e := newEntry(ch, it)
	view := newArticleView(ch, e)
	// The page runs in our own origin: whatever came in, nothing but harmless HTML goes out.
	view.Content = template.HTML(clean.HTML(e.content)) //nolint:gosec // that is what clean.HTML is for
	p := page{
		Title: e.title, Description: e.summary, Canonical: e.link, Image: e.image.URL,
		Language: view.Language, Direction: view.Direction, Feeds: subscriptions(ch), Article: &view, Home: ch.Base + "/",
	}
	return execute("article.html", c.Feed+"/a/"+it.Slug, p, e.updated)
}

// pageSheet is the beginning of a feed's own page: what it is, where to subscribe, and its articles, pinned ones first.
func pageSheet(c channel, modified time.Time) *sheet {
	if c.Content != None {
		c.Content = Teaser // all that the page shows
	}
	return &sheet{form: pageForm{}, channel: c, path: c.Feed + "/", mediaType: feed.TypeHTML, modified: modified}
}

// skip takes note of articles that stand on the sheet already.
func (s *sheet) skip(all []spot) {
	s.skipped = map[string]bool{}
	for _, one := range all {
		s.skipped[one.ID] = true
	}
}

// pageForm is a feed's own page.
type pageForm struct{}

func (pageForm) shell(c channel, _ time.Time, empty bool) (shell, error) {
	const articles = "<!--articles-->"
	p := page{
		Title: c.Title, Description: c.Description, Canonical: c.page(), Image: c.Image,
		Language: c.Language, Direction: direction(c.Language), Feeds: subscriptions(c), Home: c.Base + "/",
	}
	for _, o := range c.Others {
		other := c
		other.Edition, other.Formats, other.FileNames = o.Edition, o.Formats, o.FileNames
		if feeds := subscriptions(other); len(feeds) > 0 {
			p.Others = append(p.Others, otherView{o.Edition, feeds})
		}
	}
	if !empty {
		p.Articles = articles
	}
	var b strings.Builder
	if err := templates.ExecuteTemplate(&b, "feed.html", p); err != nil {
		return shell{}, err
	}
	if empty {
		return shell{open: b.String()}, nil
	}
	before, after, _ := strings.Cut(b.String(), articles)
	return shell{open: before, close: after}, nil
}

func (pageForm) fragments(c channel, es []entry) ([][]byte, error) {
	return encodeEach(es, func(b *bytes.Buffer, i int) error {
		return templates.ExecuteTemplate(b, "listed", newArticleView(c, es[i]))
	})
}

// Index makes the page at the site's base address: the list of its feeds in the given order, with the path "". Its
// Modified is zero, because channels bear no date.
func Index(base string, cs []Channel) (feed.Document, error) {
	p := page{Title: siteName(base), Canonical: base + "/", Language: "en", Direction: "ltr"}
	for _, c := range cs {
		ch := newChannel(c)
		v := channelView{
			Title: ch.Title, Description: ch.Description, Page: ch.page(),
			Language: ch.Language, Direction: direction(ch.Language), Feeds: subscriptions(ch),
		}
		p.Channels, p.Feeds = append(p.Channels, v), append(p.Feeds, v.Feeds...)
	}
	return execute("index.html", "", p, time.Time{})
}

func execute(name, address string, p page, modified time.Time) (feed.Document, error) {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, p); err != nil {
		return feed.Document{}, fmt.Errorf("render page %q: %w", address, err)
	}
	return feed.NewDocument(address, feed.TypeHTML, modified, b.Bytes()), nil
}

// subscriptions are what a reader can follow: a news sitemap is for search engines.
func subscriptions(c channel) []subscription {
	var out []subscription
	for _, f := range c.Formats {
		if f == NewsSitemap {
			continue
		}
		out = append(out, subscription{Format: f, Title: c.Title, URL: c.document(f)})
	}
	return out
}

func newArticleView(c channel, e entry) articleView {
	v := articleView{
		Feed: c.Title, FeedPage: c.page(), Title: e.title, Link: e.link, Summary: e.summary, Language: e.language,
		Authors: e.authors, Tags: e.tags, Published: e.published, Updated: e.updated, Changed: e.updated.After(e.published),
	}
	if v.Language == "" {
		v.Language = c.Language
	}
	v.Direction = direction(v.Language)
	if !strings.Contains(e.content, e.image.URL) {
		v.Image = e.image
	}
	for _, x := range e.enclosures {
		kind, _, _ := strings.Cut(x.Type, "/")
		v.Enclosures = append(v.Enclosures, enclosureView{URL: x.URL, Name: fileName(x.URL), Kind: kind})
	}
	return v
}

// fileName is the last part of an address, readable.
func fileName(address string) string {
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

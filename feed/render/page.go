package render

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"regexp"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// Page makes the page of an article that has no link of its own, with the path Feed+"/a/"+Slug. It shows the whole
// article, however much the feed shows. It fails when the article lacks link, dates or a slug fit for a path.
func Page(c Channel, it Item) (feed.Document, error) {
	if err := publishable(it); err != nil {
		return feed.Document{}, fmt.Errorf("render a page of feed %q: %w", c.Feed, err)
	}
	if it.Slug == "" || it.Slug == "." || it.Slug == ".." || it.Slug != clean.Line(it.Slug) || strings.ContainsAny(it.Slug, `/\`) {
		return feed.Document{}, fmt.Errorf("render a page of feed %q: article %q has the unfit slug %q", c.Feed, it.ID, it.Slug)
	}
	c.Content, c.MaxSize, c.LeadImage = Full, 0, false
	ch := newChannel(c)
	correction := clean.Line(it.Correction)
	it.Correction = "" // it has a place of its own
	e := newEntry(ch, it)
	v := newArticleView(ch, e)
	v.Correction = correction
	if v.Language == "" {
		v.Language, v.Direction = ch.Language, direction(ch.Language)
	}
	// The page runs in our own origin: whatever came in, nothing but harmless HTML goes out.
	image, content := lead(e.image, e.content)
	v.Image = image
	v.Content = template.HTML(bare(reachable.Replace(clean.HTML(content)), e.link)) //nolint:gosec // that is what clean.HTML is for
	v.Data = newLDArticle(ch, e, v)
	return c.Theme.execute("article.html", c.Feed+"/a/"+it.Slug, page{
		Title: e.title, Description: e.summary, Canonical: e.link, Language: v.Language, Direction: v.Direction,
		Home: ch.Base + "/", OPML: ch.Base + "/" + opmlPath, Icon: ch.Icon, Picture: e.image, Feeds: subscriptions(ch), Private: ch.Tokens, Article: v,
	}, e.updated)
}

// reachable lets those without a mouse scroll a table that is wider than the page. In clean HTML a tag looks like nothing else.
var reachable = strings.NewReplacer("<table>", `<table tabindex="0">`)

// textLink is one with nothing but text in it, in clean HTML.
var textLink = regexp.MustCompile(`<a href="([^"]*)">([^<]*)</a>`)

// bare marks the links whose address is not worth printing behind them: it is their text, or leads to a place on the page itself.
func bare(content, page string) string {
	here := html.EscapeString(page) + "#"
	return textLink.ReplaceAllStringFunc(content, func(a string) string {
		parts := textLink.FindStringSubmatch(a)
		if parts[1] != parts[2] && !strings.HasPrefix(parts[1], here) {
			return a
		}
		return `<a class="bare"` + strings.TrimPrefix(a, "<a")
	})
}

// mostOnPage is how many articles a feed's page shows below the pinned ones. Older ones are in the archive.
const mostOnPage = 100

// pageSheet is the beginning of a feed's own page: what it is, where to subscribe, and its articles, pinned ones first.
func pageSheet(c channel, facets []Facet, modified time.Time, articles, pinned int) *sheet {
	if c.Content != None {
		c.Content = Teaser // all that the page shows
	}
	return &sheet{
		form: pageForm{articles > mostOnPage, facets}, channel: c, path: c.Page(), mediaType: feed.TypeHTML, modified: modified,
		apart: true, most: pinned + mostOnPage,
	}
}

// skip takes note of articles that stand on the sheet already.
func (s *sheet) skip(all []spot) {
	s.skipped = map[string]bool{}
	for _, one := range all {
		s.skipped[one.ID] = true
	}
}

// pageForm is the page of a feed, with some of its facets, or of a facet. more says that there are older articles than it shows.
type pageForm struct {
	more   bool
	facets []Facet
}

func (f pageForm) shell(c channel, _ time.Time, empty bool) (shell, error) {
	const articles = "<!--articles-->"
	v := feedView{Image: c.Image, Tags: tags(c.Tags), Facets: facetViews(c.Channel, f.facets), Archive: c.archives(), More: f.more, Most: mostOnPage}
	if c.Link != c.page() {
		v.Site, v.SiteName = c.Link, hostName(c.Link)
	}
	if c.Facet != nil {
		whole := c
		whole.Facet = nil
		v.Whole, v.WholeTitle, v.Tags = whole.page(), c.Facet.Feed, nil // the title names the tag
	}
	if len(v.Facets) > 0 {
		v.FacetList = Address(c.Base, c.listPath())
	}
	for _, o := range c.Others {
		other := c
		other.Edition, other.Formats, other.FileNames = o.Edition, o.Formats, o.FileNames
		if feeds := subscriptions(other); len(feeds) > 0 {
			v.Others = append(v.Others, otherView{o.Edition, feeds})
		}
	}
	if !empty {
		v.Articles = articles
	}
	var b strings.Builder
	err := c.Theme.write(&b, "feed.html", page{
		Title: c.Title, Description: c.Description, Canonical: c.page(), Language: c.Language, Direction: direction(c.Language),
		Home: c.Base + "/", OPML: c.Base + "/" + opmlPath, Icon: c.Icon, Picture: feed.Image{URL: c.Image}, Feeds: subscriptions(c), Private: c.Tokens, Feed: &v,
	})
	if err != nil {
		return shell{}, err
	}
	if empty {
		return shell{open: b.String()}, nil
	}
	before, after, found := strings.Cut(b.String(), articles)
	if !found {
		return shell{}, feed.Classify(feed.Refused, &fault{fmt.Sprintf("%v %s/feed.html: it shows no articles; write {{.Feed.Articles}} where they belong", ErrTheme, c.Theme.or().dir)})
	}
	return shell{open: before, close: after}, nil
}

func (pageForm) fragments(c channel, es []entry) ([][]byte, error) {
	return encodeEach(es, func(b *bytes.Buffer, i int) error {
		return c.Theme.write(b, "listed", newArticleView(c, es[i]))
	})
}

// typeAttribute is a link's type attribute as programs search for it: html/template would write the plus as a reference,
// which is right but escapes simple searches.
func typeAttribute(f Format) template.HTMLAttr {
	return template.HTMLAttr(`type="` + f.linkType() + `"`) //nolint:gosec // one of our three media types
}

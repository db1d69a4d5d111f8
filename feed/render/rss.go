package render

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"feedmill/feed"

	"github.com/gorilla/feeds"
)

const (
	nsAtom  = "http://www.w3.org/2005/Atom"
	nsDC    = "http://purl.org/dc/elements/1.1/"
	nsMedia = "http://search.yahoo.com/mrss/"
	nsBody  = "http://purl.org/rss/1.0/modules/content/"

	nsHistory    = "http://purl.org/syndication/history/1.0"
	nsTombstones = "http://purl.org/atompub/tombstones/1.0"
)

// rssDocument is the root. The structs below embed gorilla's; a field with the element name of an embedded one hides it.
type rssDocument struct {
	XMLName xml.Name `xml:"rss"`
	Version string   `xml:"version,attr"`
	Atom    string   `xml:"xmlns:atom,attr"`
	Content string   `xml:"xmlns:content,attr"`
	DC      string   `xml:"xmlns:dc,attr"`
	Media   string   `xml:"xmlns:media,attr"`
	History string   `xml:"xmlns:fh,attr,omitempty"`
	Channel rssChannel
}

// FeedXml makes rssDocument a feeds.XmlFeed.
func (d *rssDocument) FeedXml() any { return d } //nolint:revive // the interface spells it so

type rssChannel struct {
	feeds.RssFeed
	Title       rssText   `xml:"title"`
	Description rssText   `xml:"description"`
	Links       []link    `xml:"atom:link"`
	Categories  []rssText `xml:"category"`
	Image       *rssImage `xml:"image"`
	Archive     *struct{} `xml:"fh:archive"`
}

type rssImage struct {
	URL   string  `xml:"url"`
	Title rssText `xml:"title"`
	Link  string  `xml:"link"`
}

type rssItem struct {
	feeds.RssItem
	Title       rssText           `xml:"title"`
	Description string            `xml:"description,omitempty"`
	Content     *feeds.RssContent // after the description: some readers take the last of the two they see
	Creator     string            `xml:"dc:creator,omitempty"`
	Categories  []rssText         `xml:"category"`
	Source      *rssSource        `xml:"source"`
	Updated     string            `xml:"atom:updated,omitempty"`
	Media       []mediaContent    `xml:"media:content"`
}

// rssSource names the feed that an item was taken from.
type rssSource struct {
	URL   string `xml:"url,attr"`
	Title string `xml:",chardata"`
}

// link is an Atom link, in Atom feeds and as atom:link in RSS.
type link struct {
	Rel    string `xml:"rel,attr"`
	Type   string `xml:"type,attr,omitempty"`
	Href   string `xml:"href,attr"`
	Length string `xml:"length,attr,omitempty"`
}

// mediaContent is an element of Media RSS.
type mediaContent struct {
	URL    string `xml:"url,attr"`
	Type   string `xml:"type,attr,omitempty"`
	Medium string `xml:"medium,attr,omitempty"`
	Size   int64  `xml:"fileSize,attr,omitempty"`
	Width  int    `xml:"width,attr,omitempty"`
	Height int    `xml:"height,attr,omitempty"`
	Credit string `xml:"media:credit,omitempty"`
}

// rssText is plain text written with hexadecimal references. RSS leaves open whether a title, what a channel says of itself
// or a category is text or HTML; the Advisory Board's profile found that these are the ones most readers understand as text.
type rssText struct {
	Escaped string `xml:",innerxml"`
}

func newRSSText(s string) rssText { return rssText{textReferences.Replace(s)} }

func newRSSTexts(all []string) (texts []rssText) {
	for _, s := range all {
		texts = append(texts, newRSSText(s))
	}
	return texts
}

var (
	textReferences = strings.NewReplacer("&", "&#x26;", "<", "&#x3C;", ">", "&#x3E;")
	// plainAsHTML turns plain text into HTML, which is what readers take an RSS description for.
	plainAsHTML = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
)

// rssForm is RSS 2.0.
type rssForm struct{}

func (rssForm) shell(c channel, modified time.Time, _ bool) (shell, error) {
	base := (&feeds.Rss{Feed: generic(c, nil, modified)}).RssFeed()
	base.PubDate, base.ManagingEditor = "", "" // authors stand at every item; here some readers would add them once more
	base.Language, base.Generator = c.Language, generator
	ch := rssChannel{
		RssFeed:     *base,
		Title:       newRSSText(c.Title),
		Description: newRSSText(cmp.Or(c.Description, c.Title)), // a must
		Links:       append([]link{{Rel: "self", Type: RSS.linkType(), Href: c.document(RSS)}}, c.history(RSS)...),
		Categories:  newRSSTexts(c.Tags),
	}
	if c.Image != "" {
		ch.Image = &rssImage{URL: c.Image, Title: newRSSText(c.Title), Link: c.Link}
	}
	d := &rssDocument{Version: "2.0", Atom: nsAtom, Content: nsBody, DC: nsDC, Media: nsMedia, Channel: ch}
	d.Channel.Archive, d.History = c.mark()
	return feedShell(c, d, "\n  </channel>\n</rss>")
}

func (rssForm) fragments(c channel, es []entry) ([][]byte, error) {
	base := (&feeds.Rss{Feed: generic(c, es, time.Time{})}).RssFeed()
	return encodeEach(es, func(b *bytes.Buffer, i int) error { return writeElement(b, "    ", newRSSItem(base.Items[i], es[i])) })
}

func newRSSItem(base *feeds.RssItem, e entry) *rssItem {
	it := &rssItem{
		RssItem:     *base,
		Title:       newRSSText(e.title),
		Description: plainAsHTML.Replace(e.summary),
		Creator:     names(e.authors),
		Categories:  newRSSTexts(e.tags),
		Media:       imageMedia(e.image),
	}
	for _, x := range e.enclosures[min(1, len(e.enclosures)):] { // RSS readers understand one enclosure
		it.Media = append(it.Media, mediaContent{URL: x.URL, Type: x.Type, Size: x.Length})
	}
	if e.source.FeedURL != "" {
		it.Source = &rssSource{URL: e.source.FeedURL, Title: e.source.Title}
	}
	it.Author = "" // RSS wants an e-mail address there
	if e.content != "" && !e.summaryOnly {
		it.Content = &feeds.RssContent{Content: e.content}
		it.Description = cmp.Or(it.Description, plainAsHTML.Replace(e.title)) // of an article that is a picture
	}
	if !e.updated.Equal(e.published) {
		it.Updated = e.updated.Format(time.RFC3339)
	}
	return it
}

func imageMedia(i feed.Image) []mediaContent {
	if i.URL == "" {
		return nil
	}
	return []mediaContent{{
		URL: i.URL, Type: i.Type, Medium: "image", Size: i.Length, Width: i.Width, Height: i.Height, Credit: i.Credit,
	}}
}

// generic is the part of a feed that gorilla knows how to say.
func generic(c channel, es []entry, modified time.Time) *feeds.Feed {
	f := &feeds.Feed{
		Title:       c.Title,
		Link:        &feeds.Link{Href: c.Link, Rel: "alternate", Type: "text/html"},
		Description: c.Description,
		Updated:     modified,
		Copyright:   c.Rights,
		Items:       make([]*feeds.Item, len(es)),
	}
	for i, e := range es {
		f.Items[i] = &feeds.Item{
			Title:       e.title,
			Link:        &feeds.Link{Href: e.link, Rel: "alternate"},
			Description: e.summary,
			Content:     e.content,
			Id:          e.id,
			IsPermaLink: strconv.FormatBool(e.id == e.link),
			Created:     e.published,
			Updated:     e.updated,
			Enclosure:   firstEnclosure(e.enclosures),
		}
	}
	return f
}

// firstEnclosure gives an unknown length as 0, as RSS demands; gorilla would drop the enclosure.
func firstEnclosure(es []feed.Enclosure) *feeds.Enclosure {
	if len(es) == 0 {
		return nil
	}
	return &feeds.Enclosure{Url: es[0].URL, Type: es[0].Type, Length: strconv.FormatInt(es[0].Length, 10)}
}

// feedShell is [xmlShell] with a line for whoever opens the document in a browser.
func feedShell(c channel, d feeds.XmlFeed, end string) (shell, error) {
	around, err := xmlShell(d, end)
	if err != nil {
		return shell{}, err
	}
	declaration, root, ok := strings.Cut(around.open, "?>")
	if !ok {
		return shell{}, errors.New("the document does not begin with an XML declaration")
	}
	around.open = declaration + "?>\n" + welcome(c) + "\n" + strings.TrimLeft(root, "\n")
	return around, nil
}

// xmlShell is a document without articles, which stand at the end of the element that closes with end.
func xmlShell(d feeds.XmlFeed, end string) (shell, error) {
	var b strings.Builder
	if err := feeds.WriteXML(d, &b); err != nil {
		return shell{}, err
	}
	open, ok := strings.CutSuffix(b.String(), end)
	if !ok {
		return shell{}, fmt.Errorf("the document does not end with %q", end)
	}
	return shell{open: open, close: end + "\n"}, nil
}

// welcome tells somebody whose browser shows the document as it is what this is. A comment must not hold two hyphens.
func welcome(c channel) string {
	return "<!-- This is a feed: add its address to a feed reader. To read it here, open " +
		strings.ReplaceAll(c.page(), "--", "%2D%2D") + " -->"
}

// writeElement writes an element on lines of its own, indented by prefix, as it stands in a document.
func writeElement(b *bytes.Buffer, prefix string, element any) error {
	b.WriteByte('\n')
	e := xml.NewEncoder(b)
	e.Indent(prefix, "  ")
	return e.Encode(element)
}

// encodeEach encodes the entries one after another into one buffer.
func encodeEach(es []entry, encode func(b *bytes.Buffer, i int) error) ([][]byte, error) {
	var b bytes.Buffer
	ends := make([]int, len(es))
	for i := range es {
		if err := encode(&b, i); err != nil {
			return nil, fmt.Errorf("article %q: %w", es[i].id, err)
		}
		ends[i] = b.Len()
	}
	bodies, start := make([][]byte, len(es)), 0
	for i, end := range ends {
		bodies[i] = b.Bytes()[start:end:end]
		start = end
	}
	return bodies, nil
}

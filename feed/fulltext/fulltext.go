// Package fulltext makes an article whole that is listed in part: it fetches the page that the article's link leads to, as
// politely as a link wants that nobody wrote down, and takes the text from it.
//
// It decides neither when a page is fetched nor how often it is tried, and keeps nothing: that is the work of package mill.
// What of a page is the article is the business of package readable.
package fulltext

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"
	"unicode/utf8"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/fetch"
	"feedmill/feed/filter"
	"feedmill/feed/markup"
	"feedmill/feed/readable"
)

// Reader reads the pages of articles. Safe for concurrent use.
type Reader struct {
	Client *fetch.Client
	// Config is the manners for the address of an article.
	Config func(address string) fetch.Config
	// Zone is where dates are that name no zone.
	Zone *time.Location
}

// Read returns the article with the text of its page, and with the page's title, lead image, authors, date, language and
// tags where the article has none. The error is of class Gone when there is no page and never will be one (404, 410).
func (r Reader) Read(ctx context.Context, a feed.Article, words filter.FullText) (feed.Article, error) {
	ctx, done := fetch.Hold(ctx) // large pages do not pile up while they are parsed
	defer done()
	answer, err := r.Get(ctx, a)
	if err != nil {
		return a, err
	}
	return r.Take(a, answer, Words{Select: words.Select.Selector, Remove: words.Remove, How: "full_text"})
}

// Get asks for the page of an article. The error is as for [Reader.Read].
func (r Reader) Get(ctx context.Context, a feed.Article) (fetch.Answer, error) {
	answer, err := r.Client.Get(ctx, nil, fetch.Request{
		URL: a.Link, Config: r.Config(a.Link), Found: true, Accept: "text/html, application/xhtml+xml;q=0.9, */*;q=0.1",
	})
	if status := fetch.StatusOf(err); status == http.StatusNotFound {
		err = feed.Classify(feed.Gone, err)
	}
	return answer, err
}

// Words say what of a page is taken.
type Words struct {
	Select markup.Selector   // finds the text; the zero one: it is found by itself
	Remove []markup.Selector // find what is taken off the page first
	How    string            // who asks, in a word for the article's trace
}

// Take returns the article with what the answer of its page says of it.
func (r Reader) Take(a feed.Article, answer fetch.Answer, words Words) (feed.Article, error) {
	address, err := url.Parse(answer.URL)
	if err != nil {
		return a, feed.Classify(feed.Unreadable, fmt.Errorf("read %s: its address is no address: %w", shown(a.Link), err))
	}
	page, err := readable.Read(answer.Body, answer.Type, address, readable.Options{
		Select: words.Select, Remove: words.Remove, Zone: r.Zone,
	})
	if answer.Wall != "" && (err != nil || isShort(page)) {
		err = feed.Classify(feed.Refused, fmt.Errorf("%s stands before the article; try cookies or headers under fetch", answer.Wall))
	}
	if feed.ClassOf(err) == feed.Unavailable {
		err = feed.Classify(feed.Refused, err) // its host does answer, but lets nobody like us to the article
	}
	if err != nil {
		return a, fmt.Errorf("read %s: %w", shown(a.Link), err)
	}
	a = merged(a, page)
	a.Trace.Add(feed.TracePage, shown(answer.URL))
	a.Trace.Add("content", words.How)
	return a, nil
}

// mostOfWall bounds the text, in characters, of a page that may stand before the article. What has more is the article.
const mostOfWall = 1500

func isShort(page feed.Article) bool {
	return utf8.RuneCountInString(clean.PlainText(page.Content)) < mostOfWall
}

// merged is the article as it was listed with what its page says.
func merged(a, page feed.Article) feed.Article {
	a.Content, a.Markdown = page.Content, ""
	if a.Title == "" {
		a.Title = page.Title
	}
	if a.Image.URL == "" {
		a.Image = page.Image
	}
	if len(a.Authors) == 0 {
		a.Authors = page.Authors
	}
	if a.Published.IsZero() {
		a.Published = page.Published
	}
	if a.Language == "" {
		a.Language = page.Language
	}
	if len(a.Tags) == 0 {
		a.Tags = page.Tags
	}
	return a
}

// shown is an address as operators may see it: values of the query can be keys.
func shown(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "its page"
	}
	query := u.RawQuery != ""
	u.User, u.RawQuery, u.Fragment, u.RawFragment = nil, "", "", ""
	if query {
		return u.String() + "?…"
	}
	return u.String()
}

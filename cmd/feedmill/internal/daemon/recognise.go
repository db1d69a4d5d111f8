package daemon

import (
	"context"
	"errors"
	"time"

	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/field"
	"feedmill/feed/listing"
	"feedmill/feed/markup"
	"feedmill/feed/parse"
	"feedmill/source/upstream"
)

// Recognised is what an address was found to be: a source of the kind Kind at URL, which is another address when a page
// names its feed.
type Recognised struct {
	Kind, URL string
	Page      listing.Finding // when Kind is page
	Sitemap   parse.List      // when Kind is sitemap
	JSON      []byte          // when Kind is json
}

// Recognise asks an address once, politely, and tells what it is, as a source does for which nothing but its address is
// written.
func Recognise(ctx context.Context, client *fetch.Client, manners fetch.Config, url string, now func() time.Time) (Recognised, error) {
	c := upstream.Config{URL: url, Fetch: manners}
	if err := c.Validate(); err != nil {
		return Recognised{}, err
	}
	ctx, done := fetch.Hold(ctx)
	defer done()
	r := Recognised{}
	var err error
	r.Kind, r.URL, err = upstream.NewAddress(c, nil, nil, client, time.UTC, now).Kind(ctx, scrap{})
	if err != nil && feed.ClassOf(err) == feed.Unreadable {
		return sitemapAt(ctx, client, manners, url, now(), err)
	}
	if err != nil || r.Kind != "page" {
		return r, err
	}
	answer, err := client.Get(ctx, nil, fetch.Request{URL: url, Config: manners, Accept: upstream.Accept})
	if err != nil {
		return r, err
	}
	page, err := markup.Parse(answer.Body, answer.Type, answer.URL)
	if err != nil {
		return r, err
	}
	r.Page, err = listing.Detect(ctx, page, field.Env{Now: now()})
	return r, err
}

// sitemapAt reads an address as a sitemap, or else as JSON, that is no feed for the reason given.
func sitemapAt(ctx context.Context, client *fetch.Client, manners fetch.Config, url string, now time.Time, noFeed error) (Recognised, error) {
	answer, err := client.Get(ctx, nil, fetch.Request{URL: url, Config: manners, Accept: upstream.Accept})
	if err != nil {
		return Recognised{}, err
	}
	list, err := parse.Addresses(answer.Body, answer.Type, answer.URL, time.UTC, now, int64(manners.MaxBody))
	if err != nil {
		if other, ok := errors.AsType[*parse.NotFeed](noFeed); ok && other.Kind == parse.JSON {
			return Recognised{Kind: "json", URL: url, JSON: answer.Body}, nil
		}
		return Recognised{}, noFeed
	}
	return Recognised{Kind: "sitemap", URL: url, Sitemap: list}, nil
}

// scrap is a memory that nobody keeps.
type scrap map[string][]byte

func (s scrap) Get(key string) []byte        { return s[key] }
func (s scrap) Put(key string, value []byte) { s[key] = value }

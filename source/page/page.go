// Package page is the source kind page: it reads articles out of web pages by selectors.
//
// A [Page] fetches the page that lists its articles, takes them (package listing), follows the links to older pages until
// one ends with an article that is known (chain.go), and hands over what is new. An answer that is the one of last time, and
// articles that are the ones of last time, end the fetch early. What was read is remembered ([batch.Known]): which articles were
// seen, and when one was first dated, if its page says only how long ago it was.
//
// What articles lack is on pages of their own. [Page.Completer] fetches and reads one of them (follow.go); when, how
// many at once and how often it is tried is the mill's business.
//
// A page whose selectors do not fit is an error, never an empty feed: trouble.go has its words.
//
// A list of 60 KB with 20 articles, whose pages of 40 KB are followed, takes 44 ms the first time; 0.43 ms when its bytes are
// the same, and 2.3 ms when only what stands around the articles has changed (BenchmarkListing, with the origin's side,
// without sockets, on two busy cores).
//
// The package opens no connection itself and starts no goroutine. Browsers are given to it (see [Renderer]).
package page

import (
	"context"
	"fmt"
	"time"

	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/field"
)

var (
	_ feed.Source    = (*Page)(nil)
	_ feed.Completer = (*Page)(nil)
)

// Renderer loads pages in a browser.
type Renderer interface {
	// Render is [fetch.Client.Get] through a browser: the body is the page after its scripts have run. It waits until
	// wait, a CSS selector or an XPath expression, finds something, or when that is empty until the network is quiet.
	Render(ctx context.Context, m feed.Memory, r fetch.Request, wait string) (fetch.Answer, error)
}

// Page reads one page, with those that it leads to.
type Page struct {
	config   Config
	client   *fetch.Client
	renderer Renderer
	loc      *time.Location
	now      func() time.Time
}

// New makes a source of the page that c names. renderer loads it when c says so, and may be nil otherwise; loc is the
// zone of dates that name none (nil is UTC), now tells against which time relative dates are judged.
func New(c Config, client *fetch.Client, renderer Renderer, loc *time.Location, now func() time.Time) *Page {
	return &Page{config: c, client: client, renderer: renderer, loc: loc, now: now}
}

// accept is what pages are served as.
const accept = "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8"

// movedKey is where the address is remembered that was last told as the one the page has moved to.
const movedKey = "page.moved"

// Fetch reads the page. The batch is a listing when all of its pages were read, and an increment when it was
// stopped at a known article.
func (p *Page) Fetch(ctx context.Context, m feed.Memory) (feed.Batch, error) {
	ctx, done := fetch.Hold(ctx)
	defer done()
	answer, err := p.get(ctx, m, p.config.URL)
	if err != nil {
		return feed.Batch{}, err
	}
	batch := feed.Batch{Extent: feed.Unchanged}
	if !answer.Unchanged {
		var whole bool
		if batch, whole, err = p.read(ctx, m, answer); err != nil {
			if ctx.Err() == nil { // else it may well be readable
				p.client.Reject(m, p.request(p.config.URL), err)
			}
			return feed.Batch{}, err
		}
		if whole {
			answer.Remember(m)
		}
	}
	if to := answer.Moved; to != "" && string(m.Get(movedKey)) != to {
		m.Put(movedKey, []byte(to))
		batch.Notes = append(batch.Notes, fmt.Sprintf("%s has moved to %s; change url, for the old address may end", fetch.Shown(p.config.URL), fetch.Shown(to)))
	}
	return batch, nil
}

// get asks for a page: the configured one, or one that it led to.
func (p *Page) get(ctx context.Context, m feed.Memory, address string) (fetch.Answer, error) {
	r := p.request(address)
	if !p.config.Render {
		return p.client.Get(ctx, m, r)
	}
	if p.renderer == nil {
		return fetch.Answer{}, feed.Classify(feed.Internal, fmt.Errorf("read %s: there is no browser for render: true", fetch.Shown(address)))
	}
	return p.renderer.Render(ctx, m, r, p.config.Items.Markup())
}

func (p *Page) request(address string) fetch.Request {
	return fetch.Request{
		URL: address, Config: p.config.Fetch.For(p.config.URL, address), Accept: accept, Found: address != p.config.URL, By: p,
	}
}

// env is what the articles of a page are made with.
func (p *Page) env() field.Env { return field.Env{Location: p.loc, Now: p.now()} }

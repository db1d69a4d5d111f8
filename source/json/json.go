// Package json is the source kind json: it reads articles out of JSON APIs.
//
// A [JSON] fetches the address, takes the articles of the answer (package record), follows what leads to older ones until a
// page ends with an article that is known (chain.go, next.go), and hands over what is new. An answer that is the one of last
// time, and articles that are the ones of last time, end the fetch early. Where the configuration does not say where the
// articles are, what was found is remembered, so that it stays as it is until it no longer fits.
//
// An answer that is no JSON, or whose words do not fit, is an error, never an empty feed: trouble.go has its words. The
// articles are the operator's own: a date in the future is an embargo.
//
// An answer of 16 MB, 10,000 releases with notes of 1.5 KB, is read by jq in 0.7 s with 110 to 150 MB above idle, body
// included; one of last time is known in 0.1 s (BenchmarkLarge, one core). Whatever 16 MB hold, 256 MB are enough
// (TestALargeAnswerStaysSmall): what would take more is refused while it is read.
//
// The package opens no connection itself and starts no goroutine.
package json

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/field"
)

var _ feed.Source = (*JSON)(nil)

// JSON reads one API, with the pages that it leads to.
type JSON struct {
	config Config
	client *fetch.Client
	loc    *time.Location
	now    func() time.Time
}

// New makes a source of the API that c names. loc is the zone of dates that name none (nil is UTC), now tells against which
// time relative dates are judged.
func New(c Config, client *fetch.Client, loc *time.Location, now func() time.Time) *JSON {
	return &JSON{config: c, client: client, loc: loc, now: now}
}

// accept is what answers are asked for as.
const accept = "application/json, application/feed+json;q=0.9, text/json;q=0.9, */*;q=0.5"

// movedKey is where the address is remembered that was last told as the one the API has moved to.
const movedKey = "json.moved"

// Fetch reads the API. The batch is a listing when all of its pages were read, and an increment when it was stopped at a
// known article.
func (j *JSON) Fetch(ctx context.Context, m feed.Memory) (feed.Batch, error) {
	ctx, done := fetch.Hold(ctx)
	defer done()
	first := question{url: j.config.URL, body: j.config.Body}
	answer, err := j.client.Get(ctx, m, j.request(first))
	if err != nil {
		return feed.Batch{}, err
	}
	b := feed.Batch{Extent: feed.Unchanged}
	if !answer.Unchanged {
		var whole bool
		if b, whole, err = j.read(ctx, m, first, answer); err != nil {
			if ctx.Err() == nil { // else it may well be readable
				j.client.Reject(m, j.request(first), err)
			}
			return feed.Batch{}, err
		}
		if whole {
			answer.Remember(m)
		}
	}
	if to := answer.Moved; to != "" && string(m.Get(movedKey)) != to {
		m.Put(movedKey, []byte(to))
		b.Notes = append(b.Notes, fmt.Sprintf("%s has moved to %s; change url, for the old address may end", fetch.Shown(j.config.URL), fetch.Shown(to)))
	}
	return b, nil
}

// question is what is asked for a page.
type question struct{ url, body string }

func (j *JSON) request(q question) fetch.Request {
	return fetch.Request{
		URL: q.url, Method: j.config.Method, Body: []byte(q.body), Config: j.config.Fetch.For(j.config.URL, q.url), Accept: accept,
		Found: !samePlace(q.url, j.config.URL), By: j,
	}
}

// samePlace reports whether two addresses differ in their queries only: a page of what the operator named himself.
func samePlace(a, b string) bool {
	u, err := url.Parse(a)
	v, wrong := url.Parse(b)
	return err == nil && wrong == nil && u.Scheme == v.Scheme && u.Host == v.Host && u.Path == v.Path
}

// env is what the articles of an answer are made with.
func (j *JSON) env(answer fetch.Answer) field.Env {
	return field.Env{Base: answer.URL, Location: j.loc, Now: j.now()}
}

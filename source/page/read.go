package page

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"feedmill/feed"
	"feedmill/feed/batch"
	"feedmill/feed/fetch"
	"feedmill/feed/listing"
	"feedmill/feed/markup"
)

// deadly is how many deaths of the process during the reading of one body make it a poison.
const deadly = 2

// Where the articles that were seen, the digest of the last ones and the problems of the last page are remembered.
const (
	knownKey    = "page.known"
	articlesKey = "page.articles"
	toldKey     = "page.told"
)

// read makes the batch of an answer that is not known yet. whole is false when a page behind it could not be read, so
// that it has to be read again.
func (p *Page) read(ctx context.Context, m feed.Memory, answer fetch.Answer) (b feed.Batch, whole bool, err error) {
	c := chain{page: p, memory: m, known: batch.Recall(m, knownKey), shapes: listing.LoadKnown(m), visited: map[string]bool{}, taken: map[string]bool{}}
	if err := c.follow(ctx, answer); err != nil {
		return feed.Batch{}, false, err
	}
	b = feed.Batch{Extent: c.extent, Foreign: true, Articles: c.articles, Problems: batch.News(m, toldKey, p.placed(c.problems)), Notes: c.notes}
	if c.broken != nil {
		b.Problems = append(b.Problems, c.broken) // told as long as it lasts
	} else {
		c.known.Save(m)
	}
	digest := batch.Digest(b.Articles)
	if bytes.Equal(m.Get(articlesKey), digest) {
		b.Articles, b.Extent = nil, feed.Unchanged
	} else if !p.config.Items.IsZero() {
		c.shapes.With(ctx, c.first, &p.config.Fields, c.firstTaken).Save(m)
	}
	m.Put(articlesKey, digest)
	return b, c.broken == nil, nil
}

// mark notes, if m can, that a body is being read. One that ended the process twice is not read again.
func (p *Page) mark(ctx context.Context, m feed.Memory, body []byte) (end func(), err error) {
	marker, ok := m.(feed.Marker)
	if !ok {
		return func() {}, nil
	}
	sum := sha256.Sum256(body)
	deaths, end, err := marker.Begin(ctx, "page."+base64.RawURLEncoding.EncodeToString(sum[:15]))
	if err != nil {
		return nil, fmt.Errorf("mark reading of %s: %w", fetch.Shown(p.config.URL), err)
	}
	if deaths >= deadly {
		end()
		return nil, p.quarantined()
	}
	return end, nil
}

// take reads one page of the list. With shapes it is the first one, of which these are known: where its selectors no
// longer do what they did, the error is a [*listing.Outgrown].
func (p *Page) take(ctx context.Context, answer fetch.Answer, shapes *listing.Known) (*markup.Page, listing.Taken, error) {
	body := answer.Body
	answer.Body = nil
	page, err := markup.Parse(body, answer.Type, answer.URL)
	if err != nil {
		return nil, listing.Taken{}, p.unreadable(err, answer)
	}
	taken, err := listing.Take(ctx, page, p.config.Items, p.config.Fields, p.env())
	if shapes != nil && answer.Wall == "" {
		err = shapes.Judge(ctx, page, p.selectors(), p.env(), taken, feed.Classify(feed.ClassOf(err), p.advised(err)))
	}
	if err != nil {
		return page, taken, p.unreadable(err, answer)
	}
	return page, taken, nil
}

// find reads the page at a place of a chain for which nobody wrote selectors: as the first one says. The notes explain how, when
// that is new.
func (p *Page) find(ctx context.Context, m feed.Memory, answer fetch.Answer, n int) (*markup.Page, listing.Taken, []string, error) {
	body := answer.Body
	answer.Body = nil
	page, err := markup.Parse(body, answer.Type, answer.URL)
	if err != nil {
		return nil, listing.Taken{}, nil, p.unreadable(err, answer)
	}
	var taken listing.Taken
	var notes []string
	if n == 1 {
		taken, notes, err = listing.Find(ctx, m, page, p.env())
	} else {
		taken, err = listing.FindMore(ctx, m, page, p.env())
	}
	if err != nil {
		return page, taken, nil, p.unreadable(err, answer)
	}
	return page, taken, notes, nil
}

func (p *Page) selectors() listing.Selectors {
	return listing.Selectors{Items: p.config.Items, Fields: p.config.Fields}
}

// Look reads the page as it is now, whatever it was last time, and returns what its selectors take from it. m, which may
// hold what is known of the page, is not changed. The error is an [*listing.Outgrown] where they no longer do what they
// did.
func (p *Page) Look(ctx context.Context, m feed.Memory) (listing.Taken, error) {
	answer, err := p.get(ctx, nil, p.config.URL)
	if err != nil {
		return listing.Taken{}, err
	}
	shapes := listing.LoadKnown(m)
	_, taken, err := p.take(ctx, answer, &shapes)
	return taken, err
}

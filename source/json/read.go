package json

import (
	"bytes"
	"context"

	"feedmill/feed"
	"feedmill/feed/batch"
	"feedmill/feed/fetch"
	"feedmill/feed/record"
)

// Where the articles that were seen, the digest of the last ones and the problems of the last answer are remembered.
const (
	knownKey    = "json.known"
	articlesKey = "json.articles"
	toldKey     = "json.told"
)

// read makes the batch of an answer that is not known yet. whole is false when a page behind it could not be read, so
// that it has to be read again.
func (j *JSON) read(ctx context.Context, m feed.Memory, q question, answer fetch.Answer) (b feed.Batch, whole bool, err error) {
	f := record.Remembered(m, record.Words{Items: j.config.Items, Fields: j.config.Fields})
	c := chain{source: j, words: f, known: batch.Recall(m, knownKey), visited: map[question]bool{}, taken: map[string]bool{}}
	if err := c.follow(ctx, q, answer); err != nil {
		return feed.Batch{}, false, err
	}
	b = feed.Batch{Extent: c.extent, Articles: c.articles, Problems: batch.News(m, toldKey, j.placed(c.problems))}
	if c.broken != nil {
		b.Problems = append(b.Problems, c.broken) // told as long as it lasts
	} else {
		c.known.Save(m)
	}
	b.Notes = f.Save(m)
	digest := batch.Digest(b.Articles)
	if bytes.Equal(m.Get(articlesKey), digest) {
		b.Articles, b.Extent = nil, feed.Unchanged
	}
	m.Put(articlesKey, digest)
	return b, c.broken == nil, nil
}

// take reads one page.
func (j *JSON) take(ctx context.Context, answer fetch.Answer, words *record.Finder) (document any, t record.Taken, err error) {
	body := answer.Body
	answer.Body = nil
	if document, err = record.Read(body, answer.Charset()); err == nil {
		t, err = words.Take(ctx, document, j.env(answer))
	}
	if err != nil && ctx.Err() == nil {
		err = j.unreadable(err, body, answer)
	}
	return document, t, err
}

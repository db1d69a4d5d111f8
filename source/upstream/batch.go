package upstream

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"

	"feedmill/feed"
	"feedmill/feed/batch"
	"feedmill/feed/fetch"
	"feedmill/feed/parse"
)

// deadly is how many deaths of the process during the reading of one body make it a poison.
const deadly = 2

// parse reads a document. If m can tell, a body that ended the process twice is not read again.
//
// The body is given by itself, so that nothing holds it any more while its text is read.
func (u *Upstream) parse(ctx context.Context, m feed.Memory, answer fetch.Answer, body []byte) (parse.Feed, error) {
	if marker, ok := m.(feed.Marker); ok {
		sum := sha256.Sum256(body)
		deaths, end, err := marker.Begin(ctx, "parse."+base64.RawURLEncoding.EncodeToString(sum[:15]))
		if err != nil {
			return parse.Feed{}, fmt.Errorf("mark reading of %s: %w", shown(u.config.URL), err)
		}
		defer end()
		if deaths >= deadly {
			return parse.Feed{}, u.quarantined()
		}
	}
	document, err := parse.Parse(body, answer.Type, answer.URL, u.loc, u.now())
	if err != nil {
		return parse.Feed{}, u.unreadable(err, answer)
	}
	return document, nil
}

// Where the digests of the last document and of its articles are remembered.
const (
	textKey     = "upstream.text"
	articlesKey = "upstream.articles"
)

// read makes the batch of an answer that is not known yet.
func (u *Upstream) read(ctx context.Context, m feed.Memory, answer fetch.Answer, body []byte) (feed.Batch, error) {
	text := textDigestOf(body)
	if bytes.Equal(m.Get(textKey), text) {
		return feed.Batch{Extent: feed.Unchanged}, nil
	}
	document, err := u.parse(ctx, m, answer, body)
	if err != nil {
		return feed.Batch{}, err
	}
	m.Put(textKey, text)
	return u.batch(m, document), nil
}

// batch makes the batch of a document: Unchanged if the articles are those of last time.
func (u *Upstream) batch(m feed.Memory, document parse.Feed) feed.Batch {
	problems := batch.News(m, toldKey, u.problems(document))
	u.attribute(document)
	batch.GiveKeys(document.Articles, document.Link)
	digest := batch.Digest(document.Articles)
	if bytes.Equal(m.Get(articlesKey), digest) {
		return feed.Batch{Extent: feed.Unchanged, Problems: problems}
	}
	m.Put(articlesKey, digest)
	return feed.Batch{Extent: feed.Listing, Articles: document.Articles, Foreign: true, Problems: problems}
}

// attribute says of each article that names no feed of its own that it comes from this one.
func (u *Upstream) attribute(document parse.Feed) {
	here := feed.Origin{Title: document.Title, Link: document.Link}
	for _, address := range []string{u.config.URL, document.Self} {
		if here.FeedURL == "" && isPublic(address) {
			here.FeedURL = address
		}
	}
	for i := range document.Articles {
		if a := &document.Articles[i]; a.Source == (feed.Origin{}) {
			a.Source = here
		}
	}
}

// isPublic reports whether readers may see an address: one with a query may hold a key.
func isPublic(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && u.User == nil && u.RawQuery == ""
}

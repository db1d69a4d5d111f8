package upstream

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io"
	"regexp"
	"time"

	"feedmill/feed"
)

// feedDate matches a date of the feed itself, in the part of a document that stands before its items.
var feedDate = regexp.MustCompile(`<((?:\w+:)?(?:lastBuildDate|pubDate|updated|modified|date)\b[^<>]*)>[^<]*<`)

// textDigestOf is a digest of a document without the dates of the feed itself, which many sites set to the moment at
// which they are asked. It needs no parsing: a document whose dates stand elsewhere only fails to look like the last one.
func textDigestOf(body []byte) []byte {
	const within = 64 << 10
	head := len(body)
	for _, item := range []string{"<item", "<entry"} {
		if at := bytes.Index(body[:min(head, within)], []byte(item)); at >= 0 {
			head = at
		}
	}
	head = min(head, within)
	h := sha256.New()
	_, _ = h.Write(feedDate.ReplaceAll(body[:head], []byte("<$1><"))) // a hash takes everything
	_, _ = h.Write(body[head:])
	return h.Sum(nil)[:16]
}

// digestOf is a digest of all that a document says of its articles, and of their order.
func digestOf(articles []feed.Article) []byte {
	d := digester{Hash: sha256.New()}
	for i := range articles {
		d.article(&articles[i])
	}
	return d.Sum(nil)[:16]
}

// digester writes values so that no two lists of them look the same.
type digester struct {
	hash.Hash
	number [binary.MaxVarintLen64]byte
}

func (d *digester) int(n int64) {
	_, _ = d.Write(d.number[:binary.PutVarint(d.number[:], n)]) // a hash takes everything
}

func (d *digester) words(words ...string) {
	for _, word := range words {
		d.int(int64(len(word)))
		_, _ = io.WriteString(d, word)
	}
}

func (d *digester) time(t time.Time) {
	if t.IsZero() {
		d.int(0)
		return
	}
	d.int(t.UnixNano())
}

func (d *digester) article(a *feed.Article) {
	d.words(a.ID, a.Key, a.Link, a.Title, a.Summary, a.Content, a.Language)
	d.words(a.Image.URL, a.Image.Caption, a.Image.Credit, a.Source.Title, a.Source.Link, a.Source.FeedURL)
	d.time(a.Published)
	d.time(a.Updated)
	d.int(int64(len(a.Authors)))
	for _, p := range a.Authors {
		d.words(p.Name, p.Email, p.URL)
	}
	d.int(int64(len(a.Tags)))
	d.words(a.Tags...)
	d.int(int64(len(a.Enclosures)))
	for _, e := range a.Enclosures {
		d.words(e.URL, e.Type)
		d.int(e.Length)
	}
}

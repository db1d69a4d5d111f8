package batch

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io"
	"strconv"
	"time"

	"feedmill/feed"
)

// Digest is a digest of all that a document says of its articles, and of their order.
func Digest(articles []feed.Article) []byte {
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
	if a.Revision != "" {
		d.words("revision", a.Revision)
	}
	if a.Markdown != "" || a.Status != "" || a.Correction != "" || a.Minor || a.Pin || !a.Expires.IsZero() {
		d.words(a.Markdown, string(a.Status), a.Correction, strconv.FormatBool(a.Minor), strconv.FormatBool(a.Pin))
		d.time(a.Expires)
	}
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

package upstream

import (
	"bytes"
	"crypto/sha256"

	"feedmill/feed/late"
)

// feedDate matches a date of the feed itself, in the part of a document that stands before its items.
var feedDate = late.Regexp(`<((?:\w+:)?(?:lastBuildDate|pubDate|updated|modified|date)\b[^<>]*)>[^<]*<`)

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
	_, _ = h.Write(feedDate().ReplaceAll(body[:head], []byte("<$1><"))) // a hash takes everything
	_, _ = h.Write(body[head:])
	return h.Sum(nil)[:16]
}

package parse_test

import (
	"testing"
	"time"

	"feedmill/feed/parse"
)

// What tells only where readers come from is no part of an article's address, in any format.
func TestLinksAreReadWithoutTrackers(t *testing.T) {
	for name, document := range map[string]string{
		"RSS":  `<rss version="2.0"><channel><title>T</title><item><title>A</title><link>https://a.example/1?utm_source=rss&amp;p=2&amp;fbclid=x</link></item></channel></rss>`,
		"Atom": `<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><id>urn:a:1</id><title>A</title><link href="https://a.example/1?p=2&amp;utm_medium=feed"/></entry></feed>`,
		"JSON": `{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": "1", "url": "https://a.example/1?p=2#utm_source=rss", "content_text": "A"}]}`,
	} {
		f, err := parse.Parse([]byte(document), "", "https://a.example/feed", time.UTC, time.Now())
		if err != nil || len(f.Articles) != 1 {
			t.Fatalf("%s: %v", name, err)
		}
		if link := f.Articles[0].Link; link != "https://a.example/1?p=2" {
			t.Errorf("%s: the link is %s", name, link)
		}
	}
}

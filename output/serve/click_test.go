package serve

import (
	"testing"
	"time"

	"feedmill/feed"
)

// TestClick asks for the addresses of feeds as a browser does when somebody clicks on one, and as everybody else does.
func TestClick(t *testing.T) {
	server := worldly(t, "/v1")
	server.SetFeeds(map[string]Feed{"world": {Age: time.Minute}, "world/inside": {Readers: let(alice), Part: true}, "secret": {Readers: let(bob)}, "secret/open": {Part: true}})
	doc := func(path, mediaType, text string) feed.Document {
		return feed.NewDocument(path, mediaType, modified, []byte(text))
	}
	publish(t, server, feed.Release{Feed: "world", Revision: 2, Documents: []feed.Document{
		doc("world.rss", feed.TypeRSS, "feed"), doc("world.json", feed.TypeJSON, "feed"), doc("world/", feed.TypeHTML, "page"), doc("world.xml", feed.TypeXML, "sitemap"),
		doc("world/full.atom", feed.TypeAtom, "full"), doc("world/full/", feed.TypeHTML, "page of full"),
		doc("world/short.atom", feed.TypeAtom, "short"), doc("world/inside.rss", feed.TypeRSS, "inside"),
	}})
	publish(t, server, feed.Release{Feed: "secret", Documents: []feed.Document{
		doc("secret.rss", feed.TypeRSS, "secret"), doc("secret/", feed.TypeHTML, "page of secret"), doc("secret/open.rss", feed.TypeRSS, "open"),
	}})
	server.SetPages(newAttic(
		doc("world/tag/war.rss", feed.TypeRSS, "tag"), doc("world/tag/war/", feed.TypeHTML, "page of tag"),
		doc("world/tag/peace.rss", feed.TypeRSS, "tag"), doc("world/archive/1.atom", feed.TypeAtom, "archive"),
	).page)
	s := start(t, server)
	for _, c := range []struct{ path, feed, page string }{
		{"world.rss", "feed", "page"},
		{"world.json", "feed", "page"},
		{"world.xml", "sitemap", "sitemap"},
		{"world/", "page", "page"},
		{"world/full.atom", "full", "page of full"},
		{"world/short.atom", "short", "page"},
		{"world/inside.rss?token=" + alice, "inside", "page"},
		{"secret.rss?token=" + bob, "secret", "page of secret"},
		{"secret/open.rss", "open", "open"}, // whose feed's page is not for everybody
		{"world/tag/war.rss", "tag", "page of tag"},
		{"world/tag/peace.rss", "tag", "page"},
		{"world/archive/1.atom", "archive", "page"},
	} {
		for _, dest := range []string{"", "empty", "iframe", "audio", "document, document"} {
			var headers []string
			if dest != "" {
				headers = []string{"Sec-Fetch-Dest", dest}
			}
			if res := s.get(t, "/v1/"+c.path, headers...); res.StatusCode != 200 || string(res.body) != c.feed {
				t.Errorf("%s for %q is %d %q", c.path, dest, res.StatusCode, res.body)
			}
		}
		plain := s.get(t, "/v1/"+c.path)
		res := s.get(t, "/v1/"+c.path, "Sec-Fetch-Dest", "document")
		if res.StatusCode != 200 || string(res.body) != c.page {
			t.Errorf("who clicks on %s sees %d %q, not %q", c.path, res.StatusCode, res.body, c.page)
		}
		if got, want := res.Header.Get("Vary"), plain.Header.Get("Vary"); got != want {
			t.Errorf("%s: Vary is %q for who clicks and %q for others", c.path, got, want)
		}
		if c.page == c.feed {
			continue
		}
		res.wants(t, 200, "Content-Type", feed.TypeHTML, "Content-Security-Policy", contentPolicy[0])
		tag := res.Header.Get("Etag")
		if tag == plain.Header.Get("Etag") {
			t.Errorf("%s: page and feed have one tag", c.path)
		}
		s.get(t, "/v1/"+c.path, "Sec-Fetch-Dest", "document", "If-None-Match", tag).wants(t, 304, "Etag", tag, "Vary", plain.Header.Get("Vary"))
		s.get(t, "/v1/"+c.path, "If-None-Match", tag).wants(t, 200)
		s.do(t, "HEAD", "/v1/"+c.path, "Sec-Fetch-Dest", "document").wants(t, 200, "Content-Type", feed.TypeHTML)
	}
	s.get(t, "/v1/world.rss").wants(t, 200, "Vary", "Accept-Encoding, Sec-Fetch-Dest")
	s.get(t, "/v1/secret.rss", "Sec-Fetch-Dest", "document").wants(t, 401)
	s.get(t, "/v1/secret.rss?token="+bob, "Sec-Fetch-Dest", "document").wants(t, 200, "Cache-Control", "private, max-age=300", "X-Robots-Tag", "noindex")
	s.get(t, "/v1/world/inside.rss?token="+alice, "Sec-Fetch-Dest", "document").wants(t, 200, "Cache-Control", "private, max-age=300")
}

package serve

import (
	"testing"
	"time"

	"feedmill/feed"
)

// TestMoved: every address below the key that a feed had leads below the one that it has.
func TestMoved(t *testing.T) {
	server := worldly(t, "/v1")
	server.SetFeeds(map[string]Feed{"world": {Age: time.Minute}, "old/name/local": {Age: time.Minute}, "inside": {Readers: let("secret")}})
	publish(t, server, feed.Release{Feed: "old/name/local", Documents: []feed.Document{
		feed.NewDocument("old/name/local.rss", feed.TypeRSS, modified, []byte("local")),
	}})
	server.SetMoved(map[string]string{"old/name": "world", "old": "world", "world/europe": "world", "ü": "world", "own": "inside"})
	s := start(t, server)
	for target, location := range map[string]string{
		"/v1/old/name.rss":              "/v1/world.rss",
		"/v1/old/name.rss?token=a%20b":  "/v1/world.rss",
		"/v1/old/name.rss?x=<script>":   "/v1/world.rss",
		"/v1/old/name.json":             "/v1/world.json",
		"/v1/old/name/":                 "/v1/world/",
		"/v1/old/name":                  "/v1/world/",
		"/v1/old/name/a/slug":           "/v1/world/a/slug",
		"/v1/old/name/a/日本":             "/v1/world/a/%E6%97%A5%E6%9C%AC",
		"/v1/old/name/a/%0d%0aX-Evil:1": "/v1/world/a/%0D%0AX-Evil:1",
		"/v1/old/name/full.rss":         "/v1/world/full.rss",
		"/v1/old.atom":                  "/v1/world.atom",
		"/v1/old/other/":                "/v1/world/other/",
		"/v1/world/europe.rss":          "/v1/world.rss",
		"/v1/%C3%BC.rss":                "/v1/world.rss",
	} {
		s.get(t, target).wants(t, 301, "Location", location, "X-Content-Type-Options", "nosniff")
	}
	s.get(t, "/v1/own.rss?token=secret").wants(t, 301, "Location", "/v1/inside.rss?token=secret", "Cache-Control", "private, max-age=300")
	s.get(t, "/v1/own.rss?token=%0d<").wants(t, 301, "Location", "/v1/inside.rss")
	s.get(t, "/v1/old/name/local.rss").wants(t, 200)
	for _, target := range []string{"/v1/older.rss", "/v1/old-name.rss", "/v1/old/name/local/a/x", "/old/name.rss", "/v1/world/a/none", "/v1/older"} {
		s.get(t, target).wants(t, 404, "Location", "")
	}
	s.get(t, "/v1/world.rss").wants(t, 200)
	server.SetMoved(nil)
	s.get(t, "/v1/old.rss").wants(t, 404)
}

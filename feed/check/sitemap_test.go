package check_test

import (
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/check"
)

const goodSitemap = `<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
	xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://n.example/1</loc><news:news><news:publication>
	<news:name>World</news:name><news:language>en</news:language></news:publication>
	<news:publication_date>2026-11-21T10:00:00Z</news:publication_date><news:title>First</news:title></news:news></url></urlset>`

func TestNewsCatches(t *testing.T) {
	want := check.Want{Title: "World", AsOf: time.Date(2026, 11, 22, 13, 0, 0, 0, time.UTC), Items: []check.Item{
		{ID: "1", Title: "First", Link: "https://n.example/1", Published: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)},
	}}
	document := func(body string) feed.Document {
		return feed.NewDocument("world.news-sitemap.xml", feed.TypeXML, time.Time{}, []byte(body))
	}
	if err := check.News(document(goodSitemap), want); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, old, new, message string }{
		{"publication", "World", "Word", `name is "Word", not "World"`},
		{"language", ">en<", ">en-GB<", `language is "en-GB"`},
		{"no language", "<news:language>en</news:language>", "", "language is missing"},
		{"date", "21T10:00:00Z", "21T11:00:00Z", "publication_date is 2026-11-21T11:00:00Z"},
		{"date in words", "2026-11-21T10:00:00Z", "yesterday", "publication_date cannot be read"},
		{"too old", "2026-11-21T10:00:00Z", "2026-11-20T13:00:00Z", "two days or more before"},
		{"title", "First", "Frist", "title"},
		{"address", "n.example/1", "n.example/2", "address"},
		{"no news", "news:news>", "news:olds>", "news stands 0 times"},
		{"one too many", "</urlset>", "<url/></urlset>", "it has 2 addresses, not 1"},
		{"root", "urlset", "sitemapindex", "it is no urlset"},
		{"namespace", "sitemap/0.9", "sitemap/1.0", "unknown namespace"},
		{"cut off", "</urlset>", "", "not well-formed"},
	} {
		body := strings.ReplaceAll(goodSitemap, tt.old, tt.new)
		err := check.News(document(body), want)
		if err == nil || !strings.Contains(err.Error(), tt.message) || feed.ClassOf(err) != feed.Internal {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.message)
		}
	}
}

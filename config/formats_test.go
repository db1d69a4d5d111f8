package config

import (
	"testing"
	"time"
)

func TestFormatNames(t *testing.T) {
	feeds := load(t, "testdata/good/format-names.yaml").Feeds
	blog, world, plain := feeds[0], feeds[1], feeds[2]
	equal(t, "blog", blog.Formats, []string{"rss"})
	equal(t, "blog", blog.FileNames, map[string]string{"rss": "index.xml"})
	equal(t, "world", world.Formats, []string{"rss", "atom", "json", "news-sitemap"})
	equal(t, "world", world.FileNames, map[string]string{"rss": "feed", "atom": "atom.xml", "json": "Feed.2.json", "news-sitemap": "news.xml"})
	// An edition takes over the formats; the names are of the feed's own documents.
	equal(t, "full", world.Editions[0].Formats, []string{"rss", "atom", "json"})
	equal(t, "full", world.Editions[0].FileNames, map[string]string(nil))
	equal(t, "msn", world.Editions[1].FileNames, map[string]string{"rss": "rss.xml"})
	equal(t, "plain", plain.Formats, []string{"rss", "atom"})
	equal(t, "plain", plain.FileNames, map[string]string(nil))
}

// TestNamesApart puts feeds of rows beside documents with names of their own.
func TestNamesApart(t *testing.T) {
	c := load(t, "testdata/good/format-names.yaml")
	for key, want := range map[string]string{
		"world/feed":     "lies where the document world/feed of another feed does",
		"world/feed/a1":  "lies where the document world/feed of another feed does",
		"world/atom":     "lies where the document world/atom.xml of another feed does",
		"world/atom/new": "",
		"world/other":    "",
		"world/msn/rss":  "lies where the document world/msn/rss.xml of another feed does",
	} {
		_, refused := c.With([]Feed{{Key: key, Place: "row 1", Block: "{key}"}})
		got := ""
		if len(refused) > 0 {
			got = refused[0].Err.Error()
			want = "row 1 makes the feed " + key + ", which " + want
		}
		equal(t, key, got, want)
	}
	named := Feed{Key: "plain/teams", Place: "row 1", FileNames: map[string]string{"rss": "north.xml", "atom": "south"}}
	for _, key := range []string{"plain/teams/north", "plain/teams/south/east"} {
		if _, refused := c.With([]Feed{{Key: key, Place: "row 2"}, named}); len(refused) != 1 {
			t.Errorf("%s beside named documents: %v", key, refused)
		}
	}
	if _, refused := c.With([]Feed{{Key: "plain/teams/north/east", Place: "row 2"}, named}); len(refused) != 0 {
		t.Errorf("%v", refused)
	}
}

func TestEnded(t *testing.T) {
	for i, want := range []string{"2027-01-30T22:00:00Z", "2027-01-31T18:30:00Z", "2027-01-31T16:30:00Z", "0001-01-01T00:00:00Z"} {
		f := load(t, "testdata/good/ended.yaml").Feeds[i]
		equal(t, f.Key, f.Ended.UTC().Format(time.RFC3339), want)
	}
}

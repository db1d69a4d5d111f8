package config

import (
	"fmt"
	"testing"
)

func TestEditions(t *testing.T) {
	f := load(t, "testdata/good/editions.yaml").Feeds[0]
	var got []string
	for _, e := range f.Editions {
		readers := "the feed's"
		if e.Access != nil {
			readers = e.Access.Readers[0].Name
		}
		got = append(got, fmt.Sprintln(e.Name, e.Content, e.Formats, e.Limit.Articles, e.Limit.Hours, len(e.Filters), e.Profile, e.Outputs, readers))
	}
	equal(t, "Formats", f.Formats, []string{"rss", "news-sitemap"})
	equal(t, "Outputs", f.Outputs, []string{"site", "vault"})
	equal(t, "Editions", got, []string{
		"full full [rss] 20 48 0  [vault] alice\n",
		"msn full [rss] 50 48 1 msn [site] the feed's\n",
		"plain teaser [json news-sitemap] 20 48 0  [site vault] the feed's\n",
	})
}

package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/parse"
)

// TestUpgradeToFacets switches facets on with the states of earlier schemas, which know nothing of tags: the feeds of tags hold
// what was published before, also what the feed itself shows no more, with the ids and dates that it always had.
func TestUpgradeToFacets(t *testing.T) {
	folders, err := filepath.Glob(filepath.Join(upgradeDir, "schema-*"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("no earlier state: %v", err)
	}
	for _, kept := range folders {
		t.Run(filepath.Base(kept), func(t *testing.T) {
			dir := t.TempDir()
			config := newsroomIn(t, dir)
			unzip(t, filepath.Join(kept, "feedmill.db.gz"), filepath.Join(dir, "feedmill.db"))
			text, err := os.ReadFile(config)
			if err != nil {
				t.Fatal(err)
			}
			save(t, config, strings.Replace(string(text), "    tags: [news]\n", "    tags: [news]\n    facets: [tags]\n    limit: 2\n", 1))
			before := articlesIn(t, filepath.Join(kept, "world.atom"))
			tags := filepath.Join(dir, "public/world/tag")
			holds := func(tag string, titles ...string) {
				t.Helper()
				for _, format := range []string{".rss", ".atom", ".json"} {
					found := articlesIn(t, filepath.Join(tags, tag+format))
					if got := slices.Sorted(maps.Keys(found)); !slices.Equal(got, titles) {
						t.Errorf("%s%s holds %q, want %q", tag, format, got, titles)
					}
					for title, is := range found {
						if was, known := before[title]; known && (is.ID != was.ID || !is.Published.Equal(was.Published) || is.Link != was.Link) {
							t.Errorf("%s%s has %q as %s of %s at %s, which was %s of %s at %s", tag, format, title, is.ID, is.Published, is.Link, was.ID, was.Published, was.Link)
						}
					}
				}
				if page, err := os.ReadFile(filepath.Join(tags, tag, "index.html")); err != nil || !strings.Contains(string(page), titles[0]) {
					t.Errorf("the page of %s does not show %q: %v", tag, titles[0], err)
				}
			}
			const market = "Market day moves to Friday"
			save(t, filepath.Join(dir, "articles/fair.md"), "---\ntags: [Town]\n---\n# A fair in town\n\nIt is published after the upgrade.\n")
			save(t, filepath.Join(dir, "articles/sun.md"), "# Sun at last\n\nIt is published after the upgrade too.\n")
			works(t, config, "refresh", "world")
			shown := articlesIn(t, filepath.Join(dir, "public/world.atom"))
			if _, old := shown[market]; old || shown["Sun at last"].ID == "" {
				t.Errorf("the feed shows %v", shown)
			}
			holds("town", "A fair in town", market)
			holds("trade", market)
			if names, err := filepath.Glob(filepath.Join(tags, "*.rss")); len(names) != 2 {
				t.Errorf("there are %v, %v", names, err)
			}
		})
	}
}

// feedArticle is what a document tells of an article that a subscriber knows it by.
type feedArticle struct {
	ID, Link  string
	Published time.Time
}

// articlesIn are the articles of a document, by their titles.
func articlesIn(t *testing.T, path string) map[string]feedArticle {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
		return nil
	}
	mediaType := map[string]string{".atom": feed.TypeAtom, ".json": feed.TypeJSON, ".rss": feed.TypeRSS}[filepath.Ext(path)]
	parsed, err := parse.Parse(body, mediaType, "https://feeds.example.org/x", time.UTC, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]feedArticle{}
	for _, a := range parsed.Articles {
		found[a.Title] = feedArticle{a.ID, a.Link, a.Published}
	}
	return found
}

package mill_test

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/check"
	"feedmill/feed/render"
)

func tagged(key, title string, tags ...string) feed.Article {
	a := article(key, title)
	a.Tags = tags
	return a
}

// headlines are those of the articles in a document of the site.
func (s *stand) headlines(path string) []string {
	s.Helper()
	body, ok := s.site.documents[path]
	if !ok {
		return nil
	}
	var found []string
	for i, part := range strings.Split(string(body), "<title>") {
		if title, _, _ := strings.Cut(part, "</title>"); i > 1 {
			found = append(found, title)
		}
	}
	return found
}

func (s *stand) asked(path string) (feed.Document, error) {
	return s.mill.Facet(s.Context(), s.feed, path)
}

// TestFacets goes through the life of tags: what an output that keeps documents has of them, and what a reader is given who
// asks, is the same.
func TestFacets(t *testing.T) {
	s := newStand(t)
	s.feed.Channel.Facets, s.feed.Limit.Articles = true, 3
	var all []feed.Article
	for i := range 10 {
		tags := []string{"Town"}
		if i < 2 {
			tags = append(tags, "#River", "river")
		}
		all = append(all, tagged(fmt.Sprintf("%d.txt", i), fmt.Sprintf("Article %d", i), tags...))
	}
	s.refresh(all[:2]...)
	for _, a := range all[2:] {
		s.refresh(a)
	}
	same := func(path string, want ...string) {
		t.Helper()
		if got := s.headlines(path); !slices.Equal(got, want) {
			t.Errorf("%s has %q, want %q", path, got, want)
		}
		d, err := s.asked(strings.TrimSuffix(path, "/"))
		if len(want) == 0 {
			if !errors.Is(err, fs.ErrNotExist) || s.site.documents[path] != nil {
				t.Errorf("%s: %v, and the output has %q", path, err, s.site.documents[path])
			}
			return
		}
		body, _ := d.Bytes()
		if err != nil || d.Path != path || string(body) != string(s.site.documents[path]) || !d.Modified.Equal(s.site.modified[path]) {
			t.Errorf("asked for %s: %v, %s\n%s\nthe output has\n%s", path, err, d.Path, body, s.site.documents[path])
		}
	}
	same("world/tag/town.rss", "Article 9", "Article 8", "Article 7")
	// From the whole history, though the feed shows neither.
	same("world/tag/river.rss", "Article 1", "Article 0")
	same("world/tag/river.atom", "Article 1", "Article 0")
	if strings.Contains(string(s.site.documents["world.rss"]), "Article 0") {
		t.Fatal("the feed shows all")
	}
	id := func(path, title string) string {
		_, rest, _ := strings.Cut(string(s.site.documents[path]), "<title>"+title+"<")
		_, rest, _ = strings.Cut(rest, "<id>")
		id, _, _ := strings.Cut(rest, "<")
		return id
	}
	if a, b := id("world.atom", "Article 9"), id("world/tag/town.atom", "Article 9"); a != b || a == "" {
		t.Errorf("one article has the ids %q and %q", a, b)
	}
	page := string(s.site.documents["world/tag/river/"])
	for _, want := range []string{"World: River", `href="https://feeds.example.org/world/tag/river.rss"`, `href="https://feeds.example.org/world/"`, "Article 1"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not have %s:\n%s", want, page)
		}
	}
	for path, want := range map[string]string{
		"world/": `<a href="https://feeds.example.org/world/tag/town/" rel="tag"><bdi>Town</bdi></a>`, "world/a/9": `<a href="https://feeds.example.org/world/tag/town/" rel="tag"><bdi>Town</bdi></a>`,
		"world/a/0": `<a href="https://feeds.example.org/world/tag/river/" rel="tag"><bdi>#River</bdi></a>`,
	} {
		if !strings.Contains(string(s.site.documents[path]), want) {
			t.Errorf("%s does not have %s:\n%s", path, want, s.site.documents[path])
		}
	}
	list := string(s.site.documents["world/opml"])
	for _, want := range []string{`xmlUrl="https://feeds.example.org/world.rss"`, `text="World: River"`, `xmlUrl="https://feeds.example.org/world/tag/river.rss"`, `htmlUrl="https://feeds.example.org/world/tag/town/"`} {
		if !strings.Contains(list, want) {
			t.Errorf("the list of tags does not have %s:\n%s", want, list)
		}
	}
	if page := string(s.site.documents["world/"]); !strings.Contains(page, `href="https://feeds.example.org/world/opml"`) {
		t.Errorf("the feed's page does not lead to the list:\n%s", page)
	}
	if d, err := s.mill.Page(t.Context(), s.feed, "0"); err != nil || !strings.Contains(text(t, d), "/world/tag/river/") {
		t.Errorf("the page of an old article does not link to its tags: %v", err)
	}

	// What is not edited is not written.
	s.site.modified = map[string]time.Time{}
	town := all[9]
	town.Title, town.Tags = "Article 9 anew", []string{"TOWN", "Bridge"}
	s.refresh(town)
	if s.headlines("world/tag/town.rss")[0] != "Article 9 anew" || len(s.headlines("world/tag/bridge.rss")) != 1 {
		t.Error("an edited article is not edited under its tags")
	}
	if _, written := s.site.modified["world/tag/river.rss"]; written {
		t.Error("a tag whose articles stayed as they were was written")
	}

	// Taken back, and taken out of the history of a tag.
	if _, err := s.mill.Withdraw(t.Context(), s.feed, "1.txt"); err != nil {
		t.Fatal(err)
	}
	s.refresh()
	if got := s.headlines("world/tag/river.rss"); !slices.Equal(got, []string{"Article 0"}) {
		t.Errorf("after a withdrawal there are %q", got)
	}
	s.refresh(article("0.txt", "Article 0"))
	same("world/tag/river.rss")
	same("world/tag/river/")
	same("world/tag/bridge.rss", "Article 9 anew")
	for _, path := range []string{"world/tag/none", "world/tag/none.rss", "world/tag/town.xml", "world/tag/town.news-sitemap", "world/tag/", "other/tag/town", "world/tag/town.rss.rss"} {
		if _, err := s.asked(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", path, err)
		}
	}

	// Another format, and none.
	s.feed.Channel.Formats = []render.Format{render.Atom}
	s.refresh()
	if s.site.documents["world/tag/town.rss"] != nil || s.site.documents["world/tag/town.atom"] == nil {
		t.Error("the tags do not follow the feed's formats")
	}
	s.feed.Channel.Facets = false
	s.refresh()
	for path, body := range s.site.documents {
		if strings.Contains(path, "/tag/") || strings.Contains(string(body), "/tag/") && !strings.Contains(path, "/a/") {
			t.Errorf("%s is left", path)
		}
	}
	s.feed.Channel.Facets = true
	s.refresh()
	same("world/tag/bridge.atom", "Article 9 anew")
	same("world/tag/town.rss")
}

// TestTagAddresses gives each tag an address of its own that stays.
func TestTagAddresses(t *testing.T) {
	s := newStand(t)
	s.feed.Channel.Facets = true
	s.refresh(tagged("1.txt", "One", "C", "C++", "C#", "日本", "A/B", "c", "Straße", "STRASSE", ".NET", "net", "Ärzte & Apotheken", "🇺🇦", "?"))
	s.refresh(tagged("2.txt", "Two", "a b", "a-b", "A B", "..", strings.Repeat("слово ", 16)))
	s.refresh(tagged("3.txt", "Three", "a-b", strings.Repeat("too long ", 20)))
	want := map[string]int{
		"c": 1, "c-plus-plus": 1, "c-sharp": 1, "日本": 1, "a-b": 1, "strasse": 1, "dot-net": 1, "net": 1, "ärzte-and-apotheken": 1,
		"u-1f1fa-1f1e6": 1, "u-3f": 1, "a-b-2": 1, "a-b-3": 2, "dot": 1, strings.TrimSuffix(strings.Repeat("слово-", 16), "-"): 1,
	}
	for path := range s.site.documents {
		slug, ok := strings.CutPrefix(strings.TrimSuffix(path, ".rss"), "world/tag/")
		if !ok || !strings.HasSuffix(path, ".rss") {
			continue
		}
		if n := len(s.headlines(path)); n != want[slug] {
			t.Errorf("%s has %d articles, want %d", path, n, want[slug])
		}
		delete(want, slug)
	}
	for slug := range want {
		t.Errorf("there is no tag %s", slug)
	}
	if body := string(s.site.documents["world/tag/日本.rss"]); !strings.Contains(body, `href="https://feeds.example.org/world/tag/%E6%97%A5%E6%9C%AC.rss"`) {
		t.Errorf("it does not say where it is:\n%s", body)
	}
}

// TestFacetsOfAnOldFeed asks for the tags of a feed that was there before it had facets.
func TestFacetsOfAnOldFeed(t *testing.T) {
	s := newStand(t)
	s.feed.Limit.Articles = 2
	for i := range 9 {
		s.refresh(tagged(fmt.Sprintf("%d.txt", i), fmt.Sprintf("Article %d", i), fmt.Sprintf("tag %d", i%2)))
	}
	s.feed.Channel.Facets = true
	if _, err := s.asked("world/tag/tag-0"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before the next refresh: %v", err)
	}
	s.refresh()
	if got := s.headlines("world/tag/tag-0.rss"); !slices.Equal(got, []string{"Article 8", "Article 6"}) {
		t.Errorf("there are %q", got)
	}
	// What is no longer kept is in no facet.
	s.feed.Keep.Count = 2
	s.refresh(tagged("new.txt", "New", "tag 1"))
	s.refresh(tagged("newer.txt", "Newer", "tag 1"))
	s.refresh(tagged("newest.txt", "Newest", "tag 1"))
	if got := s.headlines("world/tag/tag-0.rss"); len(got) > 1 {
		t.Errorf("of what is forgotten there is %q", got)
	}
	// Nothing of it stays with an output that it is kept from.
	s.feed.Barred, s.feed.Outputs = s.feed.Outputs, nil
	s.refresh()
	if len(s.site.documents) > 0 {
		t.Errorf("left: %d documents", len(s.site.documents))
	}
}

// TestFacetOfAProfile leaves out what the feed's profile refuses.
func TestFacetOfAProfile(t *testing.T) {
	s := newStand(t)
	s.feed.Channel.Facets, s.feed.Profile, s.feed.Limit.Articles = true, check.Profile("msn"), 2
	s.refresh(tagged("1.txt", "The council has opened the bridge", "town"))
	s.refresh(tagged("2.txt", "Short", "town"))
	s.refresh(tagged("3.txt", "Short", "town"))
	s.refresh(tagged("4.txt", "The bridge has two more lanes now", "town"))
	if got := s.headlines("world/tag/town.rss"); !slices.Equal(got, []string{"The bridge has two more lanes now", "The council has opened the bridge"}) {
		t.Errorf("there are %q", got)
	}
}

func text(t *testing.T, d feed.Document) string {
	t.Helper()
	body, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

package mill_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"feedmill/feed"
	"feedmill/feed/mill"
	"feedmill/feed/render"
)

var archiveLink = regexp.MustCompile(`rel="(self|current|prev-archive|next-archive)"[^>]* href="https://feeds.example.org/([^"]*)"`)

// walk follows a feed from its live document through all archives, as RFC 5005 tells readers to, and returns the ids of
// what it finds: the first document that names one counts.
func (s *stand) walk(path string) map[string]string {
	s.Helper()
	found := map[string]string{}
	for path != "" {
		body, there := s.site.documents[path]
		if !there {
			s.Fatalf("there is no %s", path)
		}
		for _, item := range regexp.MustCompile(`(?s)<(?:item|entry)[ >].*?</(?:item|entry)>`).FindAllString(string(body), -1) {
			id := regexp.MustCompile(`<(?:guid[^>]*|id)>([^<]*)`).FindStringSubmatch(item)[1]
			if _, seen := found[id]; !seen {
				found[id] = regexp.MustCompile(`<title>([^<]*)`).FindStringSubmatch(item)[1]
			}
		}
		links := map[string]string{}
		for _, l := range archiveLink.FindAllStringSubmatch(string(body), -1) {
			links[l[1]] = l[2]
		}
		if links["self"] != path {
			s.Fatalf("%s says that it is %s", path, links["self"])
		}
		if strings.Contains(path, "/archive/") != bytes.Contains(body, []byte("<fh:archive>")) {
			s.Fatalf("%s does not say whether it is an archive", path)
		}
		path = links["prev-archive"]
	}
	return found
}

// TestArchives publishes at all speeds, and expects every article in the live document or an archive, at every moment, and
// no archive to change but for a withdrawal.
func TestArchives(t *testing.T) {
	for _, size := range []int64{0, 6000} {
		t.Run(fmt.Sprintf("size %d", size), func(t *testing.T) {
			random := rand.New(rand.NewPCG(7, uint64(size)))
			s := newStand(t)
			s.feed.Limit.Articles, s.feed.Channel.MaxSize = 5, size
			want, archives := map[string]bool{}, map[string]string{}
			published := 0
			for round := range 25 {
				var batch []feed.Article
				for range []int{0, 1, 1, 2, 5, 23}[random.IntN(6)] {
					a := article(fmt.Sprintf("%d.txt", published), fmt.Sprintf("Article %d", published))
					a.Content += strings.Repeat("<p>And more of it.</p>", random.IntN(30))
					batch = append(batch, a)
					want[a.Title] = true
					published++
				}
				if round%3 == 1 && published > 0 { // an edit moves nothing
					n := random.IntN(published)
					if want[fmt.Sprintf("Article %d", n)] {
						a := article(fmt.Sprintf("%d.txt", n), fmt.Sprintf("Article %d", n))
						a.Correction = fmt.Sprintf("In round %d", round)
						batch = append(batch, a)
					}
				}
				withdrawn := ""
				s.refresh(batch...)
				if round%10 == 9 {
					n := random.IntN(published)
					if title := fmt.Sprintf("Article %d", n); want[title] {
						if _, err := s.mill.Withdraw(t.Context(), s.feed, fmt.Sprintf("%d.txt", n)); err != nil {
							t.Fatal(err)
						}
						withdrawn = title
						delete(want, title)
					}
				}
				for _, path := range []string{"world.rss", "world.atom"} {
					got := map[string]bool{}
					for _, title := range s.walk(path) {
						if title != notice {
							got[title] = true
						}
					}
					if !maps.Equal(got, want) {
						t.Fatalf("round %d: %s and its archives hold %d articles, want %d", round, path, len(got), len(want))
					}
				}
				for path, body := range s.site.documents {
					if !strings.Contains(path, "/archive/") {
						continue
					}
					was, known := archives[path]
					if known && was != string(body) && (withdrawn == "" || !strings.Contains(was, withdrawn+"<")) {
						t.Fatalf("round %d: %s changed", round, path)
					}
					archives[path] = string(body)
				}
			}
			if len(archives) < 6 {
				t.Errorf("there are %d archives of %d articles", len(archives), published)
			}
		})
	}
}

// The first publication of many articles leaves none of them out, and a format that comes later has all archives too.
func TestArchivesOfAnImport(t *testing.T) {
	s := newStand(t)
	s.feed.Limit.Articles = 2 // so that there are more archives than are closed at once
	s.feed.Channel.Formats = []render.Format{render.RSS, render.JSON}
	var batch []feed.Article
	for i := range 100 {
		batch = append(batch, article(fmt.Sprintf("%04d.txt", i), fmt.Sprintf("Article %d", i)))
	}
	s.refresh(batch...)
	rss := s.walk("world.rss")
	if len(rss) != 100 {
		t.Fatalf("%d articles are in RSS", len(rss))
	}
	for i := range 100 {
		if _, there := s.site.documents[fmt.Sprintf("world/a/%04d", i)]; !there {
			t.Fatalf("the page of article %d, which an archive names, is not there", i)
		}
	}
	before := maps.Clone(s.site.documents)
	s.feed.Channel.Formats = []render.Format{render.RSS, render.Atom}
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	if atom := s.walk("world.atom"); !maps.Equal(atom, rss) {
		t.Errorf("%d articles are in Atom, %d in RSS", len(atom), len(rss))
	}
	for path, body := range before {
		if strings.Contains(path, "/archive/") && !bytes.Equal(s.site.documents[path], body) {
			t.Errorf("%s changed", path)
		}
	}
	paths := slices.Sorted(maps.Keys(before))
	if d, err := s.mill.Archive(t.Context(), s.feed, "world/archive/1.rss"); err != nil || d.Type != feed.TypeRSS {
		t.Errorf("on request there is %+v, %v, of %d", d, err, len(paths))
	}
}

// What comes back stands in its archive again, and a tombstone does not stay.
func TestARestoredArticleIsInItsArchive(t *testing.T) {
	s := newStand(t)
	s.feed.Limit.Articles = 2
	for i := range 6 {
		s.refresh(article(fmt.Sprintf("%d.txt", i), fmt.Sprintf("Article %d", i)))
	}
	path := ""
	for p, body := range s.site.documents {
		if strings.Contains(p, "/archive/") && strings.HasSuffix(p, ".atom") && bytes.Contains(body, []byte("Article 1<")) {
			path = p
		}
	}
	before := s.site.documents[path]
	if _, err := s.mill.Withdraw(t.Context(), s.feed, "1.txt"); err != nil {
		t.Fatal(err)
	}
	if body := string(s.site.documents[path]); strings.Contains(body, "Article 1<") || !strings.Contains(body, "<at:deleted-entry ") {
		t.Errorf("after the withdrawal %s is\n%s", path, body)
	}
	if _, err := s.mill.Restore(t.Context(), s.feed, "1.txt"); err != nil {
		t.Fatal(err)
	}
	updated := regexp.MustCompile(`<updated>[^<]*</updated>`)
	if body := s.site.documents[path]; !bytes.Equal(updated.ReplaceAll(body, nil), updated.ReplaceAll(before, nil)) {
		t.Errorf("after it came back %s is\n%s\nit was\n%s", path, body, before)
	}
}

func TestADroppedFormatLeavesNoArchives(t *testing.T) {
	s := newStand(t)
	s.feed.Limit.Articles = 2
	for i := range 8 {
		s.refresh(numbered(i, i+1)...)
	}
	s.feed.Channel.Formats = []render.Format{render.Atom}
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	if _, err := s.mill.Withdraw(t.Context(), s.feed, "001.txt"); err != nil {
		t.Fatal(err)
	}
	if paths := s.holding("Article 1<"); len(paths) > 0 {
		t.Errorf("the withdrawn article stands in %q", paths)
	}
	s.feed.Channel.Formats = []render.Format{render.Atom, render.RSS}
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	if n := len(s.walk("world.rss")); n != 8 { // one is a notice
		t.Errorf("RSS came back with %d articles", n)
	}
}

func TestArchivesFollowTheBaseAddress(t *testing.T) {
	s := newStand(t)
	s.feed.Limit.Articles = 2
	for i := range 8 {
		s.refresh(numbered(i, i+1)...)
	}
	s.feed.Channel.Base = "https://new.example.org"
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	for path, body := range s.site.documents {
		if strings.Contains(path, "/archive/") && strings.Contains(string(body), "https://feeds.example.org") {
			t.Errorf("%s names the old address:\n%s", path, body)
			break
		}
	}
}

func TestSettingsTakenBackAfterAFailureLeaveNothing(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "A"))
	before := string(s.site.documents["world.atom"])
	full := *s.feed
	s.feed.Channel.Content = render.Teaser
	tiny := s.feed.Channel
	tiny.Edition, tiny.MaxSize = "tiny", 100
	s.feed.Editions = []mill.Edition{{Channel: tiny, Limit: s.feed.Limit}}
	s.source.batch = feed.Batch{Extent: feed.Unchanged}
	if _, err := s.mill.Refresh(t.Context(), s.feed); err == nil {
		t.Fatal("the edition fits")
	}
	*s.feed = full
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	if got := string(s.site.documents["world.atom"]); got != before {
		t.Errorf("the feed is\n%s\nit was\n%s", got, before)
	}
}

func numbered(from, to int) (batch []feed.Article) {
	for i := from; i < to; i++ {
		batch = append(batch, article(fmt.Sprintf("%03d.txt", i), fmt.Sprintf("Article %d", i)))
	}
	return batch
}

// holding are the paths at the output whose bytes hold the text.
func (s *stand) holding(text string) (paths []string) {
	for path, body := range s.site.documents {
		if strings.Contains(string(body), text) {
			paths = append(paths, path)
		}
	}
	return paths
}

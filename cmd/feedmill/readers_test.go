package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// TestReadersAgree has the documents of one feed read by several readers: each shows the same articles, and they are
// the articles of the files.
func TestReadersAgree(t *testing.T) {
	public, newsroom := buildReadersFeed(t)
	want := wantReadings(t, newsroom, filepath.Join(public, "world.json"))
	for _, r := range feedReaders {
		for _, format := range []string{"rss", "atom", "json"} {
			if why := r.cannot[format]; why != "" {
				t.Logf("%s does not read the %s document: %s", r.name, format, why)
				continue
			}
			t.Run(r.name+"/"+format, func(t *testing.T) {
				r.needs(t)
				got := r.read(t, filepath.Join(public, "world."+format))
				compareReadings(t, got, want, r.first[format] != "")
				if len(got) > 0 {
					checkNewsroomContent(t, got[len(got)-1].Content, newsroom)
				}
			})
		}
	}
	t.Run("xmllint", func(t *testing.T) {
		needProgram(t, "xmllint", "libxml2-utils")
		out, err := exec.Command("xmllint", "--nonet", "--noout",
			filepath.Join(public, "world.rss"), filepath.Join(public, "world.atom")).CombinedOutput()
		if err != nil || len(out) > 0 {
			t.Errorf("xmllint: %v\n%s", err, out)
		}
	})
}

// buildReadersFeed builds a feed of the newsroom article and one article of each other kind. It returns the folder of
// the documents, and the lines of the newsroom article.
func buildReadersFeed(t *testing.T) (public string, newsroom []string) {
	t.Helper()
	dir := t.TempDir()
	articles := filepath.Join(dir, "articles")
	if err := os.CopyFS(articles, os.DirFS("testdata/readers/articles")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../source/files/testdata/read/trump-putin-call.txt")
	if err != nil {
		t.Fatal(err)
	}
	writeText(t, filepath.Join(articles, "trump-putin-call.txt"), string(text))
	files, err := filepath.Glob(filepath.Join(articles, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files { // the newsroom article names no date: it has that of its file
		if err := os.Chtimes(file, newsroomSaved, newsroomSaved); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "feedmill.yaml")
	writeText(t, path, `
base_url: https://feeds.example.org
timezone: Europe/Berlin
outputs: [{file: {dir: ./public}}]
feeds:
  world:
    title: World & more
    author: {name: News Desk, email: desk@example.org}
    source: {files: "articles/*"}
`)
	var told bytes.Buffer
	if code := run(t.Context(), []string{"build", "-c", path}, &told, &told); code != 0 {
		t.Fatalf("build: exit code %d\n%s", code, &told)
	}
	return filepath.Join(dir, "public"), strings.Split(strings.TrimSpace(string(text)), "\n")
}

var newsroomSaved = time.Date(2025, 11, 18, 10, 0, 0, 0, time.UTC)

// wantReadings is what the files say, newest first. An article without a link has an id of no meaning, made for it once:
// that of the JSON document, which no reader has touched.
func wantReadings(t *testing.T, newsroom []string, document string) []reading {
	t.Helper()
	const ferry, orchard = "https://news.example.org/world/ferry-timetable", "https://news.example.org/farming/orchard-frost?from=front&page=1"
	want := []reading{{
		Title:  `"Tea & Sympathy": кав’ярня «Ластівка» & її вечори, 5 < 7`,
		Link:   "https://feeds.example.org/world/a/%D1%87%D0%B0%D0%B9-%D1%82%D0%B0-%D1%87%D0%B8%D1%82%D0%B0%D0%BD%D0%BD%D1%8F",
		Author: "Олеся Верховинець, Bram O’Dewey",
		Date:   time.Date(2025, 11, 21, 17, 5, 0, 0, time.UTC), // 18:05 in Berlin
	}, {
		Title: "The ferry to Halmsund sails again: a timetable nobody expected", ID: ferry, Link: ferry,
		Author: "Marit Osterveld",
		Date:   time.Date(2025, 11, 20, 5, 30, 0, 0, time.UTC),
	}, {
		Title: "Fans against the frost – Velmark’s late apples", ID: orchard, Link: orchard,
		Author: "Ilse Karrenbeld",
		Date:   time.Date(2025, 11, 20, 4, 59, 30, 0, time.UTC),
	}, {
		Title: newsroom[0], Link: "https://feeds.example.org/world/a/trump-putin-call",
		Author: "News Desk", // it names no author: the feed's is shown
		Date:   newsroomSaved,
	}}
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	var feed struct{ Items []struct{ ID, Title string } }
	if err := json.Unmarshal(text, &feed); err != nil {
		t.Fatalf("%s: %v", document, err)
	}
	for _, item := range feed.Items {
		i := slices.IndexFunc(want, func(r reading) bool { return r.Title == item.Title })
		if i < 0 || want[i].ID != "" {
			continue // compared with the readings
		}
		if !strings.HasPrefix(item.ID, "urn:uuid:") {
			t.Errorf("%s: id is %q, want a urn:uuid", item.Title, item.ID)
		}
		want[i].ID = item.ID
	}
	return want
}

func compareReadings(t *testing.T, got, want []reading, firstAuthor bool) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("reads %d articles, want %d: %+v", len(got), len(want), got)
	}
	for i, w := range want {
		g := got[i]
		if firstAuthor {
			w.Author, _, _ = strings.Cut(w.Author, ", ")
		}
		for _, f := range []struct{ word, got, want string }{
			{"title", g.Title, w.Title},
			{"id", g.ID, w.ID},
			{"link", g.Link, w.Link},
			{"author", g.Author, w.Author},
			{"date", g.Date.UTC().Format(time.RFC3339), w.Date.Format(time.RFC3339)},
		} {
			if f.got != f.want || f.got == "" {
				t.Errorf("article %d: %s is %q, want %q", i+1, f.word, f.got, f.want)
			}
		}
	}
}

// newsroomHeadings are the lines of the newsroom article that are headings.
var newsroomHeadings = []string{
	"Putin’s Strategic Repositioning",
	"Ukraine’s Diminishing Role in Its Own Fate",
	"Europe Left in the Shadows",
	"A Diplomatic Gamble with High Stakes",
	"A Risky Shift in Global Power Dynamics",
}

// checkNewsroomContent compares the content with the article's lines: title, paragraphs and headings, then "Reference"
// and the title again, which are no content.
func checkNewsroomContent(t *testing.T, content string, newsroom []string) {
	t.Helper()
	want := newsroom[1 : len(newsroom)-2]
	if paragraphs := len(want) - len(newsroomHeadings); paragraphs != 18 {
		t.Fatalf("the article has %d paragraphs, want 18: it is not the one this test is about", paragraphs)
	}
	body, err := goquery.NewDocumentFromReader(strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	blocks := body.Find("body").Contents().FilterFunction(func(_ int, s *goquery.Selection) bool {
		return strings.TrimSpace(s.Text()) != ""
	})
	if blocks.Length() != len(want) {
		t.Errorf("the content has %d blocks, want %d paragraphs and headings", blocks.Length(), len(want))
	}
	blocks.Each(func(i int, s *goquery.Selection) {
		if i >= len(want) {
			t.Errorf("the content ends with a <%s> that is not in the article: %s", goquery.NodeName(s), s.Text())
			return
		}
		tag := "p"
		if slices.Contains(newsroomHeadings, want[i]) {
			tag = "h2"
		}
		if goquery.NodeName(s) != tag || s.Text() != want[i] {
			t.Errorf("block %d of the content is <%s>%s, want <%s>%s", i+1, goquery.NodeName(s), s.Text(), tag, want[i])
		}
	})
}

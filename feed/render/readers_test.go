package render_test

import (
	"strings"
	"testing"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/render"

	"github.com/mmcdole/gofeed"
)

// TestReaders reads the documents with a parser that readers use, and expects one answer from all formats.
func TestReaders(t *testing.T) {
	for name, s := range map[string]render.Snapshot{"full": full(), "nasty": nasty(), "titles": titles()} {
		byID := make(map[string]render.Item)
		for _, it := range s.Items {
			byID[it.ID] = it
		}
		for f, d := range documents(t, s) {
			got, err := gofeed.NewParser().ParseString(d)
			if err != nil {
				t.Fatalf("%s %s: %v", name, f, err)
			}
			if len(got.Items) != len(s.Items) {
				t.Errorf("%s %s: %d items, want %d", name, f, len(got.Items), len(s.Items))
			}
			if s.Channel.Link != "" && got.Link != s.Channel.Link {
				t.Errorf("%s %s: link %q", name, f, got.Link)
			}
			if want := s.Channel.Base + "/" + s.Channel.Feed + "." + string(f); got.FeedLink != want {
				t.Errorf("%s %s: self link %q, want %q", name, f, got.FeedLink, want)
			}
			for _, g := range got.Items {
				compareItem(t, name+" "+string(f), g, byID[g.GUID])
				compareAuthors(t, name+" "+string(f), g, s.Channel, byID[g.GUID])
			}
		}
	}
}

func compareItem(t *testing.T, where string, got *gofeed.Item, want render.Item) {
	t.Helper()
	if got.GUID != want.ID || got.Title != render.Title(want.Article) || got.Link != want.Link {
		t.Errorf("%s: got id %q, title %q, link %q; want %q, %q, %q",
			where, got.GUID, got.Title, got.Link, want.ID, render.Title(want.Article), want.Link)
	}
	if got.PublishedParsed == nil || !got.PublishedParsed.Equal(want.Published) {
		t.Errorf("%s: %s: published %v, want %s", where, got.GUID, got.PublishedParsed, want.Published)
	}
}

// compareAuthors does not look at articles without any author, which must have one in Atom and have none elsewhere.
func compareAuthors(t *testing.T, where string, got *gofeed.Item, c render.Channel, it render.Item) {
	t.Helper()
	var want, names []string
	for _, p := range it.Authors {
		if name := clean.Line(p.Name); name != "" {
			want = append(want, name)
		}
	}
	if want == nil && it.Source.Title != "" {
		want = []string{it.Source.Title}
	}
	if want == nil && c.Author.Name != "" {
		want = []string{c.Author.Name}
	}
	for _, p := range got.Authors {
		names = append(names, p.Name)
	}
	if want != nil && strings.Join(names, ", ") != strings.Join(want, ", ") {
		t.Errorf("%s: %s: authors %q, want %q", where, got.GUID, names, want)
	}
}

// titles speak of markup and must reach readers as they are.
func titles() render.Snapshot {
	s := render.Snapshot{Channel: world(), AsOf: at(30, 0)}
	for i, title := range []string{"AT&T <b>", "1 < 2 && 3 > 2", "The &amp; entity and &#38;", "<script>alert(1)</script>", "a ]]> b"} {
		id := "tag:feeds.example.org,2026:" + string(rune('a'+i))
		s.Items = append(s.Items, render.Item{Article: feed.Article{
			ID: id, Link: "https://news.example.org/" + string(rune('a'+i)), Title: title,
			Published: at(1+i, 0), Updated: at(1+i, 0),
		}})
	}
	return s
}

package mill_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
)

// written is an article whose content is Markdown.
func written(key, title, text string) feed.Article {
	a := article(key, title)
	a.Content, a.Markdown = "", text
	return a
}

const harbour = "The *harbour* was quiet when the first ferry came in, and nobody was waiting on the pier that morning.\n\n- one\n- two\n"

func TestMarkdownIsConvertedForDocuments(t *testing.T) {
	s := newStand(t)
	s.refresh(written("a.txt", "A", harbour))
	for _, path := range []string{"world.rss", "world.atom", "world.json", "world/a/a"} {
		if body := s.site.documents[path]; !bytes.Contains(body, []byte("harbour</em>")) && !bytes.Contains(body, []byte("harbour&lt;/em&gt;")) {
			t.Errorf("%s does not hold the content: %s", path, body)
		}
	}
	page, err := s.mill.Page(t.Context(), s.feed, "a")
	if err != nil {
		t.Fatal(err)
	}
	body, err := page.Bytes()
	if err != nil || !bytes.Equal(body, s.site.documents["world/a/a"]) {
		t.Errorf("the page on request is another: %s, %v", body, err)
	}
}

func TestUpdatedMovesWithMarkdown(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		moves bool
	}{
		"nothing":     {harbour, false},
		"white space": {"\n" + strings.ReplaceAll(harbour, " ", "\n "), false},
		"a word":      {strings.Replace(harbour, "quiet", "loud", 1), true},
		"a mark":      {strings.Replace(harbour, "*harbour*", "harbour", 1), true},
	} {
		s := newStand(t)
		s.refresh(written("a.txt", "A", harbour))
		before := s.entries()["A"]
		s.now = s.now.Add(time.Hour)
		s.refresh(written("a.txt", "A", c.text))
		if after := s.entries()["A"]; (after.updated != before.updated) != c.moves || after.id != before.id {
			t.Errorf("%s: was %+v and is %+v", name, before, after)
		}
	}
}

// TestRenamedAndEditedMarkdown knows an article again by its words, also when it comes back as HTML.
func TestRenamedAndEditedMarkdown(t *testing.T) {
	edited := written("b.txt", "B", strings.Replace(harbour, "quiet", "loud", 1))
	saved := article("b.txt", "B")
	saved.Content = "<p>" + strings.Replace(harbour, "*harbour*", "harbour", 1) + "</p>"
	for name, c := range map[string]struct {
		now  feed.Article
		same bool
	}{
		"edited":  {edited, true},
		"as HTML": {saved, true},
		"another": {written("b.txt", "B", "A text that has next to no word in common with what stood there before, about parliaments.\n"), false},
	} {
		s := newStand(t)
		s.refresh(written("a.txt", "A", harbour))
		before := s.entries()["A"]
		s.refreshBatch(feed.Batch{Articles: []feed.Article{c.now}, Gone: []string{"a.txt"}, Extent: feed.Increment})
		if after := s.entries()["B"]; (after.id == before.id) != c.same {
			t.Errorf("%s: was %+v and is %+v", name, before, after)
		}
	}
}

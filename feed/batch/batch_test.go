package batch_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/batch"
	"feedmill/source/sourcetest"
)

func TestGiveKeys(t *testing.T) {
	const home = "https://a.example/"
	day := time.Date(2026, time.November, 3, 0, 0, 0, 0, time.UTC)
	articles := []feed.Article{
		{Title: "own id", ID: "1"}, {Title: "own link", Link: home + "1"},
		{Title: "no link"}, {Title: "home", Link: home}, {Title: "shared", Link: home + "2"}, {Title: "shared too", Link: home + "2"},
		{Title: "same", Published: day, Content: "a"}, {Title: "same", Published: day.AddDate(0, 0, 1), Content: "a"}, {Content: "b"}, {Content: "c"},
	}
	batch.GiveKeys(articles, home)
	seen := map[string]bool{}
	for i, a := range articles {
		if (a.Key != "") != (i > 1) || a.Key != "" && seen[a.Key] {
			t.Errorf("%s%s has the key %q", a.Title, a.Content, a.Key)
		}
		seen[a.Key] = true
	}
	again := []feed.Article{{Title: "same", Published: day, Content: "changed"}}
	if batch.GiveKeys(again, home); again[0].Key != articles[6].Key {
		t.Error("an article that was edited has another key")
	}
}

func TestDigest(t *testing.T) {
	one := feed.Article{Title: "ab", Link: "c", Tags: []string{"x"}}
	same := batch.Digest([]feed.Article{one})
	traced := one
	traced.Trace.Add("title", "h2")
	if !bytes.Equal(same, batch.Digest([]feed.Article{traced})) {
		t.Error("where an article was read makes it another one")
	}
	for name, other := range map[string][]feed.Article{
		"none": nil, "twice": {one, one}, "parted": {{Title: "a", Link: "bc", Tags: []string{"x"}}}, "tags": {{Title: "ab", Link: "c", Tags: []string{"x", ""}}},
		"markdown": {{Title: "ab", Link: "c", Tags: []string{"x"}, Markdown: "m"}}, "status": {{Title: "ab", Link: "c", Tags: []string{"x"}, Status: feed.Draft}},
	} {
		if bytes.Equal(same, batch.Digest(other)) {
			t.Errorf("%s has the same digest", name)
		}
	}
}

// TestNews: a problem is told once as long as it lasts, and again when it comes back.
func TestNews(t *testing.T) {
	m := sourcetest.NewMemory()
	a, b := errors.New("a"), &feed.Problem{Where: "item 3 (b)", Err: errors.New("b")}
	moved := &feed.Problem{Where: "item 4 (b)", Err: errors.New("b")}
	for i, step := range []struct {
		problems []error
		news     int
	}{{[]error{a, b}, 2}, {[]error{a, moved}, 0}, {[]error{a}, 0}, {[]error{a, b}, 1}, {nil, 0}, {[]error{a}, 1}} {
		if got := batch.News(m, "told", step.problems); len(got) != step.news {
			t.Errorf("step %d tells %v", i, got)
		}
		m.Commit()
	}
}

package filter

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"feedmill/feed"
	"feedmill/feed/markup"
	"feedmill/feed/setting"
)

func selector(t *testing.T, text string) (s markup.Selector) {
	t.Helper()
	if err := s.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return s
}

func words(t *testing.T, text string) []setting.Pattern {
	t.Helper()
	var p setting.Pattern
	if err := p.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return []setting.Pattern{p}
}

// Articles whose page is there go on with it, those whose page is not there yet leave the chain, and those that will never
// have one stay as they are.
func TestFullText(t *testing.T) {
	drop := Fields{Content: words(t, "whole")}
	chain, err := New([]Kinds{
		{Keep: &Fields{Title: words(t, "news")}},
		{FullText: &FullText{Select: PageSelector{selector(t, "main")}, Remove: []markup.Selector{selector(t, "nav")}}},
		{Summary: &Summary{Words: 3}},
		{Drop: &drop},
	})
	if err != nil {
		t.Fatal(err)
	}
	var asked []int
	env := Env{Page: func(i int, a feed.Article) (feed.Article, error) {
		asked = append(asked, i)
		switch a.Title {
		case "news: there":
			a.Content = "<p>One two three four.</p><script>alert(1)</script>"
		case "news: unwanted":
			a.Content = "<p>The whole.</p>"
		case "news: late":
			return a, ErrWaits
		case "news: gone":
			return a, errors.New("answers 404")
		}
		return a, nil
	}}
	titles := []string{"news: there", "other", "news: late", "news: gone", "news: unwanted"}
	var articles []feed.Article
	for _, title := range titles {
		articles = append(articles, feed.Article{Title: title, Content: "<p>Teaser.</p>"})
	}
	kept, trace, err := chain.Apply(t.Context(), articles, env)
	if err != nil {
		t.Fatal(err)
	}
	if len(kept) != 2 || kept[0].Content != "<p>One two three four.</p>" || kept[0].Summary != "One two three…" || kept[1].Content != "<p>Teaser.</p>" {
		t.Errorf("kept are %+v", kept)
	}
	if !slices.Equal(asked, []int{0, 2, 3, 4}) {
		t.Errorf("pages were asked for of %v", asked)
	}
	var lines []string
	for _, v := range trace {
		lines = append(lines, titles[v.Article]+" "+v.String())
	}
	for _, want := range []string{
		"news: late waits for its page at filter 2 (full_text select: main, remove: nav)",
		"news: gone kept as it is by filter 2 (full_text select: main, remove: nav): the article stays as it was listed: answers 404",
		"news: there changed by filter 2 (full_text select: main, remove: nav)",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("the trace lacks %q:\n%s", want, strings.Join(lines, "\n"))
		}
	}
	if articles[0].Content != "<p>Teaser.</p>" {
		t.Error("the caller's article was changed")
	}
}

func TestAllWaitForTheirPages(t *testing.T) {
	chain, err := New([]Kinds{{FullText: &FullText{}}})
	if err != nil {
		t.Fatal(err)
	}
	env := Env{Page: func(_ int, a feed.Article) (feed.Article, error) { return a, ErrWaits }}
	kept, trace, err := chain.Apply(t.Context(), make([]feed.Article, 3), env)
	if err != nil || len(kept) != 0 || len(trace) != 3 || trace[0].Action != Waiting {
		t.Errorf("kept are %v, the trace is %v, %v", kept, trace, err)
	}
}

func TestFullTextStandsOnce(t *testing.T) {
	_, err := New([]Kinds{{FullText: &FullText{}}, {FullText: &FullText{}}})
	if err == nil || feed.ClassOf(err) != feed.Refused || !strings.Contains(err.Error(), "filter 2 full_text: stands here a second time") {
		t.Errorf("the error is %v", err)
	}
}

// An article that a filter before dedupe changed is still known as itself.
func TestDedupeKnowsWhatItWas(t *testing.T) {
	chain, err := New([]Kinds{{FullText: &FullText{}}, {Dedupe: &Keys{ByTitle}}})
	if err != nil {
		t.Fatal(err)
	}
	env := Env{
		Page:  func(_ int, a feed.Article) (feed.Article, error) { a.Content = "<p>Whole.</p>"; return a, nil },
		Known: func(a feed.Article, _ Key, _ string) bool { return a.Content != "<p>Teaser.</p>" },
	}
	kept, trace, err := chain.Apply(t.Context(), []feed.Article{{Title: "Known", Content: "<p>Teaser.</p>"}}, env)
	if err != nil || len(kept) != 1 {
		t.Errorf("it is dropped: %v, %v", trace, err)
	}
}

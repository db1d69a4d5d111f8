package filter_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/filter"
	"feedmill/feed/setting"
)

var now = time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)

func patterns(t testing.TB, texts ...string) []setting.Pattern {
	t.Helper()
	all := make([]setting.Pattern, len(texts))
	for i, text := range texts {
		if err := all[i].UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func where(t testing.TB, text string) filter.Kinds {
	t.Helper()
	var e filter.Expression
	if err := e.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return filter.Kinds{Where: &e}
}

func strip(t testing.TB, texts ...string) filter.Kinds {
	t.Helper()
	all := make(filter.Selectors, len(texts))
	for i, text := range texts {
		if err := all[i].UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	return filter.Kinds{Strip: &all}
}

func replace(t testing.TB, field filter.ReplaceField, pattern, with string) filter.Kinds {
	t.Helper()
	return filter.Kinds{Replace: &filter.Replace{Field: field, Pattern: patterns(t, pattern)[0], With: with}}
}

func chain(t testing.TB, kinds ...filter.Kinds) filter.Chain {
	t.Helper()
	c, err := filter.New(kinds)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// one sends one article through filters; ok is false when it was dropped.
func one(t testing.TB, a feed.Article, kinds ...filter.Kinds) (got feed.Article, ok bool, trace []filter.Verdict) {
	t.Helper()
	env := filter.Env{Now: now, Source: func(int) string { return "Harbour Gazette" }}
	kept, trace, err := chain(t, kinds...).Apply(t.Context(), []feed.Article{a}, env)
	if err != nil {
		t.Fatal(err)
	}
	if len(kept) == 0 {
		return feed.Article{}, false, trace
	}
	return kept[0], true, trace
}

func lines(trace []filter.Verdict) string {
	all := make([]string, len(trace))
	for i, v := range trace {
		all[i] = fmt.Sprintf("%d %s", v.Article, v)
	}
	return strings.Join(all, "\n")
}

func TestFields(t *testing.T) {
	article := feed.Article{
		ID: "urn:x:7", Link: "https://blog.example/go-news", Title: "Golang 1.26 вийшов 東京で", Summary: "Нова версія",
		Content: "<p>Hello <b>wor</b>ld</p><script>hidden</script>", Tags: []string{"Go", "release notes"}, Language: "en-GB",
		Authors: []feed.Person{{Name: "Jane Doe"}, {Name: "Олена Коваль"}},
	}
	markdown := article
	markdown.Content, markdown.Markdown = "", "Hello *wor*ld"
	for _, c := range []struct {
		name   string
		fields filter.Fields
		want   bool
	}{
		{"title", filter.Fields{Title: patterns(t, "golang")}, true},
		{"no whole word", filter.Fields{Title: patterns(t, "gol")}, false},
		{"Cyrillic in another case", filter.Fields{Title: patterns(t, "ВИЙШОВ")}, true},
		{"no spaces", filter.Fields{Title: patterns(t, "東京")}, true},
		{"any of several", filter.Fields{Title: patterns(t, "rust", "/1\\.2[0-9]/")}, true},
		{"summary", filter.Fields{Summary: patterns(t, "нова версія")}, true},
		{"content is text", filter.Fields{Content: patterns(t, "hello world")}, true},
		{"no hidden content", filter.Fields{Content: patterns(t, "hidden")}, false},
		{"no markup", filter.Fields{Content: patterns(t, "/<b>/")}, false},
		{"a tag by itself", filter.Fields{Tags: patterns(t, "/^release notes$/")}, true},
		{"tags are not joined", filter.Fields{Tags: patterns(t, "/go.*release/i")}, false},
		{"author", filter.Fields{Author: patterns(t, "коваль")}, true},
		{"link", filter.Fields{Link: patterns(t, "blog.example")}, true},
		{"id", filter.Fields{ID: patterns(t, "/:7$/")}, true},
		{"language", filter.Fields{Language: patterns(t, "en")}, true},
		{"source", filter.Fields{Source: patterns(t, "gazette")}, true},
		{"all fields", filter.Fields{Title: patterns(t, "golang"), Tags: patterns(t, "go")}, true},
		{"not all fields", filter.Fields{Title: patterns(t, "golang"), Tags: patterns(t, "rust")}, false},
	} {
		for form, a := range map[string]feed.Article{"html": article, "markdown": markdown} {
			got, kept, _ := one(t, a, filter.Kinds{Keep: &c.fields})
			if kept != c.want {
				t.Errorf("%s, %s: keep keeps: %v", c.name, form, kept)
			}
			if kept && !reflect.DeepEqual(got, a) {
				t.Errorf("%s, %s: keep changed the article to %+v", c.name, form, got)
			}
			if _, kept, _ = one(t, a, filter.Kinds{Drop: &c.fields}); kept == c.want {
				t.Errorf("%s, %s: drop keeps: %v", c.name, form, kept)
			}
		}
	}
	passed := feed.Article{Title: "x", Source: feed.Origin{Title: "Elsewhere"}}
	if _, kept, _ := one(t, passed, filter.Kinds{Keep: &filter.Fields{Source: patterns(t, "elsewhere")}}, where(t, `source == "Elsewhere"`)); !kept {
		t.Error("an article that names its origin is not of it")
	}
	if _, kept, _ := one(t, feed.Article{Title: "x"}, filter.Kinds{Drop: &filter.Fields{Tags: patterns(t, "/.*/")}}); !kept {
		t.Error("an article without tags has one that matches")
	}
}

func TestTrace(t *testing.T) {
	english := "en"
	keys := filter.Keys{filter.ByLink, filter.ByTitle}
	articles := []feed.Article{
		{Title: "Golang out", Link: "https://a.example/1", Content: "<p>News</p>"},
		{Title: "Rust out", Link: "https://a.example/2"},
		{Title: "golang ad", Link: "https://a.example/3", Content: "Sponsored: buy"},
		{Title: "Golang OUT", Link: "https://a.example/4"},
		{Title: "Golang again", Link: "http://www.a.example/1/?utm_source=x", Language: "en"},
		{Title: "Golang tagged", Link: "https://a.example/6", Tags: []string{"x"}, Language: "en"},
	}
	kept, trace, err := chain(t,
		filter.Kinds{Keep: &filter.Fields{Title: patterns(t, "golang", `/\bgo 1\.\d+/i`)}},
		filter.Kinds{Drop: &filter.Fields{Content: patterns(t, "sponsored")}},
		filter.Kinds{Set: &filter.Set{Language: &english}},
		filter.Kinds{Dedupe: &keys},
		where(t, `tags[0] != "x"`),
		filter.Kinds{Drop: &filter.Fields{Title: patterns(t, "/.*/")}},
		filter.Kinds{Summary: &filter.Summary{Words: 3}},
	).Apply(t.Context(), articles, filter.Env{Now: now, Source: func(i int) string { return fmt.Sprintf("Source %d", i) }})
	if err != nil || len(kept) > 0 {
		t.Errorf("kept %v, %v", kept, err)
	}
	want := `1 dropped by filter 1 (keep title: golang or /\bgo 1\.\d+/i)
2 dropped by filter 2 (drop content: sponsored)
0 changed by filter 3 (set language: en)
3 changed by filter 3 (set language: en)
3 dropped by filter 4 (dedupe same title as "Golang out" of Source 0)
4 dropped by filter 4 (dedupe same link as "Golang out" of Source 0)
0 kept as it is by filter 5 (where tags[0] != "x"): at character 5: index out of range: 0 (array length is 0)
5 dropped by filter 5 (where tags[0] != "x")
0 dropped by filter 6 (drop title: /.*/)
-1 filter 6 (drop title: /.*/) dropped every article that reached it`
	if got := lines(trace); got != want {
		t.Errorf("trace\n%s\nwant\n%s", got, want)
	}
}

func TestNewRefuses(t *testing.T) {
	bad, empty := "no language", ""
	for _, c := range []struct {
		kinds filter.Kinds
		want  string
	}{
		{filter.Kinds{}, "filter 1: names no filter"},
		{filter.Kinds{Keep: &filter.Fields{Title: patterns(t, "a")}, Set: &filter.Set{Language: &bad}}, "has 2 filters in one entry"},
		{filter.Kinds{Keep: &filter.Fields{}}, "filter 1 keep: names no field"},
		{filter.Kinds{Drop: &filter.Fields{Tags: make([]setting.Pattern, 1)}}, "filter 1 drop: tags holds an empty pattern"},
		{filter.Kinds{Where: &filter.Expression{}}, "filter 1 where: the expression is empty"},
		{filter.Kinds{Set: &filter.Set{}}, "filter 1 set: names no word"},
		{filter.Kinds{Set: &filter.Set{Language: &bad}}, `language "no language" is not a language`},
		{filter.Kinds{Set: &filter.Set{Title: &empty}}, "title is empty"},
		{filter.Kinds{Set: &filter.Set{Image: &bad}}, "image "},
		{filter.Kinds{Set: &filter.Set{Author: &filter.Author{Email: "a@b.example"}}}, "author has no name"},
		{filter.Kinds{Set: &filter.Set{Author: &filter.Author{Name: "a", Email: "b"}}}, "author has the email"},
		{filter.Kinds{Set: &filter.Set{Author: &filter.Author{Name: "a", URL: "b"}}}, "author has the url"},
		{filter.Kinds{Replace: &filter.Replace{}}, "field is missing"},
		{filter.Kinds{Replace: &filter.Replace{Field: "id"}}, `field "id" cannot be replaced in`},
		{filter.Kinds{Replace: &filter.Replace{Field: "title"}}, "pattern is missing"},
		{replace(t, "title", "/(a)/", "$2"), `with "$2" does not fit`},
		{filter.Kinds{Strip: &filter.Selectors{}}, "filter 1 strip: names no selector"},
		{filter.Kinds{Strip: &filter.Selectors{{}}}, "holds an empty selector"},
		{filter.Kinds{Summary: &filter.Summary{}}, "words is 0"},
		{filter.Kinds{Summary: &filter.Summary{Words: 1001}}, "words is 1001"},
		{filter.Kinds{Dedupe: &filter.Keys{}}, "names no field"},
		{filter.Kinds{Dedupe: &filter.Keys{"link", "link"}}, "names link twice"},
		{filter.Kinds{Dedupe: &filter.Keys{"date"}}, `"date" is not known`},
	} {
		_, err := filter.New([]filter.Kinds{c.kinds})
		if err == nil || !strings.Contains(err.Error(), c.want) || feed.ClassOf(err) != feed.Refused {
			t.Errorf("New gives %v (%s), want %q", err, feed.ClassOf(err), c.want)
		}
	}
	_, err := filter.New([]filter.Kinds{{}, {Keep: &filter.Fields{Title: patterns(t, "a")}}, {Set: &filter.Set{}}})
	if err == nil || !strings.Contains(err.Error(), "filter 1") || !strings.Contains(err.Error(), "filter 3") {
		t.Errorf("not every fault is named: %v", err)
	}
}

func TestApplyLeavesTheInputAlone(t *testing.T) {
	input := func() []feed.Article {
		return []feed.Article{
			{Title: "[x] One", Content: `<p>A b c d e</p><aside>x</aside>`, Tags: []string{"x one", "two"}, Authors: []feed.Person{{Name: "x Jane"}}},
			{Title: "[x] Two", Markdown: "*A*", Tags: []string{"x two"}},
		}
	}
	given := input()
	title := "New"
	kinds := []filter.Kinds{
		replace(t, "tags", "x", ""), replace(t, "author", "x", ""), strip(t, "aside, em"), where(t, `all(tags, # != "x")`),
		{Set: &filter.Set{Title: &title, Tags: []string{"set"}, Author: &filter.Author{Name: "Bob"}}}, {Summary: &filter.Summary{Words: 2}},
	}
	kept, _, err := chain(t, kinds...).Apply(t.Context(), given, filter.Env{Now: now})
	if err != nil || len(kept) != 2 {
		t.Fatal(kept, err)
	}
	kept[0].Tags[0], kept[0].Authors[0].Name = "scribble", "scribble"
	if kept[1].Tags[0] == "scribble" || !reflect.DeepEqual(given, input()) {
		t.Errorf("the input became %+v", given)
	}
}

func TestApplyStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	kept, _, err := chain(t, where(t, "true")).Apply(ctx, make([]feed.Article, 3), filter.Env{})
	if !errors.Is(err, context.Canceled) || kept != nil {
		t.Errorf("kept %d, %v", len(kept), err)
	}
	kept, trace, err := filter.Chain{}.Apply(t.Context(), make([]feed.Article, 3), filter.Env{})
	if len(kept) != 3 || trace != nil || err != nil {
		t.Errorf("no filters: %d, %v, %v", len(kept), trace, err)
	}
}

func TestDedupe(t *testing.T) {
	keys := filter.Keys{filter.ByID, filter.ByLink, filter.ByTitle}
	articles := []feed.Article{
		{ID: "1", Link: "https://www.Blog.example:443/a/?b=1&utm_source=x&fbclid=y#top", Title: "Bridge  opens"},
		{ID: "1", Link: "https://other.example/", Title: "Same id"},
		{ID: "2", Link: "http://blog.example/a?b=1", Title: "Same link"},
		{ID: "3", Link: "https://blog.example/a?b=2", Title: "BRIDGE opens"},
		{ID: "4", Link: "https://blog.example/a?b=3", Title: "Stays"},
		{Title: "Міст"}, {Title: "МІ СТ"}, {Title: "No id, no link"},
		{ID: "known", Link: "https://blog.example/again", Title: "Comes in again"},
		{ID: "5", Link: "https://blog.example/known/", Title: "Known link"},
		{ID: "6", Link: "https://blog.example/#!/one", Title: "Application one"},
		{ID: "7", Link: "https://blog.example/#!/two", Title: "Application two"},
	}
	env := filter.Env{Known: func(a feed.Article, field filter.Key, value string) bool {
		return field == filter.ByID && value == "known" && a.Title != "Comes in again" || field == filter.ByLink && value == "blog.example/known"
	}}
	kept, trace, err := chain(t, filter.Kinds{Dedupe: &keys}).Apply(t.Context(), articles, env)
	if err != nil {
		t.Fatal(err)
	}
	var titles []string
	for _, a := range kept {
		titles = append(titles, a.Title)
	}
	want := []string{"Bridge  opens", "Stays", "Міст", "No id, no link", "Comes in again", "Application one", "Application two"}
	if !slices.Equal(titles, want) {
		t.Errorf("kept %q\nwant %q\n%s", titles, want, lines(trace))
	}
	if got := trace[len(trace)-1].String(); got != "dropped by filter 1 (dedupe same link as an earlier article)" {
		t.Error(got)
	}
}

package filter_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"feedmill/feed"
	"feedmill/feed/filter"
)

var subject = feed.Article{
	Title: "Golang вийшов", Summary: "Sum", Content: "<p>Hello <b>wor</b>ld</p>", Link: "https://a.example/1", Language: "en",
	Tags: []string{"go", "release"}, Authors: []feed.Person{{Name: "Jane"}, {Name: "Joe"}},
	Published: now.Add(-36 * time.Hour), Updated: now.Add(-time.Hour),
}

func TestWhere(t *testing.T) {
	for text, want := range map[string]bool{
		`len(tags) > 0 && age < days(30)`:                true,
		`age > days(1.5)`:                                false,
		`age >= hours(36)`:                               true,
		`days(1e300) > age and days(-1e300) < age`:       true,
		`days(len(tags)) > age`:                          true,
		`"go" in tags`:                                   true,
		`any(tags, # == "rust")`:                         false,
		`all(tags, len(#) > 1)`:                          true,
		`count(tags, # startsWith "g") == 1`:             true,
		`len(map(tags, upper(#) + "!")) == 2`:            true,
		`(title + " " + summary) contains "вийшов Sum"`:  true,
		`let both = title + summary; len(both) == 16`:    true,
		`content == "Hello world"`:                       true,
		`lower(title) contains "golang"`:                 true,
		`title matches "(?i)^GOLANG"`:                    true,
		`author == "Jane, Joe"`:                          true,
		`source == "Harbour Gazette"`:                    true,
		`language not in ["en", "de"]`:                   false,
		`link startsWith "https:"`:                       true,
		`published > date("2026-11-22")`:                 true,
		`published > date("2026-11-23")`:                 false,
		`updated - published > hours(30)`:                true,
		`published.Hour() in 9..19`:                      true,
		`not (title contains "x") or false`:              true,
		`len(tags) + 1 == 3`:                             true,
		`$env["title"] contains "Golang"`:                true,
		`any(tags, any(tags, # == "go") and # == "nil")`: false,
	} {
		if _, kept, trace := one(t, subject, where(t, text)); kept != want || len(trace) > 2 || strings.Contains(lines(trace), "kept as") {
			t.Errorf("%s keeps: %v\n%s", text, kept, lines(trace))
		}
	}
	if _, kept, _ := one(t, feed.Article{Title: "undated"}, where(t, `age == days(0) and published.IsZero()`)); !kept {
		t.Error("an undated article has an age")
	}
}

func TestWhereErrors(t *testing.T) {
	for text, want := range map[string]string{
		" ":                           "is empty",
		`titel == "x"`:                `the expression titel == "x" is not understood at character 1: titel is not known; there are title summary`,
		`"а" == "б" && titel`:         "at character 15",
		`title ==`:                    "at character 8: it ends too early",
		`title`:                       "it is a string, not true or false",
		`age`:                         "it is a time.Duration, not true or false",
		`title contains 5`:            "at character 7",
		`title matches "("`:           "missing closing )",
		`title matches content`:       "at character 7: matches takes a regular expression in quotes",
		`now() > published`:           "now is not known",
		`repeat("a", 1000) == ""`:     "repeat is not known",
		`len(reduce(tags, #acc)) > 0`: "reduce is not among the functions here",
		`find(tags, true) == ""`:      "find is not among",
		`len(sortBy(tags, #)) > 0`:    "sortBy is not among",
		`len(1..99999) > 0`:           "a range takes two plain numbers",
		`len(1..len(tags)) > 0`:       "a range takes two plain numbers",
		`(len(tags) > 0 ? title : tags) + "a" == ""`: "what + adds",
		`days("x") > age`:                    "at character",
		strings.Repeat("1+", 1900) + "1 > 0": "exceeds",
		strings.Repeat("(", 4001):            "4001 bytes",
		strings.Repeat("(", 3900) + "1":      "is not understood",
		"\xff":                               "UTF-8",
	} {
		var e filter.Expression
		if err := e.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q gives %v, want %q", text, err, want)
		}
	}
}

// TestWhereBounded: what would take hours or all memory stops, and its article stays.
func TestWhereBounded(t *testing.T) {
	var doubling strings.Builder
	doubling.WriteString("let a0 = content; ")
	for i := range 60 {
		fmt.Fprintf(&doubling, "let a%d = a%d + a%d; ", i+1, i, i)
	}
	doubling.WriteString(`a60 == ""`)
	for text, want := range map[string]string{
		`all(1..9999, all(1..9999, all(1..9999, true)))`:                              "more than 100000 steps",
		`let x = 1..9999; len(filter(x, {len(filter(x, {# > 0})) != 5})) != 5`:        "more than 100000 steps",
		"all(1..9999, len([" + strings.Repeat("#, ", 200) + "1]) > 5)":                "makes lists of more than 1000000 things",
		`len(map(1..9999, map(1..9999, #))) > 0`:                                      "more than 100000 steps",
		`all(1..9999, content + content != "")`:                                       "joins texts of more than 32 MB",
		doubling.String():                                                             "joins texts of more than 32 MB",
		`tags[7] == ""`:                                                               "index out of range",
		`all(1..9999, lower(content) == upper(content) or content matches "x{1000}")`: "",
	} {
		a := feed.Article{Title: "x", Content: strings.Repeat("hello ", 10_000)}
		begin := time.Now()
		if want == "" {
			one(t, a, where(t, text)) // the clock stops it
		} else {
			synctest.Test(t, func(t *testing.T) { // in which no time passes, however slow the machine is
				if _, kept, trace := one(t, a, where(t, text)); !kept || !strings.Contains(lines(trace), want) {
					t.Errorf("%s keeps: %v, want %q\n%s", text, kept, want, lines(trace))
				}
			})
		}
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%s takes %v", text, took)
		}
	}
}

// FuzzWhere: an expression is refused or decides, in bounded time, without a panic.
func FuzzWhere(f *testing.F) {
	for _, s := range []string{
		`len(tags) > 0 && age < days(30)`, `any(tags, # == "go")`, `all(1..99, all(1..99, true))`, `let a = title + title; a == ""`,
		`title matches "a+"`, `published.Hour() in 9..17`, `tags[0]?.x ?? true`, `{"a": 1}.a == 1`, `tags | filter(# > "a") | len() > 0`,
		`title[1:2] == "o"`, `if true { true } else { false }`, `$env.title == ""`, `-(1 ** 99) < 0`, `date(title) > published`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var e filter.Expression
		if err := e.UnmarshalText([]byte(text)); err != nil {
			return
		}
		begin := time.Now()
		kept, trace, err := chain(t, filter.Kinds{Where: &e}).Apply(t.Context(), []feed.Article{subject}, filter.Env{Now: now})
		if err != nil || len(kept) == 0 && len(trace) == 0 {
			t.Errorf("%s: %v, %v, %v", text, kept, trace, err)
		}
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%s takes %v", text, took)
		}
	})
}

// FuzzSelector: a selector is refused or finds, and content is never lost to one that finds nothing.
func FuzzSelector(f *testing.F) {
	for _, s := range []string{".share, aside", "p > b:not(.x)", "a[href^='x']", ":has(p)", "p:nth-child(2n+1)", ":contains(x)", "p:matches(x)"} {
		f.Add(s, "<p>One <b>two</b></p><aside>x</aside>")
	}
	f.Fuzz(func(t *testing.T, text, content string) {
		var s filter.Selector
		if err := s.UnmarshalText([]byte(text)); err != nil {
			return
		}
		a := feed.Article{Title: "x", Content: content}
		got, _, trace := one(t, a, filter.Kinds{Strip: &filter.Selectors{s}})
		if len(trace) == 0 && got.Content != content {
			t.Errorf("%s changed %q to %q and says nothing", text, content, got.Content)
		}
	})
}

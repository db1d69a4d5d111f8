package filter_test

import (
	"fmt"
	"strings"
	"testing"

	"feedmill/feed"
	"feedmill/feed/filter"
)

// BenchmarkChain sends a hundred articles of 4 KB through a chain.
func BenchmarkChain(b *testing.B) {
	articles := make([]feed.Article, 100)
	for i := range articles {
		articles[i] = feed.Article{
			ID: fmt.Sprint(i), Link: fmt.Sprintf("https://a.example/%d?utm_source=x", i), Title: fmt.Sprintf("[News] Golang report %d", i),
			Content:   strings.Repeat("<p>The council met on <em>Tuesday</em> to discuss the harbour bridge &amp; its price.</p>", 45) + "<aside>More</aside>",
			Published: now, Tags: []string{"news"},
		}
	}
	english := "en"
	keys := filter.Keys{filter.ByID, filter.ByLink, filter.ByTitle}
	title := filter.Kinds{Keep: &filter.Fields{Title: patterns(b, "golang", `/\bgo 1\.\d+/i`)}}
	content := filter.Kinds{Drop: &filter.Fields{Content: patterns(b, "sponsored")}}
	set := filter.Kinds{Set: &filter.Set{Language: &english}}
	dedupe, summary := filter.Kinds{Dedupe: &keys}, filter.Kinds{Summary: &filter.Summary{Words: 40}}
	condition, brackets, aside := where(b, "len(tags) > 0 && age < days(30)"), replace(b, "title", `/^\[\w+\]\s*/`, ""), strip(b, ".share", "aside")
	for _, c := range []struct {
		name  string
		kinds []filter.Kinds
	}{
		{"title", []filter.Kinds{title}},
		{"content", []filter.Kinds{content}},
		{"where", []filter.Kinds{condition}},
		{"strip", []filter.Kinds{aside}},
		{"dedupe", []filter.Kinds{dedupe}},
		{"all", []filter.Kinds{title, content, condition, set, brackets, aside, summary, dedupe}},
	} {
		chain := chain(b, c.kinds...)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if kept, _, err := chain.Apply(b.Context(), articles, filter.Env{Now: now}); err != nil || len(kept) != 100 {
					b.Fatal(len(kept), err)
				}
			}
		})
	}
}

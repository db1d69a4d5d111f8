package command_test

import (
	"fmt"
	"strings"
	"testing"

	"feedmill/feed"
)

// BenchmarkFetch is a program that prints 20 articles as JSON: the first time, and then the same.
func BenchmarkFetch(b *testing.B) {
	var list []string
	for i := range 20 {
		list = append(list, fmt.Sprintf(`{"title":"Article %d","url":"https://a.example/%d","date":"2026-11-01","content":"%s"}`, i, i, strings.Repeat("<p>Words</p>", 80)))
	}
	text := "[" + strings.Join(list, ",") + "]"
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			d := prints(b, text)
			b.StartTimer()
			if batch := d.MustRead(); len(batch.Articles) != 20 {
				b.Fatal(len(batch.Articles))
			}
		}
	})
	b.Run("equal", func(b *testing.B) {
		d := prints(b, text)
		d.MustRead()
		for b.Loop() {
			if batch := d.MustRead(); batch.Extent != feed.Unchanged {
				b.Fatal(batch.Extent)
			}
		}
	})
}

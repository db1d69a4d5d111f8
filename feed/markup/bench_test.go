package markup_test

import (
	"strings"
	"testing"

	"feedmill/feed/markup"
)

// BenchmarkParse parses a page of 100 KB.
func BenchmarkParse(b *testing.B) {
	body := []byte("<!doctype html><meta charset=utf-8><body>" +
		strings.Repeat(`<li class="item"><a href="/a/b?c=d" class="link">Some words</a> <i class="icon"></i><p>And a <b>few</b> more.</p></li>`+"\n", 900))
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := markup.Parse(body, "text/html", "https://a.example/"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSelector looks for 900 links on a page of 100 KB.
func BenchmarkSelector(b *testing.B) {
	body := "<!doctype html><body>" + strings.Repeat(`<li class="item"><a href="/a/b?c=d" class="link">Some words</a> <i class="icon"></i><p>And a <b>few</b> more.</p></li>`+"\n", 900)
	p, err := markup.Parse([]byte(body), "text/html", "https://a.example/")
	if err != nil {
		b.Fatal(err)
	}
	for _, text := range []string{"li.item > a@href", "//li[@class='item']/a/@href"} {
		s, err := markup.Compile(text)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				if found, err := s.All(b.Context(), p.Item()); err != nil || len(found) != 900 {
					b.Fatal(len(found), err)
				}
			}
		})
	}
}

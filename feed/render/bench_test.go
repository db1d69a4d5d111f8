package render_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/check"
	"feedmill/feed/render"

	"github.com/gorilla/feeds"
)

// many is a snapshot of n articles with size bytes of content each.
func many(n, size int) render.Snapshot {
	paragraph := `<p>“The talks,” she said, “are <a href="/talks">not over</a>: there’s more to come & more to say.”</p>` + "\n"
	content := strings.Repeat(paragraph, 1+size/len(paragraph))
	s := render.Snapshot{Channel: world(), AsOf: at(22, 12)}
	for i := range n {
		when := at(22, 10).Add(-time.Duration(i) * time.Minute)
		s.Items = append(s.Items, render.Item{Article: feed.Article{
			ID: fmt.Sprintf("tag:news.example.org,2026:%d", i), Link: fmt.Sprintf("https://news.example.org/world/%d", i),
			Title: fmt.Sprintf("Article number %d of many", i), Summary: "What the article says, in a sentence or two.",
			Content: content, Tags: []string{"news", "world"}, Authors: []feed.Person{{Name: "Ann Ey"}},
			Published: when, Updated: when,
		}})
	}
	return s
}

func BenchmarkDocuments(b *testing.B) {
	for _, n := range []int{30, 1000} {
		b.Run(fmt.Sprintf("articles=%d", n), func(b *testing.B) {
			s := many(n, 4096)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := (render.Press{}).Documents(s, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "articles/s")
		})
	}
}

// BenchmarkGorilla makes the same with gorilla/feeds alone, to compare with.
func BenchmarkGorilla(b *testing.B) {
	s := many(1000, 4096)
	f := &feeds.Feed{Title: s.Channel.Title, Link: &feeds.Link{Href: s.Channel.Base}, Description: s.Channel.Description, Updated: s.AsOf}
	for _, it := range s.Items {
		f.Items = append(f.Items, &feeds.Item{
			Title: it.Title, Link: &feeds.Link{Href: it.Link}, Description: it.Summary, Content: it.Content, Id: it.ID,
			Created: it.Published, Updated: it.Updated, Author: &feeds.Author{Name: it.Authors[0].Name},
		})
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, write := range []func(io.Writer) error{f.WriteRss, f.WriteAtom, f.WriteJSON} {
			if err := write(io.Discard); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// FuzzDocuments lets no text make a document that the check refuses.
func FuzzDocuments(f *testing.F) {
	for _, it := range nasty().Items {
		f.Add(it.Title, it.Summary, it.Content, it.Correction)
	}
	f.Add("]]>", "<![CDATA[", "<p>&#x1b;</p>\r\n", "\xed\xa0\x80")
	f.Add("\u00a0", "\u2028", "<p>\u200b</p>", "\ufeff")
	f.Fuzz(func(t *testing.T, title, summary, content, correction string) {
		s := full()
		a := &s.Items[0].Article
		a.Title, a.Summary, a.Content, a.Correction = title, summary, content, correction
		a.Tags, a.Authors, a.Image.Credit = []string{title, summary}, []feed.Person{{Name: summary}, {Name: title}}, correction
		docs, err := render.Press{}.Documents(s, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range docs {
			if err := check.Document(d.Document, wanted(s, s.Channel.Title, s.Channel.Formats[i])); err != nil {
				t.Error(err)
			}
		}
		s.Items[0].Slug = "slug"
		if _, err := render.Page(s.Channel, s.Items[0]); err != nil {
			t.Error(err)
		}
	})
}

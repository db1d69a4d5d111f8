package files

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestWords holds what setAll makes of words that may be written in several ways.
func TestWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		matter string
		want   string // a line of the dump, or with a leading "!" one that must not be there
	}{
		{"draft: true\nstatus: ready", "status: draft"},
		{"status: ready\ndraft: true", "status: draft"},
		{"status: Withdrawn\ndraft: true", "status: withdrawn"},
		{"published: true", "!status"},
		{"publish_date: 2026-11-24\ndate: 2026-11-25", "published: 2026-11-25T00:00:00+01:00"},
		{"date: 2026-11-24T06:00:00", "published: 2026-11-24T06:00:00+01:00"},
		{"date: 2026-11-24 06:00:00 -0500", "published: 2026-11-24T06:00:00-05:00"},
		{"date: !!timestamp 2026-11-24", "published: 2026-11-24T00:00:00+01:00"},
		{"date: ''", "!published"},
		{"title: null\nheadline: From the synonym", "title: From the synonym"},
		{"title: 2026", "title: 2026"},
		{"tags: [1, 'two, three', '#four']", "tags: 1 | two, three | four"},
		{"keywords: one, two\ntags: two, three", "tags: one | two | three"},
		{"images: [a.png, b.png]", "image: a.png"},
		{"image: {src: a.png}", "image: a.png"},
		{"image: //cdn.example.org/a.png", "image: //cdn.example.org/a.png"},
		{"image: a.png\ncredit: Jane", "credit: Jane"},
		{"audio: 'https://example.org/Ä.M4A'", "enclosure: https://example.org/%C3%84.M4A audio/x-m4a 0"},
		{"audio: https://example.org/listen", "enclosure: https://example.org/listen audio/mpeg 0"},
		{"audio: a.mp3", "enclosure: a.mp3 audio/mpeg 0"},
		{"lang: zh_Hant_TW", "language: zh-Hant-TW"},
		{"url: /posts/a/", "!link"},
		{"canonicalURL: https://Example.org/a", "link: https://example.org/a"},
		{"permalink: https://a.example/1\nlink: https://a.example/2", "link: https://a.example/2"},
		{"Episode-Type: full", `note: "Episode-Type" is not in this version and was left out`},
		{"layout: [a, {b: c}]\nweight: 3", "!layout"},
		{"base: &b {name: Jane Doe}\nauthor: *b", "author: Jane Doe"},
		{"author: [Jane Doe, 'Roe, John']", "author: Roe, John"},
	} {
		m := c.matter
		if !strings.Contains(m, "title") {
			m += "\ntitle: A"
		}
		a, err := read("a.md", []byte("---\n"+m+"\n---\nText.\n"), berlin)
		if err != nil {
			t.Errorf("%q: %v", c.matter, err)
			continue
		}
		lines := strings.Split(dump(a), "\n")
		if unwanted, ok := strings.CutPrefix(c.want, "!"); ok {
			if slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, unwanted+":") }) {
				t.Errorf("%q: %s is set\n%s", c.matter, unwanted, dump(a))
			}
		} else if !slices.Contains(lines, c.want) {
			t.Errorf("%q: no line %q in\n%s", c.matter, c.want, dump(a))
		}
	}
}

// BenchmarkReadMarkdown reads a file of 4 KB with front matter.
func BenchmarkReadMarkdown(b *testing.B) {
	var text strings.Builder
	text.WriteString("---\ntitle: A story of four kilobytes\ndate: 2026-11-24 06:00\nauthor: Jane Doe\ntags: [one, two]\nlayout: post\n---\n")
	for i := 0; text.Len() < 4000; i++ {
		if i%4 == 0 {
			fmt.Fprintf(&text, "## Part %d\n\n", i/4+1)
		}
		text.WriteString("The council voted on *Monday* for three new night trains, which had been [promised](https://news.example.org/promise) " +
			"two years ago — “at last,” said the mayor. Nobody knows yet who will pay for them, and when the first one leaves.\n\n")
	}
	data := []byte(text.String())
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := read("2026-11-24-story.md", data, berlin); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReadText reads a newsroom's article of 5.5 KB.
func BenchmarkReadText(b *testing.B) {
	data := readFile(b, "testdata/read/trump-putin-call.txt")
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := read("trump-putin-call.txt", data, berlin); err != nil {
			b.Fatal(err)
		}
	}
}

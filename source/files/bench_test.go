package files

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// newsroom is 10,000 Markdown files of 4 KB in 100 folders.
func newsroom(b *testing.B) *desk {
	d := newDesk(b)
	paragraph := strings.Repeat("The harbour was quiet when the *first* ferry came in, and [nobody](https://example.org/) was waiting. ", 5)
	for n := range 10_000 {
		text := fmt.Sprintf("---\ntitle: Article %d\ndate: 2026-11-24T06:00:00Z\nauthor: Jane Doe\ntags: [news, harbour]\n---\n\n## A heading\n\n", n)
		for len(text) < 4096-len(paragraph) {
			text += paragraph + "\n\n"
		}
		d.write(fmt.Sprintf("articles/folder-%03d/article-number-%05d.md", n/100, n), text, old)
	}
	return d
}

func BenchmarkFirstScan(b *testing.B) {
	d := newsroom(b)
	for b.Loop() {
		d.restart()
		d.memory.committed, d.memory.put = nil, nil
		if batch := d.fetch(); len(batch.Articles) != 10_000 {
			b.Fatalf("%d articles, %v", len(batch.Articles), batch.Problems)
		}
	}
}

func BenchmarkUnchangedLook(b *testing.B) {
	d := newsroom(b)
	d.fetch()
	d.memory.commit()
	for b.Loop() {
		if got := short(d.fetch()); got != "unchanged" {
			b.Fatal(got)
		}
	}
}

// BenchmarkOneFileChanged is a fetch after Watch has seen one file settle.
func BenchmarkOneFileChanged(b *testing.B) {
	d := newsroom(b)
	d.fetch()
	d.memory.commit()
	const name = "articles/folder-050/article-number-05000.md"
	clock := time.Now()
	d.source.now = func() time.Time { return clock }
	d.source.setWatching(true)
	n := 0
	for b.Loop() {
		b.StopTimer()
		n++
		d.write(name, fmt.Sprintf("%s\nEdition %d.\n", story, n), time.Duration(n)*time.Second)
		for range 2 {
			if _, _, err := d.source.glance(b.Context()); err != nil {
				b.Fatal(err)
			}
			clock = clock.Add(settle)
		}
		b.StartTimer()
		got := short(d.fetch())
		d.memory.commit()
		if got != "increment +folder-050/article-number-05000.md" {
			b.Fatal(got)
		}
	}
}

package clean

import (
	"fmt"
	"strings"
	"testing"
)

// article makes about 4 KB of markup: plain as Markdown gives it, or rich with figures, footnotes and attributes.
func article(rich bool) string {
	var b strings.Builder
	for i := 0; b.Len() < 4000; i++ {
		if i%6 == 5 {
			fmt.Fprintf(&b, "<h2>Heading %d</h2>\n", i)
		}
		b.WriteString("<p>The Kremlin has hailed the call as a “pivotal moment” in resetting relations, while critics argue that it marks a " +
			`troubling shift in <em>the West’s</em> stance, <a href="https://news.example.org/world/call">says the report</a> of Monday.</p>` + "\n")
		if rich && i%4 == 3 {
			fmt.Fprintf(&b, `<figure class="wide"><img src="pictures/%d.jpg" srcset="a%d.jpg 1x, b.jpg 2x" alt="A: b" style="x"><figcaption>C</figcaption></figure>`+
				`<p>Note<sup id="fnref:%d"><a href="#fn:%d" class="footnote-ref">1</a></sup></p>`, i, i, i, i)
		}
	}
	return b.String()
}

func BenchmarkHTML(b *testing.B) {
	for name, rich := range map[string]bool{"plain": false, "rich": true} {
		b.Run(name, func(b *testing.B) {
			s := article(rich)
			b.SetBytes(int64(len(s)))
			b.ReportAllocs()
			for b.Loop() {
				HTML(s)
			}
		})
	}
}

func BenchmarkResolve(b *testing.B) {
	for name, rich := range map[string]bool{"plain": false, "rich": true} {
		b.Run(name, func(b *testing.B) {
			s := article(rich)
			b.SetBytes(int64(len(s)))
			b.ReportAllocs()
			for b.Loop() {
				Resolve(s, "https://news.example.org/world/a.html")
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	s := []byte(article(false))
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(s, ""); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSummary(b *testing.B) {
	s := PlainText(article(false))
	b.ReportAllocs()
	for b.Loop() {
		Summary(s, 300)
	}
}

// BenchmarkHasText: 10,000 rows of a database asked PlainText whether they have any, and took 1.6 s; now they take 0.4 s.
func BenchmarkHasText(b *testing.B) {
	s := article(false)
	b.ReportAllocs()
	for b.Loop() {
		HasText(s)
	}
}

func BenchmarkDate(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Date("Tue, 24 Nov 2026 06:00:00 +0100", nil); err != nil {
			b.Fatal(err)
		}
	}
}

package clean

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark/text"
)

// convertBeside converts a text whose title is taken out of the tree instead of the text.
func convertBeside(s string) string {
	source := []byte(s)
	doc := markdown().Parser().Parse(text.NewReader(source))
	if h := titleHeading(doc); h != nil {
		doc.RemoveChild(doc, h)
	}
	var out bytes.Buffer
	_ = markdown().Renderer().Render(&out, source, doc)
	return out.String()
}

var footnoteID = regexp.MustCompile(`("#?)[0-9a-f]{8}-(fn)`)

// normalized leaves out what may differ between two conversions of one text: what cleaning changes, white space,
// and the ids of footnotes.
func normalized(content string) string {
	content = footnoteID.ReplaceAllString(HTML(content), "$1$2")
	return strings.Join(strings.Fields(content), "")
}

// story is an article of 4 KB in Markdown.
func story() string {
	var b strings.Builder
	for i := 0; b.Len() < 4000; i++ {
		if i%4 == 0 {
			fmt.Fprintf(&b, "## Part %d\n\n", i/4+1)
		}
		b.WriteString("The council voted on *Monday* for three new night trains, which had been [promised](https://news.example.org/promise) " +
			"two years ago — “at last,” said the mayor. Nobody knows yet who will pay for them, and when the first one leaves.\n\n")
	}
	return b.String()
}

func BenchmarkMarkdown(b *testing.B) {
	for name, s := range map[string]string{"plain": story(), "footnote": story() + "Note[^1].\n\n[^1]: Here.\n"} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			b.ReportAllocs()
			for b.Loop() {
				Markdown(s)
			}
		})
	}
}

func BenchmarkOutline(b *testing.B) {
	s := story()
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		OutlineOf(s)
	}
}

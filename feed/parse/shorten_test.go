package parse_test

import (
	"strings"
	"testing"
	"time"

	"feedmill/feed/parse"
)

// TestLongText: a text beyond the bound costs its item only, and one that is within it when its references are resolved
// loses nothing.
func TestLongText(t *testing.T) {
	if quick {
		t.Skip("too slow under the race detector")
	}
	t.Parallel()
	const mostText = 8 << 20
	for _, c := range []struct {
		name, text string
		want       int // of the first item's content; 0 when it is refused
	}{
		{"letters", strings.Repeat("ü", mostText), 0},
		{"bare ampersands", strings.Repeat("&", mostText+10), 0},
		{"references", strings.Repeat("&#65;", mostText/4), mostText / 4},
		{"the bound", strings.Repeat("a", mostText), mostText},
	} {
		document := `<rss version="2.0"><channel><title>T</title><item><title>Long</title><description>` + c.text +
			`</description></item><item><title>Short</title><description>b</description></item></channel></rss>`
		f, err := parse.Parse([]byte(document), "", "https://x.example/", nil, time.Now())
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		switch last := f.Articles[len(f.Articles)-1]; {
		case last.Title != "Short" || last.Content+last.Summary != "b" && last.Content+last.Summary != "<p>b</p>":
			t.Errorf("%s: the item behind it is %q, %q", c.name, last.Title, last.Content+last.Summary)
		case c.want == 0 && (len(f.Articles) != 1 || len(f.Problems) == 0 || !strings.Contains(f.Problems[0].Error(), "holds more than")):
			t.Errorf("%s: %d articles, %v", c.name, len(f.Articles), f.Problems)
		case c.want > 0 && (len(f.Articles) != 2 || len(f.Articles[0].Content+f.Articles[0].Summary) < c.want):
			t.Errorf("%s: %d articles", c.name, len(f.Articles))
		}
	}
}

package listing

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/field"
	"feedmill/feed/markup"
)

var update = flag.Bool("update", false, "write the golden files anew")

var noon = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

func pageOf(t testing.TB, text string) *markup.Page {
	t.Helper()
	page, err := markup.Parse([]byte(text), "text/html; charset=utf-8", "https://post.example/windlass/releases")
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// TestDetect compares what is found on each page of testdata/detect, and how it is told, with the file beside it.
func TestDetect(t *testing.T) {
	files, err := filepath.Glob("testdata/detect/*.html")
	if err != nil || len(files) == 0 {
		t.Fatal("no pages", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".html"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(file, ".html") + ".golden"
			got := shown(Detect(t.Context(), pageOf(t, string(text)), field.Env{Now: noon}))
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil || got != string(want) {
				t.Errorf("it gives\n%s\nwant\n%s%v", got, want, err)
			}
		})
	}
}

func shown(f Finding, err error) string {
	var b strings.Builder
	if err != nil {
		fmt.Fprintf(&b, "%s: %v\n", feed.ClassOf(err), err)
		return b.String()
	}
	for _, line := range f.Told {
		b.WriteString(line + "\n")
	}
	b.WriteString("\n" + f.Block("https://post.example/", ""))
	for _, a := range f.Articles {
		fmt.Fprintf(&b, "\n%s\n  %s\n", a.Title, a.Link)
		if !a.Published.IsZero() {
			fmt.Fprintf(&b, "  %s\n", a.Published.Format(time.RFC3339))
		}
		for _, word := range []string{a.Summary, a.Image.URL} {
			if word != "" {
				fmt.Fprintf(&b, "  %s\n", word)
			}
		}
		for _, p := range a.Authors {
			fmt.Fprintf(&b, "  by %s\n", p.Name)
		}
	}
	return b.String()
}

// TestDetectInOneRow: a page that is one row of links takes about as long as one that has each in an element of its own. With
// each link looking back over all before it, it took eight times as long, and of 100,000 links minutes.
func TestDetectInOneRow(t *testing.T) {
	took := func(around string) time.Duration {
		var b strings.Builder
		for i := range 12_000 {
			fmt.Fprintf(&b, around, fmt.Sprintf(`<a href="/notes/%[1]d">What was noted about windlass %[1]d</a> `, i))
		}
		page := pageOf(t, "<!doctype html><main>"+b.String()+"</main>")
		begun := time.Now()
		_, _ = Detect(t.Context(), page, field.Env{Now: noon}) // a list or not, it is the time that counts
		return time.Since(begun)
	}
	var row, apart time.Duration
	for range 3 { // others work on this machine too
		if row, apart = took("%s"), took("<div>%s</div>"); row < 4*apart {
			return
		}
	}
	t.Errorf("it took %v, and with the links apart %v", row, apart)
}

package files

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"

	"feedmill/feed"
	"feedmill/feed/clean"
)

func FuzzReadText(f *testing.F)     { fuzzRead(f, ".txt") }
func FuzzReadMarkdown(f *testing.F) { fuzzRead(f, ".md") }
func FuzzReadHTML(f *testing.F)     { fuzzRead(f, ".html") }

// fuzzRead holds what every article promises, whatever the bytes were.
func fuzzRead(f *testing.F, ext string) {
	files, err := filepath.Glob("testdata/read/*" + ext)
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, file := range files {
		f.Add(readFile(f, file))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := read("fuzz"+ext, data, time.UTC)
		if err != nil {
			p, ok := errors.AsType[*feed.Problem](err)
			if !ok || p.Where != "fuzz"+ext || feed.ClassOf(err) != feed.Unreadable {
				t.Fatalf("error without place or class: %v", err)
			}
			if lines := strings.Count(string(data), "\n") + strings.Count(string(data), "\r") + 2; p.Line < 0 || p.Line > lines && utf8.Valid(data) && isPlainLines(data) {
				t.Fatalf("line %d of %d: %v", p.Line, lines, err)
			}
			return
		}
		if strings.TrimSpace(a.Title) == "" {
			t.Fatal("no title")
		}
		texts := append([]string{a.Title, a.Slug, a.ID, a.Link, a.Summary, a.Correction, a.Language, a.Image.URL, a.Image.Caption, a.Image.Credit}, a.Tags...)
		for _, p := range a.Authors {
			if p.Name == "" {
				t.Fatal("an author without a name")
			}
			texts = append(texts, p.Name, p.Email, p.URL)
		}
		for _, s := range texts {
			if s != clean.Line(s) {
				t.Fatalf("not one clean line: %q", s)
			}
		}
		if a.Content != clean.Chars(a.Content) || a.Markdown != clean.Chars(a.Markdown) || a.Content != "" && a.Markdown != "" {
			t.Fatalf("forbidden characters or two contents in %q and %q", a.Content, a.Markdown)
		}
		checkHTML(t, a.Content+clean.Markdown(a.Markdown))
		again, err := read("fuzz"+ext, data, time.UTC)
		if err != nil || dump(again) != dump(a) {
			t.Fatalf("a second reading differs: %v", err)
		}
	})
}

// isPlainLines leaves out the line ends that only a few programs know.
func isPlainLines(data []byte) bool { return !strings.ContainsAny(string(data), "\v\f\u0085") }

// checkHTML fails if tags are not balanced or something could run.
func checkHTML(t *testing.T, content string) {
	t.Helper()
	void := map[string]bool{"br": true, "hr": true, "img": true, "wbr": true, "source": true, "track": true, "col": true}
	var open []string
	z := html.NewTokenizer(strings.NewReader(content))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		token := z.Token()
		if kind != html.StartTagToken && kind != html.EndTagToken {
			continue
		}
		if kind == html.EndTagToken {
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Fatalf("</%s> closes nothing (open: %v) in %q", token.Data, open, content)
			}
			open = open[:len(open)-1]
			continue
		}
		if token.Data == "script" || token.Data == "style" {
			t.Fatalf("<%s> in %q", token.Data, content)
		}
		for _, a := range token.Attr {
			if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
				t.Fatalf("%s=%q in %q", a.Key, a.Val, content)
			}
		}
		if !void[token.Data] {
			open = append(open, token.Data)
		}
	}
	if len(open) > 0 {
		t.Fatalf("%v not closed in %q", open, content)
	}
}

// TestReadBounded reads files made to take long; each would take minutes if some step grew with the square of its size.
func TestReadBounded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, data string }{
		{"a.txt", "Title\n" + strings.Repeat("A.\n", 10000)},
		{"a.txt", "Title\n" + strings.Repeat("A short line\n\n", 10000)},
		{"a.txt", "Title\n" + strings.Repeat("- item\n", 10000)},
		{"a.txt", "Title\n" + strings.Repeat("Source: a\n", 10000)},
		{"a.txt", "Title\n" + strings.Repeat("https://", 10000)},
		{"a.txt", "Title\n" + strings.Repeat("https://a.example/((((", 10000)},
		{"a.txt", "Title\n" + strings.Repeat("KYIV —\n", 10000)},
		{"a.txt", "Title\n" + strings.Repeat("a line that was wrapped at a width of about sixty columns\n", 10000)},
		{"a.txt", "Title\nSummary: a\n" + strings.Repeat(" b\n", 10000)},
		{"a.md", "# Title\n\n" + strings.Repeat("[", 10000)},
		{"a.md", "# Title\n\n" + strings.Repeat("*a ", 10000)},
		{"a.md", "# Title\n\n" + strings.Repeat("> ", maxNesting) + "a\n"},
		{"a.md", "# Title\n\n" + strings.Repeat("- ", maxNesting) + "a\n"},
		{"a.md", "---\n" + strings.Repeat("a:\n- ", 10000) + "\n---\n# Title"},
		{"a.html", "<title>a</title>" + strings.Repeat("<article>", 400) + strings.Repeat("<p>a", 10000)},
		{"a.html", "<title>a</title><script type=application/ld+json>" + strings.Repeat("[", 9000) + "</script>"},
	} {
		start := time.Now()
		_, _ = read(c.name, []byte(c.data), time.UTC)
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s %.40q took %v", c.name, c.data, took)
		} else if took > time.Second {
			t.Logf("%s %.40q took %v", c.name, c.data, took)
		}
	}
}

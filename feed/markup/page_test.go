package markup_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/text/encoding/charmap"

	"feedmill/feed"
	"feedmill/feed/markup"
)

func TestCharset(t *testing.T) {
	cyrillic, err := charmap.Windows1251.NewEncoder().String("<meta charset=windows-1251><p>Новости дня и ночи</p>")
	if err != nil {
		t.Fatal(err)
	}
	plain, err := charmap.Windows1251.NewEncoder().String("<p>Новости дня и ночи</p>")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ body, contentType string }{
		"meta":            {cyrillic, "text/html"},
		"header":          {plain, "text/html; charset=windows-1251"},
		"header and meta": {strings.Replace(cyrillic, "windows-1251", "utf-8       ", 1), "text/html; charset=windows-1251"},
		"wrong header":    {"<p>Новости дня и ночи</p>", "text/html; charset=iso-8859-1"},
		"mark":            {"\xef\xbb\xbf<p>Новости дня и ночи</p>", "text/html; charset=koi8-r"},
		"no type":         {"<p>Новости дня и ночи</p>", ";;"},
	} {
		p, err := markup.Parse([]byte(test.body), test.contentType, "https://a.example/")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if text := markup.Text(p.Root); text != "Новости дня и ночи" {
			t.Errorf("%s gives %q", name, text)
		}
	}
}

func TestBase(t *testing.T) {
	for head, want := range map[string]string{
		"":                                "https://a.example/x/y",
		"<base target=_blank>":            "https://a.example/x/y",
		"<base href=/b/>":                 "https://a.example/b/",
		"<base href=//c.example>":         "https://c.example",
		"<base href=javascript:x>":        "https://a.example/x/y",
		"<base href=/b/><base href=/c/>":  "https://a.example/b/",
		"<base target=a><base href='/c'>": "https://a.example/c",
	} {
		if p, err := markup.Parse([]byte(head), "text/html", "https://a.example/x/y"); err != nil || p.Base != want {
			t.Errorf("%s gives %v, %v, want %s", head, p, err, want)
		}
	}
}

// TestBombs: what is too large is an error, what is nested too deep is flattened, and neither takes long.
func TestBombs(t *testing.T) {
	fonts := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "<font color=%d>", i)
		}
		return b.String()
	}
	names := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "a%d/", i)
		}
		return b.String()
	}
	for _, test := range []struct {
		name, body, text, err string
	}{
		{"too large", strings.Repeat(" ", 16<<20+1), "", "16 MB"},
		{"a million elements", strings.Repeat("<br>", 1_000_000), "", "500000 elements"},
		{"a million texts", strings.Repeat("<p>x</p>", 1_000_000), "", "500000 elements"},
		{"deep", strings.Repeat("<div>", 10_000) + "end" + strings.Repeat("</div>", 10_000) + "<p>after", "end after", ""},
		{"deep and open", strings.Repeat("<div><p>", 10_000) + "end", "end", ""},
		{"deep tables", strings.Repeat("<table><tr><td>", 5_000) + "end", "end", ""},
		{"deep lists", strings.Repeat("<ul><li>", 5_000) + "end", "end", ""},
		{"deep vectors", strings.Repeat("<svg><g>", 5_000) + "<p>end", "end", ""},
		{"formatting that multiplies", fonts(500) + strings.Repeat("<p>x", 20_000), "", ""},
		{"one formatting that multiplies", strings.Repeat("<b>", 10_000) + strings.Repeat("<p>x", 20_000), "", ""},
		{"links that multiply", strings.Repeat("<a href=x><div>", 10_000), "", ""},
		{"an attribute", `<p title="` + strings.Repeat("x", 8<<20) + `">end`, "end", ""},
		{"a million attributes", "<p " + names(1_000_000) + ">end", "", "500000 attributes"},
		{"a million words", "<p>" + strings.Repeat("a ", 1<<20) + "</p>", "", ""},
		{"broken tags", strings.Repeat("</p><<b", 10_000) + ">end</i></b></p>", "", ""},
		{"an open comment", "<p>before<!--" + strings.Repeat("<div>", 100_000), "before", ""},
		{"nothing", "", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			begun := time.Now()
			p, err := markup.Parse([]byte(test.body), "text/html", "https://a.example/")
			if test.err != "" {
				if feed.ClassOf(err) != feed.Unreadable || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("it gives %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if text := markup.Text(p.Root); test.text != "" && text != test.text {
				t.Errorf("its text is %.100q", text)
			}
			if depth := depthOf(p.Root); depth > 520 {
				t.Errorf("it is %d deep", depth)
			}
			if _, err := compile(t, "div div p, td a").All(t.Context(), p.Item()); err != nil {
				t.Error(err)
			}
			if took := time.Since(begun); took > 20*time.Second {
				t.Errorf("it takes %v", took)
			}
		})
	}
}

func depthOf(root *html.Node) int {
	deepest, depth := 0, 0
	for n := root; n != nil; {
		deepest = max(deepest, depth)
		if n.FirstChild != nil {
			n, depth = n.FirstChild, depth+1
			continue
		}
		for n != nil && n.NextSibling == nil {
			n, depth = n.Parent, depth-1
		}
		if n != nil {
			n = n.NextSibling
		}
	}
	return deepest
}

// TestSlowSelectors: selectors whose work grows with the square of a page give up.
func TestSlowSelectors(t *testing.T) {
	body := strings.Repeat("<div>", 200) + strings.Repeat("<p>x</p>", 100_000)
	p, err := markup.Parse([]byte(body), "text/html", "https://a.example/")
	if err != nil {
		t.Fatal(err)
	}
	for _, selector := range []string{"p:nth-child(n+2):not(:contains(y)):nth-last-child(2n+1)", "//p[count(preceding-sibling::p) = count(following-sibling::p)]", "json:[range(1e9)]"} {
		t.Run(selector, func(t *testing.T) {
			t.Parallel()
			begun := time.Now()
			item := p.Item()
			if strings.HasPrefix(selector, "json:") {
				item = markup.Item{Page: p, JSON: "x"}
			}
			_, err := compile(t, selector).All(t.Context(), item)
			if took := time.Since(begun); err == nil || !strings.Contains(err.Error(), "too long") || took > 20*time.Second {
				t.Errorf("it ends after %v with %v", took, err)
			}
		})
	}
}

func TestBinary(t *testing.T) {
	_, err := markup.Parse([]byte("\x89PNG\r\n\x1a\n\x00\x00"), "text/html", "https://a.example/")
	if feed.ClassOf(err) != feed.Unreadable || errors.Unwrap(err) == nil {
		t.Errorf("a picture gives %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{shop, "<b><p></b></p>", "<table><tr><a><td>", "<!--<p>", "<svg><p>", "<template><td>", strings.Repeat("<b><div>", 300)} {
		f.Add([]byte(s), "text/html")
	}
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		p, err := markup.Parse(body, contentType, "https://a.example/")
		if err != nil {
			return
		}
		if depth := depthOf(p.Root); depth > 520 {
			t.Errorf("the tree is %d deep", depth)
		}
		p.Embedded()
		markup.Text(p.Root)
	})
}

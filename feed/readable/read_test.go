package readable

import (
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/markup"
)

var update = flag.Bool("update", false, "write the .want files of testdata anew")

// TestRead reads every page of testdata and compares its article, as feedmill publishes it, with the .want file beside it.
func TestRead(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("testdata/*.html")
	if err != nil || len(pages) < 5 {
		t.Fatal(len(pages), err)
	}
	for _, page := range pages {
		t.Run(filepath.Base(page), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			a, err := Read(data, "text/html", at(t, "https://www.example.org/politics/page.html"), Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := dump(a)
			golden := strings.TrimSuffix(page, ".html") + ".want"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func at(t testing.TB, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// dump writes what an article says, a line each, and its content as it is published, with a line for each block.
func dump(a feed.Article) string {
	var b strings.Builder
	say := func(word, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\n", word, value)
		}
	}
	say("title", a.Title)
	say("link", a.Link)
	for _, p := range a.Authors {
		say("author", strings.TrimSpace(p.Name+" "+p.URL))
	}
	for _, d := range []struct {
		word string
		time time.Time
	}{{"published", a.Published}, {"updated", a.Updated}} {
		if !d.time.IsZero() {
			say(d.word, d.time.Format(time.RFC3339))
		}
	}
	say("tags", strings.Join(a.Tags, " | "))
	say("language", a.Language)
	say("image", a.Image.URL)
	say("summary", a.Summary)
	b.WriteString("---\n")
	content := clean.HTML(a.Content)
	for _, tag := range []string{"div", "section", "article"} {
		content = strings.NewReplacer("<"+tag+">", "", "</"+tag+">", "").Replace(content)
	}
	for line := range strings.SplitSeq(content, "\n") {
		if strings.TrimSpace(line) != "" {
			b.WriteString(strings.TrimRight(line, " \t") + "\n")
		}
	}
	return b.String()
}

// TestSelectAndRemove holds that the operator's selectors decide, whatever readability would think of them.
func TestSelectAndRemove(t *testing.T) {
	t.Parallel()
	page := `<title>A</title><body class=x><div class=lead><p>Lead, <a href=b>link</a>.</p><p class=ad>Buy!</p></div><div class=comments><p>Kept <i class=ad>Buy!</i></p></div><p>Rest</p>`
	for _, c := range []struct {
		selects string
		removes []string
		want    string
	}{
		{".lead, .comments", []string{".ad"}, `<div><p>Lead, <a href="https://www.example.org/a/b">link</a>.</p></div><div><p>Kept </p></div>`},
		{".comments", nil, `<p>Kept <i>Buy!</i></p>`},
		{"//div[@class='comments']/p", nil, `<p>Kept <i>Buy!</i></p>`},
		{"div, div p", []string{".ad", ".comments"}, `<p>Lead, <a href="https://www.example.org/a/b">link</a>.</p>`},
	} {
		o := Options{Select: selector(t, c.selects)}
		for _, r := range c.removes {
			o.Remove = append(o.Remove, selector(t, r))
		}
		a, err := Read([]byte(page), "", at(t, "https://www.example.org/a/"), o)
		if got := clean.HTML(a.Content); err != nil || got != c.want {
			t.Errorf("select %q remove %q: %v\n%s, want\n%s", c.selects, c.removes, err, got, c.want)
		}
	}
	_, err := Read([]byte(page), "", nil, Options{Select: selector(t, ".story")})
	if feed.ClassOf(err) != feed.Unreadable || !strings.Contains(err.Error(), "select") {
		t.Errorf("a selector that matches nothing: %v", err)
	}
	_, err = Read([]byte("<title>Just a moment...</title><p>Checking."), "", nil, Options{Select: selector(t, ".story")})
	if feed.ClassOf(err) != feed.Unavailable {
		t.Errorf("a selector that matches nothing on a wall: %v", err)
	}
}

func selector(t *testing.T, s string) markup.Selector {
	t.Helper()
	parsed, err := markup.Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// TestReadText holds how bytes become text, and that what is no article's is taken off its ends only.
func TestReadText(t *testing.T) {
	t.Parallel()
	body := "<p>" + strings.Repeat("Das Schiff kam spät, und niemand wartete. ", 10) + "</p>"
	for _, c := range []struct{ page, contentType, want string }{
		{"<title>\xdcber</title>" + body, "text/html; charset=iso-8859-1", "Über"},
		{"<meta charset=windows-1251><title>\xcd\xee\xf7\xfc</title>" + body, "text/html", "Ночь"},
		{"<title>A &amp; B – Example</title>" + body, "", "A & B – Example"},
		{"<title>Example</title><meta property=og:site_name content=Example><h1>The ferry is late</h1>" + body, "", "The ferry is late"},
		{"<title>Ferry late again this fine morning | News | Example</title><h1>News</h1>" + body, "", "Ferry late again this fine morning | News"},
		{"<title>Late – Example</title><h1>Example</h1><h2>Late</h2><h1>Late</h1>" + body, "", "Late"},
	} {
		a, err := Read([]byte(c.page), c.contentType, nil, Options{})
		if err != nil || a.Title != c.want {
			t.Errorf("%s: title %q, want %q (%v)", c.page, a.Title, c.want, err)
		}
	}
}

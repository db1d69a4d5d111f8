package files

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/clean"
)

var update = flag.Bool("update", false, "write the .want files of testdata/read anew")

// berlin is a zone in which a date without one differs from UTC.
var berlin = time.FixedZone("Berlin", 3600)

// TestRead reads every article of testdata/read and compares it with the .want file beside it.
func TestRead(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/read/*")
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for _, file := range files {
		if strings.HasSuffix(file, ".want") {
			continue
		}
		cases++
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			data := readFile(t, file)
			a, err := read(filepath.Base(file), data, berlin)
			if err != nil {
				t.Fatal(err)
			}
			got := dump(a)
			golden := strings.TrimSuffix(file, filepath.Ext(file)) + ".want"
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
				t.Errorf("%s\nfirst difference: %s\n\n%s", golden, firstDifference(got, string(want)), got)
			}
		})
	}
	if cases < 40 {
		t.Errorf("only %d cases in testdata/read", cases)
	}
}

func readFile(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// dump writes an article the way a person can check it.
func dump(a feed.Article) string {
	var b strings.Builder
	field := func(name, s string) {
		if s != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, s)
		}
	}
	date := func(name string, t time.Time) {
		if !t.IsZero() {
			field(name, t.Format(time.RFC3339))
		}
	}
	field("title", a.Title)
	field("slug", a.Slug)
	field("id", a.ID)
	field("link", a.Link)
	date("published", a.Published)
	date("updated", a.Updated)
	date("expires", a.Expires)
	for _, p := range a.Authors {
		field("author", strings.TrimSpace(strings.Join([]string{p.Name, p.Email, p.URL}, " ")))
	}
	field("tags", strings.Join(a.Tags, " | "))
	field("language", a.Language)
	field("image", a.Image.URL)
	field("caption", a.Image.Caption)
	field("credit", a.Image.Credit)
	for _, e := range a.Enclosures {
		field("enclosure", fmt.Sprintf("%s %s %d", e.URL, e.Type, e.Length))
	}
	field("status", string(a.Status))
	field("correction", a.Correction)
	if a.Minor {
		field("minor", "true")
	}
	if a.Pin {
		field("pin", "true")
	}
	field("summary", a.Summary)
	for _, n := range a.Notes {
		field("note", n)
	}
	return b.String() + "---\n" + a.Content + clean.Markdown(a.Markdown) + "\n"
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d\n got: %s\nwant: %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

// TestReadNewsroomArticle holds the promises made about the article that a newsroom really sent.
func TestReadNewsroomArticle(t *testing.T) {
	t.Parallel()
	data := readFile(t, "testdata/read/trump-putin-call.txt")
	a, err := read("world/trump-putin-call.txt", data, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	if a.Title != lines[0] {
		t.Errorf("title %q, want the first line", a.Title)
	}
	headings := map[string]bool{
		"Putin’s Strategic Repositioning": true, "Ukraine’s Diminishing Role in Its Own Fate": true, "Europe Left in the Shadows": true,
		"A Diplomatic Gamble with High Stakes": true, "A Risky Shift in Global Power Dynamics": true,
	}
	if n := strings.Count(a.Content, "<h2>"); n != len(headings) {
		t.Errorf("%d headings, want %d", n, len(headings))
	}
	for _, l := range lines[1 : len(lines)-2] {
		element := "<p>" + l + "</p>"
		if headings[l] {
			element = "<h2>" + l + "</h2>"
		}
		if strings.Count(a.Content, element) != 1 {
			t.Errorf("not once in the content: %s", element)
		}
	}
	for _, unwanted := range []string{"Reference", lines[0]} {
		if strings.Contains(a.Content, unwanted) {
			t.Errorf("%q is in the content", unwanted)
		}
	}
	if !strings.HasPrefix(a.Summary, "In a diplomatic move") || !strings.HasSuffix(a.Summary, ".") || strings.HasSuffix(a.Summary, "former U.S.") {
		t.Errorf("summary %q", a.Summary)
	}
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("<div>", 10000)
	for _, c := range []struct {
		name, data string
		line       int
		want       string // a part of the message
	}{
		{"a.txt", "", 0, "empty"},
		{"a.md", " \n\t\r\n", 0, "empty"},
		{"a.txt", "\xef\xbb\xbf\n", 0, "no title"},
		{"a.txt", "Title\n\x00\x01\x02\x03", 0, "binary"},
		{"a.txt", "%PDF-1.7\n", 0, "a PDF"},
		{"a.docx", "PK\x03\x04xxxx", 0, "Word"},
		{"a.txt", `{\rtf1\ansi Hello}`, 0, "RTF"},
		{"a.md", strings.Repeat("a", maxSize+1), 0, "16 MB"},
		{"a.md", "---\ntitle: A\nText\n", 1, "no end"},
		{"a.md", "+++\ntitle = 'A'\n", 1, "close it with a line of +++"},
		{"a.md", "---\ntitle: A\nnot yaml\n---\nText\n", 3, "not valid YAML"},
		{"a.md", "---\ntitle: Breaking: News\n---\nText\n", 2, "quotes"},
		{"a.md", "---\ntitle: A\ntags: [a, b\n---\nText\n", 3, "not valid YAML"},
		{"a.md", "---\n- a\n- b\n---\nText\n", 2, "title: A title"},
		{"a.md", "---\ntitle: A\ndate: 2026-11-24\ntitle: B\n---\nText\n", 4, "second time (first in line 2)"},
		{"a.md", "+++\ntitle = 'A'\ndate = \n+++\nText\n", 3, "not valid TOML"},
		{"a.md", "---\ntitle: A\ndate: some day\n---\nText\n", 3, `date: "some day" is not a date`},
		{"a.md", "+++\ntitle = 'A'\n\ndate = 'some day'\n+++\nText\n", 4, `date: "some day" is not a date`},
		{"a.md", "---\ntitle: A\nexpires: [1, 2]\n---\nText\n", 3, "expires is a list"},
		{"a.md", "---\ntitle: [A, B]\n---\nText\n", 2, "title is a list"},
		{"a.md", "---\ntitle: A\ntags: {a: b}\n---\nText\n", 3, "tags is a group of words"},
		{"a.md", "---\ntitle: A\ntags:\n  - a\n  - [b]\n---\nText\n", 5, "tags holds a list"},
		{"a.md", "---\ntitle: A\nauthor: {email: a@b.org}\n---\nText\n", 3, "author has no name"},
		{"a.md", "---\ntitle: A\nstatus: finished\n---\nText\n", 3, "draft, ready or withdrawn"},
		{"a.md", "---\ntitle: A\ndraft: perhaps\n---\nText\n", 3, "draft must be true or false"},
		{"a.md", "---\ntitle: A\nminor: 2\n---\nText\n", 3, "minor must be true or false"},
		{"a.md", "---\ntitle: A\nlink: /a/b\n---\nText\n", 3, "not a web address"},
		{"a.md", "---\ntitle: A\nlink: javascript:alert(1)\n---\nText\n", 3, "not a web address"},
		{"a.md", "---\ntitle: A\nimage: ftp://a.example/b.png\n---\nText\n", 3, "neither a web address nor a path"},
		{"a.md", "---\ntitle: A\nslug: '///'\n---\nText\n", 3, "no letter or digit"},
		{"a.md", "---\ndate: 2026-11-24\n---\nText without a title\n", 0, "no title"},
		{"a.md", "---\ntitle: A\n---\n\n" + strings.Repeat("> ", 300) + "deep\n", 5, "nested deeper"},
		{"a.md", "---\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n---\nText\n", 2, "more than 10000 values"},
		{"a.txt", "Title\nDate: tomorrow\nText\n", 2, `Date: "tomorrow" is not a date`},
		{"a.txt", "Title\r\n\r\nAuthor: Jane\r\nPublished: soon\r\nText\r\n", 4, `Published: "soon" is not a date`},
		{"a.txt", "---\ntitle: A\n---\nDate: tomorrow\n", 4, "not a date"},
		{"a.txt", "---\ntags: [a]\n---\n", 0, "no title"},
		{"a.html", "<p>Only a paragraph</p>", 0, "no title"},
		{"a.html", "<title>A</title>\n<meta property='article:published_time'\n content='some day'>", 3, `"some day" is not a date`},
		{"a.html", "<title>A</title>" + deep, 0, "cannot be read"},
	} {
		a, err := read("dir/"+c.name, []byte(c.data), time.UTC)
		if err == nil {
			t.Errorf("%s %.60q: no error but %q", c.name, c.data, a.Title)
			continue
		}
		p, ok := errors.AsType[*feed.Problem](err)
		if !ok || p.Where != "dir/"+c.name || p.Line != c.line || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %.60q: %v; want line %d and %q", c.name, c.data, err, c.line, c.want)
		}
		if class := feed.ClassOf(err); class != feed.Unreadable {
			t.Errorf("%s %.60q: class %s", c.name, c.data, class)
		}
	}
}

func TestSlugOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, want string }{
		{"a/b/Trump-Putin Call.TXT", "trump-putin-call"},
		{"2026-11-24-storm.md", "storm"},
		{"2026_11_24 Storm.md", "storm"},
		{"20261124storm.md", "storm"},
		{"storm-2026-11-24.md", "storm"},
		{"storm 20261124.txt", "storm"},
		{"2026-11-24.md", "2026-11-24"},
		{"99999999-bottles.md", "99999999-bottles"},
		{"posts/my-first-post/index.md", "my-first-post"},
		{"index.md", "index"},
		{"Новости дня.txt", "новости-дня"},
		{"ニュース速報.txt", "ニュース速報"},
		{"हिन्दी समाचार.txt", "हिन्दी-समाचार"},
		{"v1.2 notes", "v1-2-notes"},
		{"README", "readme"},
	} {
		if got := slugOf(c.name); got != c.want {
			t.Errorf("slugOf(%q) = %q, want %q", c.name, got, c.want)
		}
	}
}

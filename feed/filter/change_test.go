package filter_test

import (
	"reflect"
	"strings"
	"testing"

	"feedmill/feed"
	"feedmill/feed/filter"
)

func TestSet(t *testing.T) {
	empty, title, german, image, content, caption := "", " New\ntitle ", "de-at", "https://A.example/x y.png", `<p onclick="x()">Hi</p>`, "Cap"
	set := filter.Set{
		Title: &title, Summary: &empty, Content: &content, Language: &german, Image: &image, Caption: &caption, Tags: []string{" a ", ""},
		Author: &filter.Author{Name: "Desk", Email: "desk@a.example", URL: "https://a.example"},
	}
	before := feed.Article{ID: "7", Title: "Old", Summary: "Old", Markdown: "Old", Tags: []string{"old"}, Authors: []feed.Person{{Name: "Old"}, {Name: "Two"}}}
	want := feed.Article{
		ID: "7", Title: "New title", Content: "<p>Hi</p>", Tags: []string{"a"}, Language: "de-AT",
		Image:   feed.Image{URL: "https://a.example/x%20y.png", Caption: "Cap"},
		Authors: []feed.Person{{Name: "Desk", Email: "desk@a.example", URL: "https://a.example"}},
	}
	got, _, _ := one(t, before, filter.Kinds{Set: &set})
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	took, _, trace := one(t, before, filter.Kinds{Set: &filter.Set{Tags: []string{}, Author: &filter.Author{}, Language: &empty}})
	if took.Tags != nil || took.Authors != nil || took.Title != "Old" || len(trace) != 1 {
		t.Errorf("taken away: %+v, %v", took, trace)
	}
	if _, _, trace := one(t, took, filter.Kinds{Set: &filter.Set{Tags: []string{}, Language: &empty}}); trace != nil {
		t.Errorf("nothing changed, and the trace says %s", lines(trace))
	}
}

func TestReplace(t *testing.T) {
	a := feed.Article{
		Title: "[Ad] Bridge", Summary: "Go, go", Content: "<p>Call 555-1234 &amp; win</p>", Link: "http://t.example/r?u=x",
		Tags: []string{"go: one", "go"}, Authors: []feed.Person{{Name: "By Jane", Email: "j@a.example"}},
	}
	for _, c := range []struct {
		field               filter.ReplaceField
		pattern, with, want string
		say                 string
	}{
		{"title", `/^\[\w+\]\s*/`, "", "Bridge", "changed by filter 1"},
		{"title", `/.*/`, "", "[Ad] Bridge", "nothing of the title would be left"},
		{"title", "absent", "x", "[Ad] Bridge", ""},
		{"summary", "go", "run", "run, run", "changed"},
		{"content", `/(\d+)-(\d+)/`, "$2-$1", "<p>Call 1234-555 &amp; win</p>", "changed"},
		{"content", "win", "<script>alert(1)</script><b>lose", "<p>Call 555-1234 &amp; <b>lose</b></p>", "changed"},
		{"link", "/^http:/", "https:", "https://t.example/r?u=x", "changed"},
		{"link", "/^http:/", "ftp:", "http://t.example/r?u=x", "the new link"},
		{"tags", "/^go:? ?/", "", "one", "changed"},
		{"author", "/^By /", "", "Jane", "changed"},
	} {
		got, _, trace := one(t, a, replace(t, c.field, c.pattern, c.with))
		shown := map[filter.ReplaceField]string{
			"title": got.Title, "summary": got.Summary, "content": got.Content, "link": got.Link,
			"tags": strings.Join(got.Tags, "|"), "author": got.Authors[0].Name,
		}[c.field]
		if shown != c.want || !strings.Contains(lines(trace), c.say) || c.say == "" && trace != nil {
			t.Errorf("%s %s: %q, want %q\n%s", c.field, c.pattern, shown, c.want, lines(trace))
		}
	}
	got, _, _ := one(t, feed.Article{Title: "x", Markdown: "a *b*"}, replace(t, "content", "b", "c"))
	if got.Markdown != "a *c*" || got.Content != "" {
		t.Errorf("Markdown became %+v", got)
	}
}

func TestStrip(t *testing.T) {
	page := `<p>One <span class="share x">tweet</span>two &amp; three</p><aside><p>More</p></aside><p class="last">End</p>`
	for _, c := range []struct {
		selectors []string
		want, say string
	}{
		{[]string{".share", "aside"}, "<p>One two &amp; three</p><p>End</p>", "strip .share, aside)"},
		{[]string{".share, aside p"}, "<p>One two &amp; three</p><aside></aside><p>End</p>", "strip .share, aside p)"},
		{[]string{"p:first-child", "p + aside", "aside + p"}, "", "strip p:first-child, p + aside, aside + p)"},
		{[]string{"span.share:not(.y)", ".none"}, "<p>One two &amp; three</p><aside><p>More</p></aside><p>End</p>", "strip span.share:not(.y))"},
		{[]string{"nav", "body", "html"}, page, ""},
	} {
		got, _, trace := one(t, feed.Article{Title: "x", Content: page}, strip(t, c.selectors...))
		if got.Content != c.want || !strings.Contains(lines(trace), c.say) || c.say == "" && trace != nil {
			t.Errorf("%q leaves\n%s\nwant\n%s\n%s", c.selectors, got.Content, c.want, lines(trace))
		}
	}
	got, _, _ := one(t, feed.Article{Title: "x", Markdown: "One ~~two~~ *three*"}, strip(t, "del"))
	if got.Markdown != "" || got.Content != "<p>One  <em>three</em></p>" {
		t.Errorf("Markdown became %+v", got)
	}
	if got, _, trace := one(t, feed.Article{Title: "x", Markdown: "One"}, strip(t, "del")); got.Markdown != "One" || trace != nil {
		t.Errorf("Markdown without it became %+v", got)
	}
}

func TestStripBounded(t *testing.T) {
	deep := strings.Repeat("<div>", 190) + "x" + strings.Repeat("</div>", 190)
	a := feed.Article{Title: "x", Content: deep}
	got, kept, trace := one(t, a, strip(t, "x div div div div div div div"))
	if !kept || got.Content != deep || !strings.Contains(lines(trace), "take too long") {
		t.Errorf("kept %v\n%s", kept, lines(trace))
	}
	a.Content = strings.Repeat("<div>", 400) + "x" + strings.Repeat("</div>", 400)
	if got, _, trace := one(t, a, strip(t, "p")); got.Content != a.Content || !strings.Contains(lines(trace), "nested more than 200 deep") {
		t.Error(lines(trace))
	}
}

func TestSelectorErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "is empty",
		".share >":                "at character 9: expected selector, found its end",
		"a[b":                     "at character 4: it ends in the middle of attribute selector",
		"a[b=%]":                  "at character 6: expected identifier, found % instead",
		"a:foo":                   "unknown pseudoclass or pseudoelement :foo",
		"  ä{b}":                  "at character 4: this does not belong to a selector",
		"ä ö %":                   "at character 5: expected identifier, found % instead",
		strings.Repeat("a ", 501): "1002 bytes",
		"\xff":                    "UTF-8",
	} {
		var s filter.Selector
		if err := s.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.30q gives %v, want %q", text, err, want)
		}
	}
}

func TestSummary(t *testing.T) {
	for _, c := range []struct {
		name, content, summary string
		words                  int
		want                   string
	}{
		{"short", "<p>One two.</p>", "old", 5, "One two."},
		{"a sentence is near", "<p>One two three. Four five six seven.</p>", "", 5, "One two three."},
		{"no sentence is near", "<p>One two. Three four, five six seven eight</p>", "", 6, "One two. Three four, five six…"},
		{"stops are cut", "<p>One two three, four</p>", "", 3, "One two three…"},
		{"quotes stay", "<p>He said “one two” three</p>", "", 4, "He said “one two”…"},
		{"exactly", "One two three", "", 3, "One two three"},
		{"Cyrillic", "<p>Міст відкрили вчора. Рух пішов одразу.</p>", "", 4, "Міст відкрили вчора."},
		{"Japanese", "<p>東京で地震が発生した。被害はない。</p>", "", 6, "東京で地震が発生した。"},
		{"Japanese without an end", "<p>東京で地震が発生した被害はない</p>", "", 3, "東京で地震が…"},
		{"Thai marks stay whole", "<p>ที่นี่ที่นี่ที่นี่</p>", "", 1, "ที่นี่…"},
		{"only a summary", "", "One two three four", 2, "One two…"},
		{"nothing", "<img src=x>", "", 2, ""},
		{"several lines", "<p>One</p><p>two</p><p>three</p>", "", 2, "One two…"},
	} {
		got, _, _ := one(t, feed.Article{Title: "x", Content: c.content, Summary: c.summary}, filter.Kinds{Summary: &filter.Summary{Words: c.words}})
		if got.Summary != c.want || got.Content != c.content {
			t.Errorf("%s: %q, want %q", c.name, got.Summary, c.want)
		}
	}
}

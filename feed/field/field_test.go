package field_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/field"
	"feedmill/feed/markup"
)

type (
	rule   = field.Rule[markup.Selector]
	rules  = field.Rules[markup.Selector]
	fields = field.Fields[markup.Selector]
)

// read reads a value type from text.
func read[T any, P interface {
	*T
	UnmarshalText(text []byte) error
}](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := P(&v).UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return v
}

// article makes an article of a page that is one item.
func article(t *testing.T, body string, f fields) (feed.Article, []error) {
	t.Helper()
	p, err := markup.Parse([]byte(body), "text/html", "https://a.example/list/")
	if err != nil {
		t.Fatal(err)
	}
	env := field.Env{Base: p.Base, Location: time.FixedZone("", 3600), Now: time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)}
	return f.Article(t.Context(), func(s markup.Selector, attr string) ([]markup.Match, error) {
		if s.IsZero() {
			s = markup.Self()
		}
		return s.With(attr).All(t.Context(), p.Item())
	}, env)
}

func selected(t *testing.T, selectors ...string) rules {
	t.Helper()
	var rs rules
	for _, s := range selectors {
		rs = append(rs, rule{Select: read[markup.Selector](t, s)})
	}
	return rs
}

// TestWords reads each word from what pages have for it.
func TestWords(t *testing.T) {
	for _, test := range []struct{ word, body, selector, want string }{
		{"id", `<p data-id=" 7 ">`, "@data-id", ""},
		{"id", `<p data-id=" 7 ">`, "p@data-id", "7"},
		{"title", "<h2> One\n <b>Two</b><script>x</script></h2><h2>Three</h2>", "h2", "One Two Three"},
		{"title", `<a>AT&amp;T wins</a>`, "//a", "AT&T wins"},
		{"link", `<h2><a href="../x?utm_source=feed&a=1">x</a></h2>`, "h2", "https://a.example/x?a=1"},
		{"link", `<a href="/x"><h2>x</h2></a>`, "h2", "https://a.example/x"},
		{"link", `<a href="javascript:void(0)">x</a><a href=y>`, "a@href", "https://a.example/list/y"},
		{"link", `<base href=https://b.example/><a href=y>`, "a", "https://b.example/y"},
		{"published", `<time datetime="2026-11-03T10:00">3 days ago</time>`, "time", "2026-11-03T10:00:00+01:00"},
		{"published", `<p>3. November 2026, 10:00 Uhr</p>`, "p", "2026-11-03T10:00:00+01:00"},
		{"published", `<p>soon</p><p>2026-11-03</p>`, "p", "2026-11-03T00:00:00+01:00"},
		{"author", `<a rel=author href=/ann>Ann</a> and <i>Bob</i>`, "a, i", "Ann https://a.example/ann; Bob"},
		{"summary", `<p>One <b>two</b></p>`, "p", "One two"},
		{"tags", `<i>roads</i><i>schools</i><i>roads</i>`, "i", "roads|schools"},
		{"tags", `<meta name=keywords content="roads, schools">`, "meta@content", "roads|schools"},
		{"content", `<div>One <a href=x>x</a></div>`, "div", `One <a href="https://a.example/list/x">x</a>`},
		{"content", `<p>One</p><p>Two</p>`, "p", "<p>One</p>\n<p>Two</p>"},
		{"content", `<div class=a><p>One</p><p>Two</p></div>`, ".a, p", "<p>One</p><p>Two</p>"},
		{"content", `<div> <br> </div>`, "div", ""},
		{"image", `<img src=small.jpg srcset="a.jpg 400w, b.jpg 1600w, c.jpg 4000w">`, "img", "https://a.example/list/b.jpg"},
		{"image", `<img src="data:image/gif;base64,R0" data-src=a.jpg>`, "img", "https://a.example/list/a.jpg"},
		{"image", `<figure><picture><source srcset="a.webp 1x, b.webp 2x"><img src=a.jpg></picture></figure>`, "figure", "https://a.example/list/b.webp"},
		{"image", `<div style="color:red; background-image: url('a.jpg')">`, "div", "https://a.example/list/a.jpg"},
		{"image", `<a href=big.jpg>x</a>`, "a", "https://a.example/list/big.jpg"},
		{"image", `<meta property=og:image content=/a.jpg>`, "meta", "https://a.example/a.jpg"},
		{"language", `<p lang=de_at>`, "p@lang", "de-AT"},
		{"status", `<p>Draft</p>`, "p", "draft"},
		{"minor", `<p>yes</p>`, "p", "true"},
		{"audio", `<audio><source src=a.mp3><source src=a.ogg type=audio/ogg></audio>`, "source", "a.mp3 audio/mpeg; a.ogg audio/ogg"},
		{"audio", `<video src=a.mp4></video>`, "video", "a.mp4 video/mp4"},
		{"title", `<script type=application/json>{"a":{"title":"One"}}</script>`, "json:.a.title", "One"},
		{"title", `<script type=application/ld+json>[{"headline":"One"}]</script>`, "json:.[].headline", "One"},
		{"title", `<p data-x='{"title":"One"}'>`, "p@data-x json:.title", "One"},
		{"title", `<script id=s>{"title":"One"}</script>`, "script#s json:.title", "One"},
		{"author", `<script type=application/json>{"by":[{"name":"Ann","url":"/ann"},"Bob"]}</script>`, "json:.by", "Ann https://a.example/ann; Bob"},
		{"image", `<script type=application/json>{"image":[{"@type":"ImageObject","url":"/a.jpg"}]}</script>`, "json:.image", "https://a.example/a.jpg"},
	} {
		t.Run(test.word+" "+test.body, func(t *testing.T) {
			var f fields
			rs := selected(t, test.selector)
			*map[string]*rules{
				"id": &f.ID, "title": &f.Title, "link": &f.Link, "published": &f.Published, "author": &f.Author, "summary": &f.Summary, "tags": &f.Tags,
				"content": &f.Content, "image": &f.Image, "language": &f.Language, "status": &f.Status, "minor": &f.Minor, "audio": &f.Audio,
			}[test.word] = rs
			a, problems := article(t, test.body, f)
			if got := shown(test.word, a); got != test.want || len(problems) > 0 {
				t.Errorf("it is %q, want %q; problems %v", got, test.want, problems)
			}
		})
	}
}

// shown is a word of an article as text.
func shown(word string, a feed.Article) string {
	var parts []string
	switch word {
	case "author":
		for _, p := range a.Authors {
			parts = append(parts, strings.TrimSpace(p.Name+" "+p.URL))
		}
		return strings.Join(parts, "; ")
	case "audio":
		for _, e := range a.Enclosures {
			parts = append(parts, strings.TrimPrefix(e.URL, "https://a.example/list/")+" "+e.Type)
		}
		return strings.Join(parts, "; ")
	case "published":
		return a.Published.Format(time.RFC3339)
	case "minor":
		return fmt.Sprint(a.Minor)
	}
	return map[string]string{
		"id": a.ID, "title": a.Title, "link": a.Link, "summary": a.Summary, "tags": strings.Join(a.Tags, "|"), "content": a.Content,
		"image": a.Image.URL, "language": a.Language, "status": string(a.Status),
	}[word]
}

func TestFallbacks(t *testing.T) {
	f := fields{
		Title: selected(t, "h1", "h2"), Link: append(selected(t, "h3"), rule{Default: "/list"}),
		Published: selected(t, "i", "time"), Content: selected(t, ".full", ".teaser"),
	}
	a, problems := article(t, `<h2>Two</h2><i>nonsense</i><time>2026-11-03</time><p class=full> <p class=teaser>Short`, f)
	if a.Title != "Two" || a.Link != "https://a.example/list" || a.Published.Day() != 3 || a.Content != `<p class="teaser">Short</p>` || len(problems) > 0 {
		t.Errorf("the article is %+v, problems %v", a, problems)
	}
	var where []string
	for word, place := range a.Trace.All() {
		where = append(where, word+"="+place)
	}
	if got := strings.Join(where, " "); got != "title=h2 link=default published=time content=.teaser" {
		t.Errorf("the trace is %s", got)
	}
}

func TestProblemsNameTheirWord(t *testing.T) {
	f := fields{Title: selected(t, "h2"), Published: selected(t, "i"), Language: selected(t, "b")}
	a, problems := article(t, `<h2>Two</h2><i>nonsense</i><b>?!</b>`, f)
	if a.Title != "Two" || len(problems) != 2 || !strings.HasPrefix(problems[0].Error(), `published: "nonsense"`) || !strings.HasPrefix(problems[1].Error(), `language: "?!"`) {
		t.Errorf("%+v, problems %v", a, problems)
	}
}

func TestMending(t *testing.T) {
	one, none := "$1", ""
	for _, test := range []struct {
		name, body, want string
		rule             rule
	}{
		{"a group", "<p>No. 12 of 20</p>", "12", rule{Regex: read[field.Regex](t, `No\. (\d+)`)}},
		{"all of a match", "<p>No. 12</p>", "12", rule{Regex: read[field.Regex](t, `/\d+/`)}},
		{"flags", "<p>NEWS: x</p>", "x", rule{Regex: read[field.Regex](t, `/news: (.*)/i`)}},
		{"no match", "<p>x</p>", "", rule{Regex: read[field.Regex](t, `\d`)}},
		{"a replacement", "<p>[a] x [b]</p>", "x [b]", rule{Regex: read[field.Regex](t, `^\[\w\]\s*`), Replace: &none}},
		{"a replacement with a group", "<p>12/20</p>", "12", rule{Regex: read[field.Regex](t, `(\d+)/\d+`), Replace: &one}},
		{"a default", "<b>x</b>", "none", rule{Default: "none"}},
		{"a template", "<p>x</p>", "x (7)", rule{Template: read[field.Template](t, "{value} ({id})")}},
		{"braces", "<p>x</p>", "{x}", rule{Template: read[field.Template](t, "{{{value}}}")}},
		{"a template without its value", "<b>x</b>", "", rule{Template: read[field.Template](t, "{value}!")}},
		{"a template without a field", "<p>x</p>", "", rule{Template: read[field.Template](t, "{value} {summary}")}},
		{"a date in a template", "<p>x</p>", "x 3/2026", rule{Template: read[field.Template](t, "{value} {published:2/2006}")}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.rule.Select = read[markup.Selector](t, "p")
			f := fields{Title: rules{test.rule}, ID: rules{{Default: "7"}}, Published: rules{{Default: "2026-11-03"}}}
			if a, problems := article(t, test.body, f); a.Title != test.want || len(problems) > 0 {
				t.Errorf("it is %q, want %q; problems %v", a.Title, test.want, problems)
			}
		})
	}
}

func TestDates(t *testing.T) {
	for _, test := range []struct{ text, format, locale, zone, want string }{
		{"Dienstag, 24. November 2026", "Monday, 2 January 2006", "de", "", "2026-11-24 00:00 +0100"},
		{"Di 24 Nov. 2026", "Mon 2 Jan 2006", "de-AT", "", "2026-11-24 00:00 +0100"},
		{"24 de março de 2026", "2 de January de 2006", "pt", "", "2026-03-24 00:00 +0100"},
		{"3 août 2026 à 14h05", "2 January 2006 15h04", "fr", "Europe/Paris", "2026-08-03 14:05 +0200"},
		{"24 November 2026", "2 January 2006", "", "America/New_York", "2026-11-24 00:00 -0500"},
		{"03/04/2026", "02/01/2006", "", "", "2026-04-03 00:00 +0100"},
		{"03/04/2026", "", "en-US", "", "2026-03-04 00:00 +0100"},
		{"03/04/2026 10:30", "", "fr", "", "2026-04-03 10:30 +0100"},
		{"Nov 24", "Jan 2", "", "", "2026-11-24 00:00 +0100"},
		{"Dec 24", "Jan 2", "", "", "2025-12-24 00:00 +0100"},
		{"vor 2 Stunden", "", "de", "", "2026-11-23 11:00 +0100"},
		{"24 November", "2 January 2006", "", "", ""},
		{"03/04/2026", "", "", "", ""},
	} {
		t.Run(test.text, func(t *testing.T) {
			r := rule{Select: read[markup.Selector](t, "p")}
			if test.format != "" {
				r.Format = read[field.Format](t, test.format)
			}
			if test.locale != "" {
				r.Locale = read[field.Locale](t, test.locale)
			}
			if test.zone != "" {
				r.Timezone = read[field.Zone](t, test.zone)
			}
			a, problems := article(t, "<p>"+test.text+"</p>", fields{Published: rules{r}})
			got := ""
			if !a.Published.IsZero() {
				got = a.Published.Format("2006-01-02 15:04 -0700")
			}
			if got != test.want || (got == "") != (len(problems) == 1) {
				t.Errorf("it is %q, want %q; problems %v", got, test.want, problems)
			}
		})
	}
}

func TestContentAs(t *testing.T) {
	for as, want := range map[field.As]string{
		"":             "*One*\n\n&lt;b&gt; two",
		field.HTML:     "*One*\n\n&lt;b&gt; two",
		field.Markdown: "*One*\n\n<b> two",
		field.Plain:    "<p>*One*</p>\n<p>&lt;b&gt; two</p>",
	} {
		f := fields{Content: rules{{Select: read[markup.Selector](t, "pre@x"), As: as}, {Select: read[markup.Selector](t, "div"), As: as}}}
		a, _ := article(t, "<div>*One*\n\n&lt;b&gt; two</div>", f)
		if got := a.Content + a.Markdown; got != want || (a.Markdown != "") != (as == field.Markdown) {
			t.Errorf("as %q it is %q, want %q", as, got, want)
		}
	}
	f := fields{Title: selected(t, "b"), Content: rules{{Select: read[markup.Selector](t, "div"), Template: read[field.Template](t, "<h2>{title}</h2>{value}")}}}
	if a, _ := article(t, "<b>a &lt; b</b><div><i>x</i></div>", f); a.Content != "<h2>a &lt; b</h2><i>x</i>" {
		t.Errorf("a template makes %q", a.Content)
	}
}

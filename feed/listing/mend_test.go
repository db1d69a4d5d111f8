package listing

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"feedmill/feed"
	"feedmill/feed/field"
	"feedmill/feed/markup"
)

const town = "https://council.example/minutes"

func selector(t testing.TB, text string) (s markup.Selector) {
	t.Helper()
	if err := s.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return s
}

func format(t testing.TB, text string) (f field.Format) {
	t.Helper()
	if err := f.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return f
}

// selectors makes selectors of pairs of a word and a selector; items is the first.
func selectors(t testing.TB, items string, fields ...string) Selectors {
	s := Selectors{Items: selector(t, items)}
	for i := 0; i < len(fields); i += 2 {
		s.Fields.Put(fields[i], field.Rules[markup.Selector]{{Select: selector(t, fields[i+1])}})
	}
	return s
}

var subjects = []string{
	"The bridge is open again", "Council votes on the harbour", "A library for the night", "Frost in the orchards", "New ferry, old timetable",
	"Who pays for the dyke", "The mayor and the market", "School starts an hour later", "Trams return to the river", "A garden on every roof",
	"Budget talks end without a budget", "The last lighthouse keeper",
}

// surrounded is a list with what stands on the pages besides articles.
func surrounded(main string) string {
	return `<!doctype html><title>Council</title><header><a href="/">Home</a><ul class=menu><li><a href="/news">News from the town</a></li><li><a href="/about">About the council</a></li></ul></header>
<main id=main>` + main + `</main><aside class=side><h3>Read also</h3><ul><li><a href="/guide/1">How to write to the council</a></li><li><a href="/guide/2">How to find the town hall</a></li></ul></aside>
<footer><p><a href="/imprint">Imprint and contact</a></p></footer>`
}

func repeated(format string, args func(i int, subject string) []any) string {
	var b strings.Builder
	for i, s := range subjects {
		fmt.Fprintf(&b, format, args(i, s)...)
	}
	return b.String()
}

// pages are pages as towns have them, with the selectors that somebody wrote for them.
func pages(t testing.TB) map[string]struct {
	text string
	old  Selectors
} {
	dated := selectors(t, ".posts > li.post", "title", "h2", "link", "h2 a@href", "summary", ".teaser", "author", ".by")
	dated.Fields.Put("published", field.Rules[markup.Selector]{{Select: selector(t, ".date"), Format: format(t, "2 January 2006")}})
	type page = struct {
		text string
		old  Selectors
	}
	return map[string]page{
		"list": {surrounded(`<h1>Minutes</h1><ul class=posts>` + repeated(
			`<li class="post post-%d"><h2><a href="/minutes/%d">%s</a></h2><p class=meta><span class=date>%d November 2026</span> <span class=by>Alice Example</span></p><p class=teaser>On the matter of %s.</p></li>`,
			func(i int, s string) []any { return []any{i, i, s, 20 - i, s} }) + `</ul>`), dated},
		"cards": {surrounded(`<div class=grid>` + repeated(
			`<div class=col-4><article class=card><a href="/story/%d-x"><img src="/img/%d.jpg" alt=""></a><div class=body><time datetime="2026-11-%02d">%d Nov</time><h3 class=title><a href="/story/%d-x">%s</a></h3><a class=more href="/story/%d-x">Read more</a></div></article></div>`,
			func(i int, s string) []any { return []any{i, i, 20 - i, 20 - i, i, s, i} }) + `</div>`),
			selectors(t, "article.card", "title", ".title", "link", ".title a@href", "published", "time@datetime", "image", "img")},
		"table": {surrounded(`<table class=minutes><tbody><tr><th>Date</th><th>Subject</th><th>File</th></tr>` + repeated(
			`<tr><td>2026-11-%02d</td><td><a href="/doc?id=%d">%s</a></td><td>%d kB</td></tr>`,
			func(i int, s string) []any { return []any{20 - i, i, s, 100 + i} }) + `</tbody></table>`),
			selectors(t, ".minutes tr:has(td)", "title", "td:nth-of-type(2)", "link", "td:nth-of-type(2) a@href", "published", "td:nth-of-type(1)")},
		"flat": {surrounded(`<h1>News</h1><div id=news>` + repeated(
			`<div class=entry data-id="n%d"><a class=headline href="/n/%d.html">%s</a><span class=tag>town</span> <span class=tag>people</span></div>`,
			func(i int, s string) []any { return []any{i, i, s} }) + `</div>`),
			selectors(t, "#news .entry", "id", "@data-id", "title", ".headline", "link", ".headline@href", "tags", ".tag")},
	}
}

// TestRedesigns: after every redesign the repair finds the articles that the page shows, and never anything else.
func TestRedesigns(t *testing.T) {
	for name, page := range pages(t) {
		for i, r := range redesigns {
			t.Run(name+": "+r.name, func(t *testing.T) {
				s := newSite(t, page.text, town, page.old, uint64(i))
				r.do(s)
				v, m, why := s.judge()
				switch {
				case v == none && strings.Contains(r.name, "without a mark"):
					// nothing tells an article from what was paid for
				case v != right:
					t.Errorf("%d: %s\n%+v lost %v", v, why, m.Changed, m.Lost)
				case m.Confidence < 0.5 || m.Known < 3:
					t.Errorf("confidence %.2f, %d known", m.Confidence, m.Known)
				}
			})
		}
	}
}

// TestControls: where the articles are not, there is no repair.
func TestControls(t *testing.T) {
	all := pages(t)
	for name, page := range all {
		for i, c := range controls {
			t.Run(name+": "+c.name, func(t *testing.T) {
				s := newSite(t, page.text, town, page.old, uint64(i))
				c.do(s)
				if v, m, _ := s.judge(); v != none {
					t.Errorf("it is repaired: %+v %s", m.Changed, m.Taken.Articles[0].Title)
				}
			})
		}
		for other, another := range all {
			if other == name {
				continue
			}
			s := newSite(t, page.text, town, page.old, 0)
			s.known = newSite(t, strings.ReplaceAll(another.text, "/story", "/elsewhere"), "https://other.example/", another.old, 0).known
			if v, m, _ := s.judge(); v != none {
				t.Errorf("the page %s is repaired by the articles of %s: %+v", name, other, m.Changed)
			}
		}
	}
}

// TestIDsStay: a page that has the articles under other addresses, or the ids nowhere, is not repaired.
func TestIDsStay(t *testing.T) {
	all := pages(t)
	for name, change := range map[string][]string{"list": {"/minutes/", "/protocols/2026-"}, "flat": {"data-id", "data-was"}} {
		s := newSite(t, all[name].text, town, all[name].old, 0)
		text := strings.NewReplacer(append(change, "class=", "data-x=", `data-id="n`, `data-id="m`)...).Replace(all[name].text)
		p, err := markup.Parse([]byte(text), "text/html", town)
		if err != nil {
			t.Fatal(err)
		}
		if name == "flat" {
			text = strings.ReplaceAll(text, `="n`, `="m`)
			if p, err = markup.Parse([]byte(text), "text/html", town); err != nil {
				t.Fatal(err)
			}
		}
		if m, err := s.known.Repair(t.Context(), p, s.old, s.env); err == nil {
			t.Errorf("%s: %+v", name, m.Changed)
		}
	}
}

// recent is a box with links to the first articles of the list, and nothing else.
func recent(tag string) string {
	var b strings.Builder
	for i, s := range subjects[:6] {
		fmt.Fprintf(&b, `<li><a href="/minutes/%d">%s</a></li>`, i, s)
	}
	return "<" + tag + "><h4>Lately</h4><ol>" + b.String() + "</ol></" + tag + ">"
}

// TestDoubt: known articles alone are not enough.
func TestDoubt(t *testing.T) {
	list := pages(t)["list"]
	for _, test := range []struct {
		name, text, more, says string // more stands on the page after the redesign only
		keep                   int
	}{
		{"too few are left", list.text, "", "too few", 3},
		{"only in a box by its name", list.text, recent("aside"), "only in a box", 0},
		{"only in a box that was there before", list.text + recent("div"), "", "in another place too", 0},
		{"enough are left", list.text, "", "", 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t, test.text, town, list.old, 0)
			known := s.known
			s = newSite(t, test.text+test.more, town, list.old, 0)
			s.known = known
			s.items, s.seen = s.items[test.keep:], s.seen[test.keep:]
			s.replace()
			s.renameClasses(true)
			_, err := s.known.Repair(t.Context(), s.page, s.old, s.env)
			if (test.says == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestJudgeOutgrown tells what a source is told, and that the block is YAML of the same selectors.
func TestJudgeOutgrown(t *testing.T) {
	page := pages(t)["list"]
	s := newSite(t, page.text, town, page.old, 0)
	fits := func() error {
		taken, missed := Take(t.Context(), s.page, s.old.Items, s.old.Fields, s.env)
		return s.known.Judge(t.Context(), s.page, s.old, s.env, taken, missed)
	}
	if err := fits(); err != nil {
		t.Fatalf("a page that is as it was: %v", err)
	}
	s.renameClasses(false)
	err := fits()
	outgrown, ok := errors.AsType[*Outgrown](err)
	if !ok || outgrown.Mend == nil || feed.ClassOf(err) != feed.Unreadable {
		t.Fatalf("%v", err)
	}
	for _, words := range []string{`items: the selector ".posts > li.post" finds nothing any more`, "12 articles", "12 of them known", "feedmill repair", "what was published stays", "\n      items: "} {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("the error does not say %q:\n%v", words, err)
		}
	}
	if short := outgrown.Short(); strings.Contains(short, "\n") || strings.Contains(short, "fields") {
		t.Errorf("short: %q", short)
	}
	var read struct {
		Items  markup.Selector
		Fields map[string]any
	}
	if err := yaml.Unmarshal([]byte(outgrown.Mend.Block("")), &read); err != nil {
		t.Fatalf("%v\n%s", err, outgrown.Mend.Block(""))
	}
	published, _ := read.Fields["published"].(map[string]any)
	if read.Items.String() != outgrown.Mend.Items.String() || len(read.Fields) != 5 || published["format"] != "2 January 2006" || published["select"] == "" {
		t.Errorf("the block says %+v", read)
	}
	s.replace()
	if err := fits(); feed.ClassOf(err) != feed.Unreadable || !strings.Contains(err.Error(), "none of the articles") || !strings.Contains(err.Error(), "may have changed") {
		t.Errorf("without the articles: %v", err)
	}
}

func TestBroken(t *testing.T) {
	page := pages(t)["list"]
	s := newSite(t, page.text, town, page.old, 0)
	if why := s.known.Broken(s.seen); why != "" {
		t.Errorf("well: %s", why)
	}
	if why := s.known.Broken(nil); !strings.Contains(why, "12 articles before") {
		t.Errorf("empty: %q", why)
	}
	if why := (Known{}).Broken(nil); why != "" {
		t.Errorf("never read: %q", why)
	}
	for i := range s.seen[:7] {
		s.seen[i].Link = ""
	}
	if why := s.known.Broken(s.seen); !strings.Contains(why, "link is empty in 7 of 12") {
		t.Errorf("links empty: %q", why)
	}
}

// memory is a feed.Memory that counts.
type memory struct {
	values map[string][]byte
	puts   int
}

func (m *memory) Get(key string) []byte { return m.values[key] }
func (m *memory) Put(key string, v []byte) {
	m.values[key] = v
	m.puts++
}

// TestKnownIsBounded: of long texts there is a hash, of many articles the newest, and nothing is put twice.
func TestKnownIsBounded(t *testing.T) {
	old := selectors(t, "li", "title", "a", "link", "a@href", "content", "p")
	var known Known
	m := &memory{values: map[string][]byte{}}
	for round := range 4 {
		var b strings.Builder
		for i := range 60 {
			fmt.Fprintf(&b, `<li><a href=/a/%d>Article %d</a><p>%s</p></li>`, round*60+i, round*60+i, strings.Repeat("long ", 2000))
		}
		p, err := markup.Parse([]byte(b.String()), "text/html", town)
		if err != nil {
			t.Fatal(err)
		}
		taken, err := Take(t.Context(), p, old.Items, old.Fields, field.Env{})
		if err != nil {
			t.Fatal(err)
		}
		known = LoadKnown(m).With(t.Context(), p, &old.Fields, taken)
		known.Save(m)
		known.Save(m)
	}
	if len(known.Articles) != mostKnown || known.Articles[0].Values["title"] != "Article 180" {
		t.Errorf("%d articles, the first %q", len(known.Articles), known.Articles[0].Values["title"])
	}
	if size := len(m.values[knownKey]); size > 30_000 || m.puts != 4 {
		t.Errorf("%d bytes after %d puts", size, m.puts)
	}
}

func FuzzRepair(f *testing.F) {
	for _, page := range pages(f) {
		f.Add(page.text, strings.ReplaceAll(page.text, "class", "data-y"))
	}
	old := selectors(f, "li, article, tr, .entry", "title", "a", "link", "a@href", "summary", "p", "published", "time")
	env := field.Env{Location: time.UTC, Now: time.Unix(1_700_000_000, 0)}
	f.Fuzz(func(t *testing.T, before, after string) {
		a, err := markup.Parse([]byte(before), "text/html; charset=utf-8", town)
		b, err2 := markup.Parse([]byte(after), "text/html; charset=utf-8", town)
		if err != nil || err2 != nil {
			return
		}
		taken, err := Take(t.Context(), a, old.Items, old.Fields, env)
		if err != nil {
			return
		}
		known := Known{}.With(context.Background(), a, &old.Fields, taken)
		m, err := known.Repair(t.Context(), b, old, env)
		if err != nil {
			return
		}
		links := map[string]bool{}
		for _, article := range m.Taken.Articles {
			links[place(article.Link, "")] = true
		}
		found := 0
		for _, k := range known.Articles {
			if links[place(k.Values["link"], "")] {
				found++
			}
		}
		if found < m.Known || found < 2 {
			t.Errorf("%d known articles come out, not %d", found, m.Known)
		}
	})
}

func FuzzScalar(f *testing.F) {
	for _, s := range []string{"h2 a@href", "#news > .x", `[itemprop="x"]`, "yes", "a: b", "'", "", "\n", "- x", "@href", ".", "x:", "li:nth-of-type(2) a", "{a}", "0x1f", "~", "\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ToValidUTF8(s, "") != s {
			return
		}
		for _, text := range []string{"a: " + Scalar(s), "a: {b: " + Scalar(s) + ", c: d}", "a: [" + Scalar(s) + "]"} {
			var n yaml.Node
			if err := yaml.Unmarshal([]byte(text), &n); err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			v := n.Content[0].Content[1]
			switch v.Kind {
			case yaml.MappingNode:
				v = v.Content[1]
			case yaml.SequenceNode:
				v = v.Content[0]
			}
			if v.Value != s || v.ShortTag() != "!!str" {
				t.Fatalf("%q is read as %q %s", text, v.Value, v.ShortTag())
			}
		}
	})
}

// BenchmarkRepair: the largest page that is read, of 500,000 nodes.
func BenchmarkRepair(b *testing.B) {
	page := pages(b)["cards"]
	s := newSite(b, page.text, town, page.old, 0)
	filler := strings.Repeat(`<div class=card><h3 class=title><a href="/x/y">Something else</a></h3><p>text</p></div>`, 480_000/6-300)
	text := strings.Replace(strings.ReplaceAll(page.text, "class=", "data-z="), "<aside", "<section>"+filler+"</section><aside", 1)
	p, err := markup.Parse([]byte(text), "text/html", town)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := s.known.Repair(b.Context(), p, s.old, s.env); err != nil {
			b.Fatal(err)
		}
	}
}

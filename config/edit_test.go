package config_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"feedmill/config"
	"feedmill/feed/field"
	"feedmill/feed/listing"
	"feedmill/feed/markup"
)

func chosen(t testing.TB, text string) markup.Selector {
	t.Helper()
	s, err := markup.Compile(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// rule is a rule that chooses by a selector, and by an attribute apart from it.
func rule(t testing.TB, selector, attr string) field.Rule[markup.Selector] {
	r := field.Rule[markup.Selector]{Attr: attr}
	if selector != "" {
		r.Select = chosen(t, selector)
	}
	return r
}

// onPage are selectors for items, title, link and summary.
func onPage(t testing.TB, items, title string, link, summary []field.Rule[markup.Selector]) listing.Selectors {
	return listing.Selectors{Items: chosen(t, items), Fields: listing.Fields{Title: field.Rules[markup.Selector]{rule(t, title, "")}, Link: link, Summary: summary}}
}

func TestEditPage(t *testing.T) {
	type rules = []field.Rule[markup.Selector]
	link := rules{rule(t, "h2 a@href", "")}
	old := onPage(t, "article", "h2", link, nil)
	now := onPage(t, "#news > li", ".title", link, nil)
	for _, test := range []struct {
		name, before, after string
		old, now            listing.Selectors
	}{
		{"in lines", "page:\n  items: article # one each\n  fields:\n    title: h2   # the head\n    link: h2 a@href\n",
			"page:\n  items: '#news > li' # one each\n  fields:\n    title: .title   # the head\n    link: h2 a@href\n", old, now},
		{"in braces", "page: {items: \"article\", fields: {link: h2 a@href, title: 'h2'}}\n",
			"page: {items: '#news > li', fields: {link: h2 a@href, title: .title}}\n", old, now},
		{"behind letters of many bytes", "page: {url: \"http://ü.example/„x“\", items: article, fields: {title: h2, link: h2 a@href}}\r\n",
			"page: {url: \"http://ü.example/„x“\", items: '#news > li', fields: {title: .title, link: h2 a@href}}\r\n", old, now},
		{"a list and an attribute apart", "page:\n  items: article\n  fields:\n    title: h2\n    link:\n      - {attr: href, select: .x}\n      - select: .y # then this\n        attr: data-link\n    summary: [.full, \".teaser\"]\n",
			"page:\n  items: article\n  fields:\n    title: h2\n    link:\n      - {attr: href, select: .x}\n      - select: .z # then this\n        attr: data-url\n    summary: [.full, p]\n",
			onPage(t, "article", "h2", rules{rule(t, ".x", "href"), rule(t, ".y", "data-link")}, rules{rule(t, ".full", ""), rule(t, ".teaser", "")}),
			onPage(t, "article", "h2", rules{rule(t, ".x", "href"), rule(t, ".z", "data-url")}, rules{rule(t, ".full", ""), rule(t, "p", "")})},
		{"an attribute alone", "page:\n  items: article\n  fields:\n    title: h2\n    link: {attr: href}\n    summary:\n      attr: title # of it\n",
			"page:\n  items: article\n  fields:\n    title: h2\n    link: {select: a, attr: href}\n    summary:\n      select: p\n      attr: title # of it\n",
			onPage(t, "article", "h2", rules{rule(t, "", "href")}, rules{rule(t, "", "title")}),
			onPage(t, "article", "h2", rules{rule(t, "a", "href")}, rules{rule(t, "p", "title")})},
		{"a word that is lost in lines", "page:\n  items: article\n  fields:\n    summary:   # of them\n      - .a\n      # then\n      - .b\n    title: h2\n    link: h2 a@href\n",
			"page:\n  items: article\n  fields:\n    # summary:   # of them\n    #   - .a\n    #   # then\n    #   - .b\n    title: h2\n    link: h2 a@href\n",
			onPage(t, "article", "h2", link, rules{rule(t, ".a", ""), rule(t, ".b", "")}), onPage(t, "article", "h2", link, nil)},
		{"a word that is lost in braces", "page: {items: article, fields: {title: h2, link: h2 a@href, summary: {select: .a, default: '}'} }}\n",
			"page: {items: article, fields: {title: h2, link: h2 a@href }}\n",
			onPage(t, "article", "h2", link, rules{rule(t, ".a", "")}), onPage(t, "article", "h2", link, nil)},
		{"the first word in braces", "page: {items: article, fields: {summary: [.a, .b], title: h2, link: h2 a@href}}\n",
			"page: {items: article, fields: {title: h2, link: h2 a@href}}\n",
			onPage(t, "article", "h2", link, rules{rule(t, ".a", ""), rule(t, ".b", "")}), onPage(t, "article", "h2", link, nil)},
	} {
		t.Run(test.name, func(t *testing.T) {
			const head = "\ufefffeeds:\n  other: {source: x}\n  town:\n    source: # two\n      - files: x # Ä\n      - name: ö\n"
			indent := func(s string) string {
				return "        " + strings.TrimSuffix(strings.ReplaceAll(s, "\n", "\n        "), "        ")
			}
			got, err := config.EditPage("f.yaml", []byte(head+indent(test.before)+"  last: {}\n"), "town", 1, test.old, test.now)
			if want := head + indent(test.after) + "  last: {}\n"; err != nil || string(got) != want {
				t.Errorf("%v\n%s\nwant\n%s", err, got, want)
			}
		})
	}
}

func TestEditPageRefuses(t *testing.T) {
	link := []field.Rule[markup.Selector]{rule(t, "a@href", "")}
	old, now := onPage(t, "article", "h2", link, nil), onPage(t, "li", "h3", link, nil)
	const page = "page: {items: article, fields: {title: h2, link: a@href}}"
	for _, test := range []struct{ text, says string }{
		{"feeds: {town: {source: {" + page + "}}}", ""},
		{"feeds: {town: {source: [{files: x}, {" + page + "}]}}", "page"},
		{"feeds: {town: {source: {page: {items: li, fields: {title: h2, link: a@href}}}}}", `the file says "li"`},
		{"feeds: {town: {source: {page: {items: ${X}, fields: {title: h2, link: a@href}}}}}", ""},
		{"feeds: {town: {source: {page: {items: '${X}', fields: {title: h2, link: a@href}}}}}", "${…}"},
		{"feeds: {town: {source: {page: {items: &x article, fields: {title: h2, link: a@href}}}}}", "reference"},
		{"feeds: {town: {source: {page: {items: article, fields: {title: [h2, h1], link: a@href}}}}}", "not say what was read"},
		{"feeds:\n  town:\n    source:\n      page:\n        items: |-\n          article\n        fields: {title: h2, link: a@href}", "block of text"},
		{"feeds:\n  town:\n    source:\n      page:\n        items:\n          article\n        fields: {title: h2, link: a@href}", ""},
		{"feeds: &f {town: {source: {" + page + "}}}", "references"},
		{"feeds: {town: x, town: y}", "source"},
		{"feeds: {", "closed"},
	} {
		got, err := config.EditPage("f.yaml", []byte(test.text+"\n"), "town", 0, old, now)
		if strings.Contains(test.text, "{items: ${X}") {
			continue // no YAML that says what it seems to
		}
		if test.says == "" && (err != nil || !strings.Contains(string(got), "h3")) || test.says != "" && (err == nil || got != nil || !strings.Contains(err.Error(), test.says)) {
			t.Errorf("%s\n%s, %v", test.text, got, err)
		}
	}
}

// FuzzEditPage: whatever stands in the file, the new selectors are read from it afterwards, and nothing else is another.
func FuzzEditPage(f *testing.F) {
	f.Add("article", "li", "# x", "title", byte(0))
	f.Add("a: b", "#x [a=\"b\"]", "ü", "", byte(1))
	f.Add("it's", "'", "\r", "\t", byte(2))
	f.Fuzz(func(t *testing.T, was, is, comment, other string, style byte) {
		old, err := markup.Compile(was)
		next, err2 := markup.Compile(is)
		if err != nil || err2 != nil || strings.ContainsAny(comment, "\n\r\u0085\u2028\u2029") || !utf8.ValidString(comment+other+was+is) {
			return
		}
		n := yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: was, Style: []yaml.Style{0, yaml.DoubleQuotedStyle, yaml.SingleQuotedStyle, yaml.LiteralStyle}[style%4]}
		o := yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: other}
		value, err := yaml.Marshal(&n)
		beside, err2 := yaml.Marshal(&o)
		if err != nil || err2 != nil || strings.Count(string(value)+string(beside), "\n") > 2 {
			return
		}
		text := "feeds:\n  town:\n    source:\n      page:\n        url: " + string(beside) + "        items: " + strings.TrimSuffix(string(value), "\n") + " #" + comment + "\n        fields: {title: h2}\n"
		fields := listing.Fields{Title: field.Rules[markup.Selector]{rule(t, "h2", "")}}
		got, err := config.EditPage("f.yaml", []byte(text), "town", 0, listing.Selectors{Items: old, Fields: fields}, listing.Selectors{Items: next, Fields: fields})
		if err != nil {
			return
		}
		var read struct {
			Feeds map[string]struct {
				Source struct {
					Page struct{ URL, Items string }
				}
			}
		}
		if err := yaml.Unmarshal(got, &read); err != nil {
			t.Fatalf("%v\n%s", err, got)
		}
		if p := read.Feeds["town"].Source.Page; p.Items != is || p.URL != other || !strings.Contains(string(got), "#"+comment) {
			t.Errorf("%+v\n%s", p, got)
		}
	})
}

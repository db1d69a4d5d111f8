package markup_test

import (
	"strings"
	"testing"

	"feedmill/feed/markup"
)

const shop = `<!doctype html><title>Shop</title>
<ul id=list><li class="a new" data-id=1><a href=/1 title="One &amp; only">One</a> <b>10</b></li><li class=a data-id=2><a href=/2>Two</a></li></ul>
<table><tr><td>x<td>1</tr><tr><td>y<td>2</tr></table>
<script id=__NEXT_DATA__ type=application/json>{"props":{"posts":[{"t":"P1"},{"t":"P2"}]}}</script>
<script type="application/ld+json">/*<![CDATA[*/{"@type":"ItemList"}/*]]>*/</script>
<script type="application/ld+json">{"@type":"Blog","name":"B"}</script>`

func TestSelectors(t *testing.T) {
	p, err := markup.Parse([]byte(shop), "text/html; charset=utf-8", "https://a.example/")
	if err != nil {
		t.Fatal(err)
	}
	for selector, want := range map[string]string{
		"li a":                             "One|Two",
		"li a@href":                        "/1|/2",
		"li a @ href":                      "/1|/2",
		"li@data-id":                       "1|2",
		`a[title*="@"]`:                    "",
		`li:not(.new) a, title`:            "Shop|Two",
		"//li/a":                           "One|Two",
		"//li/a/@href":                     "/1|/2",
		".//li[contains(@class, 'new')]/a": "One",
		"(//li/a)[2]":                      "Two",
		"//li[1]/following-sibling::li/a":  "Two",
		"//li/a/text() | //b":              "One|10|Two",
		"count(//li)":                      "2",
		"string(//li[2]/a)":                "Two",
		"descendant::b":                    "10",
		"tr td:nth-child(2)":               "1|2",
		"json:.props.posts[].t":            "P1|P2",
		"json: .name?":                     "B",
		"script#__NEXT_DATA__ json:.props[][0].t": "P1",
		"//script[1] json:.props.posts[1].t":      "P2",
		"json:.nothing":                           "",
	} {
		s, err := markup.Compile(selector)
		if err != nil {
			t.Errorf("%s: %v", selector, err)
			continue
		}
		found, err := s.All(t.Context(), p.Item())
		var texts []string
		for _, m := range found {
			texts = append(texts, m.Text())
		}
		if got := strings.Join(texts, "|"); got != want || err != nil {
			t.Errorf("%s finds %q, want %q; %v", selector, got, want, err)
		}
	}
}

// TestSelectorsInAnItem: what is looked for stands in the item, unless an expression leads out of it.
func TestSelectorsInAnItem(t *testing.T) {
	p, err := markup.Parse([]byte(shop), "", "https://a.example/")
	if err != nil {
		t.Fatal(err)
	}
	all, err := compile(t, "li").All(t.Context(), p.Item())
	if err != nil || len(all) != 2 {
		t.Fatalf("%d items, %v", len(all), err)
	}
	for selector, want := range map[string]string{
		".": "Two", "@data-id": "2", "//a": "Two", "a": "Two", "./@data-id": "2", "preceding-sibling::li/a": "One", "json:.props.posts[0].t": "P1", "li": "",
	} {
		found, err := compile(t, selector).All(t.Context(), all[1].Item())
		got := ""
		if len(found) > 0 {
			got = found[0].Text()
		}
		if got != want || err != nil {
			t.Errorf("%s finds %q, want %q; %v", selector, got, want, err)
		}
	}
}

func compile(t *testing.T, text string) markup.Selector {
	t.Helper()
	s, err := markup.Compile(text)
	if err != nil {
		t.Fatal(err)
	}
	if s.String() != text {
		t.Errorf("%q is shown as %q", text, s)
	}
	return s
}

func TestSelectorErrors(t *testing.T) {
	for selector, want := range map[string]string{
		"":                         "is empty",
		"  ":                       "is empty",
		"\xff":                     "not UTF-8",
		"li[":                      "at character 4",
		"li > > a":                 "at character 6",
		"ä, b..c":                  "at character 6",
		"a@":                       "at character 3",
		"a@1b":                     "at character 3",
		"li a@href extra":          "at character 6",
		"//li[":                    "XPath",
		"//li[@class='a'":          "XPath",
		"nosuch(//li)":             "XPath",
		"json:":                    "is empty",
		"json:.a[":                 "at character 9",
		"script json: .a | }":      "at character 19",
		"json:nosuch":              "nosuch",
		"json:$ENV.HOME":           "",
		strings.Repeat("a ", 1500): "2000 are the most",
	} {
		_, err := markup.Compile(selector)
		if want == "" {
			if err != nil {
				t.Errorf("%q: %v", selector, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %v, want %s", selector, err, want)
		}
	}
}

func FuzzSelector(f *testing.F) {
	for _, s := range []string{"li a@href", "//li/a[@x='y']", "json:.a[]", "a json:.b", "(//a)[1]", "li:has(a)", "a[b='@']@c", "count(//a)"} {
		f.Add(s)
	}
	p, err := markup.Parse([]byte(shop), "", "https://a.example/")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := markup.Compile(text)
		if err != nil {
			return
		}
		found, _ := s.All(t.Context(), p.Item())
		for _, m := range found[:min(len(found), 10)] {
			_, _, _, _ = m.Text(), m.HTML(true), m.Address(), m.Image()
		}
	})
}

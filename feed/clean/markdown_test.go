package clean

import (
	"strings"
	"testing"
)

func TestMarkdown(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"paragraphs":    {"One *two*\n\nThree", "<p>One <em>two</em></p>\n<p>Three</p>"},
		"nothing":       {" \n\t\n", ""},
		"bare link":     {"See https://example.org/a.", `<p>See <a href="https://example.org/a">https://example.org/a</a>.</p>`},
		"strikethrough": {"~~old~~ new", "<p><del>old</del> new</p>"},
		"table": {"|a|b|\n|:-|-|\n|1|2|", "<table>\n<thead>\n<tr>\n<th align=\"left\">a</th>\n<th>b</th>\n</tr>\n</thead>\n" +
			"<tbody>\n<tr>\n<td align=\"left\">1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>"},
		"raw HTML":             {"a <b onclick=\"x()\">b</b><script>alert(1)</script>", "<p>a <b>b</b></p>"},
		"raw block":            {"<div style=\"x\">\n\na\n\n</div>", "<div>\n<p>a</p>\n</div>"},
		"script address":       {"[a](javascript:x) [b](&#106;avascript:x) [c](java&colon;x)", "<p>a b c</p>"},
		"mail":                 {"[a](mailto:a@example.org)", `<p><a href="mailto:a@example.org">a</a></p>`},
		"control characters":   {"a&#1;b\x01c", "<p>abc</p>"},
		"quotes of any script": {"“Так”, he said – «да» 東京", "<p>“Так”, he said – «да» 東京</p>"},
	} {
		if got := Markdown(c.in); got != c.want {
			t.Errorf("%s: Markdown(%q) = %q, want %q", name, c.in, got, c.want)
		}
	}
}

// TestMarkdownFootnotes wants ids that two articles on one page do not share, and that stay.
func TestMarkdownFootnotes(t *testing.T) {
	one, other := Markdown("a[^1]\n\n[^1]: note"), Markdown("b[^1]\n\n[^1]: note")
	_, id, ok := strings.Cut(one, `id="`)
	id, _, _ = strings.Cut(id, `"`)
	if !ok || !strings.Contains(one, "note") || strings.Contains(other, id) {
		t.Errorf("id %q of %s is in %s too", id, one, other)
	}
	if again := Markdown("a[^1]\n\n[^1]: note"); again != one {
		t.Errorf("once %s, then %s", one, again)
	}
}

func TestMarkdownPanic(t *testing.T) {
	if got, want := orAsWritten("a < \x01b", func(string) string { panic("x") }), "<pre>a &lt; b</pre>"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestOutlineOf(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want Outline
	}{
		"nothing":                  {"", Outline{}},
		"no title":                 {"\nText *here*\nand there.\n\nMore\n", Outline{Rest: "\nText *here*\nand there.\n\nMore\n", Opening: "Text here and there."}},
		"title on top":             {"\n# A *title* #\n\nText\n\nMore", Outline{"A title", "\nText\n\nMore", "Text", false}},
		"title right above":        {"# A\nText\n", Outline{"A", "Text\n", "Text", false}},
		"underlined":               {"A\ntitle\n=====\nText\n", Outline{"A title", "Text\n", "Text", false}},
		"no second title":          {"# A\n\nText\n\n# B\n", Outline{"A", "\nText\n\n# B\n", "Text", false}},
		"empty title":              {"#\n\nText\n\n# B\n", Outline{"", "#\n\nText\n\n# B\n", "Text", false}},
		"headings first":           {"## A\n\n### B\nText\n\nMore\n", Outline{"", "## A\n\n### B\nText\n\nMore\n", "Text", false}},
		"picture first":            {"![](a.png)\n\nText\n\nMore\n", Outline{"", "![](a.png)\n\nText\n\nMore\n", "Text", false}},
		"title later":              {"Text\n\n# A\n\nMore\n", Outline{"A", "Text\n\n\n\nMore\n", "Text", false}},
		"title between paragraphs": {"Text\n# A\nMore\n", Outline{"A", "Text\n\nMore\n", "Text", false}},
		"title between lists":      {"Text\n\n- a\n# A\n- b\n", Outline{"A", "Text\n\n- a\n<!-- -->\n\n- b\n", "Text", false}},
		"title behind a note":      {"Text[^1]\n\n[^1]: a\n# A\n    b\n", Outline{"A", "Text[^1]\n\n[^1]: a\n<!-- -->\n\n    b\n", "Text", false}},
		"title in code":            {"Text\n\n```\n# A\n```\n", Outline{"", "Text\n\n```\n# A\n```\n", "Text", false}},
		"title in a list":          {"Text\n\n- # A\n", Outline{"", "Text\n\n- # A\n", "Text", false}},
		"list first":               {"- a\n\nText\n", Outline{"", "- a\n\nText\n", "Text", false}},
		"only a list":              {"- a\n", Outline{"", "- a\n", "", false}},
		"reference":                {"[a] b\n\nMore\n\n[a]: /c\n", Outline{"", "[a] b\n\nMore\n\n[a]: /c\n", "a b", false}},
		"footnote":                 {"# A[^1]\n\nText[^1].\n\n[^1]: B\n", Outline{"A", "\nText[^1].\n\n[^1]: B\n", "Text.", false}},
		"references to characters": {"Fish &amp; \\*chips\\* `&amp;`\n\nMore\n", Outline{"", "Fish &amp; \\*chips\\* `&amp;`\n\nMore\n", "Fish & *chips* &amp;", false}},
		"HTML on top":              {"<div>\n\nText\n\n</div>\n", Outline{"", "<div>\n\nText\n\n</div>\n", "", true}},
		"HTML in the opening":      {"Text<br>\n\nMore\n", Outline{"", "Text<br>\n\nMore\n", "", true}},
		"HTML below":               {"Text\n\n<div>a</div>\n", Outline{"", "Text\n\n<div>a</div>\n", "Text", false}},
	} {
		if got := OutlineOf(c.in); got != c.want {
			t.Errorf("%s: OutlineOf(%q)\n got %+v\nwant %+v", name, c.in, got, c.want)
		}
	}
}

// FuzzMarkdown wants safe HTML of any text, the same outline from its top as from all of it, and without its title the
// very content that it has beside it.
func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{
		"# A\n\nText *b* [c](d)\n\n- e\n- f\n", "A\n===\nText\n---\n\n> q\n", "Text\n\n- a\n# T\n- b\n", "a[^1]\n# T\n[^1]: b\n\n    c\n\n# T\n",
		"[a]: /b\nT\n===\n[a] c\n\nText\n", "    code\n# T\n    code\n", "|a|\n|-|\n|b|\n# T\n|c|\n", "<div>\n# T\n</div>\n\n# T\n", "1. a\n\n# T\n\n   b\n",
		"```\n# T\n\n# T", "![](a)\n\n##\n#\n# T\n", "www.example.org <b> &colon; \\# \n===\n\na\n", "[a]:\n# T\n/b\n", "\t# T\n # T\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s, err := Decode([]byte(s), "")
		if err != nil || len(s) > 4<<10 {
			return
		}
		content := Markdown(s)
		if content != Chars(content) || HTML(content) != HTML(HTML(content)) {
			t.Fatalf("%q", content)
		}
		fast, full := OutlineOf(s), outlineOf(s, len(s))
		if fast != full {
			t.Fatalf("OutlineOf(%q)\n from the top %+v\n from all     %+v", s, fast, full)
		}
		if got, want := normalized(Markdown(full.Rest)), normalized(convertBeside(s)); full.Title != "" && got != want {
			t.Fatalf("%q without its title %q\n got %q\nwant %q", s, full.Rest, got, want)
		}
	})
}

package clean

import (
	"strings"
	"testing"
)

// samples are texts whose every byte must survive.
var samples = []string{
	"Плани Києва “без змін” — сказав він…", "العالم: «مرحبا» \u200fنص\u200e!", "שלום \u2067עולם\u2069", "東京　大阪、「はい」。", "서울 소식",
	"नई दिल्ली का समाचार।", "ภาษาไทย", "Ελλάδα; ναι·", "می\u200cخواهم", "Straße, naïve, e\u0301", "👩\u200d👩\u200d👧 🏳️\u200d🌈 1️⃣", "« Oui\u202f! »", "ქართული", "አማርኛ።",
}

func TestChars(t *testing.T) {
	for in, want := range map[string]string{
		"":                               "",
		"a\x00b\x08\x1bc\x7fd":           "abcd",
		"tab\tline\nreturn\r":            "tab\tline\nreturn\r",
		"a\u0080b\u009fc\u00a0":          "abc\u00a0",
		"a\ufffdb\ufffec\uffffd":         "abcd",
		"bad \xff\xfe\xc3( \xed\xa0\x80": "bad ( ",
	} {
		if got := Chars(in); got != want {
			t.Errorf("Chars(%q) = %q, want %q", in, got, want)
		}
	}
	for _, s := range samples {
		if got := Chars(s); got != s {
			t.Errorf("Chars(%q) = %q", s, got)
		}
		if n := testing.AllocsPerRun(10, func() { Chars(s) }); n != 0 {
			t.Errorf("Chars(%q) allocates", s)
		}
	}
}

func TestLine(t *testing.T) {
	for in, want := range map[string]string{
		"":                             "",
		" \n\t":                        "",
		"  a \t\r\n b  ":               "a b",
		"a\fb\u0085c\u2028d":           "a b c d",
		"\u00a0a\u00a0b\u00a0 c\u00a0": "a\u00a0b c",
		"a\u00a0\u00a0b":               "a\u00a0b",
		"« Oui\u202f! »":               "« Oui\u202f! »",
		"東京　大阪":                        "東京　大阪",
		"a\x01 \x02b":                  "a b",
	} {
		if got := Line(in); got != want {
			t.Errorf("Line(%q) = %q, want %q", in, got, want)
		}
	}
	for _, s := range samples {
		if got := Line(s); got != s {
			t.Errorf("Line(%q) = %q", s, got)
		}
	}
}

func TestTitle(t *testing.T) {
	for in, want := range map[string]string{
		"AT&T wins":                              "AT&T wins",
		"1 < 2":                                  "1 < 2",
		"a<b":                                    "a<b",
		"a <b and c> d":                          "a <b and c> d",
		"Q&A; R&D":                               "Q&A; R&D",
		"x &lt y &copy 2026":                     "x &lt y &copy 2026",
		"AT&amp;T &#8220;wins&#x201D;":           "AT&T “wins”",
		"&amp;lt;b&amp;gt;":                      "&lt;b&gt;",
		"&lt;b&gt;":                              "<b>",
		"<b>Big</b> <em class=\"x\">news</em>":   "Big news",
		"One<br/>two<p>three</p>":                "One two three",
		"The <video> element":                    "The <video> element",
		"a<script>alert(1)</script>b<!-- c -->d": "abd",
		"<a href=https://x.example/>Link</a>":    "Link",
		"  <i>a</i>\n b ":                        "a b",
		"a&nbsp;b":                               "a\u00a0b",
		"<![CDATA[A &amp; <b>B</b>]]>":           "A & B",
		"One <![CDATA[two]]> ]]>":                "One two ]]>",
		"&#8211; it&apos;s &#146;s":              "– it's ’s",
		"<b> </b>":                               "",
	} {
		if got := Title(in); got != want {
			t.Errorf("Title(%q) = %q, want %q", in, got, want)
		}
	}
	for _, s := range samples {
		if got := Title(s); got != s {
			t.Errorf("Title(%q) = %q", s, got)
		}
	}
}

func TestPlainText(t *testing.T) {
	for in, want := range map[string]string{
		"": "",
		"<p>&nbsp; <br> <b> &#1; </b><script>x</script><pre>\n\n</pre>": "",
		"a &amp; b":                             "a & b",
		"<h1>T</h1><p>One\n <b>two</b></p><p>x": "T\nOne two\nx",
		"a<br>b<br/>c":                          "a\nb\nc",
		"<p>a<script>x<b>y</script>b<style>p{}</style></p>":                                         "ab",
		"<ul><li>a<li>b</ul>c":                                                                      "a\nb\nc",
		"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>":                           "a b\nc",
		"<pre>a\n  b\n\nc</pre>d":                                                                   "a\nb\nc\nd",
		"<p>&lt;b&gt; &#1;x</p>":                                                                    "<b> x",
		"<p>“Ні”, – сказав</p><!-- no --><p>نعم":                                                    "“Ні”, – сказав\nنعم",
		`<figure><img src="a" alt="A"><figcaption>C</figcaption></figure><script></script><p>d</p>`: "C\nd",
	} {
		if got := PlainText(in); got != want {
			t.Errorf("PlainText(%q) = %q, want %q", in, got, want)
		}
		if HasText(in) != (want != "") {
			t.Errorf("HasText(%q) is %v, and its text is %q", in, want == "", want)
		}
	}
}

func TestSlug(t *testing.T) {
	for in, want := range map[string]string{
		"":                    "",
		"---":                 "",
		"🙂 !":                 "",
		"Hello, World!":       "hello-world",
		"trump-putin-call":    "trump-putin-call",
		"C++ & Go_1.26":       "c-go-1-26",
		"Über Straße":         "über-straße",
		"U\u0308ber":          "über",
		"Київ — сьогодні":     "київ-сьогодні",
		"नई दिल्ली":           "नई-दिल्ली",
		"القاهرة، اليوم ٢٠٢٦": "القاهرة-اليوم-٢٠٢٦",
		"می\u200cخواهم":       "می\u200cخواهم",
		"東京オリンピック":            "東京オリンピック",
		"ภาษาไทยที่นี่": "ภาษาไทยที่นี่",
		"서울 소식":                         "서울-소식",
		"שלום עולם":                     "שלום-עולם",
		"İstanbul":                      "istanbul",
		"Bürger\u00admeister":           "bürgermeister",
		"a\u200db":                      "ab",
		"1️⃣ first":                     "1-first",
		"\u200fabc\u200e":               "abc",
		strings.Repeat("wort ", 40):     strings.TrimSuffix(strings.Repeat("wort-", 20), "-"),
		strings.Repeat("a", 150):        strings.Repeat("a", 100),
		strings.Repeat("दि", 80):        strings.Repeat("दि", 50),
		"ab " + strings.Repeat("x", 99): "ab-" + strings.Repeat("x", 97),
	} {
		if got := Slug(in); got != want {
			t.Errorf("Slug(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzSlug(f *testing.F) {
	for _, s := range samples {
		f.Add(s)
	}
	f.Add("\u0301a-")
	f.Add(strings.Repeat("ab ", 50))
	f.Fuzz(func(t *testing.T, s string) {
		got := Slug(s)
		if n := length(got); n > 100 {
			t.Fatalf("%q has %d characters", got, n)
		}
		if strings.HasPrefix(got, "-") || strings.HasSuffix(got, "-") || strings.Contains(got, "--") || strings.ContainsAny(got, "/\\.%?# ") {
			t.Fatalf("Slug(%q) = %q", s, got)
		}
		if again := Slug(got); again != got {
			t.Fatalf("Slug(%q) = %q, then %q", s, got, again)
		}
	})
}

func FuzzText(f *testing.F) {
	for _, s := range samples {
		f.Add(s)
	}
	f.Add("<b>a</b> &amp;lt; \x00 <pre>a\n</pre>")
	f.Fuzz(func(t *testing.T, s string) {
		if text := PlainText(s); HasText(s) != (text != "") {
			t.Fatalf("HasText(%q) is %v, and its text is %q", s, text == "", text)
		}
		for name, got := range map[string]string{"Line": Line(s), "Title": Title(s), "PlainText": PlainText(s)} {
			if Chars(got) != got {
				t.Fatalf("%s(%q) = %q holds forbidden characters", name, s, got)
			}
			if name != "PlainText" && (strings.ContainsAny(got, "\n\t\r") || Line(got) != got) {
				t.Fatalf("%s(%q) = %q is no line", name, s, got)
			}
		}
	})
}

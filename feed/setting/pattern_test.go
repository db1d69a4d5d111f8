package setting_test

import (
	"regexp"
	"strings"
	"testing"

	"feedmill/feed/setting"
)

func pattern(t testing.TB, text string) setting.Pattern {
	t.Helper()
	var p setting.Pattern
	if err := p.UnmarshalText([]byte(text)); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if p.String() != text || p.IsZero() {
		t.Errorf("%s is shown as %s", text, p)
	}
	return p
}

func TestPatternMatch(t *testing.T) {
	for _, c := range []struct {
		pattern  string
		yes, not []string
	}{
		{"golang",
			[]string{"golang", "GoLang is out", "about (golang).", "golang's", "pre-golang", "«Golang»", "生成golangの", "aa golang", "Κ golang"},
			[]string{"", "golangs", "egolang", "go lang", "golang2", "golang_x", "gölang", "golángo", "mygolang yourgolang"}},
		{"peace  talks", []string{"Peace talks resume", "the peace\n\ttalks", "peace\u00A0talks"}, []string{"peacetalks", "peace, talks", "peace talksy"}},
		{"C++", []string{"C++ is old", "c++23", "in C++."}, []string{"C+", "AC++"}},
		{".NET", []string{"ASP.NET", ".net 9"}, []string{".nets"}},
		{"don't", []string{"I don’t", "DON'T"}, []string{"dont"}},
		{"e-mail", []string{"E‑Mail"}, []string{"email", "e-mails"}},
		{"donaudampf", []string{"Donau\u00ADdampf"}, []string{"Donau\u00ADdampf\u00ADschiff"}},
		{"донбас", []string{"ДОНБАС сьогодні", "«Донбас»"}, []string{"Донбасі", "предонбас"}},
		{"ёлка", []string{"Ёлка", "е\u0308лка"}, []string{"елка", "ёлкаю"}},
		{"café", []string{"Cafe\u0301 noir", "CAFÉ"}, []string{"cafe", "cafés"}},
		{"cafe", []string{"Cafe noir"}, []string{"Cafe\u0301"}},
		{"Σίσυφος", []string{"ΣΊΣΥΦΟΣ"}, []string{"Σίσυφο"}},
		{"straße", []string{"Straße", "STRAẞE"}, []string{"Strasse"}},
		{"東京", []string{"東京都で地震", "在東京", "東京"}, []string{"京東", "東 京"}},
		{"サーバ", []string{"新サーバー公開"}, []string{"サービス"}},
		{"AI", []string{"生成AIが急伸", "AI."}, []string{"AIR", "ＡＩ"}},
		{"ไทย", []string{"ประเทศไทยวันนี้"}, []string{"ไท"}},
		{"서울", []string{"서울에서", "오늘 서울"}, []string{"서 울"}},
		{"कला", []string{"कला है"}, []string{"कलाकार", "कलां"}},
		{"١٢", []string{"عام ١٢ هـ"}, []string{"١٢٣"}},
		{"❤", []string{"we ❤️ feeds", "❤"}, []string{"♥"}},
		{`/\bgo 1\.\d+/i`, []string{"Go 1.26", "the go 1.5"}, []string{"go 1", "ergo 1.2"}},
		{`/^b.c$/`, []string{"bxc"}, []string{"a\nb c\nd", "b\nc", "BXC"}},
		{`/^b.c$/m`, []string{"a\nb c\nd"}, []string{"b\nc"}},
		{`/^b.c$/sm`, []string{"a\nb\nc\nd"}, []string{"B\nC"}},
		{`/a/b/i`, []string{"xA/By"}, []string{"a"}},
		{`/\/r\/golang/`, []string{"/r/golang"}, []string{"golang"}},
		{`/\p{Cyrillic}{3}/`, []string{"abc где"}, []string{"abc"}},
		{"/cafe\u0301/", []string{"café"}, []string{"cafe"}},
	} {
		p := pattern(t, c.pattern)
		for _, s := range c.yes {
			if !p.Match(s) {
				t.Errorf("%s does not match %q", c.pattern, s)
			}
		}
		for _, s := range c.not {
			if p.Match(s) {
				t.Errorf("%s matches %q", c.pattern, s)
			}
		}
	}
	if (setting.Pattern{}).Match("") {
		t.Error("the zero value matches")
	}
}

func TestPatternErrors(t *testing.T) {
	for text, want := range map[string]string{
		strings.Repeat(" ", 2):    "is empty",
		"":                        "is empty",
		"\u00AD":                  "is empty",
		"/":                       "is not closed",
		"/abc":                    "is not closed",
		`/abc\/`:                  "is not closed",
		"//i":                     "would match everything",
		"/abc/x":                  `the flag 'x'; there are i, s and m`,
		"/r/golang":               `the flag 'g'`,
		`/ab(c/`:                  "at character 4: missing closing )",
		`/a[(]b)c/`:               "at character 7: unexpected )",
		`/äö[z-a]/`:               "at character 5: invalid character class range: z-a",
		`/a**/i`:                  "at character 3: invalid nested repetition operator: **",
		`/(?=x)/`:                 "RE2 has no look-around",
		`/a{2000}/`:               "at character 3: invalid repeat count: {2000}",
		strings.Repeat("a", 4001): "4001 bytes",
		"\xff":                    "UTF-8",
	} {
		p := pattern(t, "before")
		err := p.UnmarshalText([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q gives %v, want %q", text, err, want)
		}
		if p.String() != "before" {
			t.Errorf("%q changed the pattern to %s", text, p)
		}
	}
}

func TestPatternReplace(t *testing.T) {
	for _, c := range []struct{ pattern, text, with, want string }{
		{`/^\[\w+\]\s*/`, "[Ad] News", "", "News"},
		{`/(\w+) (\w+)/`, "one two three", "$2 ${1}s $$", "two ones $ three"},
		{`/x*/`, "ab", "-", "-a-b-"},
		{"go", "Go goes, GO! ergo go", "$1", "$1 goes, $1! ergo $1"},
		{"東京", "東京は東京", "京", "京は京"},
		{"none", "e\u0301", "x", "e\u0301"},
	} {
		if got, err := pattern(t, c.pattern).Replace(c.text, c.with); err != nil || got != c.want {
			t.Errorf("%s in %q gives %q, %v; want %q", c.pattern, c.text, got, err, c.want)
		}
	}
	if _, err := pattern(t, `/a/`).Replace(strings.Repeat("a", 10_001), "b"); err == nil {
		t.Error("10,001 replacements are made")
	}
	if got, err := pattern(t, `/a+/`).Replace(strings.Repeat("a", 1<<20), strings.Repeat("$0", 20)); err == nil {
		t.Errorf("a text grows to %d bytes", len(got))
	}
}

func TestPatternCheckReplacement(t *testing.T) {
	for _, c := range []struct{ pattern, with, want string }{
		{`/(a)(?P<n>b)/`, "$0 $1 ${2} $n ${n} $$9 $", ""},
		{`/(a)/`, "$2", "it has 1"},
		{`/(a)/`, "${m}", "it has 1"},
		{`/(a)/`, "$1st", "write ${1}st"},
		{"a", "$7", ""},
	} {
		err := pattern(t, c.pattern).CheckReplacement(c.with)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %q gives %v, want %q", c.pattern, c.with, err, c.want)
		}
	}
}

// FuzzPattern: a pattern that is read shows as written, a word finds itself, and replacing by nothing ends.
func FuzzPattern(f *testing.F) {
	for _, s := range [][2]string{
		{"golang", "the GoLang"}, {`/\bgo 1\.\d+/i`, "go 1.2"}, {"東京", "東京都"}, {"don’t", "don't"}, {"/(a/", "a"},
		{"a\u0301", "á"}, {"\u00ADx", "x\u00AD"}, {"ก", "กี"}, {"İ", "i"},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, text, s string) {
		var p setting.Pattern
		if err := p.UnmarshalText([]byte(text)); err != nil {
			if !p.IsZero() || p.Match(s) {
				t.Errorf("%q was refused and is used", text)
			}
			return
		}
		if p.String() != text {
			t.Errorf("%q shows as %q", text, p)
		}
		if !strings.HasPrefix(text, "/") && !p.Match(text) {
			t.Errorf("%q does not match itself", text)
		}
		got, err := p.Replace(s, "")
		if err == nil && !p.Match(s) && got != s {
			t.Errorf("%q changed %q, where it does not occur, to %q", text, s, got)
		}
	})
}

func BenchmarkPattern(b *testing.B) {
	english := strings.Repeat("The council met on Tuesday to discuss the harbour bridge. ", 70)
	cyrillic := strings.Repeat("Рада зібралася у вівторок, щоб обговорити міст через гавань. ", 70)
	for name, c := range map[string][2]string{
		"english": {"sponsored", english}, "cyrillic": {"реклама", cyrillic}, "regexp": {`/\bgo 1\.\d+/i`, english},
	} {
		p := pattern(b, c[0])
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(c[1])))
			for b.Loop() {
				if p.Match(c[1]) {
					b.Fatal("found")
				}
			}
		})
	}
	re := regexp.MustCompile(`(?i)\bsponsored\b`)
	b.Run("regexp-word", func(b *testing.B) {
		b.SetBytes(int64(len(english)))
		for b.Loop() {
			re.MatchString(english)
		}
	})
}

package clean

import (
	"strings"
	"testing"
	"unicode/utf8"

	"feedmill/feed"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

func encoded(t *testing.T, e encoding.Encoding, s string) string {
	t.Helper()
	out, err := e.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDecode(t *testing.T) {
	littleBOM := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	bigBOM := unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	for name, c := range map[string]struct{ in, declared, want string }{
		"empty":                      {"", "", ""},
		"UTF-8":                      {"Zürich “ok”", "", "Zürich “ok”"},
		"UTF-8 with a mark":          {"\ufeffZürich", "", "Zürich"},
		"the mark beats the label":   {"\ufeffZürich", "shift_jis", "Zürich"},
		"UTF-16 LE":                  {encoded(t, littleBOM, "Київ 👍"), "", "Київ 👍"},
		"UTF-16 BE":                  {encoded(t, bigBOM, "Київ 👍"), "", "Київ 👍"},
		"UTF-16 half a pair":         {"\xff\xfea\x00\x3d\xd8b\x00", "", "ab"},
		"UTF-16 declared":            {encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "Kyiv"), "utf-16le", "Kyiv"},
		"UTF-16 declared falsely":    {"Zürich", "utf-16", "Zürich"},
		"windows-1252":               {"\x93caf\xe9\x94 \x96 \x80 5", "", "“café” – € 5"},
		"latin1 is windows-1252":     {"\x93caf\xe9\x94", "ISO-8859-1", "“café”"},
		"UTF-8 declared as latin1":   {"“café”", "iso-8859-1", "“café”"},
		"UTF-8 declared as cyrillic": {"Київ", "windows-1251", "Київ"},
		"cyrillic":                   {encoded(t, charmap.Windows1251, "Київ і Львів"), "windows-1251", "Київ і Львів"},
		"greek":                      {encoded(t, charmap.ISO8859_7, "Αθήνα"), " ISO-8859-7 ", "Αθήνα"},
		"Shift_JIS":                  {encoded(t, japanese.ShiftJIS, "東京の天気、「はい」"), "Shift_JIS", "東京の天気、「はい」"},
		"ISO-2022-JP":                {encoded(t, japanese.ISO2022JP, "東京"), "iso-2022-jp", "東京"},
		"UTF-8 declared Shift_JIS":   {"東京の天気", "Shift_JIS", "東京の天気"},
		"GBK short as UTF-8":         {encoded(t, simplifiedchinese.GBK, "一"), "gb2312", "一"},
		"unknown label":              {"Zürich", "klingon-8", "Zürich"},
		"label of UTF-8, not so":     {"caf\xe9", "utf-8", "café"},
		"a foreign byte":             {"Плани \x93Києва\x94", "", "Плани “Києва”"},
		"surrogates":                 {"Київ \xed\xa0\xbd!", "", "Київ !"},
		"line ends":                  {"a\r\nb\rc\n\r\nd", "", "a\nb\nc\n\nd"},
		"page breaks":                {"a\fb\vc\u0085d", "", "a\nb\nc\nd"},
		"controls":                   {strings.Repeat("x", 99) + "\x01\x7f\u0080\ufffe\ufffd.", "", strings.Repeat("x", 99) + "."},
		"escapes":                    {"\x1b[1mbold\x1b[0m", "", "[1mbold[0m"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Decode([]byte(c.in), c.declared)
			if err != nil || got != c.want {
				t.Errorf("Decode(%q, %q) = %q, %v; want %q", c.in, c.declared, got, err, c.want)
			}
		})
	}
	for _, s := range samples {
		for _, declared := range []string{"", "utf-8", "windows-1252", "Shift_JIS"} {
			if got, err := Decode([]byte(s), declared); err != nil || got != s {
				t.Errorf("Decode(%q, %q) = %q, %v", s, declared, got, err)
			}
		}
	}
}

func TestDecodeRefusesBinary(t *testing.T) {
	for name, in := range map[string]string{
		"png": "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "nul": "text\x00text", "controls": "\x01\x02\x03\x04abc\x05\x06\x07def",
		"marked nul": "\ufefftext\x00", "wide nul": "\xff\xfea\x00\x00\x00",
	} {
		_, err := Decode([]byte(in), "")
		if err == nil || !strings.Contains(err.Error(), "is binary, not text") || feed.ClassOf(err) != feed.Unreadable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range samples {
		f.Add([]byte(s), "")
	}
	f.Add([]byte("\xff\xfea\x00\x3d\xd8"), "")
	f.Add([]byte("\x93caf\xe9\x94\r"), "shift_jis")
	f.Add([]byte("\x1b$B"), "iso-2022-jp")
	f.Fuzz(func(t *testing.T, b []byte, declared string) {
		if isTidy(b) && (binary(b) || tidyText(mixed(b)) != string(b)) {
			t.Fatalf("%q is not tidy", b)
		}
		got, err := Decode(b, declared)
		if err != nil {
			if got != "" {
				t.Fatalf("text %q and error %v", got, err)
			}
			return
		}
		if !utf8.ValidString(got) || Chars(got) != got || strings.Contains(got, "\r") {
			t.Fatalf("Decode(%q, %q) = %q", b, declared, got)
		}
	})
}

package parse_test

import (
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

func TestCharsets(t *testing.T) {
	const (
		little, big = unicode.LittleEndian, unicode.BigEndian
		cyrillic    = "Новости"
	)
	document := func(declared, title string) string {
		if declared != "" {
			declared = `<?xml version="1.0" encoding="` + declared + `"?>` + "\n"
		}
		return declared + "<rss><channel><title>" + title + "</title></channel></rss>"
	}
	for _, c := range []struct {
		name        string
		in          encoding.Encoding
		declared    string
		contentType string
		title       string
	}{
		{"UTF-8", encoding.Nop, "", "", cyrillic},
		{"UTF-8 with mark", unicode.UTF8BOM, "iso-8859-1", "text/xml; charset=iso-8859-1", cyrillic},
		{"UTF-16 with mark", unicode.UTF16(little, unicode.UseBOM), "utf-16", "", cyrillic},
		{"UTF-16BE with mark", unicode.UTF16(big, unicode.UseBOM), "", "text/xml", cyrillic},
		{"UTF-16LE without mark", unicode.UTF16(little, unicode.IgnoreBOM), "utf-16", "", cyrillic},
		{"UTF-16BE without mark", unicode.UTF16(big, unicode.IgnoreBOM), "utf-16", "text/xml; charset=utf-8", cyrillic},
		{"UTF-16 declared, UTF-8 written", encoding.Nop, "utf-16", "", cyrillic},
		{"UTF-32 with mark", utf32.UTF32(utf32.LittleEndian, utf32.UseBOM), "utf-32", "", cyrillic + " 🐟"},
		{"UTF-32BE with mark", utf32.UTF32(utf32.BigEndian, utf32.UseBOM), "", "", cyrillic},
		{"UTF-32LE without mark", utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM), "", "", cyrillic},
		{"UTF-32BE without mark", utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM), "", "", cyrillic},
		{"declaration", charmap.Windows1251, "windows-1251", "application/xml", cyrillic},
		{"header only", charmap.Windows1251, "", "text/xml; charset=windows-1251", cyrillic},
		{"header over declaration", charmap.KOI8R, "windows-1251", `text/xml; charset="koi8-r"`, cyrillic},
		{"nothing said", charmap.Windows1252, "", "", "Café – “x”"},
		{"wrong name", encoding.Nop, "utf8-or-so", "", cyrillic},
		{"multibyte", japanese.ShiftJIS, "Shift_JIS", "", "東京のニュース"},
	} {
		t.Run(c.name, func(t *testing.T) {
			body, err := c.in.NewEncoder().String(document(c.declared, c.title))
			if err != nil {
				t.Fatal(err)
			}
			f := read(t, body, c.contentType)
			if f.Title != c.title || f.Lenient {
				t.Errorf("title %q, want %q; lenient %v", f.Title, c.title, f.Lenient)
			}
		})
	}
	t.Run("one bad byte and controls", func(t *testing.T) {
		f := read(t, document("utf-8", cyrillic+" caf\xE9\x08\x1B"), "")
		if want := cyrillic + " café"; f.Title != want {
			t.Errorf("title %q, want %q", f.Title, want)
		}
	})
}

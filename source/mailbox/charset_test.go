package mailbox

import (
	"encoding/base64"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// words are in so many scripts that every charset can write one of them.
var words = []string{
	"Привіт, світ", "Привет, мир", "Καλημέρα κόσμε", "שלום עולם", "مرحبا بالعالم", "สวัสดีชาวโลก", "日本語のニュース", "新闻报道", "新聞報導", "안녕하세요 뉴스",
	"Žluťoučký kůň", "Ąžuolo šešėlis", "İyi günler şehir", "Dŵr a thân", "Ĉiuĵaŭde ĥoro", "Grüße aus Köln", "Plain words",
}

// TestEveryCharset reads one text in each charset that mail has, in a header and in two kinds of body.
func TestEveryCharset(t *testing.T) {
	t.Parallel()
	all := append([]encoding.Encoding{unicode.UTF8, unicode.UTF16(unicode.BigEndian, unicode.UseBOM), unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)}, charmap.All...)
	for _, more := range [][]encoding.Encoding{japanese.All, korean.All, simplifiedchinese.All, traditionalchinese.All} {
		all = append(all, more...)
	}
	tried := map[string]bool{}
	for _, enc := range all {
		name, err := ianaindex.MIME.Name(enc)
		if err != nil {
			if name, err = ianaindex.IANA.Name(enc); err != nil {
				continue // no mail names it
			}
		}
		raw, want := "", ""
		for _, want = range words {
			if raw, err = enc.NewEncoder().String(want); err == nil {
				break
			}
		}
		if err != nil {
			t.Fatalf("%s can write none of the words", name)
		}
		tried[strings.ToLower(name)] = true
		coded := base64.StdEncoding.EncodeToString([]byte(raw))
		for _, label := range []string{name, strings.ToUpper(name), `"` + strings.ToLower(name) + `"`} {
			a := read(t, "From: a@sender.example\r\nSubject: =?"+strings.Trim(label, `"`)+"?B?"+coded+"?=\r\nContent-Type: text/plain; charset="+label+
				"\r\nContent-Transfer-Encoding: base64\r\n\r\n"+coded+"\r\n")
			if a.Title != want || a.Content != "<p>"+want+"</p>" {
				t.Errorf("%s: the title is %q and the text %s, want %s", label, a.Title, a.Content, want)
			}
		}
	}
	for name := range strings.FieldsSeq("utf-8 utf-16 utf-16le iso-8859-1 iso-8859-2 iso-8859-5 iso-8859-7 iso-8859-8 iso-8859-15 windows-1250 windows-1251 windows-1252 windows-1256 koi8-r koi8-u " +
		"macintosh shift_jis euc-jp iso-2022-jp euc-kr gbk gb18030 hz-gb-2312 big5 ibm437") {
		if !tried[name] {
			t.Errorf("%s was not tried: %v", name, tried)
		}
	}
}

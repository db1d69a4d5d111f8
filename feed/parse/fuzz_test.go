package parse_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"feedmill/feed"
	"feedmill/feed/parse"
)

func FuzzParse(f *testing.F) {
	for _, text := range samples(f) {
		f.Add([]byte(text), "")
	}
	f.Add([]byte("\xFF\xFE<\x00r\x00s\x00s\x00>\x00"), "text/xml; charset=utf-16")
	f.Add([]byte("<rss><channel><item><![CDATA["), "application/xml; charset=koi8-r")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		got, err := parse.Parse(body, contentType, base, time.UTC, now)
		if err != nil {
			if feed.ClassOf(err) != feed.Unreadable {
				t.Errorf("class %s: %v", feed.ClassOf(err), err)
			}
			return
		}
		text, err := json.Marshal(got)
		if err != nil || !utf8.Valid(text) {
			t.Errorf("no valid UTF-8: %q, %v", text, err)
		}
		ids := map[string]bool{}
		for _, a := range got.Articles {
			if a.ID != "" && ids[a.ID] {
				t.Errorf("the id %q comes twice", a.ID)
			}
			ids[a.ID] = true
			for _, address := range []string{a.Link, a.Image.URL} {
				if address != "" && !strings.HasPrefix(address, "http://") && !strings.HasPrefix(address, "https://") {
					t.Errorf("%q is no absolute address", address)
				}
			}
			if strings.ContainsAny(a.Title+a.ID, "\n\x00\uFFFD") {
				t.Errorf("title %q, id %q", a.Title, a.ID)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	var rss, atom strings.Builder
	text := strings.Repeat("A sentence of some forty characters, it is. ", 20)
	rss.WriteString(`<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>B</title>`)
	atom.WriteString(`<feed xmlns="http://www.w3.org/2005/Atom"><title>B</title>`)
	jsonItems := make([]string, 20)
	for i := range 20 {
		fmt.Fprintf(&rss, `<item><title>Title %d</title><link>https://e.example/%d</link><guid>https://e.example/%d</guid><pubDate>Sat, 21 Nov 2026 10:00:00 GMT</pubDate>`+
			`<dc:creator>Ann Ey</dc:creator><category>News</category><description><![CDATA[<p>%s</p><p>%s</p>]]></description></item>`, i, i, i, text[:400], text[:500])
		fmt.Fprintf(&atom, `<entry><title>Title %d</title><link href="https://e.example/%d"/><id>https://e.example/%d</id><updated>2026-11-21T10:00:00Z</updated>`+
			`<author><name>Ann Ey</name></author><category term="News"/><content type="html">&lt;p&gt;%s&lt;/p&gt;&lt;p&gt;%s&lt;/p&gt;</content></entry>`, i, i, i, text[:400], text[:500])
		jsonItems[i] = fmt.Sprintf(`{"id":"%d","url":"https://e.example/%d","title":"Title","content_html":"<p>%s</p><p>%s</p>","date_published":"2026-11-21T10:00:00Z"}`, i, i, text[:400], text[:500])
	}
	for _, c := range []struct{ name, text string }{
		{"rss", rss.String() + "</channel></rss>"},
		{"atom", atom.String() + "</feed>"},
		{"json", `{"version":"https://jsonfeed.org/version/1.1","title":"B","items":[` + strings.Join(jsonItems, ",") + "]}"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			b.ReportAllocs()
			for b.Loop() {
				if f, err := parse.Parse([]byte(c.text), "", base, time.UTC, now); err != nil || len(f.Articles) != 20 {
					b.Fatal(err)
				}
			}
		})
	}
}

package opml

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/parse"
	"feedmill/source/sourcetest"
)

func FuzzOutlines(f *testing.F) {
	f.Add([]byte(sourcetest.List("http://a.example/?a&b", "feed://b.example/")), "text/x-opml")
	f.Add([]byte(`<opml><outline isComment=true xmlUrl='x'><outline/></outline></OPML>`), "text/xml; charset=iso-8859-1")
	f.Add([]byte(`<opml></outline></outline><outline xmlUrl="http://u:p@[::1]/`), "")
	f.Add([]byte("<!DOCTYPE opml [<!ENTITY a 'b'>]><opml>&a;</opml>"), "")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		outlines, err := parse.Outlines(body, contentType)
		if err != nil {
			if feed.ClassOf(err) != feed.Unreadable || len(outlines) > 0 {
				t.Errorf("class %s with %d outlines: %v", feed.ClassOf(err), len(outlines), err)
			}
			return
		}
		seen := map[string]bool{}
		for _, e := range entriesOf(outlines, address) {
			if seen[e.URL] || e.Unfit == "" && !strings.HasPrefix(e.URL, "http://") && !strings.HasPrefix(e.URL, "https://") {
				t.Errorf("%q is named", e.URL)
			}
			seen[e.URL] = true
		}
	})
}

// BenchmarkExpand reads a list of 1,000 feeds that has changed, and one that has not.
func BenchmarkExpand(b *testing.B) {
	var all []string
	for i := range 1000 {
		all = append(all, fmt.Sprintf("http://a%d.example/feed.xml", i))
	}
	for _, unchanged := range []bool{true, false} {
		b.Run(fmt.Sprintf("unchanged=%v", unchanged), func(b *testing.B) {
			r := newReader(b)
			r.site.Script("/friends.opml", sourcetest.Conditional(sourcetest.OPML, sourcetest.List(all...)))
			b.ReportAllocs()
			for b.Loop() {
				if !unchanged {
					r.memory = sourcetest.NewMemory()
				}
				if got, err := r.list.Expand(b.Context(), r.memory); err != nil || len(got) != 1000 {
					b.Fatal(len(got), err)
				}
				r.memory.Commit()
				r.now = r.now.Add(time.Minute)
			}
		})
	}
}

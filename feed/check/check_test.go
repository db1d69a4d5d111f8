package check_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/check"
)

var types = map[string]string{"rss": feed.TypeRSS, "atom": feed.TypeAtom, "json": feed.TypeJSON}

func want(format string) check.Want {
	return check.Want{
		Title: "World",
		Self:  "https://f.example/world." + format,
		AsOf:  time.Date(2026, 11, 22, 13, 0, 0, 0, time.UTC),
		Items: []check.Item{
			{
				ID: "tag:n.example,2026:1", Title: "First", Link: "https://n.example/1",
				Published: time.Date(2026, 11, 21, 10, 0, 0, 5e8, time.UTC), Updated: time.Date(2026, 11, 21, 10, 0, 0, 5e8, time.UTC),
			},
			{
				ID: "https://n.example/2", Title: "Second & last", Link: "https://n.example/2",
				Published: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), Updated: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC),
			},
		},
	}
}

func good(t *testing.T, format string) string {
	t.Helper()
	body, err := os.ReadFile("testdata/good." + format)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func document(format, body string) feed.Document {
	return feed.NewDocument("world."+format, types[format], time.Time{}, []byte(body))
}

func TestDocumentAcceptsGoodDocuments(t *testing.T) {
	for format := range types {
		if err := check.Document(document(format, good(t, format)), want(format)); err != nil {
			t.Errorf("%s: %v", format, err)
		}
	}
}

// Each mutation replaces one thing in a good document; the error must name what is wrong.
func TestDocumentCatches(t *testing.T) {
	tests := []struct{ name, format, old, new, message string }{
		{"title of the feed", "rss", "<title>World", "<title>Word", `title is "Word", not "World"`},
		{"self link", "rss", "f.example/world.rss", "f.example/world.xml", "self link is"},
		{"no self link", "rss", `rel="self"`, `rel="via"`, "0 links with rel=self"},
		{"two self links", "atom", `rel="alternate" type`, `rel="self" type`, "alternate"},
		{"empty description", "rss", "<description>News", "<description> ", "description is empty"},
		{"no channel link", "rss", "<link>https://n.example/</link>", "", "link is missing"},
		{"version", "rss", `version="2.0"`, `version="0.91"`, "not an RSS 2.0"},
		{"wrong weekday", "rss", "Sun, 22 Nov 2026 10", "Mon, 22 Nov 2026 10", "is a Sunday"},
		{"no zone", "rss", "10:00:00 +0000</pubDate><atom", "10:00:00</pubDate><atom", "pubDate cannot be read"},
		{"published moved", "rss", "Sun, 22 Nov 2026 10", "Sun, 22 Nov 2026 11", "item 1 (https://n.example/2): published is"},
		{"updated lost", "rss", "<atom:updated>2026-11-22T12:00:00Z</atom:updated>", "", "updated is 2026-11-22T10:00:00Z"},
		{"title of an item", "rss", "Second &#x26; last", "Second &#x26;#x26; last", "item 1 (https://n.example/2): title"},
		{"empty title", "rss", "<title>First", "<title>", "title is empty"},
		{"two titles", "rss", "<title>First", "<title>First</title><title>First", "title stands 2 times"},
		{"link of an item", "rss", "<link>https://n.example/1", "<link>https://n.example/3", "link is"},
		{"no guid", "rss", `<guid isPermaLink="false">tag:n.example,2026:1</guid>`, "", "guid is missing"},
		{"guid is no link", "rss", `isPermaLink="false"`, `isPermaLink="true"`, "isPermaLink is true"},
		{"guid is a link", "rss", `isPermaLink="true"`, `isPermaLink="false"`, "isPermaLink is false"},
		{"id changed", "rss", "tag:n.example,2026:1", "tag:n.example,2026:01", `item 2 (tag:n.example,2026:1): id is`},
		{"content is the description", "rss", "<description>Short", "<description>&lt;p>Long&lt;/p>", "differ"},
		{"no description", "rss", "<description>Short</description>", "", "description must stand beside"},
		{"enclosure without length", "rss", ` length="0"`, "", "no length"},
		{"enclosure without type", "rss", ` type="audio/mpeg"`, "", "type"},
		{"enclosure of odd length", "rss", `length="0"`, `length="12 KB"`, "no number of bytes"},
		{"two enclosures", "rss", "<enclosure ", `<enclosure url="https://n.example/3.mp3" length="1" type="audio/mpeg"/><enclosure `, "2 enclosures"},
		{"two creators", "rss", "<dc:creator>", "<dc:creator>Eve</dc:creator><dc:creator>", "creator stands 2 times"},
		{"cut off", "rss", "</channel></rss>", "", "not well-formed"},
		{"something behind", "rss", "</channel></rss>", "</channel></rss><rss/>", "one root element"},
		{"blank before the declaration", "rss", "<?xml ", " <?xml ", "does not begin with <?xml"},
		{"byte order mark", "rss", "<?xml ", "\ufeff<?xml ", "byte order mark"},
		{"other charset", "rss", `encoding="UTF-8"`, `encoding="ISO-8859-1"`, "not well-formed"},
		{"not UTF-8", "rss", "Short", "Sh\xf6rt", "not valid UTF-8"},
		{"control character", "rss", "Short", "Sh\x1bort", "U+001B"},
		{"C1 control as a reference", "rss", "Short", "Sh&#x85;ort", "U+0085"},
		{"replacement character", "rss", "Short", "Sh\ufffdort", "U+FFFD"},
		{"HTML entity", "rss", "Short", "Sh&ouml;rt", "not well-formed"},
		{"DOCTYPE", "rss", "<rss ", "<!DOCTYPE rss><rss ", "DOCTYPE"},
		{"unbound prefix", "rss", `xmlns:dc="http://purl.org/dc/elements/1.1/"`, "", "unknown namespace"},
		{"attribute twice", "rss", `version="2.0"`, `version="2.0" version="2.0"`, "stands twice"},
		{"future build date", "rss", "<lastBuildDate>Sun, 22 Nov 2026 12", "<lastBuildDate>Sun, 22 Nov 2026 14", "later than"},
		{"stale build date", "rss", "<lastBuildDate>Sun, 22 Nov 2026 12", "<lastBuildDate>Sun, 22 Nov 2026 11", "newest item"},

		{"root", "atom", `<feed xmlns="http://www.w3.org/2005/Atom">`, `<feed>`, "not an Atom feed"},
		{"feed id", "atom", "<id>urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66</id>", "", "id is missing"},
		{"feed updated", "atom", "<updated>2026-11-22T12:00:00Z</updated>\n<link", "<link", "updated is missing"},
		{"date in lower case", "atom", "<published>2026-11-22T10:00:00Z", "<published>2026-11-22t10:00:00z", "published cannot be read"},
		{"no entry link", "atom", `<link href="https://n.example/1"/>`, "", "0 links with rel=alternate"},
		{"two entry links", "atom", `<link href="https://n.example/1"/>`, `<link href="https://n.example/1"/><link href="https://n.example/3"/>`, "2 links"},
		{"no author", "atom", "<author><name>World</name></author>", "", "author is missing"},
		{"nameless author", "atom", "<name>World</name>", "<name/>", "name is empty"},
		{"category without term", "atom", `term="tag"`, "", "no term"},
		{"enclosure without address", "atom", ` href="https://n.example/2.mp3"`, "", "no address"},
		{"same id twice", "atom", "<id>tag:n.example,2026:1", "<id>https://n.example/2", "item 2 (https://n.example/2): id is also that of item 1"},
		{"title doubly escaped", "atom", "Second &amp; last", "Second &amp;amp; last", "title"},
		{"an entry too many", "atom", "</feed>", entry("2026-11-20"), "it was not to be there"},
		{"order", "atom", "<published>2026-11-22T10:00:00Z", "<published>2026-11-20T10:00:00Z", "item 1 (https://n.example/2): published"},

		{"JSON version", "json", "version/1.1", "version/1", "version is"},
		{"unknown word", "json", `"content_text"`, `"content"`, "content"},
		{"no content", "json", `"content_text": "First",`, "", "both missing"},
		{"no items", "json", `"items"`, `"hubs"`, "hubs"},
		{"no home page", "json", `"home_page_url": "https://n.example/",`, "", "home_page_url is missing"},
		{"numeric id", "json", `"id": "tag:n.example,2026:1"`, `"id": 1`, "not a JSON Feed"},
		{"escaped control", "json", `"First", "content_text": "First"`, `"First", "content_text": "Fi\u0000rst"`, "U+0000"},
		{"lone surrogate", "json", `"content_text": "First"`, `"content_text": "Fi\ud800rst"`, "U+FFFD"},
		{"attachment type", "json", `"audio/mpeg"`, `""`, "type"},
		{"attachment size", "json", `"size_in_bytes": 9`, `"size_in_bytes": -9`, "no number of bytes"},
		{"nameless JSON author", "json", `"name": "Ann"`, `"name": ""`, "an author has no name"},
		{"date_modified", "json", `"date_modified": "2026-11-21T10`, `"date_modified": "2026-11-21T11`, "item 2 (tag:n.example,2026:1): updated is"},
		{"JSON cut off", "json", "\n]}", "\n]", "not a JSON Feed"},
		{"text behind JSON", "json", "\n]}", "\n]} {}", "behind the feed"},
	}
	for _, tt := range tests {
		t.Run(tt.format+" "+tt.name, func(t *testing.T) {
			before := good(t, tt.format)
			body := strings.Replace(before, tt.old, tt.new, 1)
			if body == before {
				t.Fatalf("the good document does not hold %q", tt.old)
			}
			err := check.Document(document(tt.format, body), want(tt.format))
			if err == nil {
				t.Fatal("accepted")
			}
			if !strings.HasPrefix(err.Error(), "check world."+tt.format+": ") || !strings.Contains(err.Error(), tt.message) {
				t.Errorf("got the error %q, which lacks the document or %q", err, tt.message)
			}
			if feed.ClassOf(err) != feed.Internal {
				t.Errorf("class is %s", feed.ClassOf(err))
			}
		})
	}
}

func entry(day string) string {
	return `<entry><id>urn:x</id><title>X</title><link href="https://n.example/x"/><published>` + day + `T00:00:00Z</published>` +
		`<updated>` + day + `T00:00:00Z</updated><author><name>X</name></author></entry></feed>`
}

func TestDocumentMissingItems(t *testing.T) {
	body := good(t, "rss")
	start, end := strings.LastIndex(body, "<item>"), strings.Index(body, "</channel>")
	short := body[:start] + body[end:]
	w := want("rss")
	err := check.Document(document("rss", short), w)
	if err == nil || !strings.Contains(err.Error(), "item 2 (tag:n.example,2026:1): it is missing") {
		t.Errorf("without a size limit: %v", err)
	}
	w.MaxSize = int64(len(short))
	if err := check.Document(document("rss", short), w); err != nil {
		t.Errorf("the oldest item may be missing under a size limit: %v", err)
	}
	w.MaxSize--
	if err := check.Document(document("rss", short), w); err == nil || !strings.Contains(err.Error(), "bytes") {
		t.Errorf("one byte too large: %v", err)
	}
	w.MaxSize = 1 << 20
	head, _, _ := strings.Cut(body, "<item>")
	if err := check.Document(document("rss", head+body[start:]), w); err == nil {
		t.Error("accepted a document without its newest item")
	}
	if err := check.Document(document("rss", head+body[end:]), w); err == nil {
		t.Error("accepted an empty document for two items")
	}
}

func TestDocumentFutureDates(t *testing.T) {
	for format := range types {
		w := want(format)
		w.AsOf = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
		if err := check.Document(document(format, good(t, format)), w); err == nil || !strings.Contains(err.Error(), "later than") {
			t.Errorf("%s: %v", format, err)
		}
	}
}

func TestDocumentUnknownType(t *testing.T) {
	for _, mediaType := range []string{feed.TypeHTML, "", "text/xml"} {
		d := feed.NewDocument("world/", mediaType, time.Time{}, []byte("<!doctype html>"))
		if err := check.Document(d, check.Want{}); err == nil {
			t.Errorf("accepted the type %q", mediaType)
		}
	}
}

func FuzzDocument(f *testing.F) {
	for format := range types {
		body, err := os.ReadFile("testdata/good." + format)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(format, string(body))
	}
	f.Fuzz(func(_ *testing.T, format, body string) {
		if types[format] == "" {
			return
		}
		_ = check.Document(document(format, body), want(format)) // any answer but a panic
	})
}

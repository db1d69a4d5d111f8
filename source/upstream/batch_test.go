package upstream

import (
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/source/sourcetest"
)

func TestSameButForDates(t *testing.T) {
	const head, foot = `<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>`, `</channel></rss>`
	const six, seven = "Sun, 22 Nov 2026 06:00:00 GMT", "Sun, 22 Nov 2026 07:00:00 GMT"
	stamp := func(element, date string) string { return "<" + element + ">" + date + "</" + element + ">" }
	document := func(before, title, date, after string) string {
		return head + before + "<title>" + title + "</title><item><guid>1</guid><title>T</title>" + stamp("pubDate", date) + "</item>" + after + foot
	}
	for _, test := range []struct {
		name, first, second string
		want                feed.Extent
	}{
		{"build date", document(stamp("lastBuildDate", six), "A", six, ""), document(stamp("lastBuildDate", seven), "A", six, ""), feed.Unchanged},
		{"another date of the feed", document(stamp("dc:date", six), "A", six, ""), document(stamp("dc:date", seven), "A", six, ""), feed.Unchanged},
		{"a date behind the items", document("", "A", six, stamp("lastBuildDate", six)), document("", "A", six, stamp("lastBuildDate", seven)), feed.Unchanged},
		{"a comment", document("", "A", six, "<!-- 1 -->"), document("", "A", six, "<!-- 2 -->"), feed.Unchanged},
		{"date of an item", document("", "A", six, ""), document("", "A", seven, ""), feed.Listing},
		{"title of the feed", document("", "A", six, ""), document("", "B", six, ""), feed.Listing},
		{"no item left", document("", "A", six, ""), head + foot, feed.Listing},
	} {
		r := newReader(t)
		r.site.Script("/feed.xml", sourcetest.Body(sourcetest.RSS, test.first), sourcetest.Body(sourcetest.RSS, test.second))
		r.mustFetch()
		if batch := r.mustFetch(); batch.Extent != test.want {
			t.Errorf("%s: extent %d, want %d", test.name, batch.Extent, test.want)
		}
	}
}

func TestProblemsAreToldOnce(t *testing.T) {
	r := newReader(t)
	const item = `<item><guid>%</guid><title>Article %</title><link>http://alice.example/%</link></item>`
	const empty = `<item><category>x</category></item>`
	document := func(numbers, rest string) string {
		var b strings.Builder
		for _, n := range numbers {
			b.WriteString(strings.ReplaceAll(item, "%", string(n)))
		}
		return `<rss version="2.0"><channel><title>A</title>` + b.String() + rest + `</channel></rss>`
	}
	for _, step := range []struct {
		name, text string
		problems   int
		says       string
	}{
		{"an empty item", document("1", empty), 1, "neither id"},
		{"the same, moved down", document("21", empty), 0, ""},
		{"mended", document("21", ""), 0, ""},
		{"broken again", document("321", empty), 1, "item 4"},
		{"a broken document", strings.Replace(document("4321", ""), "<title>A</title>", "<title>A & B</title>&nbsp;", 1), 1, "mending"},
		{"still broken", strings.Replace(document("54321", ""), "<title>A</title>", "<title>A & B</title>&nbsp;", 1), 0, ""},
	} {
		r.site.Script("/feed.xml", sourcetest.Body(sourcetest.RSS, step.text))
		batch := r.mustFetch()
		if len(batch.Problems) != step.problems {
			t.Errorf("%s: told %q", step.name, batch.Problems)
			continue
		}
		for _, problem := range batch.Problems {
			if !strings.HasPrefix(problem.Error(), address) || !strings.Contains(problem.Error(), step.says) {
				t.Errorf("%s: told %q", step.name, problem)
			}
		}
	}
}

func TestKeys(t *testing.T) {
	const head = `<rss version="2.0"><channel><title>A</title><link>http://alice.example/</link>`
	keys := func(items string) (keys []string) {
		r := newReader(t)
		r.site.Script("/feed.xml", sourcetest.Body(sourcetest.RSS, head+items+`</channel></rss>`))
		for _, a := range r.mustFetch().Articles {
			keys = append(keys, a.Key)
		}
		return keys
	}
	const dated = `<item><title>Rain</title><pubDate>Sun, 22 Nov 2026 06:00:00 +0000</pubDate><description>%</description></item>`
	const undated = `<item><title>Rain</title><description>%</description></item>`
	first, second := strings.ReplaceAll(dated, "%", "much"), strings.ReplaceAll(dated, "%", "more")
	if a, b := keys(first)[0], keys(second)[0]; a == "" || a != b || a[0] != '~' {
		t.Errorf("title and date make the keys %q and %q", a, b)
	}
	first, second = strings.ReplaceAll(undated, "%", "much"), strings.ReplaceAll(undated, "%", "more")
	if a := keys(first + second); a[0] == a[1] {
		t.Errorf("two undated articles with one title have the key %q", a[0])
	}
	if a, b := keys(first)[0], keys(second + first)[1]; a != b {
		t.Errorf("a new article before it changes the key %q to %q", a, b)
	}
	const linked = `<item><title>T%</title><link>http://alice.example/%</link></item>`
	same := strings.ReplaceAll(linked, "alice.example/%", "alice.example/list")
	for _, test := range []struct {
		name, items string
		keys        bool
	}{
		{"a link of its own", strings.ReplaceAll(linked, "%", "1"), false},
		{"the link of the site", strings.ReplaceAll(linked, "%", ""), true},
		{"one link for two", strings.ReplaceAll(same, "%", "1") + strings.ReplaceAll(same, "%", "2"), true},
		{"an id", `<item><guid>7</guid><title>T</title></item>`, false},
	} {
		for _, key := range keys(test.items) {
			if (key != "") != test.keys {
				t.Errorf("%s: the key is %q", test.name, key)
			}
		}
	}
}

func TestAttribution(t *testing.T) {
	for _, test := range []struct {
		name, url, self, own string
		want                 feed.Origin
	}{
		{"plain", address, "", "", feed.Origin{Title: "A", Link: "http://alice.example/", FeedURL: address}},
		{"a key in the query", address + "?key=secret", "", "", feed.Origin{Title: "A", Link: "http://alice.example/"}},
		{"a key, and a public address", address + "?key=secret", "http://alice.example/rss", "", feed.Origin{Title: "A", Link: "http://alice.example/", FeedURL: "http://alice.example/rss"}},
		{"a source of its own", address, "", `<source url="http://carol.example/rss">Carol</source>`, feed.Origin{Title: "Carol", FeedURL: "http://carol.example/rss"}},
	} {
		r := newReader(t)
		r.source = New(Config{URL: test.url, Fetch: sourcetest.Manners()}, r.client, time.UTC, r.clock)
		self := ""
		if test.self != "" {
			self = `<atom:link rel="self" href="` + test.self + `"/>`
		}
		r.site.Script("/feed.xml", sourcetest.Body(sourcetest.RSS, `<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>A</title>`+
			`<link>http://alice.example/</link>`+self+`<item><guid>x 1</guid><title>T</title>`+test.own+`</item></channel></rss>`))
		a := r.mustFetch().Articles[0]
		if a.Source != test.want || a.ID != "x 1" {
			t.Errorf("%s: the article %q comes from %+v", test.name, a.ID, a.Source)
		}
	}
}

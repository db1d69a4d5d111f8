package parse_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/parse"
)

var update = flag.Bool("update", false, "write the .want files anew")

const base = "https://feeds.example.net/dir/feed"

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// samples returns the documents of testdata by name.
func samples(t testing.TB) map[string]string {
	t.Helper()
	documents := map[string]string{}
	for _, pattern := range []string{"testdata/*.xml", "testdata/*.json"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			documents[filepath.Base(path)] = string(text)
		}
	}
	if len(documents) < 10 {
		t.Fatal("the samples are missing")
	}
	return documents
}

func TestSamples(t *testing.T) {
	for name, text := range samples(t) {
		t.Run(name, func(t *testing.T) {
			got := dump(t, text)
			path := filepath.Join("testdata", name+".want")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// dump shows a feed for comparison.
func dump(t *testing.T, text string) string {
	t.Helper()
	f, err := parse.Parse([]byte(text), "", base, time.UTC, now)
	if err != nil {
		t.Fatal(err)
	}
	shown := struct {
		parse.Feed
		Problems []string
	}{Feed: f}
	for _, p := range f.Problems {
		shown.Problems = append(shown.Problems, p.Error())
	}
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(shown); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// A document that ends early is an error wherever it was cut.
func TestTruncated(t *testing.T) {
	for name, text := range samples(t) {
		end := strings.LastIndex(text, "</") + len("</rss") // an end tag lacks nothing but its bracket
		switch {
		case strings.HasSuffix(name, ".json"):
			end = strings.LastIndexAny(text, "]}")
		case strings.Contains(text, "</rdf:RDF>"):
			end = strings.LastIndex(text, "</") + len("</rdf:RDF")
		case strings.Contains(text, "</CHANNEL>"):
			end = strings.LastIndex(text, "</") + len("</CHANNEL")
		case strings.Contains(text, "</feed>"):
			end = strings.LastIndex(text, "</") + len("</feed")
		}
		for cut := 0; cut < end; cut++ {
			if cut < end-300 {
				cut += 28 // one cut in 29 is enough where nothing ends
			}
			if f, err := parse.Parse([]byte(text[:cut]), "", base, time.UTC, now); err == nil {
				t.Errorf("%s cut after %d of %d bytes is taken for a feed of %d articles: …%q", name, cut, len(text), len(f.Articles), text[max(0, cut-30):cut])
				break
			} else if feed.ClassOf(err) != feed.Unreadable {
				t.Errorf("%s cut after %d bytes: class %s", name, cut, feed.ClassOf(err))
			}
		}
	}
	_, err := parse.Parse([]byte("<rss>\n<channel>\n<item><title>Half"), "", base, nil, now)
	if err == nil || !strings.Contains(err.Error(), "truncated: it ends in line 3 inside <title> of line 3") {
		t.Errorf("message: %v", err)
	}
}

func TestNotFeeds(t *testing.T) {
	const deep = "<x>"
	for _, c := range []struct {
		name, text string
		kind       parse.Kind // "" when it is a feed that cannot be taken
		message    string
	}{
		{"empty", "", parse.Empty, "the document is empty"},
		{"blank", " \n\t", parse.Empty, "the document is empty"},
		{"page", "<!DOCTYPE html><html><head><title>News &amp; more</title></head><body>Hi</body></html>", parse.Page,
			"a web page (“News & more”), not a feed, and it names none"},
		{"page with feeds", `<html><head><base href="/x/"><link rel="alternate" type="application/rss+xml" href="rss"><link rel='alternate feed' type=application/atom+xml href=//a.example/atom></head>`,
			parse.Page, "its feed is https://feeds.example.net/x/rss or https://a.example/atom"},
		{"page without its first tags", "<!doctype html>\n<link rel=stylesheet href=x.css><p>Hi", parse.Page, "a web page"},
		{"fragment of a page", "<div>Not found</div>", parse.Page, "a web page"},
		{"login", `<html><title>Sign in</title><form><input name=u><input type="password"></form></html>`, parse.Login, "a login page (“Sign in”)"},
		{"bot wall", `<!doctype html><html><head><title>Just a moment...</title></head><body><script src="/cdn-cgi/challenge-platform/x"></script>`, parse.Challenge, "bot wall or captcha"},
		{"captcha", `<html><body><div class="g-recaptcha"></div><input type=password></body></html>`, parse.Challenge, "bot wall or captcha"},
		{"opml", `<opml version="2.0"><body><outline xmlUrl="x"/></body></opml>`, parse.OPML, "list of feeds (OPML)"},
		{"sitemap", `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></urlset>`, parse.Sitemap, "a sitemap"},
		{"other XML", `<?xml version="1.0"?><!-- <rss> --><kml></kml>`, parse.XML, "begins with <kml>"},
		{"text", "Service unavailable", parse.Text, "this is text"},
		{"JSON", `{"error": "no such feed"}`, parse.JSON, "no JSON Feed"},
		{"JSON list", `[{"id": 1}]`, parse.JSON, "no JSON Feed"},
		{"JSON null items", `{"version": "https://jsonfeed.org/version/1", "items": null}`, parse.JSON, "no JSON Feed"},
		{"bad JSON", "{\n\"version\": x}", "", "no valid JSON: line 2"},
		{"binary", "GIF89a\x00\x01\x00", "", "is binary"},
		{"entities", `<!DOCTYPE rss [<!ENTITY a "b">]><rss><channel><title>&a;</title></channel></rss>`, "", "declares entities"},
		{"external entity", `<!DOCTYPE rss [<!ENTITY % x SYSTEM "file:///etc/passwd">%x;]><rss><channel/></rss>`, "", "declares entities"},
		{"deep", "<rss>" + strings.Repeat(deep, 1_000) + strings.Repeat("</x>", 1_000) + "</rss>", "", "nested more than 200 deep"},
		{"deep and open", "<rss>" + strings.Repeat(deep, 1_000_000), "", "nested more than 200 deep"},
		{"many elements", "<rss>" + strings.Repeat("<x/>", 2_000_001) + "</rss>", "", "more than 2000000 elements"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if quick && len(c.text) > 4<<20 {
				t.Skip("too slow under the race detector")
			}
			f, err := parse.Parse([]byte(c.text), "", base, nil, now)
			if err == nil {
				t.Fatalf("taken for a feed: %+v", f)
			}
			if feed.ClassOf(err) != feed.Unreadable {
				t.Errorf("class %s", feed.ClassOf(err))
			}
			if !strings.Contains(err.Error(), c.message) {
				t.Errorf("%q lacks %q", err, c.message)
			}
			kind := parse.Kind("")
			if no, ok := errors.AsType[*parse.NotFeed](err); ok {
				kind = no.Kind
			}
			if kind != c.kind {
				t.Errorf("kind %q, want %q", kind, c.kind)
			}
		})
	}
}

// What is too big costs its item, and nothing else.
func TestBounds(t *testing.T) {
	if quick {
		t.Skip("too slow under the race detector")
	}
	good := `<item><guid isPermaLink="false">%d</guid><title>Good</title></item>`
	t.Run("field", func(t *testing.T) {
		f := read(t, "<rss><channel>"+fmt.Sprintf(good, 1)+"<item><title>"+strings.Repeat("x", 9<<20)+"</title></item>"+fmt.Sprintf(good, 2)+"</channel></rss>", "")
		wantProblem(t, f, 2, "item 2:1: is left out: its <title> holds more than 8 MB")
	})
	t.Run("nodes", func(t *testing.T) {
		f := read(t, "<rss><channel>"+fmt.Sprintf(good, 1)+"<item><title>"+strings.Repeat("<b/>", 300_000)+"</title></item>"+fmt.Sprintf(good, 2)+"</channel></rss>", "")
		wantProblem(t, f, 2, "it holds more than 200000 elements")
	})
	t.Run("items", func(t *testing.T) {
		var b strings.Builder
		b.WriteString("<rss><channel>")
		for i := range 50_003 {
			fmt.Fprintf(&b, good, i)
		}
		b.WriteString("</channel></rss>")
		f := read(t, b.String(), "")
		wantProblem(t, f, 20_000, "is the 20000th; what follows it is left out")
	})
	t.Run("JSON field", func(t *testing.T) {
		f := read(t, `{"version":"https://jsonfeed.org/version/1","items":[{"id":"1"},{"id":"2","title":"`+strings.Repeat("x", 9<<20)+`"}]}`, "")
		wantProblem(t, f, 1, `item 2: is left out: its "title" holds more than 8 MB`)
	})
	t.Run("problems", func(t *testing.T) {
		f := read(t, "<rss><channel>"+strings.Repeat("<item/>", 1_000)+"</channel></rss>", "")
		if last := f.Problems[len(f.Problems)-1].Error(); len(f.Problems) != 101 || last != "900 more items are left out or lack something" {
			t.Errorf("%d problems, the last: %s", len(f.Problems), last)
		}
	})
}

func read(t *testing.T, text, contentType string) parse.Feed {
	t.Helper()
	f, err := parse.Parse([]byte(text), contentType, base, time.UTC, now)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func wantProblem(t *testing.T, f parse.Feed, articles int, problem string) {
	t.Helper()
	if len(f.Articles) != articles {
		t.Errorf("%d articles, want %d", len(f.Articles), articles)
	}
	if len(f.Problems) != 1 || !strings.Contains(f.Problems[0].Error(), problem) {
		t.Errorf("problems %v, want %q", f.Problems, problem)
	}
}

func TestDates(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for written, want := range map[string]string{
		"Sat, 21 Nov 2026 10:00:00 GMT":   "2026-11-21T10:00:00Z",
		"2026-11-21T10:00:00":             "2026-11-21T09:00:00Z", // the zone of the source
		"21 novembre 2026 10:00 +0000":    "2026-11-21T10:00:00Z",
		"3 hours ago":                     "2026-11-22T09:00:00Z",
		"Mon, 23 Nov 2026 11:00:00 GMT":   "2026-11-23T11:00:00Z", // a clock that is wrong by less than a day
		"Mon, 23 Nov 2026 13:00:00 GMT":   "",
		"2031-01-01T00:00:00Z":            "",
		"Thu, 01 Jan 1970 00:00:00 GMT":   "",
		"0001-01-01T00:00:00Z":            "",
		"1989-12-31T12:00:00Z":            "",
		"1990-06-01T12:00:00Z":            "1990-06-01T12:00:00Z",
		"soon":                            "",
		"<![CDATA[ 2026-11-21T10:00Z ]]>": "2026-11-21T10:00:00Z",
	} {
		text := "<rss><channel><item><title>x</title><pubDate>" + written + "</pubDate></item></channel></rss>"
		f, err := parse.Parse([]byte(text), "", base, berlin, now)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if published := f.Articles[0].Published; !published.IsZero() {
			got = published.UTC().Format(time.RFC3339)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", written, got, want)
		}
	}
}

func TestPeople(t *testing.T) {
	for _, c := range []struct {
		fields string
		want   []feed.Person
	}{
		{"<author>ann@example.org (Ann Ey)</author>", []feed.Person{{Name: "Ann Ey", Email: "ann@example.org"}}},
		{"<author>Ann Ey &lt;ann@example.org&gt;</author>", []feed.Person{{Name: "Ann Ey", Email: "ann@example.org"}}},
		{"<author>Ann Ey</author>", []feed.Person{{Name: "Ann Ey"}}},
		{"<author>ann@example.org</author>", []feed.Person{{Name: "ann@example.org", Email: "ann@example.org"}}},
		{"<author>ann@example.org</author><dc:creator>Ann Ey</dc:creator>", []feed.Person{{Name: "Ann Ey", Email: "ann@example.org"}}},
		{"<dc:creator>Ann Ey</dc:creator><dc:creator>Bo Cee</dc:creator>", []feed.Person{{Name: "Ann Ey"}, {Name: "Bo Cee"}}},
		{"<itunes:author>The Show</itunes:author><dc:creator>Ann Ey</dc:creator>", []feed.Person{{Name: "Ann Ey"}}},
		{"<author><name>Ann Ey</name><uri>javascript:alert(1)</uri></author>", []feed.Person{{Name: "Ann Ey"}}},
		{"<author> </author>", nil},
	} {
		f := read(t, "<rss><channel><item><title>x</title>"+c.fields+"</item></channel></rss>", "")
		if got := f.Articles[0].Authors; !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.fields, got, c.want)
		}
	}
}

// Without an address to resolve against, relative links are left out rather than kept.
func TestNoBase(t *testing.T) {
	f, err := parse.Parse([]byte(`<rss><channel><link>/x</link><item><title>x</title><link>/1</link></item></channel></rss>`), "", "", nil, now)
	if err != nil || f.Link != "" || f.Articles[0].Link != "" {
		t.Errorf("%+v, %v", f, err)
	}
}

package sitemap_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"feedmill/feed"
	"feedmill/source/sitemap"
	"feedmill/source/sourcetest"
)

// TestTroubles: what cannot be read is an error that says what it is, and the next good answer is read.
func TestTroubles(t *testing.T) {
	whole := urls("/a", "/b", "/c")
	for _, test := range []struct {
		name   string
		answer http.HandlerFunc
		class  feed.Class
		words  []string
	}{
		{"a web page", sourcetest.Page("<title>Moved</title>", "<p>We have a new design.</p>"), feed.Unreadable, []string{"web page", "Moved", "robots.txt"}},
		{"a login page", sourcetest.Login(), feed.Refused, []string{"login page"}},
		{"a bot wall", sourcetest.Challenge(), feed.Refused, []string{"bot wall or captcha"}},
		{"a feed", sourcetest.Body(sourcetest.RSS, `<rss version="2.0"><channel></channel></rss>`), feed.Unreadable, []string{"feed, not a sitemap", "feed:"}},
		{"other XML", sourcetest.Body(xml, `<opensearch/>`), feed.Unreadable, []string{"<opensearch>", "<urlset>"}},
		{"text", sourcetest.Body("text/plain", "Hello.\n"), feed.Unreadable, []string{"text, but no sitemap"}},
		{"half of it", sourcetest.Body(xml, whole[:len(whole)-40]), feed.Unreadable, []string{"truncated"}},
		{"half of a packed one", sourcetest.Body(xml, packed(whole)[:60]), feed.Unreadable, []string{"truncated"}},
		{"broken packing", sourcetest.Body(xml, packed(whole)[:len(packed(whole))-8]+"12345678"), feed.Unreadable, []string{"packed by gzip, but broken"}},
		{"a bomb", sourcetest.Body("application/gzip", packed(urls("/a")+strings.Repeat(" ", 40<<20))), feed.Refused, []string{"unpacks to more", "max_body"}},
		{"a bomb of entities", sourcetest.Body(xml, `<!DOCTYPE x [<!ENTITY a "aaaa">]>`+whole), feed.Unreadable, []string{"<!ENTITY"}},
		{"50 MB", sourcetest.Body(xml, whole+strings.Repeat(" ", 50<<20)), feed.Refused, []string{"larger than 16MB", "max_body"}},
		{"deep", sourcetest.Body(xml, "<urlset>"+strings.Repeat("<url>", 5000)), feed.Unreadable, []string{"nested more than"}},
		{"nothing", sourcetest.Body(xml, " \n"), feed.Unreadable, []string{"empty"}},
		{"gone", sourcetest.Status(http.StatusGone), feed.Gone, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk(t)
			d.Site.Script("/sitemap.xml", answer(urls("/a")), test.answer, answer(urls("/a", "/b")))
			d.MustRead()
			b, err := d.Read()
			if feed.ClassOf(err) != test.class || len(b.Articles) > 0 {
				t.Fatalf("class %s: %v", feed.ClassOf(err), err)
			}
			for _, word := range append(test.words, home) {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("the error does not say %s: %v", word, err)
				}
			}
			if test.class != feed.Gone {
				d.want(d.MustRead(), feed.Listing, "b a")
			}
		})
	}
}

// TestBadEntries: they are named once, and the rest is taken.
func TestBadEntries(t *testing.T) {
	d := newDesk(t)
	text := strings.ReplaceAll(urls("/a@2026-11-20", "/b@yesterday or so", "/c@2036-01-01", "/d@0001-01-01", "/a@2026-11-21", "/e@2026-11-19", "/f@2026-11-18"), home+"/e", "/e")
	text = strings.Replace(text, "</urlset>", "<url><lastmod>2026-11-22</lastmod></url><url><loc>mailto:x@docs.example</loc></url></urlset>", 1)
	d.Site.Script("/sitemap.xml", answer(text), answer(text+"\n"))
	b := d.MustRead()
	d.want(b, feed.Listing, "a e f b c d")
	if b.Articles[0].Published.Day() != 21 {
		t.Errorf("the article that stands twice is of %v", b.Articles[0].Published)
	}
	d.says(b.Problems, "that is no date", "in the future", "before 1990", "more than once", "relative", "without an address", "cannot be used")
	b = d.MustRead()
	d.want(b, feed.Unchanged, "")
	d.says(b.Problems)
}

// TestFilesOfAnIndexFail: what they said last stays, and the others are read.
func TestFilesOfAnIndexFail(t *testing.T) {
	d := newDesk(t)
	d.Site.Script("/sitemap.xml", answer(files("/1.xml", "/2.xml", "/3.xml")))
	d.Site.Script("/1.xml", answer(urls("/a@2026-11-20")))
	d.Site.Script("/2.xml", answer(urls("/b@2026-11-19")), sourcetest.Page("", "<p>Oops.</p>"), answer(urls("/b@2026-11-19", "/d@2026-11-24")))
	d.Site.Script("/3.xml", sourcetest.Status(500), sourcetest.Status(500), answer(urls("/c@2026-11-18")))
	b := d.MustRead()
	d.want(b, feed.Listing, "a b")
	d.says(b.Problems, "3.xml")
	b = d.MustRead()
	d.want(b, feed.Unchanged, "")
	d.says(b.Problems, "2.xml: this is a web page", "3.xml")
	b = d.MustRead()
	d.want(b, feed.Listing, "d a b c")
	d.says(b.Problems)
}

// TestNothingButErrors: an index of which no file can be read is an error, not an empty feed.
func TestNothingButErrors(t *testing.T) {
	d := newDesk(t)
	d.Site.Script("/sitemap.xml", answer(files("/1.xml", "/2.xml")))
	d.Site.Script("/1.xml", sourcetest.Status(500), answer(urls("/a")))
	d.Site.Script("/2.xml", sourcetest.Status(500), answer(urls("/b")))
	if _, err := d.Read(); feed.ClassOf(err) != feed.Unavailable || !strings.Contains(err.Error(), "1.xml") {
		t.Fatalf("the error is %v", err)
	}
	d.want(d.MustRead(), feed.Listing, "a b")
}

// TestLoops: indexes that name each other, and indexes without end.
func TestLoops(t *testing.T) {
	d := newDesk(t)
	d.Site.Script("/sitemap.xml", answer(files("/i1.xml", "/sitemap.xml", "/a.xml")))
	d.Site.Script("/i1.xml", answer(files("/i2.xml", "/sitemap.xml")))
	d.Site.Script("/i2.xml", answer(files("/i3.xml", "/i1.xml")))
	d.Site.Script("/i3.xml", answer(files("/i4.xml", "/i2.xml")))
	d.Site.Script("/i4.xml", answer(files("/i5.xml")))
	d.Site.Script("/a.xml", answer(urls("/a")))
	b := d.MustRead()
	d.want(b, feed.Listing, "a")
	d.says(b.Problems, "more than 3 indexes deep")
	if n := len(d.Site.Visits("/sitemap.xml")); n != 1 {
		t.Errorf("the index was read %d times", n)
	}
}

// TestIndexOfMany: a refresh asks for so many files only, and the next ones for the rest.
func TestIndexOfMany(t *testing.T) {
	d := newDesk(t)
	var names []string
	for i := range 120 {
		name := fmt.Sprintf("/x%d", i)
		names = append(names, name+".xml")
		d.Site.Script(name+".xml", answer(urls(name+"@2026-11-20")))
	}
	d.Site.Script("/sitemap.xml", answer(files(names...)))
	for i, want := range []int{49, 98, 120} {
		b := d.MustRead()
		if len(b.Articles) != want || b.Extent != feed.Listing {
			t.Errorf("time %d gives %d articles", i, len(b.Articles))
		}
		if i == 0 && (len(b.Notes) != 1 || !strings.Contains(b.Notes[0], "71 sitemaps")) {
			t.Errorf("the notes are %q", b.Notes)
		}
	}
	d.Site.ForgetVisits()
	for range 3 {
		if b := d.MustRead(); b.Extent != feed.Unchanged {
			t.Errorf("another time gives %d articles", len(b.Articles))
		}
	}
	for _, name := range names {
		if n := len(d.Site.Visits(name)); n == 0 || n > 2 {
			t.Errorf("%s was asked for %d times", name, n)
		}
	}
}

func TestHeads(t *testing.T) {
	d := newDesk(t)
	d.Site.Script("/page", sourcetest.Page(`<title>The page – Docs</title><meta property="og:title" content="The page"><meta name=description content="What it says.">
		<meta name=author content="Ada Docs"><meta property="og:image" content="/i.png"><meta property="article:published_time" content="2026-11-01T10:00:00Z">`, "<p>Hi.</p>"))
	d.Site.Script("/login", sourcetest.Login())
	d.Site.Script("/wall", sourcetest.Challenge())
	d.Site.Script("/untitled", sourcetest.Page("", "<p>Hi.</p>"))
	d.Site.Script("/robots.txt", sourcetest.Body("text/plain", "User-agent: *\nDisallow: /private\n"))
	d.Site.Script("/private", sourcetest.Page("<title>Secret</title>", ""))
	listed := feed.Article{Link: home + "/page", Title: "Page", Updated: d.Now, Published: d.Now}
	a, err := d.source().Completer()(t.Context(), listed)
	if err != nil || a.Title != "The page" || a.Summary != "What it says." || len(a.Authors) != 1 || a.Image.URL != home+"/i.png" || a.Published.Day() != 1 || !a.Updated.Equal(d.Now) || a.Content != "" {
		t.Errorf("the article is %+v, %v", a, err)
	}
	for path, class := range map[string]feed.Class{"/login": feed.Refused, "/wall": feed.Refused, "/untitled": feed.Unreadable, "/private": feed.Refused, "/none": feed.Gone} {
		listed.Link = home + path
		if a, err := d.source().Completer()(t.Context(), listed); feed.ClassOf(err) != class || a.Title != "Page" {
			t.Errorf("%s: class %s, %v", path, feed.ClassOf(err), err)
		}
	}
	if n := len(d.Site.Visits("/private")); n > 0 {
		t.Errorf("a page that robots.txt forbids was asked for %d times", n)
	}
}

// TestPoison: a sitemap that ended the process twice is left alone.
func TestPoison(t *testing.T) {
	d := newDesk(t)
	d.Site.Script("/sitemap.xml", answer(urls("/a")))
	d.IsPoison()
}

func TestConfig(t *testing.T) {
	for _, test := range []struct{ expression, address string }{
		{"^/guide/", "https://a.example/guide/x"}, {"page=2$", "https://a.example/?page=2"}, {"^/$", "https://a.example"},
		{"^https://a.example/x$", "https://a.example/x"}, {"/straße", "https://a.example/stra%C3%9Fe"}, {"(?i)GUIDE", "https://a.example/guide"},
	} {
		var c sitemap.Config
		if err := c.Only.UnmarshalText([]byte(test.expression)); err != nil {
			t.Fatal(err)
		}
		d := newDesk(t)
		d.Only = c.Only
		d.Site.Script("/sitemap.xml", answer(urls(test.address, "https://a.example/other")))
		d.URL = "https://a.example/sitemap.xml"
		if b := d.MustRead(); len(b.Articles) != 1 {
			t.Errorf("%s takes %q", test.expression, paths(b))
		}
	}
	for text, says := range map[string]string{"(": "missing closing", strings.Repeat("x", 5000): "4000 are the most"} {
		var e sitemap.Expression
		if err := e.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.10s: %v", text, err)
		}
	}
}

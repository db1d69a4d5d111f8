package sitemap_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/setting"
	"feedmill/source/sitemap"
	"feedmill/source/sourcetest"
)

const home = "https://docs.example"

// desk reads a site.
type desk struct {
	*sourcetest.Desk
	sitemap.Config
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	d := &desk{}
	d.Desk = sourcetest.NewDesk(t, func() feed.Source { return d.source() })
	d.Config = sitemap.Default()
	d.URL, d.Fetch = home+"/sitemap.xml", sourcetest.Manners()
	d.Site.Script("/robots.txt", sourcetest.Body("text/plain", ""))
	return d
}

func (d *desk) source() *sitemap.Sitemap {
	return sitemap.New(d.Config, d.Client, nil, d.Clock)
}

func (d *desk) expression(text string) (e sitemap.Expression) {
	d.Helper()
	if err := e.UnmarshalText([]byte(text)); err != nil {
		d.Fatal(err)
	}
	return e
}

const spaces = ` xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"` +
	` xmlns:image="http://www.google.com/schemas/sitemap-image/1.1" xmlns:video="http://www.google.com/schemas/sitemap-video/1.1"`

// urls is a sitemap of paths, each with its lastmod behind an @.
func urls(pages ...string) string { return document("urlset", "url", pages) }

// files is an index of sitemaps, in the shape of urls.
func files(pages ...string) string { return document("sitemapindex", "sitemap", pages) }

func document(root, element string, pages []string) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><` + root + spaces + ">\n")
	for _, page := range pages {
		path, lastmod, dated := strings.Cut(page, "@")
		if !strings.Contains(path, "://") {
			path = home + path
		}
		b.WriteString("<" + element + "><loc>" + path + "</loc>")
		if dated {
			b.WriteString("<lastmod>" + lastmod + "</lastmod>")
		}
		b.WriteString("</" + element + ">\n")
	}
	return b.String() + "</" + root + ">"
}

const xml = "application/xml"

func answer(text string) http.HandlerFunc { return sourcetest.Conditional(xml, text) }

func packed(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.String()
}

// paths are the links of a batch, without the site.
func paths(b feed.Batch) string {
	var all []string
	for _, a := range b.Articles {
		all = append(all, strings.TrimPrefix(a.Link, home+"/"))
	}
	return strings.Join(all, " ")
}

func (d *desk) want(b feed.Batch, extent feed.Extent, want string) {
	d.Helper()
	if got := paths(b); got != want || b.Extent != extent {
		d.Errorf("it gives %q, extent %d, not %q, %d", got, b.Extent, want, extent)
	}
}

func (d *desk) says(all []error, words ...string) {
	d.Helper()
	if len(all) != len(words) {
		d.Errorf("the problems are %q, not %d of them", all, len(words))
		return
	}
	for i, word := range words {
		if !strings.Contains(all[i].Error(), word) || !strings.Contains(all[i].Error(), "docs.example") {
			d.Errorf("problem %q does not say %q", all[i], word)
		}
	}
}

func TestNewestFirst(t *testing.T) {
	d := newDesk(t)
	d.Site.Script("/sitemap.xml", answer(urls("/old@2020-01-02", "/none", "/new@2026-11-22T10:00:00+02:00", "/middle@2024-05-06T07:08:09Z")))
	b := d.MustRead()
	d.want(b, feed.Listing, "new middle old none")
	a := b.Articles[0]
	if a.Title != "New" || !b.Foreign || a.Published.Format(time.RFC3339) != "2026-11-22T08:00:00Z" || !a.Updated.Equal(a.Published) || a.Source.Title != "docs.example" {
		t.Errorf("the article is %+v", a)
	}
	d.want(d.MustRead(), feed.Unchanged, "")
	if !d.Site.Visits("/sitemap.xml")[1].Conditional {
		t.Error("the second visit has no conditions")
	}
	d.Site.Script("/sitemap.xml", sourcetest.Body(xml, "<!-- made at noon -->"+urls("/none", "/old@2020-01-02", "/new@2026-11-22T10:00:00+02:00", "/middle@2024-05-06T07:08:09Z")))
	d.want(d.MustRead(), feed.Unchanged, "")
	// What appears without a date is new.
	d.Site.Script("/sitemap.xml", answer(urls("/fresh", "/old@2020-01-02", "/none", "/new@2026-11-22T10:00:00+02:00")))
	d.want(d.MustRead(), feed.Listing, "fresh new old none")
}

func TestForms(t *testing.T) {
	for name, script := range map[string]func(*sourcetest.Site){
		"packed": func(s *sourcetest.Site) {
			s.Script("/sitemap.xml", sourcetest.Body("application/gzip", packed(urls("/a", "/b"))))
		},
		"plain": func(s *sourcetest.Site) {
			s.Script("/sitemap.xml", sourcetest.Body("text/plain", "\ufeff"+home+"/a\r\n\r\n"+home+"/b\n"))
		},
		"prefixed": func(s *sourcetest.Site) {
			s.Script("/sitemap.xml", sourcetest.Body(xml, `<s:urlset xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9"><s:url><s:loc>`+home+`/a</s:loc></s:url><s:url><s:loc><![CDATA[`+home+`/b]]></s:loc></s:url></s:urlset>`))
		},
		"bare ampersand": func(s *sourcetest.Site) {
			s.Script("/sitemap.xml", sourcetest.Body(xml, strings.ReplaceAll(urls("/a", "/b"), "</urlset>", "<url><loc>ftp://x/?a&b</loc></url></urlset>")))
		},
		"index": func(s *sourcetest.Site) {
			s.Script("/sitemap.xml", answer(files("/1.xml", "/2.xml.gz")))
			s.Script("/1.xml", answer(urls("/a")))
			s.Script("/2.xml.gz", sourcetest.Body("application/gzip", packed(files("/3.xml", "/sitemap.xml", "/1.xml"))))
			s.Script("/3.xml", answer(urls("/b", "/a")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			script(d.Site)
			d.want(d.MustRead(), feed.Listing, "a b")
			d.want(d.MustRead(), feed.Unchanged, "")
		})
	}
}

func TestExtensions(t *testing.T) {
	d := newDesk(t)
	d.Site.Script("/sitemap.xml", answer(`<urlset`+spaces+`>
		<url><loc>`+home+`/call</loc><n:news><n:publication><n:name>The Mill</n:name><n:language>en</n:language></n:publication>
		<n:publication_date>2026-11-23T10:00:00Z</n:publication_date><n:title>A call &amp; an answer</n:title><n:keywords>calls, answers</n:keywords></n:news>
		<image:image><image:loc>/i/call.jpg</image:loc><image:caption>Two people</image:caption></image:image></url>
		<url><loc>`+home+`/film</loc><lastmod>2026-11-20</lastmod><video:video><video:title>The film</video:title><video:description>About mills.</video:description>
		<video:thumbnail_loc>`+home+`/t.jpg</video:thumbnail_loc><video:content_loc>`+home+`/f.mp4</video:content_loc></video:video></url></urlset>`))
	b := d.MustRead()
	d.want(b, feed.Listing, "call film")
	call, film := b.Articles[0], b.Articles[1]
	if call.Title != "A call & an answer" || call.Language != "en" || strings.Join(call.Tags, ",") != "calls,answers" || call.Image.URL != home+"/i/call.jpg" ||
		call.Image.Caption != "Two people" || call.Published.Hour() != 10 || call.Source.Title != "The Mill" {
		t.Errorf("the news is %+v", call)
	}
	if film.Title != "The film" || film.Summary != "About mills." || film.Image.URL != home+"/t.jpg" || len(film.Enclosures) != 1 || film.Enclosures[0].Type != "video/mp4" {
		t.Errorf("the film is %+v", film)
	}
	if s := d.source(); !s.Whole(call) || s.Whole(film) {
		t.Error("only the news is whole without its page")
	}
}

func TestOnlyExceptMaxAge(t *testing.T) {
	d := newDesk(t)
	pages := urls("/guide/a@2026-11-01", "/guide/b@2026-09-01", "/guide/c", "/guide/draft@2026-11-02", "/api@2026-11-03", "https://other.example/guide/x@2026-11-04", "https://www.docs.example/guide/w@2026-11-05")
	d.Only, d.Except, d.MaxAge = d.expression("^/guide/"), d.expression("draft$"), setting.Duration(30*24*time.Hour)
	d.Site.Script("/sitemap.xml", answer(pages))
	b := d.MustRead()
	d.want(b, feed.Listing, "https://www.docs.example/guide/w guide/a")
	d.says(b.Problems, "1 address of other sites (first https://other.example/guide/x) is left out")
	if len(b.Notes) != 1 || !strings.Contains(b.Notes[0], "4 addresses, of which 2 changed within max_age") {
		t.Errorf("the notes are %q", b.Notes)
	}
	// What was taken stays when it grows old; what changes comes in.
	d.Now = d.Now.AddDate(0, 0, 25)
	d.Site.Script("/sitemap.xml", answer(strings.Replace(pages, "2026-09-01", "2026-12-01", 1)))
	b = d.MustRead()
	d.want(b, feed.Listing, "guide/b https://www.docs.example/guide/w guide/a")
	d.says(b.Problems)

	d = newDesk(t)
	d.Only = d.expression(`^https://(other|docs)\.example/guide/[bx]`)
	d.Site.Script("/sitemap.xml", answer(pages))
	d.want(d.MustRead(), feed.Listing, "https://other.example/guide/x guide/b")
}

// TestLastmod: a date that is believed moves the article, one of the moment never does.
func TestLastmod(t *testing.T) {
	d := newDesk(t)
	pages := func(dates ...string) http.HandlerFunc {
		var all []string
		for i, date := range dates {
			all = append(all, fmt.Sprintf("/%d@%s", i, date))
		}
		return answer(urls(all...))
	}
	const a, b, c = "2026-11-01T10:00:00Z", "2026-10-01T10:00:00Z", "2026-09-01T10:00:00Z"
	updated := func(batch feed.Batch, link string) string {
		for _, article := range batch.Articles {
			if article.Link == home+link {
				return article.Published.Format("01-02") + " " + article.Updated.Format("01-02") + " " + article.Revision
			}
		}
		return ""
	}
	d.Site.Script("/sitemap.xml", pages(a, b, c))
	if got := updated(d.MustRead(), "/1"); got != "10-01 10-01 "+b {
		t.Errorf("at first it is %s", got)
	}
	d.Site.Script("/sitemap.xml", pages(a, "2026-11-20T10:00:00Z", c))
	got := d.MustRead()
	d.want(got, feed.Listing, "1 0 2")
	if got := updated(got, "/1"); got != "10-01 11-20 2026-11-20T10:00:00Z" {
		t.Errorf("moved it is %s", got)
	}
	// A date of the last hour counts when it has come to rest, also when the sitemap is only asked for again.
	young := d.Now.Add(7*time.Hour - time.Minute).Format(time.RFC3339)
	d.Site.Script("/sitemap.xml", pages(a, "2026-11-20T10:00:00Z", young))
	d.want(d.MustRead(), feed.Unchanged, "")
	got = d.MustRead()
	d.want(got, feed.Listing, "2 1 0")
	if got := updated(got, "/2"); !strings.HasSuffix(got, young) {
		t.Errorf("come to rest it is %s", got)
	}
	d.want(d.MustRead(), feed.Unchanged, "")
	// Now, whenever it is asked; and one date for all.
	for range 3 {
		now := d.Now.Add(7*time.Hour - time.Second).Format(time.RFC3339)
		d.Site.Script("/sitemap.xml", pages(a, "2026-11-20T10:00:00Z", now))
		d.want(d.MustRead(), feed.Unchanged, "")
	}
	for i := range 3 {
		built := d.Now.Add(time.Hour).Format(time.RFC3339)
		d.Site.Script("/sitemap.xml", pages(built, built, built))
		batch := d.MustRead()
		d.want(batch, feed.Unchanged, "")
		if (i == 0) != (len(batch.Problems) == 1) {
			t.Errorf("time %d tells %q", i, batch.Problems)
		}
	}
}

func TestSite(t *testing.T) {
	const robots = "User-agent: *\nDisallow: /private\nSITEMAP: /a.xml # ours\nSitemap: https://cdn.example/b.xml\n"
	for _, test := range []struct {
		name, url, robots string
		want              string
		note              string
	}{
		{"robots.txt names them", home, robots, "b a", "names are read: https://docs.example/a.xml and 1 more"},
		{"a page of the site", home + "/en/start", robots, "b a", "is a site"},
		{"no names", home + "/", "User-agent: *\n", "map", "names no sitemap; https://docs.example/sitemap.xml is read"},
		{"no robots.txt", home, "", "map", "names no sitemap"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk(t)
			d.URL = test.url
			d.Site.Script("/robots.txt", sourcetest.Status(http.StatusNotFound))
			if test.robots != "" {
				d.Site.Script("/robots.txt", sourcetest.Conditional("text/plain", test.robots))
			}
			d.Site.Script("/en/start", sourcetest.Page("<title>Start</title>", "<p>Hello.</p>"))
			d.Site.Script("/sitemap.xml", answer(urls("/map")))
			d.Site.Script("/a.xml", answer(urls("/a@2026-01-01")))
			d.Site.Script("cdn.example/b.xml", answer(urls("/b@2026-02-01")))
			b := d.MustRead()
			d.want(b, feed.Listing, test.want)
			if len(b.Notes) != 1 || !strings.Contains(b.Notes[0], test.note) {
				t.Errorf("the notes are %q", b.Notes)
			}
			for range 2 {
				b = d.MustRead()
				d.want(b, feed.Unchanged, "")
				if d.says(b.Problems); len(b.Notes) > 0 {
					t.Errorf("later notes are %q", b.Notes)
				}
			}
		})
	}
}

// TestIndexIsReadSparingly: files whose date stands still are asked for twice a day, and none that can hold nothing new.
func TestIndexIsReadSparingly(t *testing.T) {
	d := newDesk(t)
	d.MaxAge = setting.Duration(60 * 24 * time.Hour)
	index := func(now string) http.HandlerFunc {
		return answer(files("/old.xml@2024-01-01", "/nov.xml@"+now, "/oct.xml@2026-10-30"))
	}
	d.Site.Script("/sitemap.xml", index("2026-11-20T10:00:00Z"))
	d.Site.Script("/old.xml", answer(urls("/x@2023-12-31")))
	d.Site.Script("/oct.xml", answer(urls("/o@2026-10-30")))
	d.Site.Script("/nov.xml", answer(urls("/n@2026-11-20")))
	d.want(d.MustRead(), feed.Listing, "n o")
	if len(d.Site.Visits("/old.xml")) > 0 {
		t.Error("a sitemap was read that can hold nothing")
	}
	d.Site.ForgetVisits()
	d.want(d.MustRead(), feed.Unchanged, "")
	if n := len(d.Site.Visits("/oct.xml")) + len(d.Site.Visits("/nov.xml")); n > 0 {
		t.Errorf("%d visits to files whose dates stand still", n)
	}
	d.Site.Script("/sitemap.xml", index("2026-11-24T09:00:00Z"))
	d.Site.Script("/nov.xml", answer(urls("/n@2026-11-20", "/m@2026-11-24")))
	d.want(d.MustRead(), feed.Listing, "m n o")
	d.want(d.MustRead(), feed.Unchanged, "")
	if v := d.Site.Visits("/oct.xml"); len(v) != 1 || !v[0].Conditional {
		t.Errorf("after 14 hours the other file got the visits %+v", v)
	}
}

// TestMany: the newest are taken, and what comes later.
func TestMany(t *testing.T) {
	d := newDesk(t)
	var pages []string
	for i := range 2500 {
		pages = append(pages, fmt.Sprintf("/%d@%s", i, time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i)*time.Hour).Format(time.RFC3339)))
	}
	d.Site.Script("/sitemap.xml", answer(urls(pages...)))
	b := d.MustRead()
	if len(b.Articles) != 1000 || b.Articles[0].Link != home+"/2499" || b.Articles[999].Link != home+"/1500" {
		t.Fatalf("%d articles", len(b.Articles))
	}
	if len(b.Notes) != 1 || !strings.Contains(b.Notes[0], "2500 addresses; the newest 1000") {
		t.Errorf("the notes are %q", b.Notes)
	}
	d.Site.Script("/sitemap.xml", answer(urls(append(pages, "/late")...)))
	b = d.MustRead()
	if len(b.Articles) != 1000 || b.Articles[0].Link != home+"/late" || b.Articles[1].Link != home+"/2499" {
		t.Fatalf("%d articles, the first %s", len(b.Articles), b.Articles[0].Link)
	}
	// An old page that goes brings no older one back.
	d.Site.Script("/sitemap.xml", answer(urls(pages[:2400]...)))
	if b = d.MustRead(); len(b.Articles) != 900 {
		t.Errorf("%d articles", len(b.Articles))
	}
}

package parse

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
)

func zipped(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.Bytes()
}

var noonOfSitemaps = time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)

func addresses(body string) (List, error) {
	return Addresses([]byte(body), "application/xml", "https://a.example/s/sitemap.xml", nil, noonOfSitemaps, 1<<20)
}

func TestAddresses(t *testing.T) {
	for _, test := range []struct{ name, body, want string }{
		{"plain", `<urlset><url><loc> https://A.example/x?a=1&amp;b=2#top </loc><lastmod>2026-11-20</lastmod></url></urlset>`, "https://a.example/x?a=1&b=2 2026-11-20T00:00:00Z day"},
		{"index", `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>https://a.example/1.xml</loc><lastmod>2026-11-20T10:00:00+01:00</lastmod></sitemap></sitemapindex>`, "https://a.example/1.xml 2026-11-20T09:00:00Z"},
		{"old namespace", `<urlset xmlns="http://www.google.com/schemas/sitemap/0.84"><url><loc>https://a.example/x</loc><priority>0.5</priority><changefreq>daily</changefreq></url></urlset>`, "https://a.example/x -"},
		{"image of a namespace undeclared", `<urlset><url><loc>https://a.example/x</loc><image:image><image:loc>https://a.example/i.png</image:loc></image:image></url></urlset>`, "https://a.example/x - https://a.example/i.png"},
		{"another language", `<urlset xmlns:xhtml="http://www.w3.org/1999/xhtml"><url><loc>https://a.example/x</loc><xhtml:link rel="alternate" href="https://a.example/de"/><xhtml:loc>https://b.example/</xhtml:loc></url></urlset>`, "https://a.example/x -"},
		{"relative", `<urlset><url><loc>../x</loc></url><url><loc>//a.example/y</loc></url></urlset>`, "https://a.example/x -\nhttps://a.example/y -"},
		{"dates as they are met", `<urlset><url><loc>https://a.example/x</loc><lastmod>2026-11-20T10:00:00.123+0100</lastmod></url><url><loc>https://a.example/y</loc><lastmod>Fri, 20 Nov 2026 10:00:00 GMT</lastmod></url></urlset>`,
			"https://a.example/x 2026-11-20T09:00:00Z\nhttps://a.example/y 2026-11-20T10:00:00Z"},
		{"end tags forgotten", `<urlset><url><loc>https://a.example/x</url><url><loc>https://a.example/y</loc></url></urlset>`, "https://a.example/x -\nhttps://a.example/y -"},
		{"rubbish before", "Warning: mysql\n<urlset><url><loc>https://a.example/x</loc></url></urlset>", "https://a.example/x -"},
		{"bare ampersands", `<urlset><url><loc>https://a.example/x?a&b</loc></url></urlset>`, "https://a.example/x?a&b -"},
		{"text", "https://a.example/x\n\n  https://a.example/y  \nnot an address\n", "https://a.example/x -\nhttps://a.example/y -"},
		{"nothing in it", `<urlset/>`, ""},
	} {
		l, err := addresses(test.body)
		var got []string
		for _, e := range l.Entries {
			line := e.URL + " -"
			if !e.Modified.IsZero() {
				line = e.URL + " " + e.Modified.UTC().Format("2006-01-02T15:04:05Z")
			}
			if e.Day {
				line += " day"
			}
			if e.Image.URL != "" {
				line += " " + e.Image.URL
			}
			got = append(got, line)
		}
		if s := strings.Join(got, "\n"); s != test.want || err != nil {
			t.Errorf("%s gives %q, %v", test.name, s, err)
		}
		if l.Index != (test.name == "index") {
			t.Errorf("%s: an index is %v", test.name, l.Index)
		}
	}
}

// TestAddressesBounds: what is too much is left out or refused.
func TestAddressesBounds(t *testing.T) {
	var b strings.Builder
	b.WriteString("<urlset>")
	for i := range MostAddresses + 10 {
		fmt.Fprintf(&b, "<url><loc>https://a.example/%d</loc></url>", i)
	}
	b.WriteString("</urlset>")
	l, err := addresses(b.String())
	if err != nil || len(l.Entries) != MostAddresses || len(l.Problems) != 1 || !strings.Contains(l.Problems[0].Error(), "more than 50000 addresses") {
		t.Errorf("%d entries, %q, %v", len(l.Entries), l.Problems, err)
	}
	_, err = Addresses(zipped(b.String()), "", "", nil, noonOfSitemaps, 1<<20)
	if feed.ClassOf(err) != feed.Refused || !strings.Contains(err.Error(), "unpacks to more than 1048576 bytes") {
		t.Errorf("a bomb: %v", err)
	}
	long := `<urlset><url><loc>https://a.example/` + strings.Repeat("x", 1<<20) + `</loc></url><url><loc>https://a.example/y</loc></url></urlset>`
	if l, err = addresses(long); err != nil || len(l.Entries) > 2 {
		t.Errorf("a long address: %d entries, %v", len(l.Entries), err)
	}
	for i, body := range []string{"", "<html><title>Hi</title></html>", `{"a": 1}`, "<rss/>"} {
		_, err := addresses(body)
		if other, ok := errors.AsType[*NotSitemap](err); !ok || other.Is.Kind != []Kind{Empty, Page, Text, XML}[i] {
			t.Errorf("%q: %v", body, err)
		}
	}
}

// FuzzAddresses: whatever comes, there is no panic, no more than may be, and what is taken can be used.
func FuzzAddresses(f *testing.F) {
	for _, seed := range []string{
		`<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://a.example/x</loc><lastmod>2026-11-20</lastmod>` +
			`<n:news><n:publication><n:name>N</n:name><n:language>en</n:language></n:publication><n:title>T</n:title><n:publication_date>2026-11-20</n:publication_date></n:news></url></urlset>`,
		`<sitemapindex><sitemap><loc>/a.xml</loc></sitemap><sitemap><loc>b.xml.gz</loc><lastmod>now</lastmod></sitemap></sitemapindex>`,
		"https://a.example/x\nhttps://a.example/x\nftp://x\n", `<urlset><url><loc>https://a.example/&bogus;</loc></url`, "<urlset><url><url></url></loc></urlset>",
	} {
		f.Add([]byte(seed))
		f.Add(zipped(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		l, err := Addresses(body, "", "https://a.example/sitemap.xml", time.UTC, noonOfSitemaps, 1<<20)
		if err != nil && (len(l.Entries) > 0 || err.Error() == "") {
			t.Errorf("%d entries with the error %v", len(l.Entries), err)
		}
		seen := map[string]bool{}
		for _, e := range l.Entries {
			if !isWebAddress(e.URL) || seen[e.URL] || strings.Contains(e.URL, "#") || e.Modified.After(noonOfSitemaps.Add(25*time.Hour)) || !e.Modified.IsZero() && e.Modified.Year() < earliest {
				t.Errorf("the entry %+v", e)
			}
			seen[e.URL] = true
		}
		if len(l.Entries) > MostAddresses {
			t.Errorf("%d entries", len(l.Entries))
		}
	})
}

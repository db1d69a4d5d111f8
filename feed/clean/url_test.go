package clean

import (
	"net/url"
	"strings"
	"testing"
)

func TestURL(t *testing.T) {
	const base = "https://news.example.org/world/a.html?x=1#top"
	for _, c := range []struct{ in, base, want string }{
		{"https://example.org", "", "https://example.org"},
		{"HTTPS://User:Pw@Example.ORG:8443/A/%7eb/../c?q=A+b&c#Frag", "", "https://User:Pw@example.org:8443/A/%7eb/../c?q=A+b&c#Frag"},
		{" https://example.org/a\n", "", "https://example.org/a"},
		{"https://example.org/a b/ü?q=ж y#é", "", "https://example.org/a%20b/%C3%BC?q=%D0%B6%20y#%C3%A9"},
		{"https://example.org/100%/%zz/%20", "", "https://example.org/100%25/%25zz/%20"},
		{`https://example.org/a|b"c<d>\e[1]?x=[1]&y={z}`, "", "https://example.org/a%7Cb%22c%3Cd%3E%5Ce%5B1%5D?x=[1]&y=%7Bz%7D"},
		{"https://bücher.example/", "", "https://xn--bcher-kva.example/"},
		{"https://президент.рф/новости", "", "https://xn--d1abbgf6aiiy.xn--p1ai/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8"},
		{"https://b%C3%BCcher.example/", "", "https://xn--bcher-kva.example/"},
		{"https://my_host.example/", "", "https://my_host.example/"},
		{"http://[2001:DB8::1]:80/x", "", "http://[2001:db8::1]:80/x"},
		{"http://127.0.0.1:8080/world.rss", "", "http://127.0.0.1:8080/world.rss"},
		{"b.html", base, "https://news.example.org/world/b.html"},
		{"/b c.jpg", base, "https://news.example.org/b%20c.jpg"},
		{"../b", base, "https://news.example.org/b"},
		{"?y=2", base, "https://news.example.org/world/a.html?y=2"},
		{"#fn:1", base, "https://news.example.org/world/a.html?x=1#fn:1"},
		{"//cdn.Example.org/x", base, "https://cdn.example.org/x"},
		{"http://other.example/", base, "http://other.example/"},
		{`/\evil.example/x`, base, "https://news.example.org/%5Cevil.example/x"},
		{"картинка.jpg", "https://новини.укр/стаття/", "https://xn--b1amarcd.xn--j1amh/%D1%81%D1%82%D0%B0%D1%82%D1%82%D1%8F/%D0%BA%D0%B0%D1%80%D1%82%D0%B8%D0%BD%D0%BA%D0%B0.jpg"},
	} {
		got, err := URL(c.in, c.base)
		if err != nil || got != c.want {
			t.Errorf("URL(%q, %q)\n got %q, %v\nwant %q", c.in, c.base, got, err, c.want)
			continue
		}
		if again, err := URL(got, ""); err != nil || again != got {
			t.Errorf("URL(%q) again is %q, %v", got, again, err)
		}
	}
}

func TestURLRefuses(t *testing.T) {
	for _, c := range []struct{ in, base, want string }{
		{"", "", `"" is an empty address`},
		{"a/b.html", "", `"a/b.html" is no whole address; it must begin with http:// or https://`},
		{"//example.org/", "", `"//example.org/" is no whole address`},
		{"javascript:alert(1)", "https://a.example/", "javascript is neither http nor https"},
		{" java\tscript:alert(1)", "https://a.example/", "javascript is neither http nor https"},
		{"file:///etc/passwd", "https://a.example/", "file is neither http nor https"},
		{"mailto:a@example.org", "", "mailto is neither http nor https"},
		{"https:example.org", "", "names no host"},
		{"https:///a", "", "names no host"},
		{"https://:80/", "", "names no host"},
		{`https:\\evil.example`, "", "names no host"},
		{`https://good.example\.evil.example/`, "", "has the unusable host"},
		{"https://exa mple.org/", "", `has the unusable host "exa mple.org"`},
		{"https://a<b>.example/", "", "has the unusable host"},
		{"https://[::1/", "", "has the unusable"},
		{"https://a.example:99999/", "", `has the unusable port "99999"`},
		{"https://" + strings.Repeat("a", 300) + ".example/", "", "has the unusable host"},
		{"b.html", "/not/whole", `the base "/not/whole" is no whole address`},
		{"b.html", "ftp://a.example/", "the base"},
	} {
		got, err := URL(c.in, c.base)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("URL(%q, %q) = %q, %v; want %q", c.in, c.base, got, err, c.want)
		}
	}
}

func FuzzURL(f *testing.F) {
	f.Add("../a b?ü#%", "https://example.org/x/y")
	f.Add("//[::1]:80/", "http://a.example")
	f.Add("http://ü.example:1/%", "")
	f.Fuzz(func(t *testing.T, s, base string) {
		got, err := URL(s, base)
		if err != nil {
			return
		}
		u, err := url.Parse(got)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			t.Fatalf("URL(%q, %q) = %q: %v", s, base, got, err)
		}
		for _, c := range []byte(got) {
			if c <= ' ' || c >= 0x7F || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
				t.Fatalf("URL(%q, %q) = %q holds %q", s, base, got, c)
			}
		}
		if again, err := URL(got, ""); err != nil || again != got {
			t.Fatalf("URL(%q, %q) = %q, then %q, %v", s, base, got, again, err)
		}
	})
}

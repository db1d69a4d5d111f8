package clean

import "testing"

func TestLink(t *testing.T) {
	for in, want := range map[string]string{
		"https://example.org/a":                                           "https://example.org/a",
		"https://example.org/a?utm_source=rss&utm_medium=feed":            "https://example.org/a",
		"https://example.org/a?z=1&UTM_Source=rss&a=%2F&fbclid=x&b&&c=":   "https://example.org/a?z=1&a=%2F&b&&c=",
		"https://example.org/a?gclid=1#top":                               "https://example.org/a#top",
		"https://example.org/a?id=3&mc_cid=1&mc_eid=2":                    "https://example.org/a?id=3",
		"https://example.org/a?id=3&amp;utm_campaign=x":                   "https://example.org/a?id=3",
		"https://example.org/a#xtor=RSS-1":                                "https://example.org/a",
		"https://example.org/a#utm_source=rss&utm_medium=x":               "https://example.org/a",
		"https://example.org/a#part&utm_source=rss":                       "https://example.org/a#part&utm_source=rss",
		"https://example.org/a?ref=rss&partner=rss&emc=rss":               "https://example.org/a",
		"https://medium.com/p/1?source=rss-----abc---4":                   "https://medium.com/p/1",
		"https://github.com/o/r/blob/main/a?ref=main&source=web":          "https://github.com/o/r/blob/main/a?ref=main&source=web",
		"https://example.org/a?utmost=1&q=utm_source=rss":                 "https://example.org/a?utmost=1&q=utm_source=rss",
		"https://example.org/a?":                                          "https://example.org/a?",
		"https://example.org/a?x=1;utm_source=rss&redirect=?utm_medium=x": "https://example.org/a?x=1;utm_source=rss&redirect=?utm_medium=x",
	} {
		got, err := Link(in, "")
		if err != nil || got != want {
			t.Errorf("Link(%q)\n got %q, %v\nwant %q", in, got, err, want)
		}
	}
	if got, err := Link("b?utm_source=x&y=1", "https://example.org/a/"); err != nil || got != "https://example.org/a/b?y=1" {
		t.Errorf("relative: %q, %v", got, err)
	}
	if _, err := Link("javascript:x", ""); err == nil {
		t.Error("a script is a link")
	}
}

func TestHTMLFreesLinksOfTracking(t *testing.T) {
	for in, want := range map[string]string{
		`<p><a href="https://example.org/a?utm_source=rss">x</a></p>`:                        `<p><a href="https://example.org/a">x</a></p>`,
		`<p><a href="https://example.org/a?b=1&amp;utm_source=rss&amp;c=2">x</a></p>`:        `<p><a href="https://example.org/a?b=1&amp;c=2">x</a></p>`,
		`<p><a href="https://example.org/a?b=1&amp;c=2">x</a></p>`:                           `<p><a href="https://example.org/a?b=1&amp;c=2">x</a></p>`,
		`<p><a href="a?fbclid=1">x</a><img src="https://example.org/i?gclid=1&amp;w=2"></p>`: `<p><a href="a">x</a><img src="https://example.org/i?gclid=1&amp;w=2"></p>`,
	} {
		if got := HTML(in); got != want {
			t.Errorf("HTML(%s)\n got %s\nwant %s", in, got, want)
		}
	}
}

func TestBase(t *testing.T) {
	const document = "https://example.org/n/a.html"
	for in, want := range map[string]string{
		``:                    document,
		`<a href="x">`:        document,
		`<BASE href="/img/">`: "https://example.org/img/",
		`<p>a</p><base target="x"><base href="b/"><base href="c/">`: "https://example.org/n/b/",
		`<base href="javascript:x"><base href="c/">`:                document,
		`<basefont href="x">`:                                       document,
	} {
		if got := Base(in, document); got != want {
			t.Errorf("Base(%s) = %s, want %s", in, got, want)
		}
	}
}

func FuzzLink(f *testing.F) {
	f.Add("https://example.org/a?utm_source=x&b=1&&c#utm_medium=y")
	f.Add("https://example.org/?#?&=amp;utm_=")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Link(s, "")
		if err != nil {
			return
		}
		if again, err := Link(got, ""); err != nil || again != got {
			t.Fatalf("Link(%q) = %q, then %q, %v", s, got, again, err)
		}
	})
}

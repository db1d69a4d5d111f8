package render_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/check"
	"feedmill/feed/render"
)

func TestSameSnapshotSameBytes(t *testing.T) {
	s := nasty()
	s.Items[3].Published = s.Items[4].Published // a tie
	s.Items[5].Published = s.Items[4].Published
	want := documents(t, s)
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		random.Shuffle(len(s.Items), func(i, j int) { s.Items[i], s.Items[j] = s.Items[j], s.Items[i] })
		for f, got := range documents(t, s) {
			if got != want[f] {
				t.Fatalf("%s depends on the order of the items", f)
			}
		}
	}
}

// The moment a snapshot is made for must not show, or every refresh would change every document.
func TestAsOfDoesNotShow(t *testing.T) {
	s := full()
	before := documents(t, s)
	s.AsOf = s.AsOf.Add(time.Hour)
	for f, got := range documents(t, s) {
		if got != before[f] {
			t.Errorf("%s changed with AsOf", f)
		}
	}
}

func TestModified(t *testing.T) {
	for _, tt := range []struct {
		name     string
		snapshot render.Snapshot
		want     time.Time
	}{{"newest update", full(), at(22, 10)}, {"no articles", empty(), at(22, 12)}} {
		docs, err := render.Press{}.Documents(tt.snapshot, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range docs {
			if !d.Modified.Equal(tt.want) {
				t.Errorf("%s: %s was modified %s, want %s", tt.name, d.Path, d.Modified, tt.want)
			}
		}
	}
}

func TestEmptyFeed(t *testing.T) {
	docs := documents(t, empty())
	contains(t, "JSON", docs[render.JSON], `"items": []`)
	contains(t, "Atom", docs[render.Atom], "<updated>2026-11-22T12:30:15Z</updated>")
	contains(t, "RSS", docs[render.RSS], "<lastBuildDate>Sun, 22 Nov 2026 12:30:15 +0000</lastBuildDate>")
}

func TestContentLevels(t *testing.T) {
	s := full()
	s.Channel.Content = render.Teaser
	for f, d := range documents(t, s) {
		contains(t, "teaser "+string(f), d, "Two leaders talked for", "lead.jpg", "call.mp3")
		lacks(t, "teaser "+string(f), d, "Reset", "content_html", "content:encoded", "<content")
	}
	s.Channel.Content = render.None
	for f, d := range documents(t, s) {
		contains(t, "none "+string(f), d, "Call shifts focus", "https://news.example.org/world/call")
		lacks(t, "none "+string(f), d, "Two leaders", "lead.jpg", "call.mp3", "content:encoded", "<content")
	}
}

func TestAuthors(t *testing.T) {
	s := full()
	docs := documents(t, s)
	contains(t, "RSS", docs[render.RSS], "<dc:creator>Ann Ey, Bo Cee</dc:creator>", "<dc:creator>News Desk</dc:creator>")
	lacks(t, "RSS", docs[render.RSS], "<author>", "managingEditor", "desk@example.org")
	if n := strings.Count(docs[render.Atom], "<name>News Desk</name>"); n != 3 { // the feed and two entries
		t.Errorf("Atom names the feed's author %d times", n)
	}
	if n := strings.Count(docs[render.Atom], "<email>"); n != 1 {
		t.Errorf("Atom has %d e-mail addresses, want that of the feed only", n)
	}
	lacks(t, "JSON", docs[render.JSON], `"author":`, "desk@example.org")

	s.Channel.Author = feed.Person{}
	docs = documents(t, s)
	if n := strings.Count(docs[render.RSS], "<dc:creator>"); n != 2 {
		t.Errorf("RSS has %d creators, but one article names its authors and one its source", n)
	}
	if n := strings.Count(docs[render.Atom], "<name>World &amp; more</name>"); n != 3 {
		t.Errorf("Atom takes the feed's title as author %d times", n)
	}
}

func TestDates(t *testing.T) {
	docs := documents(t, full())
	if n := strings.Count(docs[render.RSS], "<atom:updated>"); n != 1 {
		t.Errorf("RSS has %d updated dates, but one article was updated", n)
	}
	s := full()
	berlin := time.FixedZone("", 3600)
	for i := range s.Items {
		s.Items[i].Published = s.Items[i].Published.In(berlin).Add(7)
		s.Items[i].Updated = s.Items[i].Updated.In(berlin).Add(8)
	}
	for f, got := range documents(t, s) {
		if got != docs[f] {
			t.Errorf("%s depends on the zone or the fractions of a second of its dates", f)
		}
	}
}

func TestLanguage(t *testing.T) {
	docs := documents(t, full())
	contains(t, "RSS", docs[render.RSS], "<language>en</language>")
	contains(t, "Atom", docs[render.Atom], `xml:lang="en"`, `<entry xml:lang="de">`)
	contains(t, "JSON", docs[render.JSON], `"language": "en"`, `"language": "de"`)
	if n := strings.Count(docs[render.Atom], "xml:lang"); n != 2 {
		t.Errorf("Atom has %d xml:lang", n)
	}
	s := full()
	for _, unknown := range []string{"", "english", "x-!", "und"} {
		s.Channel.Language, s.Items[1].Language = unknown, unknown
		for f, d := range documents(t, s) {
			lacks(t, string(f)+" in "+unknown, d, "lang")
		}
	}
}

func TestDocumentsRefuses(t *testing.T) {
	tests := []struct {
		name, message string
		spoil         func(*render.Snapshot)
		class         feed.Class
	}{
		{"no id", "has no id", func(s *render.Snapshot) { s.Items[0].ID = "\x00 " }, feed.Internal},
		{"no link", "no absolute link", func(s *render.Snapshot) { s.Items[0].Link = "" }, feed.Internal},
		{"relative link", "no absolute link", func(s *render.Snapshot) { s.Items[0].Link = "/a/b" }, feed.Internal},
		{"no published", "published or updated", func(s *render.Snapshot) { s.Items[0].Published = time.Time{} }, feed.Internal},
		{"no updated", "published or updated", func(s *render.Snapshot) { s.Items[0].Updated = time.Time{} }, feed.Internal},
		{"published in the future", "after 2026-11-22T12:30:15Z", func(s *render.Snapshot) { s.Items[1].Published = at(22, 13) }, feed.Internal},
		{"updated in the future", "after 2026-11-22T12:30:15Z", func(s *render.Snapshot) { s.Items[1].Updated = at(22, 13) }, feed.Internal},
		{"unknown format", `unknown format "opml"`, func(s *render.Snapshot) { s.Channel.Formats = []render.Format{"opml"} }, feed.Refused},
		{"size for nothing", "limit.size", func(s *render.Snapshot) { s.Channel.MaxSize = 100 }, feed.Refused},
		{"size for no article", "limit.size", func(s *render.Snapshot) { s.Channel.MaxSize = 1200 }, feed.Refused},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := full()
			tt.spoil(&s)
			docs, err := render.Press{}.Documents(s, nil)
			if err == nil || docs != nil {
				t.Fatalf("got %d documents and the error %v", len(docs), err)
			}
			if !strings.Contains(err.Error(), tt.message) || !strings.Contains(err.Error(), `"world"`) || feed.ClassOf(err) != tt.class {
				t.Errorf("got %v of class %s", err, feed.ClassOf(err))
			}
		})
	}
}

func TestMaxSize(t *testing.T) {
	s := many(25, 4096)
	whole := documents(t, s)
	for _, limit := range []int64{20_000, 50_000, int64(len(whole[render.Atom])) - 1, int64(len(whole[render.Atom]))} {
		s.Channel.MaxSize = limit
		docs, err := render.Press{}.Documents(s, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range docs {
			if d.Size > limit {
				t.Errorf("%s has %d bytes, limit %d", d.Path, d.Size, limit)
			}
			if d.Size < limit-10_000 && int(d.Size) != len(whole[s.Channel.Formats[i]]) {
				t.Errorf("%s has only %d bytes of %d: another article would have fitted", d.Path, d.Size, limit)
			}
			if err := check.Document(d.Document, wanted(s, s.Channel.Title, s.Channel.Formats[i])); err != nil {
				t.Error(err)
			}
		}
	}
}

// One huge article must not push all others out.
func TestMaxSizeOfOneArticle(t *testing.T) {
	s := many(5, 4096)
	s.Items[2].Content = "<p>" + strings.Repeat("huge ", 20_000) + "</p>"
	s.Items[2].Summary = "A huge article."
	s.Channel.MaxSize = 60_000
	for f, d := range documents(t, s) {
		contains(t, string(f), d, "A huge article.")
		lacks(t, string(f), d, "huge huge huge")
		for _, it := range s.Items {
			contains(t, string(f), d, it.ID)
		}
	}
}

func TestTitle(t *testing.T) {
	for _, tt := range []struct {
		article feed.Article
		want    string
	}{
		{feed.Article{Title: " AT&T  <b>\x00"}, "AT&T <b>"},
		{feed.Article{Summary: "The summary.", Content: "<p>x</p>"}, "The summary."},
		{feed.Article{Content: "<h2>First</h2><p>words</p>"}, "First words"},
		{feed.Article{Link: "https://n.example/1", Content: "<img src=x>"}, "https://n.example/1"},
	} {
		if got := render.Title(tt.article); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestPageRefuses(t *testing.T) {
	for _, slug := range []string{"", "..", ".", "a/b", `a\b`, "a\x00", " a"} {
		it := full().Items[0]
		it.Slug = slug
		if _, err := render.Page(world(), it); err == nil || !strings.Contains(err.Error(), "slug") {
			t.Errorf("slug %q: %v", slug, err)
		}
	}
	it := full().Items[0]
	it.Link = ""
	if _, err := render.Page(world(), it); err == nil {
		t.Error("accepted an article without a link")
	}
	future := full()
	future.AsOf = at(1, 1)
	if _, err := feedPage(future, nil); err == nil || errors.Unwrap(err) == nil {
		t.Errorf("a feed page with future dates: %v", err)
	}
}

func TestPageIsHarmless(t *testing.T) {
	it := full().Items[0]
	it.Title, it.Summary = `</title><script>alert(1)</script>`, `"><script>alert(2)</script>`
	it.Content = `<p onclick="alert(3)">text</p><script>alert(4)</script><iframe src="https://evil.example"></iframe><a href="javascript:alert(5)">x</a>`
	it.Correction, it.Tags = `<script>alert(6)</script>`, []string{`<img src=x onerror=alert(7)>`}
	it.Enclosures = []feed.Enclosure{{URL: `https://e.example/"><script>alert(8)</script>`, Type: `audio/x"><script>`}}
	d, err := render.Page(world(), it)
	if err != nil {
		t.Fatal(err)
	}
	page := body(t, d)
	contains(t, "page", page, "<p>text</p>", "&lt;script&gt;alert(6)")
	lacks(t, "page", page, "<script>", "onclick", "javascript:", "evil.example", "<img src=x")
	if scripts := find(t, page, "script"); len(scripts) != 1 || scripts[0]["type"] != "application/ld+json" {
		t.Errorf("scripts: %v", scripts)
	}
	s := full()
	s.Items[0] = it
	own, err := feedPage(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	lacks(t, "feed page", body(t, own.Document), "<script")
}

// A page shows the whole article even where the feed shows less, because there is nowhere else to read it.
func TestPageShowsAll(t *testing.T) {
	c := world()
	c.Content, c.MaxSize = render.None, 10
	d, err := render.Page(c, full().Items[0])
	if err != nil {
		t.Fatal(err)
	}
	if d.Path != "world/a/call" || !d.Modified.Equal(at(22, 9)) {
		t.Errorf("path %q, modified %s", d.Path, d.Modified)
	}
	contains(t, "page", body(t, d), "“Reset”", `role="note"`, "An earlier version said &lt;3 hours&gt;.", "A phone", "Jo Lens", "call.mp3",
		`rel="canonical" href="https://news.example.org/world/call"`, `type="application/feed+json"`)
}

// Whoever opens a feed in a browser reads where its page lies; no hyphens of an address end the comment early.
func TestFeedsSayWhatTheyAre(t *testing.T) {
	s := full()
	s.Channel.Base, s.Channel.Feed = "https://xn--bcher-kva.example/a---b", "teams/x--"
	for f, d := range documents(t, s) {
		if f == render.JSON {
			continue
		}
		_, after, _ := strings.Cut(d, "?>\n<!--")
		comment, _, _ := strings.Cut(after, "-->\n<")
		contains(t, string(f), comment, "feed reader", "https://xn%2D%2Dbcher-kva.example/a%2D%2D-b/teams/x%2D%2D/ ")
		lacks(t, string(f), comment, "--")
	}
}

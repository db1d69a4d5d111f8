package render_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/check"
	"feedmill/feed/render"
)

var allFormats = []render.Format{render.RSS, render.Atom, render.JSON}

func at(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 30, 15, 0, time.UTC) }

func world() render.Channel {
	return render.Channel{
		Feed: "world", ID: "urn:uuid:3f1f7a9e-6a0e-5c1b-9d58-2f0a3b7c4d5e", Base: "https://feeds.example.org",
		Title: "World & more", Description: "World news as it happens", Link: "https://news.example.org/world",
		Language: "en", Rights: "© Example News", Image: "https://news.example.org/logo.png",
		Icon: "https://news.example.org/icon.png", Author: feed.Person{Name: "News Desk", Email: "desk@example.org"},
		Tags: []string{"news", "R&D"}, Formats: allFormats,
	}
}

// full uses every field.
func full() render.Snapshot {
	return render.Snapshot{Channel: world(), AsOf: at(22, 12), Items: []render.Item{
		{Article: feed.Article{
			ID: "https://news.example.org/world/call", Link: "https://news.example.org/world/call", Slug: "call",
			Title: "Call shifts focus, AT&T and <others> listen", Summary: "Two leaders talked for < 2 hours & more.",
			Content: `<p>Two leaders talked.</p><h2>“Reset”</h2><p><img src="photo.jpg" alt="Phone"> See <a href="/about">more</a>.</p>`,
			Authors: []feed.Person{{Name: "Ann Ey", Email: "ann@example.org", URL: "https://news.example.org/ann"}, {Name: "Bo Cee"}},
			Tags:    []string{"Ukraine", "Q&A"}, Image: feed.Image{URL: "lead.jpg", Caption: "A phone", Credit: "Jo Lens"},
			Enclosures: []feed.Enclosure{
				{URL: "https://media.example.org/call.mp3", Type: "audio/mpeg", Length: 5_000_000_000},
				{URL: "transcript of call.pdf", Type: "application/pdf"},
			},
			Published: at(21, 6), Updated: at(22, 9), Correction: "An earlier version said <3 hours>.",
		}},
		{Article: feed.Article{
			ID: "urn:uuid:0b0e1d7e-6a6c-5c66-8a8b-1f7d9a6d2a10", Link: "https://feeds.example.org/world/a/%C3%BCbung", Slug: "übung",
			Title: "Übung 😀 macht den Meister", Language: "de",
			Content:   "<p>Ein Absatz, der für sich steht und keine Zusammenfassung hat.</p><p>Noch einer.</p>",
			Published: at(22, 10), Updated: at(22, 10),
		}, Hosted: true},
		{Article: feed.Article{
			ID: "tag:news.example.org,2026:short", Link: "https://news.example.org/world/short", Title: "In short",
			Summary: "Nothing but the summary.", Content: "<p>Nothing but the summary.</p>",
			Published: at(20, 10), Updated: at(20, 10),
		}},
		{Article: feed.Article{
			ID: "https://alice.example/1", Link: "https://alice.example/1", Title: "Taken from another feed",
			Content:   "<p>Alice wrote this, and named herself only in her feed.</p><p>Twice.</p>",
			Source:    feed.Origin{Title: "Alice & friends", Link: "https://alice.example/", FeedURL: "https://alice.example/feed.xml"},
			Published: at(19, 10), Updated: at(19, 10),
		}},
	}}
}

// nasty holds what breaks feeds.
func nasty() render.Snapshot {
	c := world()
	c.Feed, c.Title, c.Description, c.Language = "teams/blue", "Blue\x00 \"team\" \x1b]]>", "", "x-!"
	c.Link, c.Author, c.Image, c.Icon, c.Rights = "", feed.Person{}, "::", "", ""
	item := func(n int, a feed.Article) render.Item {
		a.ID = fmt.Sprintf("tag:feeds.example.org,2026:%d", n)
		a.Link = fmt.Sprintf("https://feeds.example.org/teams/blue/a/%d", n)
		a.Published = at(1+n, n)
		a.Updated = a.Published
		return render.Item{Article: a, Hosted: true}
	}
	return render.Snapshot{Channel: c, AsOf: at(30, 0), Items: []render.Item{
		item(1, feed.Article{Title: "Controls \x00\x07\x1b\x7f\u0085 and \xff\xfe bytes", Content: "<p>a\x00b\x1bc\xffd\ufffee</p>"}),
		item(2, feed.Article{Title: "CDATA ]]> in the title", Content: "<p>x ]]> y</p><pre>if (a[b[0]]>1) &amp;&amp; c</pre>", Summary: "s ]]> t"}),
		item(3, feed.Article{Title: "שלום עולם: \u200fمرحبا", Language: "he", Content: "<p dir=\"rtl\">\u202bשלום\u202c 👩‍👩‍👧‍👦</p>"}),
		item(4, feed.Article{Title: "5 > 4 & AT&T; 3 < 4", Content: "<p>5 &gt; 4 &amp; &amp;amp;</p>", Summary: "5 > 4 & &amp;"}),
		item(5, feed.Article{Title: "Nothing else"}),
		item(6, feed.Article{Content: "<p>No title, only words that go on for a while.</p>"}),
		item(7, feed.Article{Title: "", Summary: "\x00"}),
		item(8, feed.Article{Title: "Same text", Summary: "Same text", Content: "Same text", Correction: "Was other text."}),
		item(9, feed.Article{
			Title: "Line\nbreaks\tand   blanks", Summary: "two\n\nparagraphs", Tags: []string{"", "a\x00b", "ab", "c, d"},
			Authors: []feed.Person{{Name: " "}, {Name: "A, B & \x01C", Email: "not an address", URL: "javascript:alert(1)"}},
			Image:   feed.Image{URL: "data:image/png;base64,AAAA"},
			Enclosures: []feed.Enclosure{
				{URL: "ftp://example.org/x", Type: "audio/mpeg"}, {URL: "a b.mp3", Type: "", Length: -4},
				{URL: "a b.mp3", Type: "audio/mpeg"}, {URL: "c.ogg", Type: "audio/ogg; codecs=opus", Length: 7},
			},
		}),
		item(10, feed.Article{Title: "Correction only", Correction: "Mind <this> & that", Summary: "The \"summary\""}),
	}}
}

func empty() render.Snapshot {
	return render.Snapshot{Channel: world(), AsOf: at(22, 12)}
}

// noticed is a live document before which there are archives, with a notice in the place of an article that was taken back.
func noticed() render.Snapshot {
	s := full()
	taken := &s.Items[2].Article
	*taken = feed.Article{
		ID: taken.ID, Link: taken.Link, Published: taken.Published, Updated: at(22, 11), Language: "en",
		Title: "This article was withdrawn", Summary: "It is no longer part of this feed.",
	}
	s.Closed, s.Deleted = 7, []render.Deleted{{ID: taken.ID, When: taken.Updated}}
	return s
}

// archived is an archive between two others, out of which an article was taken.
func archived() render.Snapshot {
	s := full()
	s.Channel.Formats = []render.Format{render.RSS, render.Atom}
	s.Archive, s.Deleted = 2, []render.Deleted{{ID: s.Items[2].ID, When: at(22, 11)}}
	s.Items = append(s.Items[:2], s.Items[3])
	return s
}

// wanted is what the documents of a snapshot must say, worked out without the package's own preparation.
func wanted(s render.Snapshot, title string, f render.Format) check.Want {
	path := s.Channel.Feed + "." + string(f)
	if s.Archive > 0 {
		path = render.ArchivePath(s.Channel, s.Archive, f)
	}
	w := check.Want{Title: title, Self: s.Channel.Base + "/" + path, AsOf: s.AsOf, MaxSize: s.Channel.MaxSize}
	for _, it := range s.Items {
		w.Items = append(w.Items, check.Item{
			ID: it.ID, Title: render.Title(it.Article), Link: it.Link, Published: it.Published, Updated: it.Updated,
		})
	}
	return w
}

// documents renders s and returns the bodies by format.
func documents(t testing.TB, s render.Snapshot) map[render.Format]string {
	t.Helper()
	docs, err := render.Press{}.Documents(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	bodies := make(map[render.Format]string)
	for i, d := range docs {
		f := s.Channel.Formats[i]
		if want := s.Channel.Feed + "." + string(f); d.Path != want || d.Type != f.MediaType() {
			t.Errorf("document %d: path %q, type %q", i, d.Path, d.Type)
		}
		bodies[f] = body(t, d.Document)
	}
	return bodies
}

func body(t testing.TB, d feed.Document) string {
	t.Helper()
	b, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func contains(t *testing.T, what, body string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(body, p) {
			t.Errorf("%s lacks %s", what, p)
		}
	}
}

func lacks(t *testing.T, what, body string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if strings.Contains(body, p) {
			t.Errorf("%s holds %s", what, p)
		}
	}
}

// feedPage renders the feed's own page.
func feedPage(s render.Snapshot, before map[string]render.Made) (render.Made, error) {
	s.Page = true
	docs, err := render.Press{}.Documents(s, before)
	i := slices.IndexFunc(docs, func(d render.Made) bool { return d.Type == feed.TypeHTML })
	if err != nil || i < 0 {
		return render.Made{}, fmt.Errorf("feed page: %w", err)
	}
	return docs[i], nil
}

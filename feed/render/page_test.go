package render_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"feedmill/feed"
	"feedmill/feed/render"
)

// find returns the attributes of the elements of a name, with the text in them under the name "".
func find(t *testing.T, page, name string) []map[string]string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var found []map[string]string
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.Data != name {
			continue
		}
		element := map[string]string{}
		for _, a := range n.Attr {
			element[a.Key] = a.Val
		}
		for c := range n.Descendants() {
			if c.Type == html.TextNode {
				element[""] += c.Data
			}
		}
		found = append(found, element)
	}
	return found
}

// meta returns the values that a page's head has under a name.
func meta(t *testing.T, page, name string) (values []string) {
	t.Helper()
	for _, m := range find(t, page, "meta") {
		if m["property"] == name || m["name"] == name {
			values = append(values, m["content"])
		}
	}
	return values
}

func berlin(t *testing.T) render.Zone {
	t.Helper()
	l, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return render.Zone{Location: l}
}

// What other sites and search engines are told of a hosted article is what its page shows.
func TestPageTellsOthers(t *testing.T) {
	c, it := world(), full().Items[0]
	c.Zone, it.Title = berlin(t), `A "quoted" </script> title`
	it.Image.Type, it.Image.Width, it.Image.Height = "image/jpeg", 1600, 900
	d, err := render.Page(c, it)
	if err != nil {
		t.Fatal(err)
	}
	page := body(t, d)
	for name, want := range map[string][]string{
		"og:title": {it.Title}, "og:type": {"article"}, "og:url": {it.Link}, "og:description": {it.Summary}, "og:site_name": {c.Title},
		"og:image": {"https://news.example.org/world/lead.jpg"}, "og:image:alt": {"A phone"},
		"og:image:type": {"image/jpeg"}, "og:image:width": {"1600"}, "og:image:height": {"900"}, "twitter:card": {"summary_large_image"},
		"article:published_time": {"2026-11-21T07:30:15+01:00"}, "article:modified_time": {"2026-11-22T10:30:15+01:00"},
		"article:author": {"Ann Ey", "Bo Cee"}, "article:tag": {"Ukraine", "Q&A"}, "description": {it.Summary},
	} {
		if got := meta(t, page, name); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	var data struct {
		Type     string `json:"@type"`
		Headline string
		Author   []struct{ Name, URL string }
		Image    []struct {
			URL, CreditText string
			Width, Height   int
		}
		Published    time.Time `json:"datePublished"`
		Modified     time.Time `json:"dateModified"`
		Correction   string
		Keywords     string
		InLanguage   string
		MainEntityOf struct {
			ID string `json:"@id"`
		} `json:"mainEntityOfPage"`
	}
	if err := json.Unmarshal([]byte(find(t, page, "script")[0][""]), &data); err != nil {
		t.Fatal(err)
	}
	if data.Type != "NewsArticle" || data.Headline != it.Title || data.MainEntityOf.ID != it.Link || data.InLanguage != "en" ||
		!data.Published.Equal(it.Published.Truncate(time.Second)) || !data.Modified.Equal(it.Updated.Truncate(time.Second)) ||
		data.Correction != it.Correction || data.Keywords != "Ukraine, Q&A" ||
		len(data.Author) != 2 || data.Author[0].Name != "Ann Ey" || len(data.Image) != 1 || data.Image[0].CreditText != "Jo Lens" ||
		data.Image[0].Width != 1600 || data.Image[0].Height != 900 {
		t.Errorf("the page tells %+v", data)
	}
	if img := find(t, page, "img")[0]; img["width"] != "1600" || img["height"] != "900" {
		t.Errorf("what stands below the picture moves when it comes: %v", img)
	}
	if times := find(t, page, "time"); len(times) != 2 || times[0][""] != "2026-11-21 07:30 CET" || times[1]["datetime"] != "2026-11-22T10:30:15+01:00" {
		t.Errorf("times %v", times)
	}
}

// An article that has nothing but a title makes a page that claims nothing.
func TestPageOfLittle(t *testing.T) {
	it := nasty().Items[4]
	it.Slug = "5"
	d, err := render.Page(nasty().Channel, it)
	if err != nil {
		t.Fatal(err)
	}
	page := body(t, d)
	for _, name := range []string{"og:image", "og:description", "article:author", "article:tag"} {
		if got := meta(t, page, name); got != nil {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, name := range []string{"aside", "figure", "img", "audio"} {
		if got := find(t, page, name); got != nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A feed's page tells how to follow it, and stays small however many articles there are.
func TestFeedPage(t *testing.T) {
	s := many(130, 10)
	s.Channel.Others, s.Closed = []render.Other{{Edition: "full", Formats: []render.Format{render.RSS}}}, 7
	s.Items[129].Pin = true
	s.Pinned = []render.Item{s.Items[129]}
	made, err := feedPage(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	page := body(t, made.Document)
	var titles []string
	for _, h := range find(t, page, "h3") {
		titles = append(titles, h[""])
	}
	if len(titles) != 101 || titles[0] != s.Items[129].Title || titles[1] != s.Items[0].Title || titles[100] != s.Items[99].Title {
		t.Errorf("%d articles: %q …", len(titles), titles[:2])
	}
	if pins := find(t, page, "b"); len(pins) != 1 {
		t.Errorf("%d articles are marked as pinned", len(pins))
	}
	const base = "https://feeds.example.org/"
	if field := find(t, page, "input"); len(field) != 1 || field[0]["value"] != base+"world.rss" || field[0]["readonly"] != "" {
		t.Errorf("the address to copy: %v", field)
	}
	links := map[string]string{}
	for _, a := range find(t, page, "a") {
		links[a["href"]] = a["type"]
	}
	for href, mediaType := range map[string]string{
		"feed:" + base + "world.rss": "", base + "world.atom": "application/atom+xml", base + "world.json": "application/feed+json",
		base + "world/full.rss": "application/rss+xml", base + "world/archive/7.rss": "application/rss+xml", base: "",
	} {
		if got, ok := links[href]; !ok || got != mediaType {
			t.Errorf("link to %s: %v, type %q, want %q", href, ok, got, mediaType)
		}
	}
	s.Items = s.Items[:100]
	if made, err = feedPage(s, map[string]render.Made{made.Path: made}); err != nil {
		t.Fatal(err)
	}
	lacks(t, "page", body(t, made.Document), "These are the newest", "private")
}

// Paper shows where links lead, but for those that say so themselves or lead to a place on the page. A file that is published here
// is called by its own name.
func TestPageNamesAddresses(t *testing.T) {
	it := full().Items[0]
	it.Content = `<p><a href="https://a.example/?a&amp;b">https://a.example/?a&amp;b</a> <a href="https://a.example/">here</a> <a href="#fn">1</a></p>`
	it.Enclosures = []feed.Enclosure{
		{URL: world().Base + "/media/aednnoll6gtmnpeckvncssncgi-ep-1.mp3", Type: "audio/mpeg"}, {URL: "https://cdn.example/media/x-ep2.mp3", Type: "audio/mpeg"},
	}
	d, err := render.Page(world(), it)
	if err != nil {
		t.Fatal(err)
	}
	class, names := map[string]string{}, map[string]string{}
	for _, a := range find(t, body(t, d), "a") {
		class[a["href"]], names[a["href"]] = a["class"], a[""]
	}
	for href, want := range map[string]string{"https://a.example/?a&b": "bare", "https://a.example/": "", it.Link + "#fn": "bare"} {
		if got, ok := class[href]; !ok || got != want {
			t.Errorf("%s: %v, class %q, want %q", href, ok, got, want)
		}
	}
	if names[it.Enclosures[0].URL] != "ep-1.mp3" || names[it.Enclosures[1].URL] != "x-ep2.mp3" {
		t.Errorf("the files are called %v", names)
	}
}

// The pages of a feed for which readers need a token say how to show it.
func TestPagesOfAPrivateFeed(t *testing.T) {
	s := many(1, 1)
	s.Channel.Tokens = true
	made, err := feedPage(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Items[0].Slug = "one"
	article, err := render.Page(s.Channel, s.Items[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []feed.Document{made.Document, article} {
		if page := body(t, d); !strings.Contains(page, "It is private:") || !strings.Contains(page, "?token=") {
			t.Errorf("%s does not say how to follow it:\n%s", d.Path, page)
		}
	}
}

// A page is made of the one before with the same bytes as anew, though it shows only some of the articles.
func TestFeedPageFromTheOneBefore(t *testing.T) {
	s := many(130, 10)
	s.Channel.Formats = nil
	for i := range s.Items {
		s.Items[i].Version.Position = int64(i + 1)
	}
	before, err := feedPage(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Items = append(slices.Clone(s.Items[:3]), s.Items[5:]...) // two are gone, two older ones take their places
	fresh, err := feedPage(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	again := s
	again.Items = nil
	read := 0
	byVersion := map[render.Version]render.Item{}
	for _, it := range s.Items {
		byVersion[it.Version] = it
		again.Listed = append(again.Listed, render.Listed{Version: it.Version, ID: it.ID, Published: it.Published, Updated: it.Updated})
	}
	again.Read = func(listed []render.Listed) (items []render.Item, err error) {
		for _, l := range listed {
			items = append(items, byVersion[l.Version])
		}
		read += len(listed)
		return items, nil
	}
	made, err := feedPage(again, map[string]render.Made{before.Path: before})
	if err != nil {
		t.Fatal(err)
	}
	if made.ETag != fresh.ETag || body(t, made.Document) != body(t, fresh.Document) {
		t.Error("the page differs from one made anew")
	}
	if read > 2 {
		t.Errorf("%d articles were read for two places", read)
	}
}

func TestIndexTellsTheNewest(t *testing.T) {
	s := site()
	for i := range s.Feeds {
		s.Feeds[i].Channel.Zone = berlin(t)
	}
	d, err := s.Index()
	if err != nil {
		t.Fatal(err)
	}
	page := body(t, d)
	if times := find(t, page, "time"); len(times) != 1 || times[0][""] != "2026-11-22 11:30" || times[0]["datetime"] != "2026-11-22T11:30:15+01:00" {
		t.Errorf("times %v", times)
	}
	contains(t, "index", page, "Übung 😀 macht den Meister", `href="https://feeds.example.org/opml"`)
	if !d.Modified.Equal(full().Items[1].Updated.Truncate(time.Second)) {
		t.Errorf("modified %s", d.Modified)
	}
	for _, empty := range []render.Site{{Base: s.Base}, {Base: s.Base, Feeds: []render.Entry{{Channel: world()}}}} {
		if _, err := empty.Index(); err != nil {
			t.Error(err)
		}
	}
}

func TestOPML(t *testing.T) {
	s := site()
	for i, formats := range [][]render.Format{{render.JSON, render.Atom}, {render.JSON}, {render.NewsSitemap}} {
		c := world()
		c.Feed, c.Formats, c.Title = fmt.Sprint("f", i), formats, `"<&>'`
		s.Feeds = append(s.Feeds, render.Entry{Channel: c})
	}
	d, err := s.OPML()
	if err != nil {
		t.Fatal(err)
	}
	if d.Path != "opml" || d.Type != "text/x-opml; charset=utf-8" || d.FileName() != "opml" {
		t.Errorf("path %q, type %q, file %q", d.Path, d.Type, d.FileName())
	}
	var list struct {
		Version string `xml:"version,attr"`
		Created string `xml:"head>dateCreated"`
		Feeds   []struct {
			Text string `xml:"text,attr"`
			URL  string `xml:"xmlUrl,attr"`
			Page string `xml:"htmlUrl,attr"`
		} `xml:"body>outline"`
	}
	if err := xml.Unmarshal([]byte(body(t, d)), &list); err != nil {
		t.Fatal(err)
	}
	var urls []string
	for _, f := range list.Feeds {
		urls = append(urls, strings.TrimPrefix(f.URL, "https://feeds.example.org/"))
	}
	if list.Version != "2.0" || list.Created != "Sun, 22 Nov 2026 10:30:15 +0000" || list.Feeds[2].Text != `"<&>'` ||
		!slices.Equal(urls, []string{"world.rss", "teams/blue.rss", "f0.atom", "f1.json"}) {
		t.Errorf("%+v", list)
	}
	again, err := s.OPML()
	if err != nil || again.ETag != d.ETag {
		t.Errorf("%v, or other bytes for the same feeds", err)
	}
	if d.Type != feed.TypeOPML {
		t.Error(d.Type)
	}
}

package mill_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/check"
	"feedmill/feed/filter"
	"feedmill/feed/mill"
	"feedmill/feed/render"
	"feedmill/feed/setting"
	"feedmill/feed/store"
)

// edition adds an edition to the stand's feed and returns it for changes.
func (s *stand) edition(name string) *mill.Edition {
	c := s.feed.Channel
	c.Edition, c.Formats = name, []render.Format{render.Atom}
	s.feed.Editions = append(s.feed.Editions, mill.Edition{Channel: c, Limit: s.feed.Limit})
	return &s.feed.Editions[len(s.feed.Editions)-1]
}

func (s *stand) wantIn(path string, titles ...string) {
	s.Helper()
	if got := slices.Sorted(maps.Keys(readAtom(s.T, s.site.documents[path]))); !slices.Equal(got, slices.Sorted(slices.Values(titles))) {
		s.Fatalf("%s holds %q, want %q", path, got, titles)
	}
}

func (s *stand) chain(kinds ...filter.Kinds) filter.Chain {
	s.Helper()
	c, err := filter.New(kinds)
	if err != nil {
		s.Fatal(err)
	}
	return c
}

func (s *stand) drop(title string) filter.Kinds {
	s.Helper()
	var p setting.Pattern
	if err := p.UnmarshalText([]byte(title)); err != nil {
		s.Fatal(err)
	}
	return filter.Kinds{Drop: &filter.Fields{Title: []setting.Pattern{p}}}
}

// reading counts the articles that are read from the store to be shown.
type reading struct {
	*store.Store
	read int
}

func (r *reading) Articles(ctx context.Context, serial int64, positions []int64) ([]store.Article, error) {
	r.read += len(positions)
	return r.Store.Articles(ctx, serial, positions)
}

func (s *stand) counting() *reading {
	r := &reading{Store: s.store}
	s.mill = mill.New(r, r, func() time.Time { return s.now })
	return r
}

func TestEditionsHaveTheSameIDs(t *testing.T) {
	s := newStand(t)
	s.feed.Channel.Content = render.Teaser
	s.feed.Limit.Articles = 2
	full := s.edition("full")
	full.Channel.Content, full.Limit.Articles = render.Full, 3
	for _, title := range []string{"First", "Second", "Third"} {
		a := article(strings.ToLower(title)+".txt", title)
		a.Summary = "In short."
		s.refresh(a)
	}
	s.want("Second", "Third")
	s.wantIn("world/full.atom", "First", "Second", "Third")
	main, other := s.entries(), readAtom(t, s.site.documents["world/full.atom"])
	for title, e := range main {
		if other[title] != e {
			t.Errorf("%s is %+v in the feed and %+v in its edition", title, e, other[title])
		}
	}
	if bytes.Contains(s.site.documents["world.atom"], []byte("goes on for a while")) {
		t.Error("the teaser shows the whole article")
	}
	if got := string(s.site.documents["world/full.atom"]); !strings.Contains(got, "goes on for a while") ||
		!strings.Contains(got, "https://feeds.example.org/world/full.atom") {
		t.Errorf("the edition is\n%s", got)
	}
	if feedOf(s.site.documents["world.atom"]) == feedOf(s.site.documents["world/full.atom"]) {
		t.Error("the edition has the id of the feed")
	}

	// Taken out of the configuration, it is taken away; a name among others takes its place.
	s.feed.Editions[0].Channel.Edition = "all"
	s.refresh()
	if s.site.documents["world/full.atom"] != nil || s.site.documents["world/all.atom"] == nil {
		t.Error("a renamed edition is still at its old address, or not at the new one")
	}
	s.feed.Editions = nil
	s.refresh()
	if s.site.documents["world/all.atom"] != nil || s.site.documents["world.atom"] == nil {
		t.Error("an edition that is no longer there is still published, or the feed is not")
	}
}

func feedOf(atom []byte) string {
	_, id, _ := strings.Cut(string(atom), "<id>")
	id, _, _ = strings.Cut(id, "</id>")
	return id
}

func TestEditionFiltersLookFurtherBack(t *testing.T) {
	s := newStand(t)
	e := s.edition("news")
	e.Limit.Articles = 3
	caption := "Edition"
	e.Filters = s.chain(s.drop("ad"), filter.Kinds{Set: &filter.Set{Tags: []string{caption}}})
	for n := range 20 {
		title := fmt.Sprintf("Ad %02d", n)
		if n%5 == 0 {
			title = fmt.Sprintf("News %02d", n)
		}
		s.refresh(article(title+".txt", title))
	}
	s.wantIn("world/news.atom", "News 05", "News 10", "News 15")
	if tag := `term="Edition"`; !bytes.Contains(s.site.documents["world/news.atom"], []byte(tag)) || bytes.Contains(s.site.documents["world.atom"], []byte(tag)) {
		t.Error("what a filter of the edition changed is not shown there, or in the feed")
	}

	r := s.counting()
	s.refresh(article("20.txt", "News 20"))
	s.wantIn("world/news.atom", "News 10", "News 15", "News 20")
	if r.read > 3 { // once for the feed, once for the edition
		t.Errorf("for one new article %d were read", r.read)
	}
	fresh := s.site.documents["world/news.atom"]
	e.Filters = s.chain(s.drop("ad"), filter.Kinds{Set: &filter.Set{Tags: []string{caption}}}, s.drop("15"))
	s.refresh()
	s.wantIn("world/news.atom", "News 05", "News 10", "News 20")
	e.Filters = s.chain(s.drop("ad"), filter.Kinds{Set: &filter.Set{Tags: []string{caption}}})
	s.refresh()
	if !bytes.Equal(fresh, s.site.documents["world/news.atom"]) {
		t.Error("the same articles made anew differ from those that were joined")
	}
}

func TestEditionFiltersThatLookAtTheTime(t *testing.T) {
	s := newStand(t)
	var young filter.Expression
	if err := young.UnmarshalText([]byte("age < hours(1)")); err != nil {
		t.Fatal(err)
	}
	s.edition("young").Filters = s.chain(filter.Kinds{Where: &young})
	s.refresh(article("a.txt", "First"))
	s.refresh(article("b.txt", "Second"))
	s.wantIn("world/young.atom", "First", "Second")
	s.now = s.now.Add(58*time.Minute + 30*time.Second)
	s.refresh(article("c.txt", "Third"))
	s.wantIn("world/young.atom", "Second", "Third")
	s.want("First", "Second", "Third")
}

func TestWhatAProfileRefusesIsNamedOnce(t *testing.T) {
	s := newStand(t)
	e := s.edition("partner")
	e.Profile = check.MSN
	long := "A title of more than twenty characters"
	report := s.refresh(article("a.txt", "Too short"), article("b.txt", long))
	s.want(long, "Too short")
	s.wantIn("world/partner.atom", long)
	const want = "world/partner leaves out “Too short”: its title has 9 characters; msn takes 20 to 150"
	if len(report.LeftOut) != 1 || report.LeftOut[0].String() != want {
		t.Errorf("the report says %v", report.LeftOut)
	}
	r := s.counting()
	if report = s.refresh(article("c.txt", long+", again")); len(report.LeftOut) > 0 || r.read > 2 {
		t.Errorf("with another article, the report says %v, and %d articles were read", report.LeftOut, r.read)
	}
	s.feed.Channel.Title, s.feed.Editions[0].Channel.Title = "New", "New"
	if report = s.refresh(); len(report.LeftOut) > 0 {
		t.Errorf("under another title of the feed, the report says %v", report.LeftOut)
	}

	// An edit is looked at anew; what was never shown is not missed when it is withdrawn, and what was is.
	edited := article("a.txt", "Still short")
	if report = s.refresh(edited); len(report.LeftOut) != 1 {
		t.Errorf("after an edit, the report says %v", report.LeftOut)
	}
	edited.Status = feed.Withdrawn
	gone := article("b.txt", long)
	gone.Status = feed.Withdrawn
	report = s.refresh(edited, gone)
	if len(report.LeftOut) > 0 || bytes.Count(s.site.documents["world/partner.atom"], []byte("<at:deleted-entry")) != 1 ||
		bytes.Count(s.site.documents["world.atom"], []byte("<at:deleted-entry")) != 2 {
		t.Errorf("after two withdrawals the report says %v and the edition is\n%s", report.LeftOut, s.site.documents["world/partner.atom"])
	}
}

// A feed may follow a profile itself; its archives hold what it shows, or showed before it grew too old.
func TestAProfileOfTheFeed(t *testing.T) {
	s := newStand(t)
	s.feed.Profile, s.feed.Limit.Articles = check.MSN, 2
	s.feed.Channel.Formats = []render.Format{render.Atom}
	for n := range 4 {
		s.refresh(article(fmt.Sprint(n, ".txt"), fmt.Sprintf("The title of the article number %d", n)), article(fmt.Sprint(n, "s.txt"), fmt.Sprint("Short ", n)))
	}
	s.want("The title of the article number 2", "The title of the article number 3")
	s.now = s.now.AddDate(2, 0, 0)
	s.refresh(article("late.txt", "The latest article of them all"))
	s.want("The latest article of them all")
	var got []string
	for _, title := range s.walk("world.atom") {
		got = append(got, title)
	}
	slices.Sort(got)
	if len(got) != 5 || strings.Contains(fmt.Sprint(got), "Short") {
		t.Errorf("live document and archives hold %q", got)
	}
}

func TestOutputsOfEditions(t *testing.T) {
	s := newStand(t)
	s.edition("full")
	mirror := &site{documents: map[string][]byte{}, modified: map[string]time.Time{}}
	s.feed.Outputs = []mill.Output{
		{Name: "site", Publisher: s.site, Editions: []string{""}},
		{Name: "mirror", Publisher: mirror, Editions: []string{"full"}},
	}
	s.refresh(article("a.txt", "First"))
	have := func(what string, s *site, want ...string) {
		t.Helper()
		if got := slices.Sorted(maps.Keys(s.documents)); !slices.Equal(got, want) {
			t.Errorf("%s has %q, want %q", what, got, want)
		}
	}
	have("the site", s.site, "world.atom", "world.json", "world.rss", "world/", "world/a/a")
	have("the mirror", mirror, "world/full.atom")

	s.feed.Outputs[0].Editions, s.feed.Outputs[1].Editions = nil, []string{}
	if err := s.mill.Deliver(t.Context(), s.feed); err != nil {
		t.Fatal(err)
	}
	have("the site", s.site, "world.atom", "world.json", "world.rss", "world/", "world/a/a", "world/full.atom")
	have("the mirror that gets nothing any more", mirror)
	published := mirror.published
	s.refresh()
	mirror.err = fmt.Errorf("it is not asked")
	s.mill = mill.New(s.store, s.store, func() time.Time { return s.now })
	s.feed.Outputs[1].Name = "another"
	s.refresh(article("b.txt", "Second"))
	if mirror.published != published {
		t.Error("an output that gets nothing and has nothing was written to")
	}
}

// A refresh of the old configuration may come to its end after the new one was delivered.
func TestAnEditionThatIsTakenAwayStaysAway(t *testing.T) {
	s := newStand(t)
	s.edition("full")
	s.refresh(article("a.txt", "First"))
	s.wantIn("world/full.atom", "First")
	private := *s.feed
	private.Outputs = []mill.Output{{Name: "site", Publisher: s.site, Editions: []string{""}}}
	if err := s.mill.Deliver(t.Context(), &private); err != nil {
		t.Fatal(err)
	}
	s.refresh(article("b.txt", "Second"))
	if s.want("First", "Second"); s.site.documents["world/full.atom"] != nil {
		t.Error("the edition is back")
	}
	if err := s.mill.Deliver(t.Context(), s.feed); err != nil {
		t.Fatal(err)
	}
	s.wantIn("world/full.atom", "First", "Second")
}

func TestNewsSitemapAges(t *testing.T) {
	s := newStand(t)
	s.feed.Channel.Language, s.feed.Limit.Articles = "en", 1
	s.feed.Channel.Formats = []render.Format{render.Atom}
	for _, title := range []string{"First", "Second"} {
		s.refresh(article(title+".txt", title))
		s.now = s.now.Add(time.Hour)
	}
	// A format that is new shows the last two days of now, not those before the last article.
	s.now = s.now.Add(45 * time.Hour)
	s.feed.Channel.Formats = append(s.feed.Channel.Formats, render.NewsSitemap)
	has := func(titles ...string) {
		t.Helper()
		body := s.site.documents["world.news-sitemap.xml"]
		if n := bytes.Count(body, []byte("<url>")); n != len(titles) {
			t.Fatalf("the sitemap holds %d articles, want %q\n%s", n, titles, body)
		}
		for _, title := range titles {
			if !bytes.Contains(body, []byte("<news:title>"+title+"</news:title>")) {
				t.Fatalf("the sitemap lacks %s\n%s", title, body)
			}
		}
	}
	report := s.refresh()
	has("First", "Second")
	s.want("Second")
	first := time.Date(2026, 11, 24, 12, 1, 0, 0, time.UTC)
	if !report.Wake.Equal(first.Add(render.NewsAge)) {
		t.Fatalf("it wakes at %v", report.Wake)
	}
	s.now = report.Wake.Add(-2 * time.Minute) // refresh adds one
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	has("First", "Second")
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	has("Second")
	s.now = s.now.Add(72 * time.Hour)
	if report = s.refreshBatch(feed.Batch{Extent: feed.Unchanged}); !report.Wake.IsZero() {
		t.Errorf("with nothing to wait for it wakes at %v", report.Wake)
	}
	has()
	published := s.site.published
	s.now = s.now.Add(72 * time.Hour)
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	if s.site.published != published {
		t.Error("an empty sitemap is published again")
	}

	// Many articles make several files, and fewer one again.
	var many []feed.Article
	for n := range render.NewsMost + 1 {
		many = append(many, article(fmt.Sprint(n, ".txt"), fmt.Sprint("Number ", n)))
	}
	s.refresh(many...)
	r := s.counting()
	s.refresh(article("more.txt", "More"))
	if r.read > 2 {
		t.Errorf("for one more of many articles %d were read", r.read)
	}
	if n := bytes.Count(s.site.documents["world.news-sitemap-1.xml"], []byte("<url>")); n != render.NewsMost {
		t.Errorf("the first file holds %d", n)
	}
	if n := bytes.Count(s.site.documents["world.news-sitemap-2.xml"], []byte("<url>")); n != 2 {
		t.Errorf("the second file holds %d", n)
	}
	if n := bytes.Count(s.site.documents["world.news-sitemap.xml"], []byte("<sitemap>")); n != 2 {
		t.Errorf("the index names %d files", n)
	}
	s.now = s.now.Add(72 * time.Hour)
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	has()
	if s.site.documents["world.news-sitemap-1.xml"] != nil {
		t.Error("a file of the sitemap outlives its articles")
	}

	// A sitemap that begins long after the last article begins empty.
	s.feed.Channel.Formats = []render.Format{render.Atom}
	s.refresh(article("last.txt", "Last"))
	s.refresh()
	s.now = s.now.Add(72 * time.Hour)
	s.feed.Channel.Formats = append(s.feed.Channel.Formats, render.NewsSitemap)
	s.refresh()
	has()
}

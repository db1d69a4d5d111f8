package page_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/field"
	"feedmill/feed/listing"
	"feedmill/feed/markup"
	"feedmill/source/page"
	"feedmill/source/sourcetest"
)

const home = "http://council.example"

// desk is a page source with its site, its memory and its clock.
type desk struct {
	*sourcetest.Desk
	page.Config
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	d := &desk{}
	d.Desk = sourcetest.NewDesk(t, func() feed.Source { return d.source() })
	d.Config = page.Default()
	d.URL, d.Fetch = home+"/minutes", sourcetest.Manners()
	d.Items = d.selector("article")
	d.Fields = listing.Fields{Title: d.rules("h2"), Link: d.rules("h2 a@href"), Published: d.rules("time"), Content: d.rules("p")}
	return d
}

func (d *desk) selector(s string) markup.Selector {
	d.Helper()
	return sourcetest.Selector(d, markup.Compile, s)
}

func (d *desk) rules(selectors ...string) field.Rules[markup.Selector] {
	d.Helper()
	return sourcetest.Rules(d, markup.Compile, selectors...)
}

func (d *desk) source() *page.Page {
	return page.New(d.Config, d.Client, nil, nil, d.Clock)
}

// list is a page with articles of these numbers; more stands behind them.
func list(more string, numbers ...int) http.HandlerFunc {
	var b strings.Builder
	for _, n := range numbers {
		fmt.Fprintf(&b, `<article><h2><a href="/%[1]d?utm_source=list">Meeting %[1]d</a></h2><time datetime="2026-11-%02[1]d">some day</time><p>Minutes of %[1]d</p></article>`, n)
	}
	return sourcetest.Page("<title>Minutes</title>", b.String()+more)
}

func older(path string) string { return `<a class=older href="` + path + `">older</a>` }

// body is what a path answers.
func (d *desk) body(path string) string {
	d.Helper()
	answer := httptest.NewRecorder()
	d.Site.ServeHTTP(answer, httptest.NewRequestWithContext(d.Context(), http.MethodGet, home+path, nil))
	return answer.Body.String()
}

func titles(b feed.Batch) string {
	var all []string
	for _, a := range b.Articles {
		all = append(all, strings.TrimPrefix(a.Title, "Meeting "))
	}
	return strings.Join(all, " ")
}

func TestListing(t *testing.T) {
	d := newDesk(t)
	d.Site.Script("/minutes", list("", 3, 2, 1))
	b := d.MustRead()
	if titles(b) != "3 2 1" || b.Extent != feed.Listing || !b.Foreign || len(b.Problems) > 0 {
		t.Fatalf("the first fetch gives %+v", b)
	}
	a := b.Articles[0]
	if a.Link != home+"/3" || a.Published.Format(time.DateOnly) != "2026-11-03" || a.Content != "<p>Minutes of 3</p>" {
		t.Errorf("the article is %+v", a)
	}
	if b = d.MustRead(); b.Extent != feed.Unchanged || len(b.Articles) > 0 {
		t.Errorf("an equal page gives %+v", b)
	}
	d.Site.Script("/minutes", list("<p>It is now noon.</p>", 3, 2, 1))
	if b = d.MustRead(); b.Extent != feed.Unchanged {
		t.Errorf("a page with equal articles gives %+v", b)
	}
	d.Site.Script("/minutes", list("", 4, 3, 2))
	if b = d.MustRead(); titles(b) != "4 3 2" || b.Extent != feed.Listing {
		t.Errorf("a new article gives %+v", b)
	}
}

func TestConditional(t *testing.T) {
	d := newDesk(t)
	d.Site.Script("/minutes", sourcetest.Conditional(sourcetest.HTML, `<article><h2><a href=1>One</a></h2></article>`))
	d.MustRead()
	if b := d.MustRead(); b.Extent != feed.Unchanged || !d.Site.Visits("/minutes")[1].Conditional {
		t.Errorf("the second fetch gives %+v", b)
	}
}

func TestNextUntilAKnownArticle(t *testing.T) {
	d := newDesk(t)
	d.Next, d.Pages = d.selector("a.older"), 3
	d.Site.Script("/minutes", list(older("/minutes/2"), 9, 8))
	d.Site.Script("/minutes/2", list(older("/minutes/3"), 7, 6))
	d.Site.Script("/minutes/3", list(older("/minutes/4"), 5, 4))
	b := d.MustRead()
	if titles(b) != "9 8 7 6 5 4" || b.Extent != feed.Increment || len(d.Site.Visits("/minutes/4")) > 0 {
		t.Fatalf("the first fetch gives %s, %v", titles(b), b.Extent)
	}
	d.Site.ForgetVisits()
	d.Site.Script("/minutes", list(older("/minutes/2"), 10, 9))
	if b = d.MustRead(); titles(b) != "10 9" || b.Extent != feed.Increment || len(d.Site.Visits("/minutes/2")) > 0 {
		t.Errorf("one new article gives %s, %v", titles(b), b.Extent)
	}
	d.Site.Script("/minutes", list(older("/minutes/2"), 13, 12))
	d.Site.Script("/minutes/2", list(older("/minutes/3"), 11, 10))
	if b = d.MustRead(); titles(b) != "13 12 11 10" {
		t.Errorf("three new articles give %s", titles(b))
	}
	// A pinned article on top is known, what follows it is not.
	d.Site.Script("/minutes", list(older("/minutes/2"), 9, 15))
	d.Site.Script("/minutes/2", list(older("/minutes/3"), 14, 13))
	if b = d.MustRead(); titles(b) != "9 15 14 13" {
		t.Errorf("a page with a pinned article gives %s", titles(b))
	}
}

func TestNextToTheEnd(t *testing.T) {
	d := newDesk(t)
	d.Next = d.selector("a.older@href")
	d.Site.Script("/minutes", list(older("?page=2"), 3, 2))
	d.Site.Script("/minutes", list(older("/minutes/2"), 3, 2))
	d.Site.Script("/minutes/2", list("", 2, 1)) // 2 came down while the first page was read
	if b := d.MustRead(); titles(b) != "3 2 1" || b.Extent != feed.Listing {
		t.Errorf("two pages give %s, %v", titles(b), b.Extent)
	}
}

func TestEndlessChains(t *testing.T) {
	for name, script := range map[string]func(*sourcetest.Site){
		"to itself": func(s *sourcetest.Site) { s.Script("/minutes", list(older("/minutes"), 2, 1)) },
		"in a ring": func(s *sourcetest.Site) {
			s.Script("/minutes", list(older("/b"), 2))
			s.Script("/b", list(older("/minutes"), 1))
		},
		"of one page": func(s *sourcetest.Site) {
			s.Script("/minutes", list(older("/b"), 2, 1))
			s.Script("/b", list(older("/c"), 2, 1))
		},
		"by redirects": func(s *sourcetest.Site) {
			s.Script("/minutes", list(older("/b"), 2, 1))
			s.Script("/b", sourcetest.Redirect(302, "/minutes"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.Next, d.Pages = d.selector("a.older"), 100
			script(d.Site)
			b := d.MustRead()
			if titles(b) != "2 1" || len(b.Problems) != 1 || !strings.Contains(b.Problems[0].Error(), "read already") {
				t.Errorf("the chain gives %s, %v", titles(b), b.Problems)
			}
			if b = d.MustRead(); len(b.Problems) > 0 {
				t.Errorf("it is told again: %v", b.Problems)
			}
		})
	}
}

// TestLongLists: pages with more articles than are remembered otherwise are read, time after time.
func TestLongLists(t *testing.T) {
	d := newDesk(t)
	d.Next = d.selector("a.older")
	numbers := func(from, to int) (all []int) {
		for n := from; n > to; n-- {
			all = append(all, n)
		}
		return all
	}
	d.Site.Script("/minutes", list(older("/minutes/2"), numbers(3000, 1500)...), list(older("/minutes/2"), numbers(3001, 1500)...))
	d.Site.Script("/minutes/2", list("", numbers(1500, 0)...))
	if b := d.MustRead(); len(b.Articles) != 3000 {
		t.Fatalf("the first fetch gives %d articles", len(b.Articles))
	}
	if b := d.MustRead(); len(b.Articles) != 1501 || len(d.Site.Visits("/minutes/2")) != 1 {
		t.Errorf("the second fetch gives %d articles", len(b.Articles))
	}
}

// TestNothingNewIsNothingKept: a page whose articles are those of last time changes nothing that is remembered of them.
func TestNothingNewIsNothingKept(t *testing.T) {
	d := newDesk(t)
	d.Site.Script("/minutes", list("", 5, 4, 3, 2, 1), list("<p>It is now noon.</p>", 5, 4, 3, 2, 1))
	d.MustRead()
	before := string(d.Memory.Get("page.known"))
	d.MustRead()
	if string(d.Memory.Get("page.known")) != before {
		t.Error("what is known of the same articles is written in another way")
	}
}

// TestNextWithoutSelectors: later pages are read as the first one is, and do not say how that is read next time.
func TestNextWithoutSelectors(t *testing.T) {
	d := newDesk(t)
	d.Items, d.Fields, d.Next = markup.Selector{}, listing.Fields{}, d.selector("a.older")
	stories := func(class, more string, numbers ...int) http.HandlerFunc {
		var b strings.Builder
		for _, n := range numbers {
			fmt.Fprintf(&b, `<div class=%[1]s><h2><a href="/news/%[2]d">Meeting %[2]d of the council of this town</a></h2><p>What was said about matter %[2]d, in a sentence or two.</p></div>`, class, n)
		}
		return sourcetest.Page("<title>News</title>", "<main>"+b.String()+"</main>"+more)
	}
	d.Site.Script("/minutes", stories("story", older("/minutes/2"), 9, 8, 7), stories("entry", older("/minutes/2"), 10, 9, 8, 7))
	d.Site.Script("/minutes/2", stories("story", older("/minutes/3"), 6, 5, 4))
	d.Site.Script("/minutes/3", stories("report", "", 4, 3, 2))
	b := d.MustRead()
	if len(b.Articles) != 6 || len(b.Problems) != 1 || !strings.Contains(b.Problems[0].Error(), "page 3") {
		t.Errorf("the first fetch gives %s, %v", titles(b), b.Problems)
	}
	if b = d.MustRead(); !strings.HasPrefix(titles(b), "10 of the council") || len(b.Notes) == 0 {
		t.Errorf("after a redesign it gives %s, %v", titles(b), b.Notes)
	}
}

// TestLaterPageFails: what stands before it is taken, and it is read again.
func TestLaterPageFails(t *testing.T) {
	d := newDesk(t)
	d.Next = d.selector("a.older")
	d.Site.Script("/minutes", list(older("/minutes/2"), 3, 2))
	d.Site.Script("/minutes/2", sourcetest.Status(http.StatusServiceUnavailable), list("", 1))
	b := d.MustRead()
	if titles(b) != "3 2" || b.Extent != feed.Increment || len(b.Problems) != 1 || !strings.Contains(b.Problems[0].Error(), "page 2") {
		t.Fatalf("the first fetch gives %s, %v, %v", titles(b), b.Extent, b.Problems)
	}
	if b = d.MustRead(); titles(b) != "3 2 1" || b.Extent != feed.Listing || len(b.Problems) > 0 {
		t.Errorf("the second fetch gives %s, %v, %v", titles(b), b.Extent, b.Problems)
	}
}

// TestRelativeDates: a page that says only how long ago something was gives the same dates every time.
func TestRelativeDates(t *testing.T) {
	d := newDesk(t)
	d.Site.Script("/minutes",
		sourcetest.Page("", `<article><h2><a href=1>One</a></h2><time>2 hours ago</time></article>`),
		sourcetest.Page("", `<article><h2><a href=1>One</a></h2><time>9 hours ago</time></article>`),
		sourcetest.Page("", `<article><h2><a href=2>Two</a></h2><time>1 hour ago</time></article><article><h2><a href=1>One</a></h2><time>yesterday</time></article>`))
	first := d.MustRead().Articles[0].Published
	if want := d.Now.Add(-2 * time.Hour); !first.Equal(want) {
		t.Errorf("the first date is %v, want %v", first, want)
	}
	if b := d.MustRead(); b.Extent != feed.Unchanged {
		t.Errorf("the same article later gives %+v", b)
	}
	if b := d.MustRead(); !b.Articles[1].Published.Equal(first) {
		t.Errorf("the first article is now of %v, not of %v", b.Articles[1].Published, first)
	}
}

func TestTroubles(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer http.HandlerFunc
		class  feed.Class
		words  []string
	}{
		{"no items", sourcetest.Page("", "<p>Nothing.</p>"), feed.Unreadable, []string{`items`, `"article"`, "finds nothing", "render: true"}},
		{"no titles", sourcetest.Page("", "<article><h3><a href=1>x</a></h3></article>"), feed.Unreadable, []string{"title", `"h2"`, "1 item"}},
		{"no links", sourcetest.Page("", "<article><h2>x</h2></article><article><h2>y</h2></article>"), feed.Unreadable, []string{"link", "2 items"}},
		{"captcha", sourcetest.Challenge(), feed.Refused, []string{"Cloudflare", "instead of the articles"}},
		{"not text", sourcetest.Body(sourcetest.HTML, "\x00\x01\x02"), feed.Unreadable, []string{"binary"}},
		{"gone", sourcetest.Status(http.StatusGone), feed.Gone, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk(t)
			d.Site.Script("/minutes", list("", 1), test.answer, list("", 2))
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
			if test.class == feed.Gone {
				return
			}
			if b = d.MustRead(); titles(b) != "2" {
				t.Errorf("when it is well again it gives %s", titles(b))
			}
		})
	}
}

// TestPoison: a page that ended the process twice is left alone.
func TestPoison(t *testing.T) {
	d := newDesk(t)
	d.Site.Script("/minutes", list("", 1))
	d.IsPoison()
}

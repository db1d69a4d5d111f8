package page_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/markup"
	"feedmill/source/page"
	"feedmill/source/sourcetest"
)

const whole = `<nav>Menu</nav><main><h1>Title</h1><div class=body><p>All of it, at some length, with words and <a href="more">more</a> of them.</p>
	<div class=share>Share</div><table><tr><td>1</td></tr></table></div></main>`

// complete makes an article whole that is listed at /1.
func (d *desk) complete() (feed.Article, error) {
	d.Helper()
	listed := feed.Article{Title: "Listed", Link: home + "/1", Content: "Short."}
	return d.source().Completer()(d.Context(), listed)
}

func TestFollow(t *testing.T) {
	d := newDesk(t)
	d.Follow = &page.Follow{Content: []markup.Selector{d.selector(".absent"), d.selector("main .body")}, Remove: []markup.Selector{d.selector(".share")}}
	d.Site.Script("/1", sourcetest.Page(`<title>Own</title><meta property="og:image" content="/a.jpg"><meta name=author content="Ann Lee">
		<meta property="article:published_time" content="2026-11-03T10:00:00Z">`, whole))
	a, err := d.complete()
	if err != nil {
		t.Fatal(err)
	}
	if a.Title != "Listed" || !strings.Contains(a.Content, `href="`+home+`/more"`) || !strings.Contains(a.Content, "<table>") || strings.Contains(a.Content, "Share") {
		t.Errorf("the article is %+v", a)
	}
	if a.Image.URL != home+"/a.jpg" || len(a.Authors) != 1 || a.Authors[0].Name != "Ann Lee" || a.Published.IsZero() {
		t.Errorf("what its page says of it is %+v", a)
	}
	if !strings.Contains(string(a.Trace), "content follow main .body\n") {
		t.Errorf("the trace is %s", a.Trace)
	}
}

func TestFollowWithoutSelector(t *testing.T) {
	d := newDesk(t)
	d.Follow = &page.Follow{}
	text := strings.Repeat("<p>A paragraph of the article, which has some words, and a few commas, as articles do.</p>", 8)
	d.Site.Script("/1", sourcetest.Page("<title>Own</title>", "<nav>Menu</nav><article>"+text+"</article><footer>Imprint</footer>"))
	a, err := d.complete()
	if err != nil || strings.Count(a.Content, "A paragraph") != 8 || strings.Contains(a.Content, "Imprint") {
		t.Errorf("the article is %+v, %v", a, err)
	}
}

func TestFollowNowhere(t *testing.T) {
	d := newDesk(t)
	if d.source().Completer() != nil {
		t.Error("articles are followed though nobody wrote follow")
	}
	d.Follow = &page.Follow{}
	for _, link := range []string{"", d.URL} {
		a, err := d.source().Completer()(t.Context(), feed.Article{Link: link, Content: "All."})
		if err != nil || a.Content != "All." || len(d.Site.Visits("/minutes")) > 0 {
			t.Errorf("an article with the link %q gives %+v, %v", link, a, err)
		}
	}
}

func TestFollowTroubles(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer http.HandlerFunc
		class  feed.Class
		words  string
	}{
		{"away", sourcetest.Status(http.StatusInternalServerError), feed.Unavailable, "500"},
		{"gone", sourcetest.Status(http.StatusGone), feed.Gone, "410"},
		{"rebuilt", sourcetest.Page("", "<p>Nothing here."), feed.Unreadable, `content "main .body"`},
		{"walled", sourcetest.Challenge(), feed.Refused, "before the article"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk(t)
			d.Follow = &page.Follow{Content: []markup.Selector{d.selector("main .body")}}
			d.Site.Script("/1", test.answer)
			a, err := d.complete()
			if feed.ClassOf(err) != test.class || !strings.Contains(err.Error(), test.words) || !strings.Contains(err.Error(), home+"/1") {
				t.Errorf("class %s: %v", feed.ClassOf(err), err)
			}
			if a.Content != "Short." {
				t.Errorf("the article is %+v", a)
			}
		})
	}
}

// TestFollowObeysRobots: links that feedmill finds are not read against robots.txt; the page that the operator wrote is.
func TestFollowObeysRobots(t *testing.T) {
	d := newDesk(t)
	d.Follow = &page.Follow{}
	d.Site.Script("/robots.txt", sourcetest.Body("text/plain", "User-agent: *\nDisallow: /"))
	d.Site.Script("/minutes", list("", 1))
	d.MustRead()
	if _, err := d.complete(); feed.ClassOf(err) != feed.Refused || !strings.Contains(err.Error(), "robots.txt") {
		t.Errorf("an article that robots.txt keeps gives %v", err)
	}
}

// scripted renders pages: what their scripts would make of them stands below /rendered.
type scripted struct {
	client *fetch.Client
	waits  []string
}

func (s *scripted) Render(ctx context.Context, m feed.Memory, r fetch.Request, wait string) (fetch.Answer, error) {
	s.waits = append(s.waits, wait)
	r.URL = strings.Replace(r.URL, home, home+"/rendered", 1)
	return s.client.Get(ctx, m, r)
}

func TestRender(t *testing.T) {
	d := newDesk(t)
	d.Render, d.Follow = true, &page.Follow{Content: []markup.Selector{d.selector("main .body")}}
	d.Site.Script("/minutes", sourcetest.Page("", "<div id=app></div>"))
	d.Site.Script("/rendered/minutes", list("", 2, 1))
	d.Site.Script("/1", sourcetest.Page("", whole))
	d.Site.Script("/2", sourcetest.Page("", "<div id=app></div>"))
	d.Site.Script("/rendered/2", sourcetest.Page("", whole))
	browser := &scripted{client: d.Client}
	source := page.New(d.Config, d.Client, browser, nil, d.Clock)
	b, err := source.Fetch(t.Context(), d.Memory)
	if err != nil || titles(b) != "2 1" {
		t.Fatalf("it gives %s, %v", titles(b), err)
	}
	for _, a := range b.Articles {
		if a, err = source.Completer()(t.Context(), a); err != nil || !strings.Contains(a.Content, "All of it") {
			t.Errorf("%s is %q, %v", a.Title, a.Content, err)
		}
	}
	if got := strings.Join(browser.waits, "; "); got != "article; main .body" {
		t.Errorf("the browser waited for %q; an article that needs none should not be rendered", got)
	}
	d.Site.Script("/rendered/minutes", sourcetest.Page("", "<p>Rebuilt.</p>"))
	if _, err = source.Fetch(t.Context(), d.Memory); err == nil || strings.Contains(err.Error(), "render: true") {
		t.Errorf("a rendered page without items gives %v", err)
	}
}

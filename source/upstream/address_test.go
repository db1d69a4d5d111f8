package upstream

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/field"
	"feedmill/feed/listing"
	"feedmill/feed/markup"
	"feedmill/feed/parse"
	"feedmill/source/sourcetest"
)

// lister stands for the kind opml, which this package may not import: it reads the address and counts its outlines.
type lister struct{ r *reader }

func (l lister) Expand(ctx context.Context, _ feed.Memory) (map[string]feed.Source, error) {
	answer, err := l.r.client.Get(ctx, nil, fetch.Request{URL: address, Config: sourcetest.Manners()})
	if err != nil {
		return nil, err
	}
	outlines, err := parse.Outlines(answer.Body, answer.Type)
	found := map[string]feed.Source{}
	for _, o := range outlines {
		found[o.URL] = l.r.source
	}
	return found, err
}

// pager stands for the kind page, in the same way.
type pager struct{ r *reader }

func (p pager) Fetch(ctx context.Context, m feed.Memory) (feed.Batch, error) {
	answer, err := p.r.client.Get(ctx, nil, fetch.Request{URL: address, Config: sourcetest.Manners()})
	if err != nil {
		return feed.Batch{}, err
	}
	page, err := markup.Parse(answer.Body, answer.Type, answer.URL)
	if err != nil {
		return feed.Batch{}, err
	}
	taken, notes, err := listing.Find(ctx, m, page, field.Env{Now: p.r.now})
	if err != nil {
		return feed.Batch{}, fmt.Errorf("read %s: %w", address, err)
	}
	return feed.Batch{Articles: taken.Articles, Notes: notes}, nil
}

func newAddress(t testing.TB) (*reader, *Address) {
	r := newReader(t)
	a := NewAddress(Config{URL: address, Fetch: sourcetest.Manners()}, lister{r}, pager{r}, r.client, time.UTC, r.clock)
	r.source = a
	return r, a
}

// read does as the mill does: expand, and fetch what is no list.
func (r *reader) read(a *Address) (list map[string]feed.Source, batch feed.Batch, err error) {
	list, err = a.Expand(r.t.Context(), r.memory)
	if err == nil && list == nil {
		batch, err = a.Fetch(r.t.Context(), r.memory)
	}
	r.memory.Commit()
	r.now = r.now.Add(7 * time.Hour)
	return list, batch, err
}

func TestAddressIsAFeed(t *testing.T) {
	r, a := newAddress(t)
	f := ten()
	r.site.Script("/feed.xml", f.ServeHTTP)
	list, batch, err := r.read(a)
	if err != nil || list != nil || len(batch.Articles) != 10 || len(batch.Notes) != 1 || batch.Notes[0] != address+" is a feed (RSS 2.0)" {
		t.Fatalf("list %v, %d articles, notes %q, %v", list, len(batch.Articles), batch.Notes, err)
	}
	if asked := len(r.site.Visits("/feed.xml")); asked != 1 {
		t.Errorf("it was asked %d times", asked)
	}
	if _, batch, err = r.read(a); err != nil || batch.Extent != feed.Unchanged || len(batch.Notes) > 0 {
		t.Errorf("the second time: extent %d, notes %q, %v", batch.Extent, batch.Notes, err)
	}
	for name, other := range map[string]http.HandlerFunc{
		"page": sourcetest.Page("<title>Alice</title>", ""), "list": sourcetest.Body(sourcetest.OPML, sourcetest.List(address)),
		"page with another feed": sourcetest.PageOf("/other"),
	} {
		r.site.Script("/feed.xml", other)
		_, batch, err = r.read(a)
		says(t, err, feed.Suspicious, address, "was a feed", "stays")
		if len(batch.Articles) > 0 {
			t.Errorf("%s: %d articles", name, len(batch.Articles))
		}
	}
	r.site.Script("/feed.xml", sourcetest.Login())
	_, _, err = r.read(a)
	says(t, err, feed.Refused, "login page")
	f.Edit(func(f *sourcetest.Feed) { f.Items = f.Items[:9] })
	r.site.Script("/feed.xml", f.ServeHTTP)
	if _, batch, err = r.read(a); err != nil || len(batch.Articles) != 9 {
		t.Errorf("healed: %d articles, %v", len(batch.Articles), err)
	}
}

func TestAddressIsAPage(t *testing.T) {
	r, a := newAddress(t)
	page := sourcetest.Page(`<link rel="alternate" type="application/rss+xml" href="/gone.xml"><link rel="alternate" type="application/atom+xml" href="http://bob.example/rss">`, "")
	r.site.Script("/feed.xml", page)
	r.site.Script("bob.example/rss", ten().ServeHTTP)
	_, batch, err := r.read(a)
	if err != nil || len(batch.Articles) != 10 || len(batch.Notes) != 1 || batch.Notes[0] != address+" is a page; its feed http://bob.example/rss is read" {
		t.Fatalf("%d articles, notes %q, %v", len(batch.Articles), batch.Notes, err)
	}
	if from := batch.Articles[0].Source.FeedURL; from != "http://bob.example/rss" {
		t.Errorf("the articles come from %s", from)
	}
	r.site.ForgetVisits()
	if _, batch, err = r.read(a); err != nil || batch.Extent != feed.Unchanged || len(batch.Notes) > 0 {
		t.Errorf("the second time: extent %d, notes %q, %v", batch.Extent, batch.Notes, err)
	}
	if asked := len(r.site.Visits("/feed.xml")); asked > 0 {
		t.Errorf("the page was asked for %d times again", asked)
	}
	r.site.Script("bob.example/rss", sourcetest.Status(500))
	_, _, err = r.read(a)
	says(t, err, feed.Unavailable, "500", "the page "+address)
}

// three is a page that lists articles, under a bar with a form to log in.
const three = `<header><a href="/about">About this site</a><form><input type="password"></form></header><main>
<article><h2><a href="/2026/rain">Rain for the third week</a></h2><time datetime="2026-11-22">yesterday</time></article>
<article><h2><a href="/2026/bridge">The bridge opens again</a></h2><time datetime="2026-11-20">Friday</time></article>
<article><h2><a href="/2026/budget">Council passes its budget</a></h2><time datetime="2026-11-19">Thursday</time></article></main>`

func TestAddressIsAPageOfArticles(t *testing.T) {
	r, a := newAddress(t)
	r.site.Script("/feed.xml", sourcetest.Page("<title>Alice</title>", three))
	_, batch, err := r.read(a)
	if err != nil || len(batch.Articles) != 3 || batch.Articles[0].Title != "Rain for the third week" {
		t.Fatalf("%d articles, %v", len(batch.Articles), err)
	}
	if len(batch.Notes) < 2 || batch.Notes[0] != address+" is a page without a feed; the articles that it lists are read" {
		t.Errorf("notes %q", batch.Notes)
	}
	if _, batch, err = r.read(a); err != nil || len(batch.Articles) != 3 || len(batch.Notes) > 0 {
		t.Errorf("the second time: %d articles, notes %q, %v", len(batch.Articles), batch.Notes, err)
	}
	r.site.Script("/feed.xml", ten().ServeHTTP)
	if _, batch, err = r.read(a); err == nil {
		t.Errorf("it turned into a feed, and gave %d articles", len(batch.Articles))
	}
}

func TestAddressIsAList(t *testing.T) {
	r, a := newAddress(t)
	r.site.Script("/feed.xml", sourcetest.Body(sourcetest.OPML, sourcetest.List("http://b.example/", "http://c.example/")))
	for range 2 {
		if list, _, err := r.read(a); err != nil || len(list) != 2 {
			t.Fatalf("%d feeds, %v", len(list), err)
		}
	}
	if _, err := a.Fetch(t.Context(), r.memory); err == nil {
		t.Error("a list can be fetched")
	}
	r.now = r.now.Add(time.Hour) // until then the answer is kept for others who ask
	r.site.Script("/feed.xml", ten().ServeHTTP)
	_, _, err := r.read(a)
	says(t, err, feed.Suspicious, "was a list of feeds", "<rss>")
}

func TestAddressIsNothingYet(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer http.HandlerFunc
		class  feed.Class
		words  string
	}{
		{"a page without a feed and a list", sourcetest.Page("<title>x</title>", "<p>Closed."), feed.Unreadable, "it has no list of links"},
		{"a page with a bad feed", sourcetest.PageOf("/none"), feed.Unavailable, "the feed it names cannot be read"},
		{"a login page", sourcetest.Login(), feed.Refused, "login page"},
		{"down", sourcetest.Abort(), feed.Unavailable, "asks again later"},
		{"half", sourcetest.Half(sourcetest.RSS, ten().Text()), feed.Unreadable, "truncated"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, a := newAddress(t)
			r.site.Script("/feed.xml", test.answer)
			_, _, err := r.read(a)
			says(t, err, test.class, address, test.words)
			r.site.Script("/feed.xml", ten().ServeHTTP)
			if _, batch, err := r.read(a); err != nil || len(batch.Articles) != 10 {
				t.Errorf("then it is a feed: %d articles, %v", len(batch.Articles), err)
			}
		})
	}
}

// TestPoisonousAddress: the quarantine holds for the first look too.
func TestPoisonousAddress(t *testing.T) {
	r, a := newAddress(t)
	r.site.Script("/feed.xml", ten().ServeHTTP)
	for range 2 {
		if _, err := a.Expand(t.Context(), doomed{r.memory}); err != nil {
			t.Fatal(err)
		}
		r.memory.Restart()
	}
	_, _, err := r.read(a)
	says(t, err, feed.Internal, "left alone")
}

// TestSecretsStayHome: what the operator wrote for one origin goes to no other that it leads to.
func TestSecretsStayHome(t *testing.T) {
	r := newReader(t)
	c := Config{URL: address, Fetch: sourcetest.Manners()}
	c.Fetch.Auth = fetch.Auth{User: "alice", Password: "hunter2"}
	a := NewAddress(c, lister{r}, pager{r}, r.client, time.UTC, r.clock)
	r.site.Script("/feed.xml", sourcetest.PageOf("http://bob.example/rss"))
	r.site.Script("bob.example/rss", ten().ServeHTTP)
	if _, _, err := r.read(a); err != nil {
		t.Fatal(err)
	}
	if got := r.site.Visits("/feed.xml")[0].Header.Get("Authorization"); !strings.HasPrefix(got, "Basic ") {
		t.Errorf("the configured address got %q", got)
	}
	if got := r.site.Visits("bob.example/rss")[0].Header.Get("Authorization"); got != "" {
		t.Errorf("another host got %q", got)
	}
	for _, same := range []string{"http://alice.example/other", "HTTP://ALICE.example/x"} {
		if c.At(same).Fetch.Auth.User == "" {
			t.Errorf("%s gets no password", same)
		}
	}
	for _, other := range []string{"https://alice.example/", "http://alice.example:8080/", "http://alice.example.org/", ""} {
		if c.At(other).Fetch.Auth.User != "" {
			t.Errorf("%s gets the password", other)
		}
	}
}

func TestConfig(t *testing.T) {
	for _, test := range []struct{ url, says string }{
		{"https://alice.example/feed.xml", ""},
		{"http://[fd00::1]:8080/feed?x=y", ""},
		{"", "url is empty"},
		{"feed.xml", "no http or https address"},
		{"ftp://alice.example/feed", "no http or https address"},
		{"https:///feed", "names no host"},
		{"https://u:hunter2@alice.example/", "auth:"},
		{"https://alice.example/%zz?hunter2", "no address"},
	} {
		err := Config{URL: test.url}.Validate()
		if test.says == "" && err != nil || test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)) {
			t.Errorf("%q: %v", test.url, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("a secret shows in %v", err)
		}
	}
	if err := Default().Fetch.Validate(); err != nil {
		t.Error(err)
	}
}

func TestAddressCancelled(t *testing.T) {
	r, a := newAddress(t)
	r.site.Script("/feed.xml", sourcetest.After(time.Minute, ten().ServeHTTP))
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := a.Expand(ctx, r.memory); !errors.Is(err, context.Canceled) || r.memory.Puts > 0 {
		t.Errorf("the error is %v, and %d values were put", err, r.memory.Puts)
	}
}

// TestRobots: what a page leads to is a link that we found, what the operator wrote is not.
func TestRobots(t *testing.T) {
	r, a := newAddress(t)
	r.site.Script("/robots.txt", sourcetest.Body("text/plain", "User-agent: *\nDisallow: /feed\nDisallow: /found\n"))
	r.site.Script("/found.xml", ten().ServeHTTP)
	r.site.Script("/feed.xml", ten().ServeHTTP)
	if _, batch, err := r.read(a); err != nil || len(batch.Articles) != 10 {
		t.Fatalf("the written address gave %d articles, %v", len(batch.Articles), err)
	}
	r, a = newAddress(t)
	r.site.Script("/robots.txt", sourcetest.Body("text/plain", "User-agent: *\nDisallow: /feed\nDisallow: /found\n"))
	r.site.Script("/found.xml", ten().ServeHTTP)
	r.site.Script("/feed.xml", sourcetest.PageOf("/found.xml"))
	if _, batch, err := r.read(a); err == nil || feed.ClassOf(err) != feed.Refused || len(batch.Articles) != 0 {
		t.Errorf("the found address gave %d articles, %v", len(batch.Articles), err)
	}
	if asked := len(r.site.Visits("/found.xml")); asked != 0 {
		t.Errorf("the found address was asked %d times", asked)
	}
}

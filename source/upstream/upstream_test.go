package upstream

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/source/sourcetest"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const address = "http://alice.example/feed.xml"

// reader is a source with its site, its memory and a clock.
type reader struct {
	t      testing.TB
	site   *sourcetest.Site
	memory *sourcetest.Memory
	client *fetch.Client
	now    time.Time
	source feed.Source
}

func newReader(t testing.TB) *reader {
	t.Helper()
	r := &reader{t: t, site: sourcetest.NewSite(), memory: sourcetest.NewMemory(), now: noon}
	r.restart()
	return r
}

// restart goes on in another process: what the source knows is in its memory.
func (r *reader) restart() {
	r.client = fetch.New(r.clock, slog.New(slog.DiscardHandler), r.site.Option())
	r.source = New(Config{URL: address, Fetch: sourcetest.Manners()}, r.client, time.UTC, r.clock)
}

func (r *reader) clock() time.Time { return r.now }

// fetch reads once and commits, as the mill does, also after an error; then seven hours pass.
func (r *reader) fetch() (feed.Batch, error) {
	r.t.Helper()
	batch, err := r.source.Fetch(r.t.Context(), r.memory)
	r.memory.Commit()
	r.now = r.now.Add(7 * time.Hour) // longer than any pause after a failure
	return batch, err
}

func (r *reader) mustFetch() feed.Batch {
	r.t.Helper()
	batch, err := r.fetch()
	if err != nil {
		r.t.Fatal(err)
	}
	return batch
}

func ten() *sourcetest.Feed {
	return sourcetest.NewFeed("Alice", "http://alice.example/", 10, 300, noon.Add(-time.Hour))
}

// says asserts an error of a class whose text holds all words.
func says(t testing.TB, err error, class feed.Class, words ...string) {
	t.Helper()
	if err == nil || feed.ClassOf(err) != class {
		t.Fatalf("the error is %v of class %q, want class %q", err, feed.ClassOf(err), class)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not say %q", err, word)
		}
	}
}

func TestGates(t *testing.T) {
	r := newReader(t)
	f := ten()
	r.site.Script("/feed.xml", f.ServeHTTP)
	first := r.mustFetch()
	if first.Extent != feed.Listing || len(first.Articles) != 10 {
		t.Fatalf("the first fetch gives %d articles, extent %d", len(first.Articles), first.Extent)
	}
	a := first.Articles[0]
	want := feed.Origin{Title: "Alice", Link: "http://alice.example/", FeedURL: address}
	if a.ID != "http://alice.example/10" || a.Key != "" || a.Source != want {
		t.Errorf("the first article has id %q, key %q and source %+v", a.ID, a.Key, a.Source)
	}

	r.restart()
	batch := r.mustFetch()
	if visits := r.site.Visits("/feed.xml"); batch.Extent != feed.Unchanged || !visits[len(visits)-1].Conditional {
		t.Errorf("the second fetch gives extent %d, and its request %+v", batch.Extent, visits[len(visits)-1])
	}

	f.Edit(func(f *sourcetest.Feed) { f.Built = noon })
	if batch := r.mustFetch(); batch.Extent != feed.Unchanged || len(batch.Articles) > 0 {
		t.Errorf("another build date alone gives extent %d", batch.Extent)
	}
	r.site.Script("/feed.xml", f.ServeHTTP)
	r.site.ForgetVisits()
	if r.mustFetch(); !r.site.Visits("/feed.xml")[0].Conditional {
		t.Error("the validators of the answer with another build date were not remembered")
	}

	f.Edit(func(f *sourcetest.Feed) {
		f.Items = append([]sourcetest.Item{sourcetest.NewItem(f.Link, 11, 300, noon)}, f.Items[:9]...)
	})
	if batch := r.mustFetch(); batch.Extent != feed.Listing || len(batch.Articles) != 10 || batch.Articles[0].Title != "Article 11" {
		t.Errorf("a new article gives %d articles, extent %d", len(batch.Articles), batch.Extent)
	}
}

// TestDropped: what was not committed, because the batch was held or the process ended, comes again.
func TestDropped(t *testing.T) {
	r := newReader(t)
	r.site.Script("/feed.xml", ten().ServeHTTP)
	for range 2 {
		batch, err := r.source.Fetch(t.Context(), r.memory)
		if err != nil || len(batch.Articles) != 10 {
			t.Fatalf("%d articles, %v", len(batch.Articles), err)
		}
		r.memory.Restart()
		r.now = r.now.Add(time.Hour)
	}
}

func TestTrouble(t *testing.T) {
	text := ten().Text()
	for _, test := range []struct {
		name   string
		answer http.HandlerFunc
		class  feed.Class
		words  []string
	}{
		{"down", sourcetest.Abort(), feed.Unavailable, []string{"closed the connection", "asks again later"}},
		{"out of order", sourcetest.Status(500), feed.Unavailable, []string{"500", "out of order"}},
		{"not there", sourcetest.Status(404), feed.Unavailable, []string{"404", "spelled right"}},
		{"password", sourcetest.Status(401), feed.Refused, []string{"401", "auth:"}},
		{"forbidden", sourcetest.Status(403), feed.Refused, []string{"403", "user_agent"}},
		{"gone", sourcetest.Status(410), feed.Gone, []string{"410", "take the source out"}},
		{"too often", sourcetest.Status(429, "Retry-After", "60"), feed.Throttled, []string{"429", "waits as told"}},
		{"loop", sourcetest.Redirect(302, "/feed.xml"), feed.Unavailable, []string{"redirected more than 5 times"}},
		{"nothing", sourcetest.Body(sourcetest.RSS, ""), feed.Unreadable, []string{"nothing at all"}},
		{"blank", sourcetest.Body(sourcetest.RSS, " \n\n"), feed.Unreadable, []string{address, "empty"}},
		{"truncated", sourcetest.Truncated(sourcetest.RSS, text), feed.Unavailable, []string{"broke off"}},
		{"half", sourcetest.Half(sourcetest.RSS, text), feed.Unreadable, []string{address, "truncated"}},
		{"endless", sourcetest.Endless(), feed.Refused, []string{"larger than 1MB", "max_body"}},
		{"bomb", sourcetest.Bomb(8 << 20), feed.Refused, []string{"larger than 1MB", "max_body"}},
		{"page", sourcetest.Page("<title>Alice</title>", "<p>Hello"), feed.Unreadable, []string{address, "web page", "Alice"}},
		{"page with a feed", sourcetest.PageOf("/rss"), feed.Unreadable, []string{"its feed is http://alice.example/rss"}},
		{"login", sourcetest.Login(), feed.Refused, []string{"login page", "cookies"}},
		{"captcha", sourcetest.Challenge(), feed.Refused, []string{"let", "user"}},
		{"list", sourcetest.Body(sourcetest.OPML, sourcetest.List(address)), feed.Unreadable, []string{"OPML", "opml:"}},
		{"text", sourcetest.Body("text/plain", "maintenance"), feed.Unreadable, []string{address, "text"}},
		{"entities", sourcetest.Body(sourcetest.RSS, `<!DOCTYPE rss [<!ENTITY a "b">]><rss version="2.0"></rss>`), feed.Unreadable, []string{"entities"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newReader(t)
			c := Config{URL: address, Fetch: sourcetest.Manners()}
			c.Fetch.MaxBody = 1 << 20
			r.source = New(c, r.client, time.UTC, r.clock)
			f := ten()
			r.site.Script("/feed.xml", f.ServeHTTP)
			r.mustFetch()

			f.Edit(func(f *sourcetest.Feed) { f.Items[0].Title = "Edited" })
			r.site.Script("/feed.xml", test.answer)
			for range 2 { // the second time it is no news, but no better either; two 410s would end all asking
				batch, err := r.fetch()
				says(t, err, test.class, test.words...)
				if len(batch.Articles) > 0 || batch.Extent != feed.Listing {
					t.Errorf("an error came with the batch %+v", batch)
				}
				if test.class == feed.Gone {
					break
				}
			}

			r.site.Script("/feed.xml", f.ServeHTTP)
			if batch := r.mustFetch(); batch.Extent != feed.Listing || len(batch.Articles) != 10 || batch.Articles[0].Title != "Edited" {
				t.Errorf("after it has healed there are %d articles, extent %d", len(batch.Articles), batch.Extent)
			}
		})
	}
}

// TestUnreadableIsLeftAlone: an address whose answers cannot be read is asked less and less often, at last every hour, says
// the same all the while, and is read as soon as it is asked again and well.
func TestUnreadableIsLeftAlone(t *testing.T) {
	r := newReader(t)
	f := ten()
	r.site.Script("/feed.xml", f.ServeHTTP)
	r.mustFetch()
	for _, source := range []struct {
		name string
		feed.Source
	}{{"a feed", r.source}, {"an address", NewAddress(Config{URL: address, Fetch: sourcetest.Manners()}, nil, nil, r.client, time.UTC, r.clock)}} {
		r.source = source.Source
		f.Edit(func(f *sourcetest.Feed) { f.Items[0].Title += " again" })
		r.site.Script("/feed.xml", f.ServeHTTP)
		r.mustFetch()
		r.site.Script("/feed.xml", sourcetest.Page("<title>Alice</title>", "<p>Hello"))
		r.site.ForgetVisits()
		var first error
		for range 24 * 60 {
			_, err := r.source.Fetch(t.Context(), r.memory)
			r.memory.Commit()
			says(t, err, feed.ClassOf(err), "web page")
			if first == nil {
				first = err
			}
			if err.Error() != first.Error() {
				t.Fatalf("%s: within the pause it says %v, not %v", source.name, err, first)
			}
			r.now = r.now.Add(time.Minute)
		}
		if n := len(r.site.Visits("/feed.xml")); n < 24 || n > 36 {
			t.Errorf("%s: an unreadable answer was asked for %d times a day", source.name, n)
		}
		f.Edit(func(f *sourcetest.Feed) { f.Items[0].Title = "Well" })
		r.site.Script("/feed.xml", f.ServeHTTP)
		r.now = r.now.Add(time.Hour)
		if batch := r.mustFetch(); len(batch.Articles) != 10 || batch.Articles[0].Title != "Well" {
			t.Errorf("%s: an hour after it was mended it gives %d articles", source.name, len(batch.Articles))
		}
	}
}

// TestSlow: the deadline ends an answer that does not come.
func TestSlow(t *testing.T) {
	r := newReader(t)
	c := Config{URL: address, Fetch: sourcetest.Manners()}
	c.Fetch.Timeout = 50_000_000
	r.source = New(c, r.client, time.UTC, r.clock)
	r.site.Script("/feed.xml", sourcetest.After(time.Minute, ten().ServeHTTP))
	_, err := r.fetch()
	says(t, err, feed.Unavailable, "50ms", "timeout")
}

func TestGoneStops(t *testing.T) {
	r := newReader(t)
	r.site.Script("/feed.xml", sourcetest.Status(410))
	for range 4 {
		_, err := r.fetch()
		says(t, err, feed.Gone, "410")
	}
	if asked := len(r.site.Visits("/feed.xml")); asked != 2 {
		t.Errorf("an address that is gone was asked %d times", asked)
	}
}

func TestMoved(t *testing.T) {
	r := newReader(t)
	r.site.Script("/feed.xml", sourcetest.Redirect(301, "http://bob.example/new.xml"))
	r.site.Script("bob.example/new.xml", ten().ServeHTTP)
	var told []string
	for visit := range 6 {
		batch := r.mustFetch()
		told = append(told, batch.Notes...)
		if len(batch.Problems) > 0 || visit < 2 && len(batch.Notes) > 0 {
			t.Errorf("told at visit %d: %v, %q", visit, batch.Problems, batch.Notes)
		}
	}
	if len(told) != 1 || !strings.Contains(told[0], "has moved to http://bob.example/new.xml; change url") {
		t.Errorf("told %q", told)
	}
}

// TestSecretsStayHidden: nobody reads the query of an address in an error.
func TestSecretsStayHidden(t *testing.T) {
	r := newReader(t)
	r.source = New(Config{URL: address + "?key=hunter2", Fetch: sourcetest.Manners()}, r.client, time.UTC, r.clock)
	r.site.Script("/feed.xml", sourcetest.Status(500), sourcetest.Page("", "x"), sourcetest.Half(sourcetest.RSS, ten().Text()), sourcetest.Login())
	for range 4 {
		if _, err := r.fetch(); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error is %v", err)
		}
	}
}

// doomed is a memory of a process that never gets to the end of what it begins.
type doomed struct{ *sourcetest.Memory }

func (d doomed) Begin(ctx context.Context, work string) (int, func(), error) {
	deaths, _, err := d.Memory.Begin(ctx, work)
	return deaths, func() {}, err
}

func TestQuarantine(t *testing.T) {
	r := newReader(t)
	f := ten()
	r.site.Script("/feed.xml", f.ServeHTTP)
	for range 2 {
		if _, err := r.source.Fetch(t.Context(), doomed{r.memory}); err != nil {
			t.Fatal(err)
		}
		r.memory.Restart()
		r.now = r.now.Add(time.Hour)
	}
	for range 2 {
		_, err := r.fetch()
		says(t, err, feed.Internal, address, "2 times", "left alone until")
	}
	f.Edit(func(f *sourcetest.Feed) { f.Items = f.Items[:9] })
	if batch := r.mustFetch(); len(batch.Articles) != 9 {
		t.Errorf("another answer gives %d articles", len(batch.Articles))
	}
}

// TestMergeLives reads 40 sources of which 39 fail.
func TestMergeLives(t *testing.T) {
	site := sourcetest.NewSite()
	client := fetch.New(func() time.Time { return noon }, slog.New(slog.DiscardHandler), site.Option())
	bad := []http.HandlerFunc{
		sourcetest.Status(500), sourcetest.Abort(), sourcetest.Login(), sourcetest.Endless(), sourcetest.Bomb(4 << 20),
		sourcetest.Truncated(sourcetest.RSS, ten().Text()), sourcetest.Half(sourcetest.RSS, ten().Text()), sourcetest.Status(410),
	}
	good, failed := 0, 0
	for i := range 40 {
		host := string(rune('a'+i/10)) + string(rune('a'+i%10)) + ".example"
		answer := bad[i%len(bad)]
		if i == 17 {
			answer = ten().ServeHTTP
		}
		site.Script(host+"/rss", answer)
		c := Config{URL: "http://" + host + "/rss", Fetch: sourcetest.Manners()}
		c.Fetch.MaxBody = 1 << 20
		batch, err := New(c, client, nil, func() time.Time { return noon }).
			Fetch(t.Context(), sourcetest.NewMemory())
		if err != nil {
			failed++
			if !strings.Contains(err.Error(), host) || feed.ClassOf(err) == feed.Internal {
				t.Errorf("%s: class %s: %v", host, feed.ClassOf(err), err)
			}
		}
		good += len(batch.Articles)
	}
	if good != 10 || failed != 39 {
		t.Errorf("%d articles, %d sources failed", good, failed)
	}
}

func TestCancelled(t *testing.T) {
	r := newReader(t)
	r.site.Script("/feed.xml", sourcetest.After(time.Minute, ten().ServeHTTP))
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := r.source.Fetch(ctx, r.memory); !errors.Is(err, context.Canceled) || r.memory.Puts > 0 {
		t.Errorf("the error is %v, and %d values were put", err, r.memory.Puts)
	}
}

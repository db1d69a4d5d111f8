package opml

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/source/sourcetest"
)

// stub stands for the source of one feed.
type stub struct{ url, title string }

func (stub) Fetch(context.Context, feed.Memory) (feed.Batch, error) { return feed.Batch{}, nil }

func open(url, title string) feed.Source { return stub{url, title} }

const address = "http://alice.example/friends.opml"

type reader struct {
	t      testing.TB
	site   *sourcetest.Site
	memory *sourcetest.Memory
	list   *List
	now    time.Time
}

func newReader(t testing.TB) *reader {
	r := &reader{t: t, site: sourcetest.NewSite(), memory: sourcetest.NewMemory(), now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	client := fetch.New(func() time.Time { return r.now }, slog.New(slog.DiscardHandler), r.site.Option())
	r.list = New(Config{Path: address, Fetch: sourcetest.Manners()}, "", client, open)
	return r
}

// expand returns the addresses of the feeds, in their order.
func (r *reader) expand() ([]string, error) {
	feeds, err := r.list.Expand(r.t.Context(), r.memory)
	r.memory.Commit()
	r.now = r.now.Add(7 * time.Hour)
	return slices.Sorted(maps.Keys(feeds)), err
}

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

func TestList(t *testing.T) {
	const head, foot = `<opml version="2.0"><head><title>x</title></head><body>`, `</body></opml>`
	deep := strings.Repeat(`<outline text="folder">`, 90) + `<outline xmlUrl="http://a.example/"/>` + strings.Repeat(`</outline>`, 90)
	for _, test := range []struct {
		name, text string
		want       []string // url and title
	}{
		{"plain", `<outline type="rss" text="A" xmlUrl="http://a.example/rss"/>`, []string{"http://a.example/rss A"}},
		{"title before text", `<outline text="t" title="A &amp; B" xmlUrl="http://a.example/rss"/>`, []string{"http://a.example/rss A & B"}},
		{"any case", `<OUTLINE TYPE="RSS" XMLURL="http://a.example/"/><outline xmlurl="http://b.example/"/>`, []string{"http://a.example/ ", "http://b.example/ "}},
		{"nested", `<outline text="f"><outline text="g"><outline xmlUrl="http://a.example/"/></outline></outline><outline xmlUrl="http://b.example/"/>`, []string{"http://a.example/ ", "http://b.example/ "}},
		{"deep", deep, []string{"http://a.example/ "}},
		{"twice", `<outline xmlUrl="http://a.example/" title="A"/><outline xmlUrl=" HTTP://A.example/ " title="B"/>`, []string{"http://a.example/ A"}},
		{"links and inclusions", `<outline type="link" xmlUrl="http://l.example/"/><outline type="include" xmlUrl="http://i.example/"/><outline text="x" url="http://u.example/"/><outline type="atom" xmlUrl="http://a.example/"/>`, []string{"http://a.example/ "}},
		{"comments", `<outline isComment="true" xmlUrl="http://c.example/"><outline xmlUrl="http://d.example/"/></outline><outline xmlUrl="http://a.example/"/>`, []string{"http://a.example/ "}},
		{"a bare ampersand", `<outline text="A & B" xmlUrl="http://a.example/?a=1&b=2"/>`, []string{"http://a.example/?a=1&b=2 A & B"}},
		{"relative", `<outline xmlUrl="/rss"/>`, []string{"http://alice.example/rss "}},
		{"feed:", `<outline xmlUrl="feed://a.example/"/><outline xmlUrl="feed:https://b.example/"/>`, []string{"http://a.example/ ", "https://b.example/ "}},
		{"markup", `<outline text="&lt;b&gt;A&lt;/b&gt;" xmlUrl="http://a.example/"/>`, []string{"http://a.example/ A"}},
		{"an entity of HTML", `<outline text="A &eacute;" xmlUrl="http://a.example/"/>`, []string{"http://a.example/ A é"}},
		{"an end tag too many", `</outline></outline></outline><outline xmlUrl="http://a.example/"/>`, []string{"http://a.example/ "}},
		{"an unclosed outline", `<outline text="f"><outline xmlUrl="http://a.example/"/>`, []string{"http://a.example/ "}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newReader(t)
			r.site.Script("/friends.opml", sourcetest.Body(sourcetest.OPML, head+test.text+foot))
			feeds, err := r.list.Expand(t.Context(), r.memory)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for name, source := range feeds {
				s, ok := source.(stub)
				if !ok || name != s.url {
					t.Fatalf("%s is the source %#v", name, source)
				}
				got = append(got, s.url+" "+s.title)
			}
			if slices.Sort(got); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestUnfit: an outline that is no address fails for itself, and shows no password.
func TestUnfit(t *testing.T) {
	r := newReader(t)
	r.site.Script("/friends.opml", sourcetest.Body(sourcetest.OPML, sourcetest.List("ftp://a.example/", "http://u:hunter2@b.example/", "http://c.example/")))
	feeds, err := r.list.Expand(t.Context(), r.memory)
	if err != nil || len(feeds) != 3 {
		t.Fatalf("%d feeds, %v", len(feeds), err)
	}
	for name, words := range map[string]string{"ftp://a.example/": "which is no web address", "http://b.example/": "with a user and password", "http://c.example/": ""} {
		if feeds[name] == nil {
			t.Errorf("%s is missing", name)
			continue
		}
		_, err := feeds[name].Fetch(t.Context(), sourcetest.NewMemory())
		if words == "" {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		says(t, err, feed.Refused, name, words, "“Friend ")
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v shows a password", err)
		}
	}
}

// TestKnownStays: whatever becomes of the list, its feeds go on, also after a restart.
func TestKnownStays(t *testing.T) {
	good := sourcetest.List("http://a.example/", "http://b.example/")
	for _, test := range []struct {
		name   string
		answer http.HandlerFunc
		class  feed.Class
		words  string
	}{
		{"down", sourcetest.Status(500), feed.Unavailable, "500"},
		{"gone", sourcetest.Status(404), feed.Unavailable, "404"},
		{"page", sourcetest.Page("<title>x</title>", ""), feed.Unreadable, "<html>"},
		{"text", sourcetest.Body("text/plain", "hello"), feed.Unreadable, "no markup"},
		{"half", sourcetest.Half(sourcetest.OPML, good), feed.Unreadable, "truncated"},
		{"nothing named", sourcetest.Body(sourcetest.OPML, sourcetest.List()), feed.Suspicious, "no feeds any more"},
		{"entities", sourcetest.Body(sourcetest.OPML, `<!DOCTYPE opml [<!ENTITY a "b">]>`+good), feed.Unreadable, "entities"},
		{"too deep", sourcetest.Body(sourcetest.OPML, "<opml>"+strings.Repeat("<outline>", 1000)+"</opml>"), feed.Unreadable, "nested"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newReader(t)
			r.site.Script("/friends.opml", sourcetest.Conditional(sourcetest.OPML, good))
			want, err := r.expand()
			if err != nil || len(want) != 2 {
				t.Fatalf("%q, %v", want, err)
			}
			if got, err := r.expand(); err != nil || !slices.Equal(got, want) {
				t.Errorf("unchanged: %q, %v", got, err)
			}
			if visits := r.site.Visits("/friends.opml"); !visits[1].Conditional {
				t.Error("the validators were not remembered")
			}
			r.site.Script("/friends.opml", test.answer)
			got, err := r.expand()
			says(t, err, test.class, address, test.words)
			if !slices.Equal(got, want) {
				t.Errorf("the feeds that go on are %q", got)
			}
			r.site.Script("/friends.opml", sourcetest.Conditional(sourcetest.OPML, sourcetest.List("http://c.example/")))
			if got, err := r.expand(); err != nil || !slices.Equal(got, []string{"http://c.example/"}) {
				t.Errorf("healed: %q, %v", got, err)
			}
		})
	}
}

func TestFirstReading(t *testing.T) {
	r := newReader(t)
	r.site.Script("/friends.opml", sourcetest.Body(sourcetest.OPML, sourcetest.List()), sourcetest.Status(500))
	got, err := r.expand()
	says(t, err, feed.Unreadable, "no outline of it has an xmlUrl")
	if got != nil {
		t.Errorf("an empty list names %q", got)
	}
	if got, err = r.expand(); got != nil {
		t.Errorf("a list that was never read names %q", got)
	}
	says(t, err, feed.Unavailable)
}

func TestTooMany(t *testing.T) {
	r := newReader(t)
	var all []string
	for i := range mostFeeds + 2 {
		all = append(all, fmt.Sprintf("http://a.example/%d", i))
	}
	r.site.Script("/friends.opml", sourcetest.Body(sourcetest.OPML, sourcetest.List(all...)))
	got, err := r.expand()
	says(t, err, feed.Refused, "more than 5000 feeds", "split")
	if len(got) != mostFeeds {
		t.Errorf("%d feeds", len(got))
	}
}

func TestFile(t *testing.T) {
	folder := t.TempDir()
	memory := sourcetest.NewMemory()
	l := New(Config{Path: "lists/friends.opml", Fetch: fetch.Default()}, folder, nil, open)
	expand := func() (int, error) {
		feeds, err := l.Expand(t.Context(), memory)
		return len(feeds), err
	}
	_, err := expand()
	says(t, err, feed.Unavailable, "lists/friends.opml", "no such file")
	name := filepath.Join(folder, "lists", "friends.opml")
	if err := os.Mkdir(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for n, addresses := range [][]string{{"http://a.example/"}, {"http://a.example/", "http://b.example/"}} {
		write(sourcetest.List(addresses...))
		if got, err := expand(); got != n+1 || err != nil {
			t.Errorf("%d feeds, %v", got, err)
		}
	}
	memory.Commit()
	if _, err := expand(); err != nil || memory.Puts > 0 {
		t.Errorf("an unchanged file put %d values, %v", memory.Puts, err)
	}
	write("<opml><body><outline")
	got, err := expand()
	says(t, err, feed.Unreadable, "truncated")
	if got != 2 {
		t.Errorf("%d feeds go on", got)
	}
	write(strings.Repeat(" ", 17<<20))
	_, err = expand()
	says(t, err, feed.Refused, "max_body")
}

func TestConfig(t *testing.T) {
	for _, test := range []struct{ path, says string }{
		{"friends.opml", ""},
		{"../lists/friends.opml", ""},
		{"https://alice.example/friends.opml", ""},
		{"", "path is empty"},
		{"lists/", "names a folder"},
		{"ftp://alice.example/friends.opml", "no http or https"},
		{"https://u:hunter2@alice.example/", "auth:"},
		{"https:///x", "no address"},
	} {
		err := Config{Path: test.path}.Validate()
		if test.says == "" && err != nil || test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("%q: %v", test.path, err)
		}
	}
}

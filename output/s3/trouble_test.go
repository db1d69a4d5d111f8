package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"feedmill/feed"
)

// says answers with an error as S3 does.
func says(status int, code, message, more string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message>%s</Error>", code, message, more)
		return true
	}
}

// whenPut lets questions through.
func whenPut(door func(http.ResponseWriter, *http.Request) bool) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool { return r.Method == http.MethodPut && door(w, r) }
}

// TestWords are what an operator reads.
func TestWords(t *testing.T) {
	for _, test := range []struct {
		name  string
		door  func(http.ResponseWriter, *http.Request) bool
		class feed.Class
		wants []string
	}{
		{"wrong access key", says(403, "InvalidAccessKeyId", "The key the-access-key does not exist", ""), feed.Refused, []string{"access key", "mend `access_key`"}},
		{"wrong secret", says(403, "SignatureDoesNotMatch", "not hunter2hunter2", ""), feed.Refused, []string{"mend `secret_key`"}},
		{"not allowed", says(403, "AccessDenied", "Access Denied", ""), feed.Refused, []string{"access denied", "get, put and delete"}},
		{"no bucket", says(404, "NoSuchBucket", "The specified bucket does not exist", ""), feed.Refused, []string{"there is no bucket feeds", "mend `bucket`"}},
		{"another region", says(400, "AuthorizationHeaderMalformed", "expecting", "<Region>eu-central-1</Region>"), feed.Refused, []string{`"eu-central-1"`, "`region`"}},
		{"another region, not named", says(301, "PermanentRedirect", "use the other endpoint", ""), feed.Refused, []string{"mend `region` and `endpoint`"}},
		{"a wrong clock", says(403, "RequestTimeTooSkewed", "", ""), feed.Refused, []string{"set the clock"}},
		{"too large", says(400, "EntityTooLarge", "", ""), feed.Refused, []string{"of that size"}},
		{"too long", says(400, "KeyTooLongError", "", ""), feed.Refused, []string{"shorter slug"}},
		{"no room", whenPut(says(507, "XMinioStorageFull", "", "")), feed.Unavailable, []string{"make room"}},
		{"in trouble", whenPut(says(500, "InternalError", "We  encountered\n an error at hunter2hunter2", "")), feed.Unavailable, []string{"500: We", "tried again"}},
		{"too much asked", whenPut(says(503, "SlowDown", "Please reduce", "")), feed.Unavailable, []string{"503: Please reduce"}},
		{"too much asked at once", says(503, "SlowDown", "Please reduce", ""), feed.Unavailable, []string{"answers 503 Service Unavailable"}},
		{"no S3 at all", func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(http.StatusTeapot)
			_, _ = io.WriteString(w, "<h1>hunter2hunter2\x00"+strings.Repeat("teapot ", 1000))
			return true
		}, feed.Refused, []string{"418", "look at `endpoint`"}},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "https://elsewhere.example/", http.StatusMovedPermanently)
			return true
		}, feed.Refused, []string{"301", "leads elsewhere"}},
		{"the connection breaks", func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }, feed.Unavailable, []string{"breaks the connection"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBay(t)
			b.guard(test.door)
			err := refuses(t, open(t, b.config(), newClock().now), feed.Release{Documents: []feed.Document{rss("world.rss", "x")}})
			if feed.ClassOf(err) != test.class || len(err.Error()) > 600 || strings.ContainsAny(err.Error(), "\n\x00") {
				t.Errorf("%v (%s, %d bytes)", err, feed.ClassOf(err), len(err.Error()))
			}
			for _, want := range append(test.wants, b.URL+"/feeds/world.rss") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
		})
	}
}

// TestUnreached is about servers that are not there, or are something else.
func TestUnreached(t *testing.T) {
	encrypted := httptest.NewTLSServer(http.NotFoundHandler())
	encrypted.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(encrypted.Close)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	away := httptest.NewServer(http.NotFoundHandler())
	away.Close()
	for _, test := range []struct {
		name, endpoint string
		class          feed.Class
		want           string
	}{
		{"nobody listens", away.URL, feed.Unavailable, "connection refused"},
		{"no such host", "https://nowhere.invalid", feed.Unavailable, "mend the host in `endpoint`"},
		{"not trusted", encrypted.URL, feed.Refused, "certificate"},
		{"not encrypted", strings.Replace(plain.URL, "http:", "https:", 1), feed.Refused, "http:// in `endpoint`"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := good()
			c.Endpoint = test.endpoint
			err := refuses(t, open(t, c, newClock().now), feed.Release{Documents: []feed.Document{rss("world.rss", "x")}, Removed: []string{"old.rss"}})
			if feed.ClassOf(err) != test.class || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "1 more") {
				t.Errorf("%v (%s), want %s", err, feed.ClassOf(err), test.want)
			}
		})
	}
}

// TestRegionIsAsked leaves the region to the server, and does without when it may not ask.
func TestRegionIsAsked(t *testing.T) {
	for _, door := range []func(http.ResponseWriter, *http.Request) bool{
		nil,
		func(w http.ResponseWriter, r *http.Request) bool {
			return r.Method == http.MethodGet && r.URL.RawQuery != "" && says(403, "AccessDenied", "", "")(w, r)
		},
	} {
		b := newBay(t)
		b.guard(door)
		c := b.config()
		c.Region = ""
		publish(t, open(t, c, time.Now), rss("world.rss", "x"))
		if got := b.headers("world.rss").Get("Authorization"); !strings.Contains(got, "/us-east-1/s3/") {
			t.Errorf("signed with %s", got)
		}
		b.guard(nil)
		b.holds(t, "world.rss", "x")
	}
}

// TestForAWhile publishes while the server answers 503, breaks connections or hangs, and again when it does not.
func TestForAWhile(t *testing.T) {
	for _, test := range []struct {
		name string
		door func(http.ResponseWriter, *http.Request) bool
	}{
		{"503", says(503, "SlowDown", "Please reduce your request rate", "")},
		{"resets", func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }},
		{"403", says(403, "AccessDenied", "", "")},
		{"hangs", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b, c := newBay(t), newClock()
			o := open(t, b.config(), c.now)
			o.patience = 300 * time.Millisecond
			publish(t, o, rss("world.rss", "old"))
			if test.door == nil {
				test.door = b.hangs
			}
			b.guard(test.door)
			r := feed.Release{Documents: []feed.Document{rss("world.rss", "new"), page("world/a/one", "one")}, Removed: []string{"gone.rss"}}
			for i := range 40 {
				r.Documents = append(r.Documents, rss(fmt.Sprintf("more-%d.rss", i), "x"))
			}
			begun := time.Now()
			err := refuses(t, o, r)
			if took := time.Since(begun); took > 20*time.Second {
				t.Errorf("it took %v", took)
			}
			if !strings.Contains(err.Error(), "42 more") {
				t.Errorf("not all is said to have failed: %v", err)
			}
			b.took()
			again := refuses(t, o, r)
			if asked := b.took(); len(asked) > 0 && test.name != "403" || feed.ClassOf(again) != feed.ClassOf(err) {
				t.Errorf("while it rests it is asked %q: %v", asked, again)
			}
			b.guard(nil)
			b.holds(t, "world.rss", "old")
			c.pass(rest + time.Second)
			if err := o.Publish(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			b.holds(t, "world.rss", "new")
			b.holds(t, "world/a/one/index.html", "one")
			b.holds(t, "more-39.rss", "x")
		})
	}
}

// TestHiccup has every second answer fail; nobody hears of it.
func TestHiccup(t *testing.T) {
	b := newBay(t)
	var n atomic.Int64
	b.guard(func(w http.ResponseWriter, r *http.Request) bool {
		return n.Add(1)%2 == 0 && says(503, "SlowDown", "", "")(w, r)
	})
	o := open(t, b.config(), time.Now)
	publish(t, o, rss("world.rss", strings.Repeat("a long text ", 100_000)), rss("world.atom", "x"))
	b.guard(nil)
	b.holds(t, "world.rss", strings.Repeat("a long text ", 100_000))
}

// TestOneFails has the server refuse one document for good.
func TestOneFails(t *testing.T) {
	b := newBay(t)
	b.guard(func(w http.ResponseWriter, r *http.Request) bool {
		return r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/large.png") && says(400, "EntityTooLarge", "", "")(w, r)
	})
	o := open(t, b.config(), newClock().now)
	publish(t, o, rss("old.rss", "x"))
	for range 3 * mostFailures {
		err := o.Publish(t.Context(), feed.Release{Documents: []feed.Document{rss("world.rss", "x"), media("large.png", "x")}, Removed: []string{"old.rss"}})
		if feed.ClassOf(err) != feed.Refused || !strings.Contains(err.Error(), "large.png") || strings.Contains(err.Error(), "more") {
			t.Fatalf("%v (%s)", err, feed.ClassOf(err))
		}
	}
	if names := b.names(t); !slices.Equal(names, []string{"world.rss"}) {
		t.Errorf("the bucket has %q", names)
	}
}

// TestCancelled ends a release whose server hangs.
func TestCancelled(t *testing.T) {
	b := newBay(t)
	b.guard(b.hangs)
	o := open(t, b.config(), newClock().now)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begun := time.Now()
	err := o.Publish(ctx, feed.Release{Feed: "world", Documents: []feed.Document{rss("world.rss", "x"), rss("world.atom", "x")}, Removed: []string{"old.rss"}})
	if feed.ClassOf(err) != feed.Unavailable || !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) > 5*time.Second {
		t.Errorf("after %v: %v (%s)", time.Since(begun), err, feed.ClassOf(err))
	}
	b.guard(nil)
	publish(t, o, rss("world.rss", "x")) // that was no fault of the server
}

// TestLostAnswer has the server take a document and say nothing: nobody knows what lies there now.
func TestLostAnswer(t *testing.T) {
	b, c := newBay(t), newClock()
	o := open(t, b.config(), c.now)
	publish(t, o, rss("world.rss", "old"))
	b.guard(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut {
			beside := map[string]string{"X-Amz-Meta-" + markName: r.Header.Get("X-Amz-Meta-" + markName)}
			if _, err := b.store.PutObject(bucket, "world.rss", beside, r.Body, r.ContentLength, nil); err != nil {
				t.Error(err)
			}
			panic(http.ErrAbortHandler)
		}
		return false
	})
	refuses(t, o, feed.Release{Documents: []feed.Document{rss("world.rss", "new")}})
	b.guard(nil)
	b.holds(t, "world.rss", "new")
	publish(t, o, rss("world.rss", "old"))
	b.holds(t, "world.rss", "old")
}

// TestKilled ends a process at each of its requests; the next one completes the release, and no feed ever leads to a page
// that is not there.
func TestKilled(t *testing.T) {
	old := []feed.Document{rss("world.rss", "old"), page("world/a/one", "one")}
	r := feed.Release{Documents: []feed.Document{rss("world.rss", "new"), page("world/a/two", "two"), media("a.png", "png")}, Removed: []string{"world/a/one"}}
	for at := range 8 {
		b := newBay(t)
		publish(t, open(t, b.config(), time.Now), old...)
		ctx, kill := context.WithCancel(t.Context())
		var n atomic.Int64
		b.guard(func(_ http.ResponseWriter, q *http.Request) bool {
			if n.Add(1) == int64(at+1) {
				_, _ = io.CopyN(io.Discard, q.Body, 1)
				kill()
				panic(http.ErrAbortHandler)
			}
			return false
		})
		_ = open(t, b.config(), time.Now).Publish(ctx, r)
		kill()
		b.guard(nil)
		names := b.names(t)
		_, body, _ := b.get(t, "world.rss")
		if body == "new" && (!slices.Contains(names, "world/a/two/index.html") || !slices.Contains(names, "media/a.png")) {
			t.Errorf("killed at request %d, the feed leads to what is not there: %q", at, names)
		}
		if body == "old" && !slices.Contains(names, "world/a/one/index.html") {
			t.Errorf("killed at request %d, the old feed leads to what is not there: %q", at, names)
		}
		if err := open(t, b.config(), time.Now).Publish(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		b.holds(t, "world.rss", "new")
		if names := b.names(t); !slices.Equal(names, []string{"media/a.png", "world.rss", "world/a/two/index.html"}) {
			t.Errorf("killed at request %d, in the end there is %q", at, names)
		}
	}
}

package sourcetest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"feedmill/feed"
	"feedmill/feed/fetch"
)

// ways reaches a site over sockets and without, and shows that both give the same.
func ways(t *testing.T, check func(t *testing.T, site *Site, get func(path string) (fetch.Answer, error))) {
	for _, sockets := range []bool{true, false} {
		name := map[bool]string{true: "sockets", false: "in process"}[sockets]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site, memory := NewSite(), NewMemory()
			address, manners := "http://alice.example", Manners()
			var options []fetch.Option
			if sockets {
				address, manners = site.Serve(t)
			} else {
				options = append(options, site.Option())
			}
			now := time.Now()
			client := fetch.New(func() time.Time { return now }, slog.New(slog.DiscardHandler), options...)
			check(t, site, func(path string) (fetch.Answer, error) {
				now = now.Add(7 * time.Hour)
				answer, err := client.Get(t.Context(), memory, fetch.Request{URL: address + path, Config: manners})
				if err == nil {
					answer.Remember(memory)
				}
				return answer, err
			})
		})
	}
}

func TestScripts(t *testing.T) {
	ways(t, func(t *testing.T, site *Site, get func(string) (fetch.Answer, error)) {
		f := NewFeed("Alice", "http://alice.example", 3, 100, time.Now())
		site.Script("/a", Status(http.StatusInternalServerError), f.ServeHTTP)
		if _, err := get("/a"); feed.ClassOf(err) != feed.Unavailable {
			t.Errorf("the first visit gives %v", err)
		}
		answer, err := get("/a")
		if err != nil || string(answer.Body) != f.Text() || !strings.Contains(answer.Type, "rss") {
			t.Errorf("the second visit gives %q, %v", answer.Body, err)
		}
		if answer, err := get("/a"); err != nil || answer.Status != http.StatusNotModified {
			t.Errorf("the third visit gives %d, %v", answer.Status, err)
		}
		f.Edit(func(f *Feed) { f.Title = "Bob & Co" })
		if answer, err := get("/a"); err != nil || !strings.Contains(string(answer.Body), "Bob &amp; Co") {
			t.Errorf("the fourth visit gives %q, %v", answer.Body, err)
		}
		if visits := site.Visits("/a"); len(visits) != 4 || visits[0].Conditional || !visits[3].Conditional {
			t.Errorf("the log holds %d visits", len(visits))
		}
		if _, err := get("/b"); err == nil || !strings.Contains(err.Error(), "404") {
			t.Errorf("an unknown path gives %v", err)
		}
	})
}

func TestTroubles(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer http.HandlerFunc
		class  feed.Class
		words  string
	}{
		{"abort", Abort(), feed.Unavailable, "closed the connection"},
		{"truncated", Truncated(RSS, strings.Repeat("x", 100_000)), feed.Unavailable, "broke off"},
		{"endless", Endless(), feed.Refused, "larger"},
		{"bomb", Bomb(32 << 20), feed.Refused, "larger"},
		{"slow", After(time.Minute, Body(RSS, "x")), feed.Unavailable, "3s"},
		{"loop", Redirect(http.StatusFound, "/x"), feed.Unavailable, "redirected"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ways(t, func(t *testing.T, site *Site, get func(string) (fetch.Answer, error)) {
				site.Script("/x", test.answer)
				if _, err := get("/x"); feed.ClassOf(err) != test.class || !strings.Contains(err.Error(), test.words) {
					t.Errorf("class %s: %v", feed.ClassOf(err), err)
				}
			})
		})
	}
}

// TestSimulatedTime: a slow answer takes no time, and no goroutine is left when the reader gives up.
func TestSimulatedTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		site := NewSite()
		site.Script("/slow", After(time.Hour, Body(RSS, "whole")))
		site.Script("/endless", Endless())
		ask := func(ctx context.Context, path string) (*http.Response, error) {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://alice.example"+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			return site.Transport().RoundTrip(request)
		}
		begun := time.Now()
		answer, err := ask(t.Context(), "/slow")
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(answer.Body); string(body) != "whole" || err != nil || time.Since(begun) != time.Hour {
			t.Errorf("%q after %v, %v", body, time.Since(begun), err)
		}
		answer.Body.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if late, err := ask(ctx, "/slow"); !errors.Is(err, context.DeadlineExceeded) {
			late.Body.Close()
			t.Errorf("an answer came in time, %v", err)
		}
		answer, err = ask(t.Context(), "/endless")
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.CopyN(io.Discard, answer.Body, 1<<20); n != 1<<20 || err != nil {
			t.Errorf("%d bytes, %v", n, err)
		}
		answer.Body.Close()
	})
}

func TestMemory(t *testing.T) {
	m := NewMemory()
	m.Put("a", []byte("1"))
	m.Commit()
	m.Put("a", []byte("2"))
	if string(m.Get("a")) != "2" || m.Puts != 1 {
		t.Errorf("a is %q after %d puts", m.Get("a"), m.Puts)
	}
	if m.Restart(); string(m.Get("a")) != "1" {
		t.Errorf("after a restart a is %q", m.Get("a"))
	}
	for want := range 2 {
		if deaths, _, err := m.Begin(t.Context(), "w"); deaths != want || err != nil {
			t.Errorf("%d deaths, %v", deaths, err)
		}
	}
	for range 2 {
		deaths, end, err := m.Begin(t.Context(), "w")
		if end(); deaths != 2 || err != nil {
			t.Errorf("%d deaths, %v", deaths, err)
		}
	}
	_, end, _ := m.Begin(t.Context(), "v")
	end()
	if deaths, _, err := m.Begin(t.Context(), "v"); deaths != 0 || err != nil {
		t.Errorf("work that ended had %d deaths, %v", deaths, err)
	}
}

// BenchmarkVisit is the cost of one visit of 25 KB without sockets.
func BenchmarkVisit(b *testing.B) {
	site := NewSite()
	site.Script("/feed.xml", Body(RSS, NewFeed("Alice", "http://alice.example", 20, 1024, time.Now()).Text()))
	request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://alice.example/feed.xml", nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		answer, err := site.Transport().RoundTrip(request)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
		if len(site.visits) > 1000 {
			site.ForgetVisits()
		}
	}
}

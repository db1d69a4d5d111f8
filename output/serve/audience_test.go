package serve

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"
)

// TestVisits reads over a real socket, as different programs and as readers of a private feed.
func TestVisits(t *testing.T) {
	wrong := visits(t)
	for again := 0; again < 3 && len(wrong) > 0; again++ {
		wrong = visits(t) // once in thirty times two of these visitors look like one
	}
	for _, w := range wrong {
		t.Error(w)
	}
}

func visits(t *testing.T) (wrong []string) {
	t.Helper()
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	server := privy(t, "", quiet(), alice, bob)
	server.SetProxies(prefixes("127.0.0.0/8"))
	s := start(t, server)
	read := func(path, from, agent string) {
		t.Helper()
		if res := s.get(t, path, "X-Forwarded-For", from, "User-Agent", agent); res.StatusCode >= 500 {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	for range 3 {
		read("/world.rss", "192.0.2.1", "newsboat/2.38")
		read("/world.rss", "192.0.2.2", "newsboat/2.38")
		read("/world.rss", "192.0.2.2", "NetNewsWire")
		read("/world.rss", "2001:db8::1", "NetNewsWire")
		read("/world.rss", "2001:db8::2", "NetNewsWire") // the same household
	}
	read("/world.rss", "198.51.100.1", "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 100 subscribers)")
	read("/world.rss", "198.51.100.1", "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 123 subscribers)")
	read("/world.rss", "198.51.100.2", "Feedbin feed-id:7 - 3 subscribers")
	read("/world.rss", "198.51.100.2", "Feedbin feed-id:8 - 4 subscribers")
	read("/world/", "192.0.2.9", "Mozilla/5.0 Firefox")      // a page is no feed
	read("/world.none", "192.0.2.9", "newsboat/2.38")        // nor is nothing
	read("/world/inside.rss", "192.0.2.9", "newsboat/2.38")  // 401
	read("/world/inside.rss?token="+alice, "192.0.2.9", "a") // named a
	read("/world/inside/?token="+bob, "192.0.2.9", "a")

	s.get(t, "/world.rss", Examining, "1", "X-Forwarded-For", "192.0.2.77", "User-Agent", "Feedly/1.0 (7 subscribers)")
	s.get(t, "/world/inside.rss?token="+alice, Examining, "1", "X-Forwarded-For", "192.0.2.77")

	const want = `[{world 8 [{Feedbin 7 3} {Feedbin 8 4} {Feedly /world.rss 123}] []} {world/inside 1 [] [a b]}]`
	if got := fmt.Sprint(server.Visits(false)); got != want {
		say("counted\n%s, want\n%s", got, want)
	}
	if got := server.Visits(false); len(got) > 0 {
		say("counted again: %v", got)
	}
	read("/world/inside.rss?token="+alice, "192.0.2.9", "a")
	server.SetFeeds(map[string]Feed{"world": {}, "world/inside": {Readers: let(alice)}}) // what was counted survives a reload
	read("/world.rss", "203.0.113.1", "newsboat/2.38")
	if got := fmt.Sprint(server.Visits(true)); got != `[{world 9 [] []} {world/inside 1 [] [a]}]` {
		say("counted %s", got)
	}
	read("/world.rss", "192.0.2.1", "newsboat/2.38")
	server.SetFeeds(map[string]Feed{"other": {}})
	if got := fmt.Sprint(server.Visits(false)); got != `[{world 1 [] []}]` {
		say("the next day: %s", got)
	}
	if len(server.audience.tallies) != 1 {
		say("feeds that are gone are kept: %v", server.audience.tallies)
	}
	return wrong
}

// TestClaimsAreBounded has somebody claim under ever new names: no more are held than fit, and who comes again after
// somebody looked finds room.
func TestClaimsAreBounded(t *testing.T) {
	s := worldly(t, "")
	poll := func(agent string) {
		r := request(http.MethodGet, "/world.rss")
		r.RemoteAddr = "192.0.2.1:1"
		r.Header.Set("User-Agent", agent)
		s.ServeHTTP(newRecorder(), r)
	}
	poll("Feedly/1.0 (5 subscribers)")
	for i := range 1000 {
		poll(fmt.Sprintf("Evil/1.0 (1 subscribers; feed-id=%d)", i))
	}
	first := s.Visits(false)
	if len(first) != 1 || len(first[0].Claims) != maxClaims || first[0].Claims[maxClaims-1].Aggregator != "Feedly" {
		t.Errorf("held are %v", first)
	}
	poll("Inoreader/1.0 (6 subscribers)")
	if got := s.Visits(false); len(got) != 1 || fmt.Sprint(got[0].Claims) != "[{Inoreader /world.rss 6}]" {
		t.Errorf("then %v", got)
	}
}

func TestVisitsAreSafe(t *testing.T) {
	s := worldly(t, "")
	var polling sync.WaitGroup
	for i := range 4 {
		polling.Go(func() {
			for j := range 300 {
				r := request(http.MethodGet, "/world.rss")
				r.RemoteAddr = fmt.Sprintf("192.0.%d.%d:1", j%200, i)
				r.Header.Set("User-Agent", "Feedly/1.0 (5 subscribers)")
				s.ServeHTTP(newRecorder(), r)
			}
		})
	}
	for i := range 50 {
		s.Visits(i%2 == 0)
		s.SetFeeds(map[string]Feed{"world": {Age: time.Minute}})
	}
	polling.Wait()
}

// BenchmarkPolled is what counting adds to an answer.
func BenchmarkPolled(b *testing.B) {
	for name, agent := range map[string]string{
		"reader":     "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5.0",
		"aggregator": "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 123 subscribers; like FeedFetcher-Google)",
	} {
		b.Run(name, func(b *testing.B) {
			s, r := newsroom(b), request(http.MethodGet, "/desk/world.rss")
			r.RemoteAddr = "192.0.2.1:4711"
			r.Header.Set("User-Agent", agent)
			at := s.table.Load().find("desk/world.rss")
			b.ReportAllocs()
			for b.Loop() {
				s.polled(r, at.terms, at.doc)
			}
		})
	}
}

// TestPolledMakesNoGarbage counts on the way of nearly every request.
func TestPolledMakesNoGarbage(t *testing.T) {
	s := worldly(t, "")
	s.SetProxies(prefixes("192.0.2.1/32"))
	r := request(http.MethodGet, "/world.rss")
	r.RemoteAddr = "192.0.2.1:4711"
	r.Header.Set("X-Forwarded-For", "203.0.113.9, 198.51.100.1")
	r.Header.Set("User-Agent", "theoldreader.com; 2 subscribers; feed-id=5a1b")
	at := s.table.Load().find("world.rss")
	if n := testing.AllocsPerRun(100, func() { s.polled(r, at.terms, at.doc) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

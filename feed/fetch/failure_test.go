package fetch

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
)

// sick answers with a status and headers and counts.
type sick struct {
	status int
	header []string
	body   string
	asked  int
}

func (s *sick) client(now *clock) *Client {
	return New(now.now, quiet(), roundTrip(func(r *http.Request) (*http.Response, error) {
		s.asked++
		return reply200(r, s.status, s.body, s.header...), nil
	}).option())
}

func TestBackoff(t *testing.T) {
	now, m, s := newClock(), newMemory(), &sick{status: 500}
	c := s.client(now)
	r := Request{URL: "https://a.test/feed?key=hidden", Config: config()}
	_, first := c.Get(t.Context(), m, r)
	refused(t, first, feed.Unavailable, "get https://a.test/feed?…: answers 500")
	pause := func() time.Duration {
		t.Helper()
		asked, begun := s.asked, now.now()
		for s.asked == asked {
			if _, err := c.Get(t.Context(), m, r); err == nil || err.Error() != first.Error() || feed.ClassOf(err) != feed.Unavailable {
				t.Fatalf("within the pause it says %v, not %v", err, first)
			}
			now.pass(time.Minute)
		}
		return now.now().Sub(begun)
	}
	for i, want := range []time.Duration{5, 10, 20, 40, 80, 160, 320, 360, 360, 360} {
		got := pause()
		if want *= time.Minute; got < want*4/5 || got > want+2*time.Minute {
			t.Errorf("pause %d is %v, want up to a fifth less than %v", i+1, got, want)
		}
	}
	now.pass(longestOff)
	s.status, s.body = 200, "well"
	if a := get(t, c, m, r); string(a.Body) != "well" {
		t.Errorf("when it is well it gives %q", a.Body)
	}
	s.status = 500
	now.pass(shareFor)
	_, _ = c.Get(t.Context(), m, r)
	if got := pause(); got > 7*time.Minute {
		t.Errorf("after it was well the first pause is %v", got)
	}
	r.Config.UserAgent = "mended"
	asked := s.asked
	_, _ = c.Get(t.Context(), m, r)
	if s.asked == asked {
		t.Error("changed words do not ask at once")
	}
}

func TestJitter(t *testing.T) {
	seen := map[time.Duration]bool{}
	for _, seed := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		d := backoff(seed, 3)
		if d != backoff(seed, 3) || d > 20*time.Minute || d < 16*time.Minute {
			t.Errorf("%s waits %v", seed, d)
		}
		seen[d] = true
	}
	if len(seen) < 7 {
		t.Errorf("eight sources share %d pauses", len(seen))
	}
	if d := backoff("x", 1<<30); d > longestOff || d < longestOff*4/5 {
		t.Errorf("many failures wait %v", d)
	}
}

func TestStatuses(t *testing.T) {
	challenge := "<!DOCTYPE html><title>Just a moment...</title>"
	for _, c := range []struct {
		sick  sick
		class feed.Class
		least time.Duration // of the pause
		words string
	}{
		{sick{status: 400}, feed.Refused, 0, "does not take this request"},
		{sick{status: 401}, feed.Refused, time.Hour, "auth:"},
		{sick{status: 402}, feed.Refused, 0, "402 Payment Required"},
		{sick{status: 403}, feed.Refused, time.Hour, "user_agent"},
		{sick{status: 403, body: challenge}, feed.Refused, time.Hour, "Cloudflare"},
		{sick{status: 503, body: challenge}, feed.Refused, time.Hour, "Cloudflare"},
		{sick{status: 403, body: "x", header: []string{"Cf-Mitigated", "challenge"}}, feed.Refused, time.Hour, "Cloudflare"},
		{sick{status: 202, header: []string{"X-Amzn-Waf-Action", "challenge"}}, feed.Refused, time.Hour, "AWS"},
		{sick{status: 404}, feed.Unavailable, 0, "nothing at this address"},
		{sick{status: 407}, feed.Refused, time.Hour, "proxy"},
		{sick{status: 408}, feed.Unavailable, 0, "out of order"},
		{sick{status: 410}, feed.Gone, time.Hour, "it is no more"},
		{sick{status: 429}, feed.Throttled, 0, "fewer requests"},
		{sick{status: 429, header: []string{"Retry-After", "7200"}}, feed.Throttled, 2 * time.Hour, "fewer requests"},
		{sick{status: 503, header: []string{"Retry-After", "Sun, 22 Nov 2026 08:00:00 GMT"}}, feed.Throttled, 2 * time.Hour, "fewer requests"},
		{sick{status: 451}, feed.Refused, time.Hour, "451"},
		{sick{status: 502}, feed.Unavailable, 0, "502 Bad Gateway"},
		{sick{status: 599}, feed.Unavailable, 0, "599"},
		{sick{status: 300}, feed.Unreadable, 0, "300"},
	} {
		now, m := newClock(), newMemory()
		client := c.sick.client(now)
		r := Request{URL: "https://a.test/", Config: config()}
		_, err := client.Get(t.Context(), m, r)
		refused(t, err, c.class, c.words)
		if c.least > 0 {
			now.pass(c.least*4/5 - time.Second) // backoff may be a fifth shorter, but rests and waits are not
			if c.least >= time.Hour {
				now.pass(c.least - c.least*4/5)
			}
			_, _ = client.Get(t.Context(), m, r)
			if c.sick.asked != 1 {
				t.Errorf("%d was asked again before %v", c.sick.status, c.least)
			}
		}
	}
}

func TestGone(t *testing.T) {
	now, m, s := newClock(), newMemory(), &sick{status: 410}
	c := s.client(now)
	r := Request{URL: "https://a.test/", Config: config()}
	ask := func(want int) {
		t.Helper()
		now.pass(7 * time.Hour)
		_, err := c.Get(t.Context(), m, r)
		if s.asked != want {
			t.Fatalf("it was asked %d times, want %d: %v", s.asked, want, err)
		}
	}
	ask(1)
	s.status = 500
	ask(2)
	s.status = 410
	ask(3)
	ask(4)
	for range 10 {
		now.pass(1000 * time.Hour)
		ask(4)
	}
	_, err := c.Get(t.Context(), m, r)
	refused(t, err, feed.Gone, "write its new address")
	r.Config.Timeout++
	ask(5)
}

// TestRetryAfterIsForTheHost leaves the other addresses of the host alone too, after a restart as well.
func TestRetryAfterIsForTheHost(t *testing.T) {
	now, m := newClock(), newMemory()
	s := &sick{status: 429, header: []string{"Retry-After", "3600"}}
	c := s.client(now)
	one := Request{URL: "https://a.test/1", Config: config()}
	two := Request{URL: "https://a.test/2", Config: config()}
	other := Request{URL: "https://b.test/2", Config: config()}
	_, _ = c.Get(t.Context(), m, one)
	for range 2 {
		theirs := newMemory()
		_, err := c.Get(t.Context(), theirs, two)
		refused(t, err, feed.Throttled, "a.test:443 asked to be left alone")
		if s.asked != 1 || theirs.puts != 0 {
			t.Fatalf("asked %d times, another source remembers it %d times", s.asked, theirs.puts)
		}
		c = s.client(now) // a new process
		_, err = c.Get(t.Context(), m, one)
		refused(t, err, feed.Throttled, "answers 429")
	}
	_, _ = c.Get(t.Context(), newMemory(), other)
	if s.asked != 2 {
		t.Error("another host is not asked")
	}
	now.pass(time.Hour)
	s.status, s.body = 200, "x"
	get(t, c, m, one)
	get(t, c, newMemory(), two)
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "x": 0, "-5": 0, "1.5": 0, "0": time.Minute, "59": time.Minute, " 90 ": 90 * time.Second, "7200": 2 * time.Hour,
		"86401": 24 * time.Hour, "99999999999999999999": 24 * time.Hour, "Sun, 22 Nov 2026 07:00:00 GMT": time.Hour,
		"Sunday, 22-Nov-26 07:00:00 GMT": time.Hour, "Sun Nov 22 07:00:00 2026": time.Hour,
		"Sun, 22 Nov 2020 07:00:00 GMT": time.Minute, "Sun, 22 Nov 2099 07:00:00 GMT": 24 * time.Hour, "tomorrow": 0,
	} {
		if got := retryAfter(value, now); got != want {
			t.Errorf("Retry-After: %s waits %v, want %v", value, got, want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, value := range []string{"", "120", "Sun, 22 Nov 2026 07:00:00 GMT", "-1", "9999999999", "Sun Nov 22 07:00:00 2026"} {
		f.Add(value)
	}
	now := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, value string) {
		if got := retryAfter(value, now); got != 0 && (got < shortestWait || got > longestWait) {
			t.Fatalf("%q waits %v", value, got)
		}
	})
}

// FuzzRecord reads a memory that may be damaged.
func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"words":"w","until":1,"gone":2,"class":"gone","text":"x"}`))
	f.Add([]byte(`{"words":"w","etag":"\"1\"","body":"x","asked":-1}`))
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, value []byte) {
		m := newMemory()
		m.values["k"] = value
		now := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
		r := recall(m, "k", "w")
		if r.Words != "w" {
			t.Fatalf("other words are remembered: %+v", r)
		}
		r.conditional(now)
		if f := r.waits(now); f != nil && r.Gone < goneAfter && time.Unix(r.Until, 0).Sub(now) > longestWait+time.Hour {
			t.Fatal("a damaged record silences a source for longer than any failure")
		}
	})
}

func TestConnectionTexts(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	l.Close()
	selfSigned := httptest.NewUnstartedServer(http.NotFoundHandler())
	selfSigned.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	selfSigned.StartTLS()
	t.Cleanup(selfSigned.Close)
	plain := origin(t, func(http.ResponseWriter, *http.Request) {})
	c := newClient(WithResolver(nameServer(t, map[string][]string{})))
	for _, x := range []struct {
		url, words string
		class      feed.Class
	}{
		{"http://" + closed, "refuses the connection", feed.Unavailable},
		{selfSigned.URL, "signed by nobody this machine trusts", feed.Refused},
		{strings.Replace(plain.URL, "http:", "https:", 1), "should begin with http://", feed.Refused},
		{"http://nowhere.test/", "there is no host nowhere.test", feed.Unavailable},
	} {
		cfg := config(selfSigned, plain)
		cfg.AllowPrivate = append(cfg.AllowPrivate, closed)
		var texts []string
		for range 2 {
			_, err := c.Get(t.Context(), nil, Request{URL: x.url, Config: cfg})
			refused(t, err, x.class, x.words)
			texts = append(texts, err.Error())
			cfg.Timeout++ // else the answer is shared
		}
		if texts[0] != texts[1] {
			t.Errorf("the text changes from %q to %q", texts[0], texts[1])
		}
	}
}

func TestWall(t *testing.T) {
	for what, c := range map[string]struct {
		path, mediaType, body, want string
	}{
		"a feed":                {"/feed", "text/xml", "<rss>g-recaptcha</rss>", ""},
		"a feed as html":        {"/feed", "text/html", `<?xml version="1.0"?><rss>window._cf_chl_opt</rss>`, ""},
		"a page":                {"/feed", "text/html", "<html><p>hello</p>", ""},
		"a page with a form":    {"/feed", "text/html", "<html><div class=g-recaptcha>", ""},
		"Cloudflare":            {"/feed", "text/html", "<html><script>window._cf_chl_opt={}", "Cloudflare's browser check"},
		"DataDome without type": {"/feed", "", "<!DOCTYPE HTML><script src=https://geo.captcha-delivery.com/c", "DataDome's bot check"},
		"a login page":          {"/login?next=feed", "text/html", "<html><form>", "a login or consent page"},
	} {
		asked, err := parseAddress("https://a.test/feed")
		if err != nil {
			t.Fatal(err)
		}
		came, err := parseAddress("https://a.test" + c.path)
		if err != nil {
			t.Fatal(err)
		}
		answer := reply200(nil, 200, "", "Content-Type", c.mediaType)
		if got := wall(answer, asked, came, []byte(c.body)); got != c.want {
			t.Errorf("%s looks like %q, want %q", what, got, c.want)
		}
		answer.Body.Close()
	}
}

package fetch

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/setting"
)

func TestRobots(t *testing.T) {
	const rules = "User-agent: *\nDisallow: /private\nDisallow: /*?print\n\nUser-agent: other\nDisallow: /\n"
	for name, c := range map[string]struct {
		status        int
		robots        string
		path          string
		found, obeyed bool // obeyed: robots: true
		want          string
	}{
		"allowed":            {200, rules, "/open", true, true, ""},
		"forbidden":          {200, rules, "/private/x", true, true, "asks programs not to read it"},
		"forbidden by query": {200, rules, "/open?print", true, true, "asks programs not to read it"},
		"written down":       {200, rules, "/private/x", false, true, ""},
		"robots: false":      {200, rules, "/private/x", true, false, ""},
		"no robots.txt":      {404, "", "/private/x", true, true, ""},
		"no entry":           {403, "", "/private/x", true, true, ""},
		"out of order":       {500, "", "/open", true, true, "cannot be read"},
		"too often":          {429, "", "/open", true, true, "cannot be read"},
		"empty":              {200, "", "/open", true, true, ""},
		"a page":             {200, "<html><body>\nnot found</body></html>", "/open", true, true, ""},
		"too many patterns":  {200, "User-agent: *\n" + strings.Repeat("Disallow: /*a*b\n", mostPatterns), "/open", true, true, "cannot be read"},
		"too large":          {200, strings.Repeat("# x\n", largestRobots/3), "/open", true, true, "cannot be read"},
		"unreachable":        {0, "", "/open", true, true, "cannot be read"},
	} {
		asked := 0
		now := newClock()
		client := New(now.now, quiet(), roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.URL.Path != "/robots.txt" {
				return reply200(r, 200, "page"), nil
			}
			asked++
			if r.Header.Get("X-Key") != "" {
				t.Error("robots.txt was asked with the operator's headers")
			}
			if c.status == 0 {
				return nil, errors.New("no")
			}
			return reply200(r, c.status, c.robots), nil
		}).option())
		cfg := config()
		cfg.Robots = c.obeyed
		cfg.Headers = map[string]setting.Secret{"X-Key": "k"}
		for range 2 {
			a, err := client.Get(t.Context(), nil, Request{URL: "https://a.test" + c.path, Config: cfg, Found: c.found})
			switch {
			case c.want == "" && (err != nil || string(a.Body) != "page"):
				t.Errorf("%s: %v", name, err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("%s: %v, want %q", name, err, c.want)
			}
			now.pass(time.Minute)
		}
		if want := c.found && c.obeyed; asked > 1 || (asked == 1) != want {
			t.Errorf("%s: robots.txt was asked for %d times", name, asked)
		}
		now.pass(robotsFor)
		_, _ = client.Get(t.Context(), nil, Request{URL: "https://a.test" + c.path, Config: cfg, Found: c.found})
		if c.found && c.obeyed && asked != 2 {
			t.Errorf("%s: a day later robots.txt was asked for %d times", name, asked)
		}
	}
}

// TestRobotsOnRedirect obeys the robots.txt of where a redirect leads.
func TestRobotsOnRedirect(t *testing.T) {
	w := web{"https://a.test/": "302 https://b.test/x"}
	client := newClient(roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.URL.String() == "https://b.test/robots.txt" {
			return reply200(r, 200, "User-agent: feedmill\nDisallow: /x"), nil
		}
		if r.URL.Path == "/robots.txt" {
			return reply200(r, 404, ""), nil
		}
		return w.RoundTrip(r)
	}).option())
	_, err := client.Get(t.Context(), nil, Request{URL: "https://a.test/", Config: config(), Found: true})
	refused(t, err, feed.Refused, "robots.txt of b.test", "leads to b.test")
}

func TestRobotsOfPrivateHost(t *testing.T) {
	port := honeypot(t)
	_, err := newClient().Get(t.Context(), nil, Request{URL: "http://127.0.0.1:" + port + "/", Config: config(), Found: true})
	refused(t, err, feed.Refused, "allow_private")
}

func TestRobotsAreBounded(t *testing.T) {
	r := &robots{now: time.Now, byOrigin: map[string]*rules{}}
	for i := range 100 {
		r.keep(string(rune('a'+i)), &rules{weight: 1 << 20, until: time.Now().Add(time.Hour)})
	}
	if r.weight > mostRobotsBytes || len(r.byOrigin) > 16 {
		t.Errorf("%d bytes of %d origins are kept", r.weight, len(r.byOrigin))
	}
}

package fetch

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/setting"
)

// web answers by address; an answer that begins with a number and an address is a redirect.
type web map[string]string

func (w web) RoundTrip(r *http.Request) (*http.Response, error) {
	var status int
	var to string
	answer := w[r.URL.String()]
	if n, _ := fmt.Sscanf(answer, "%d %s", &status, &to); n == 2 {
		return reply200(r, status, "", "Location", to), nil
	}
	sent := ""
	for _, name := range []string{"Authorization", "Cookie", "X-Key", "Referer"} {
		if v := r.Header.Get(name); v != "" {
			sent += name + " "
		}
	}
	return reply200(r, 200, strings.TrimSpace(r.Method+" "+sent)), nil
}

func TestSecretsOnRedirect(t *testing.T) {
	const all = "GET Authorization Cookie X-Key"
	for name, c := range map[string]struct {
		web  web
		want string
	}{
		"none":           {web{}, all},
		"same origin":    {web{"https://a.test/": "301 /b"}, all},
		"default port":   {web{"https://a.test/": "302 https://A.test:443/b"}, all},
		"another port":   {web{"https://a.test/": "302 https://a.test:444/"}, "GET"},
		"plain http":     {web{"https://a.test/": "302 http://a.test/"}, "GET"},
		"http on 443":    {web{"https://a.test/": "302 http://a.test:443/"}, "GET"},
		"subdomain":      {web{"https://a.test/": "302 https://x.a.test/"}, "GET"},
		"another host":   {web{"https://a.test/": "302 https://b.test/"}, "GET"},
		"there and back": {web{"https://a.test/": "302 https://b.test/", "https://b.test/": "302 https://a.test/in"}, "GET"},
		"user in it":     {web{"https://a.test/": "302 https://u:p@b.test/"}, "GET"},
	} {
		cfg := config()
		cfg.Headers = map[string]setting.Secret{"X-Key": "k"}
		cfg.Cookies = map[string]setting.Secret{"c": "1"}
		cfg.Auth = Auth{"u", "p"}
		client := newClient(roundTrip(c.web.RoundTrip).option())
		if a := get(t, client, nil, Request{URL: "https://a.test/", Config: cfg}); string(a.Body) != c.want {
			t.Errorf("%s: sent %q, want %q", name, a.Body, c.want)
		}
	}
}

func TestRedirects(t *testing.T) {
	w := web{
		"https://loop.test/": "302 /",
		"https://post.test/": "303 /b", "https://keep.test/": "307 /b", "https://away.test/": "308 https://b.test/",
	}
	for i := range 6 {
		w[fmt.Sprintf("https://six.test/%d", i)] = fmt.Sprintf("302 /%d", i+1)
	}
	c := newClient(roundTrip(w.RoundTrip).option())
	if a := get(t, c, nil, Request{URL: "https://six.test/1", Config: config()}); a.URL != "https://six.test/6" {
		t.Errorf("five redirects end at %s", a.URL)
	}
	for _, u := range []string{"https://six.test/0", "https://loop.test/"} {
		_, err := c.Get(t.Context(), nil, Request{URL: u, Config: config()})
		refused(t, err, feed.Unavailable, "more than 5 times")
	}
	for u, want := range map[string]string{"https://post.test/": "GET", "https://keep.test/": "POST"} {
		if a := get(t, c, nil, Request{URL: u, Config: config(), Method: "POST", Body: []byte("{}")}); string(a.Body) != want {
			t.Errorf("a POST to %s goes on as %s", u, a.Body)
		}
	}
	_, err := c.Get(t.Context(), nil, Request{URL: "https://away.test/", Config: config(), Method: "POST", Body: []byte("{}")})
	refused(t, err, feed.Refused, "on to another host")
}

func TestMoved(t *testing.T) {
	for start, want := range map[string]string{
		"https://a.test/301": "https://b.test/", "https://a.test/302": "", "https://a.test/chain": "https://b.test/302",
	} {
		w := web{
			"https://a.test/301": "301 https://b.test/", "https://a.test/302": "302 https://b.test/",
			"https://a.test/chain": "308 https://b.test/302", "https://b.test/302": "302 https://c.test/",
		}
		now := newClock()
		c := New(now.now, quiet(), roundTrip(w.RoundTrip).option())
		m := newMemory()
		for i := range 5 {
			now.pass(time.Minute)
			a := get(t, c, m, Request{URL: start, Config: config()})
			a.Remember(m)
			if shown := want; i < movedAfter-1 && a.Moved != "" || i >= movedAfter-1 && a.Moved != shown {
				t.Errorf("%s, answer %d: moved to %q, want %q from the third on", start, i+1, a.Moved, want)
			}
		}
		if m.puts > movedAfter+1 {
			t.Errorf("%s: %d times something was written", start, m.puts)
		}
	}
}

func TestAddresses(t *testing.T) {
	c := newClient(roundTrip(web{}.RoundTrip).option())
	for u, words := range map[string]string{
		"ftp://a.test/": "only http", "/x": "only http", "https://": "no host", "https://u:secret@a.test/": "auth:", "https://a.test/\x01": "no address",
		"https://a.test:x/": "no address", "https://a.test/" + strings.Repeat("x", longestAddress): "no address", "": "only http",
	} {
		_, err := c.Get(t.Context(), nil, Request{URL: u, Config: config()})
		refused(t, err, feed.Refused, words)
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("%v shows a password", err)
		}
	}
}

func FuzzTarget(f *testing.F) {
	for _, location := range []string{"/b", "//b.test/", "https://u:p@b.test/", "file:///x", "http://[::1]/", "?x", "http://a\\@b/", ""} {
		f.Add(location)
	}
	from, err := parseAddress("https://a.test/feed")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, location string) {
		to, err := target(from, location)
		if err != nil {
			return
		}
		if to.Scheme != "http" && to.Scheme != "https" || to.Hostname() == "" || to.User != nil || to.Fragment != "" {
			t.Fatalf("%q leads to %s", location, to)
		}
		if again, err := parseAddress(to.String()); err != nil || again.Host != to.Host {
			t.Fatalf("%q leads to %s, which reads as %v, %v", location, to, again, err)
		}
	})
}

// TestOnlyOnRedirect keeps a source to the hosts that it may ask, wherever it is led: no other is asked anything.
func TestOnlyOnRedirect(t *testing.T) {
	for to, allowed := range map[string]bool{
		"https://a.test/b": true, "https://x.b.test/": true, "https://X.B.test:8443/": true, "https://b.test/": false, "https://evil.test/": false,
		"https://a.test.evil.test/": false, "https://evil.test/?a.test": false, "https://twice.b.test/": false,
	} {
		w, asked := web{"https://a.test/": "302 " + to, "https://twice.b.test/": "302 https://evil.test/"}, []string{}
		client := newClient(roundTrip(func(r *http.Request) (*http.Response, error) {
			asked = append(asked, r.URL.Host)
			return w.RoundTrip(r)
		}).option())
		cfg := config()
		cfg.Only = []string{"a.test", "*.b.test"}
		_, err := client.Get(t.Context(), nil, Request{URL: "https://a.test/", Config: cfg})
		if allowed && err != nil || !allowed && (feed.ClassOf(err) != feed.Refused || !strings.Contains(err.Error(), "hosts: of include")) {
			t.Errorf("%s gave %v", to, err)
		}
		for _, host := range asked {
			if host == "b.test" || strings.HasSuffix(host, "evil.test") {
				t.Errorf("led to %s, %s was asked", to, host)
			}
		}
	}
}

package serve

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

func prefixes(texts ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

func TestClient(t *testing.T) {
	s := New("", quiet())
	s.SetProxies(prefixes("10.0.0.0/8", "2001:db8:1::/48"))
	for _, c := range []struct {
		name, remote          string
		forwarded, xForwarded []string
		want                  string
	}{
		{"a stranger's word is ignored", "192.0.2.9:80", []string{"for=198.51.100.1"}, []string{"198.51.100.1"}, "192.0.2.9"},
		{"a proxy without a word", "10.0.0.1:80", nil, nil, "10.0.0.1"},
		{"one proxy", "10.0.0.1:80", nil, []string{"198.51.100.1"}, "198.51.100.1"},
		{"the client's own words stand to the left", "10.0.0.1:80", nil, []string{"203.0.113.7, 198.51.100.1"}, "198.51.100.1"},
		{"two proxies", "10.0.0.1:80", nil, []string{"203.0.113.7, 198.51.100.1, 10.9.9.9"}, "198.51.100.1"},
		{"two lines", "10.0.0.1:80", nil, []string{"203.0.113.7", "198.51.100.1", "10.9.9.9"}, "198.51.100.1"},
		{"all are proxies", "10.0.0.1:80", nil, []string{"10.2.2.2, 10.1.1.1"}, "10.2.2.2"},
		{"with ports", "10.0.0.1:80", nil, []string{"198.51.100.1:4711, 10.1.1.1:1"}, "198.51.100.1"},
		{"IPv6", "[2001:db8:1::5]:80", nil, []string{"2001:db8:9::1"}, "2001:db8:9::1"},
		{"IPv6 with a port", "[2001:db8:1::5]:80", nil, []string{"[2001:db8:9::1]:99"}, "2001:db8:9::1"},
		{"IPv4 in IPv6", "[::ffff:10.0.0.1]:80", nil, []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{"nonsense", "10.0.0.1:80", nil, []string{"198.51.100.1, <script>"}, "10.0.0.1"},
		{"nothing", "10.0.0.1:80", nil, []string{""}, "10.0.0.1"},
		{"forwarded", "10.0.0.1:80", []string{`for=198.51.100.1;proto=https;by=10.0.0.1`}, nil, "198.51.100.1"},
		{"forwarded in quotes", "10.0.0.1:80", []string{`For="[2001:db8:9::1]:4711"`}, nil, "2001:db8:9::1"},
		{"forwarded through two", "10.0.0.1:80", []string{`for=203.0.113.7, for=198.51.100.1;host="a,b", For=10.3.3.3`}, nil, "198.51.100.1"},
		{"forwarded hides", "10.0.0.1:80", []string{`for=198.51.100.1, for=_hidden`}, nil, "10.0.0.1"},
		{"forwarded is unknown", "10.0.0.1:80", []string{`for=unknown`}, nil, "10.0.0.1"},
		{"forwarded says it twice", "10.0.0.1:80", []string{`for=198.51.100.1;for=198.51.100.2`}, nil, "10.0.0.1"},
		{"forwarded with a quote left open by the client", "10.0.0.1:80", []string{`for="203.0.113.7, for=198.51.100.1`}, nil, "198.51.100.1"},
		{"both agree", "10.0.0.1:80", []string{"for=198.51.100.1"}, []string{"198.51.100.1"}, "198.51.100.1"},
		{"both differ: one is the client's own", "10.0.0.1:80", []string{"for=203.0.113.7"}, []string{"198.51.100.1"}, "10.0.0.1"},
		{"more proxies than there can be", "10.0.0.1:80", nil, []string{"198.51.100.1" + strings.Repeat(", 10.0.0.2", 40)}, "10.0.0.2"},
	} {
		r := request(http.MethodGet, "/world.rss")
		r.RemoteAddr = c.remote
		r.Header["Forwarded"], r.Header["X-Forwarded-For"] = c.forwarded, c.xForwarded
		if c.forwarded == nil {
			delete(r.Header, "Forwarded")
		}
		if c.xForwarded == nil {
			delete(r.Header, "X-Forwarded-For")
		}
		if got := s.client(r).String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	r := request(http.MethodGet, "/")
	r.RemoteAddr = "@"
	if got := s.client(r); got.IsValid() {
		t.Errorf("a Unix socket is %s", got)
	}
	s.SetProxies(nil)
	r.RemoteAddr, r.Header = "10.0.0.1:80", http.Header{"X-Forwarded-For": {"198.51.100.1"}}
	if got := s.client(r).String(); got != "10.0.0.1" {
		t.Errorf("a proxy that is trusted no more is believed: %s", got)
	}
}

// FuzzForwarded has a client write anything before the element that our proxy adds: it never becomes another client, unless
// it can make the proxy's own element unreadable, which makes it the proxy.
func FuzzForwarded(f *testing.F) {
	f.Add(`for=203.0.113.7`, "203.0.113.7")
	f.Add(`for="[2001:db8::1]:80";by=x, for="\"`, "[::1")
	f.Add(`",,,"`, "10.0.0.2,,10.0.0.3")
	trusted, proxy := prefixes("10.0.0.1/32"), netip.MustParseAddr("10.0.0.1")
	f.Fuzz(func(t *testing.T, standard, usual string) {
		for _, h := range []http.Header{
			{"Forwarded": {standard + ", for=198.51.100.1"}}, {"Forwarded": {standard, "for=198.51.100.1"}},
			{"X-Forwarded-For": {usual + ", 198.51.100.1"}}, {"X-Forwarded-For": {usual, "198.51.100.1"}},
		} {
			if got := behind(trusted, proxy, h).String(); got != "198.51.100.1" {
				t.Errorf("%q gives %s", h, got)
			}
		}
		h := http.Header{"Forwarded": {standard}, "X-Forwarded-For": {usual + ", 198.51.100.1"}}
		if got := behind(trusted, proxy, h).String(); got != "198.51.100.1" && got != "10.0.0.1" {
			t.Errorf("%q gives %s", h, got)
		}
	})
}

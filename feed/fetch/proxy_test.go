package fetch

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"feedmill/feed"
	"feedmill/feed/setting"
)

func TestProxy(t *testing.T) {
	var asked atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.Method == http.MethodConnect {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(w, r.URL.String()+" "+r.Header.Get("Proxy-Authorization"))
	}))
	t.Cleanup(proxy.Close)
	port := honeypot(t)
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:"+port) // never read
	t.Setenv("http_proxy", "http://127.0.0.1:"+port)
	c := newClient(WithResolver(nameServer(t, map[string][]string{
		"open.test": {"93.184.216.34"}, "inside.test": {"10.0.0.1"}, "loop.test": {"127.0.0.1"},
	})))
	cfg := config()
	cfg.Proxy = setting.Secret(strings.Replace(proxy.URL, "http://", "http://u:hidden@", 1))
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	if a := get(t, c, nil, Request{URL: "http://open.test/x", Config: cfg}); string(a.Body) != "http://open.test/x Basic dTpoaWRkZW4=" {
		t.Errorf("the proxy was asked for %s", a.Body)
	}
	for _, private := range []string{"http://inside.test/", "http://loop.test:" + port + "/", "http://169.254.169.254/", "https://inside.test/", "http://[::1]/"} {
		before := asked.Load()
		_, err := c.Get(t.Context(), nil, Request{URL: private, Config: cfg})
		refused(t, err, feed.Refused, "allow_private")
		if asked.Load() != before {
			t.Errorf("the proxy was asked for %s", private)
		}
	}
	_, err := c.Get(t.Context(), nil, Request{URL: "http://nowhere.test/", Config: cfg})
	refused(t, err, feed.Unavailable, "no host nowhere.test")
	_, err = c.Get(t.Context(), nil, Request{URL: "https://open.test/", Config: cfg})
	refused(t, err, feed.Unavailable, "proxy answers 403")
	cfg.AllowPrivate = []string{"inside.test:80"}
	if a := get(t, c, nil, Request{URL: "http://inside.test/", Config: cfg}); !strings.HasPrefix(string(a.Body), "http://inside.test/") {
		t.Errorf("what is allowed gives %s", a.Body)
	}
	proxy.Close()
	_, err = c.Get(t.Context(), nil, Request{URL: "http://open.test/y", Config: cfg})
	refused(t, err, feed.Unavailable, "the proxy cannot be reached")
	if strings.Contains(err.Error(), "hidden") {
		t.Errorf("%v shows a password", err)
	}
	_, err = c.Get(t.Context(), nil, Request{URL: "http://loop.test:" + port + "/", Config: config()})
	refused(t, err, feed.Refused, "this machine itself") // not the environment's proxy
}

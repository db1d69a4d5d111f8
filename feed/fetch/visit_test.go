package fetch

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"feedmill/feed"
	"feedmill/feed/setting"
)

// TestDialThroughProxies: connections of a browser go through the operator's proxy, and not into private networks.
func TestDialThroughProxies(t *testing.T) {
	names := WithResolver(nameServer(t, map[string][]string{"open.test": {"93.184.216.34"}, "inside.test": {"10.0.0.1"}}))
	connects := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Header.Get("Proxy-Authorization") != "Basic dTpoaWRkZW4=" {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		conn, _, _ := w.(http.Hijacker).Hijack()
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\n\r\n")
		in, _ := bufio.NewReader(conn).ReadString('\n')
		fmt.Fprintf(conn, "%s hears %s", r.Host, in)
		conn.Close()
	}))
	t.Cleanup(connects.Close)
	for _, proxy := range []string{strings.Replace(connects.URL, "http://", "http://u:hidden@", 1), "socks5://" + socks(t)} {
		c, cfg := newClient(names), config()
		cfg.Proxy = setting.Secret(proxy)
		conn, err := c.Dial(t.Context(), "open.test:443", cfg)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(conn, "hello")
		if said, _ := io.ReadAll(conn); string(said) != "open.test:443 hears hello\n" {
			t.Errorf("through %.6s: %q", proxy, said)
		}
		conn.Close()
		if _, err := c.Dial(t.Context(), "inside.test:443", cfg); err == nil || !strings.Contains(err.Error(), "allow_private") {
			t.Errorf("a private host through a proxy: %v", err)
		}
	}
	c, cfg := newClient(names), config()
	cfg.Proxy = setting.Secret(connects.URL)
	if _, err := c.Dial(t.Context(), "open.test:443", cfg); err == nil || !strings.Contains(err.Error(), "407") {
		t.Errorf("without a password: %v", err)
	}
}

// socks is a SOCKS5 proxy (RFC 1928) that answers itself for every host.
func socks(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		in := bufio.NewReader(conn)
		head := make([]byte, 2)
		_, _ = io.ReadFull(in, head)
		_, _ = in.Discard(int(head[1]))
		_, _ = conn.Write([]byte{5, 0})
		ask := make([]byte, 5)
		_, _ = io.ReadFull(in, ask)
		host := make([]byte, int(ask[4])+2)
		_, _ = io.ReadFull(in, host)
		_, _ = conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
		line, _ := in.ReadString('\n')
		fmt.Fprintf(conn, "%s:%d hears %s", host[:len(host)-2], binary.BigEndian.Uint16(host[len(host)-2:]), line)
	}()
	return l.Addr().String()
}

type ourFault struct{ error }

func (ourFault) Passing() bool { return true }

// TestVisit: who asks by other means is held to the same manners, and his answers and failures are remembered like ours.
func TestVisit(t *testing.T) {
	c, m, asked := newClient(), newMemory(), 0
	r := Request{URL: "https://page.example/list", Config: config()}
	visit := func(body string, status int, err error) (Answer, error) {
		return c.Visit(t.Context(), m, r, func(context.Context) (*http.Response, error) {
			asked++
			at, _ := url.Parse("https://page.example/final")
			return &http.Response{
				StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Request: &http.Request{URL: at},
				Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
			}, err
		})
	}
	a, err := visit("<p>one", 200, nil)
	if err != nil || string(a.Body) != "<p>one" || a.URL != "https://page.example/final" || a.Unchanged {
		t.Fatalf("%+v %v", a, err)
	}
	a.Remember(m)
	if a, err = visit("<p>one", 200, nil); err != nil || !a.Unchanged {
		t.Errorf("the same page again: %+v %v", a, err)
	}
	_, err = visit("", 0, feed.Classify(feed.Refused, ourFault{errors.New("no browser here")}))
	refused(t, err, feed.Refused, "no browser here")
	if _, err = visit("<p>two", 200, nil); err != nil {
		t.Errorf("a fault of ours was held against the address: %v", err)
	}
	_, err = visit("", 0, feed.Classify(feed.Unavailable, errors.New("makes the browser crash")))
	refused(t, err, feed.Unavailable, "makes the browser crash")
	before := asked
	_, err = visit("<p>three", 200, nil)
	refused(t, err, feed.Unavailable, "makes the browser crash")
	if asked != before {
		t.Error("an address that failed was asked again at once")
	}
}

package browser

import (
	"context"
	"encoding/json"
	"net"
	"net/url"
	"time"

	"github.com/chromedp/chromedp/remote"

	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/setting"
)

// connectWithin is how long a remote browser may take to answer.
const connectWithin = 10 * time.Second

// connect talks to the browser that runs at address. here is the address of this machine at which that browser can be
// expected to reach it: the one that leads to it.
func connect(ctx context.Context, client *fetch.Client, address string) (w *wire, here string, err error) {
	ctx, cancel := context.WithTimeout(ctx, connectWithin)
	defer cancel()
	at, err := url.Parse(address)
	if err != nil {
		return nil, "", ours(feed.Refused, "browser.url is no address; write one such as ws://browser:9222")
	}
	away := func(err error) error {
		return ours(feed.Unavailable, "the browser at browser.url (%s) cannot be reached: %w; see whether it runs there with --remote-debugging-port, and lets feedmill in", at.Host, err)
	}
	ip, err := numbered(ctx, at)
	if err != nil {
		return nil, "", away(err)
	}
	route, err := new(net.Dialer).DialContext(ctx, "udp", ip) // sends nothing: it only asks for the way
	if err != nil {
		return nil, "", away(err)
	}
	here, _, err = net.SplitHostPort(route.LocalAddr().String())
	_ = route.Close() // nothing was sent
	if err != nil {
		return nil, "", away(err)
	}
	if at.Scheme == "ws" {
		at.Host = ip // Chromium answers to numbers only, against rebinding
	}
	if at.Path == "" || at.Path == "/" {
		at.Path = devtools(ctx, client, at)
	}
	conn, err := remote.DialContext(ctx, at.String())
	if err != nil {
		return nil, "", away(err)
	}
	return newWire(conn), here, nil
}

// numbered is the host and port of an address with the host as a number.
func numbered(ctx context.Context, at *url.URL) (string, error) {
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", at.Hostname())
	if err != nil {
		return "", err
	}
	port := at.Port()
	if port == "" {
		port = "80"
		if at.Scheme == "wss" {
			port = "443"
		}
	}
	return net.JoinHostPort(addrs[0].Unmap().String(), port), nil
}

// devtools asks a Chromium for the path of its own wire; services that need none keep the path they were given.
func devtools(ctx context.Context, client *fetch.Client, at *url.URL) string {
	ask := url.URL{Scheme: "http", Host: at.Host, Path: "/json/version", RawQuery: at.RawQuery}
	if at.Scheme == "wss" {
		ask.Scheme = "https"
	}
	manners := fetch.Default()
	manners.AllowPrivate = []string{place(&ask)}
	manners.Timeout, manners.PerHost.Interval = setting.Duration(connectWithin/2), 0
	answer, err := client.Get(ctx, nil, fetch.Request{URL: ask.String(), Config: manners})
	if err != nil {
		return at.Path
	}
	var version struct {
		URL string `json:"webSocketDebuggerUrl"`
	}
	if json.Unmarshal(answer.Body, &version) != nil {
		return at.Path
	}
	if told, err := url.Parse(version.URL); err == nil && told.Path != "" {
		return told.Path
	}
	return at.Path
}

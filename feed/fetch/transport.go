package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// transports holds one pool of connections for each proxy and list of private addresses. A connection may be used again
// by any request of its pool, so requests with different permissions must not share one.
type transports struct {
	resolver *net.Resolver
	public   func(netip.Addr) bool
	wrap     func(http.RoundTripper) http.RoundTripper

	mu    sync.Mutex
	pools map[string]http.RoundTripper
	all   []*http.Transport
}

// of returns the pool for a configuration.
func (t *transports) of(c Config) (http.RoundTripper, error) {
	key := c.Proxy.Reveal()
	if len(c.AllowPrivate) > 0 {
		allowed := slices.Clone(c.AllowPrivate)
		slices.Sort(allowed)
		key += "\x00" + strings.Join(slices.Compact(allowed), "\x00")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if pool := t.pools[key]; pool != nil {
		return pool, nil
	}
	pool, err := t.open(c)
	if err != nil {
		return nil, err
	}
	if t.wrap != nil {
		pool = t.wrap(pool)
	}
	t.pools[key] = pool
	return pool, nil
}

// open makes a pool; t.mu is held.
func (t *transports) open(c Config) (http.RoundTripper, error) {
	g := newGuard(t.public, c.AllowPrivate)
	transport := &http.Transport{
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		DisableCompression:     true, // decoded here, under our caps
		ForceAttemptHTTP2:      true,
		MaxResponseHeaderBytes: 256 << 10,
		MaxIdleConns:           64,
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        30 * time.Second,
	}
	t.all = append(t.all, transport)
	if c.Proxy == "" {
		transport.DialContext = func(ctx context.Context, network, hostPort string) (net.Conn, error) {
			return t.dial(ctx, network, hostPort, g)
		}
		return transport, nil
	}
	proxy, err := url.Parse(c.Proxy.Reveal())
	if err != nil {
		return nil, errors.New("proxy is not an address") // the cause would show a password
	}
	transport.Proxy = http.ProxyURL(proxy)
	transport.DialContext = func(ctx context.Context, network, hostPort string) (net.Conn, error) {
		return t.dial(ctx, network, hostPort, nil) // the proxy itself, which the operator named
	}
	transport.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
		if answer.StatusCode != http.StatusOK {
			return &proxyRefusal{answer.StatusCode}
		}
		return nil
	}
	return &proxied{transport, g, t.resolver}, nil
}

func (t *transports) dial(ctx context.Context, network, hostPort string, g *guard) (net.Conn, error) {
	d := net.Dialer{Timeout: 10 * time.Second, Resolver: t.resolver}
	if g != nil {
		d.ControlContext = g.control(hostPort)
	}
	return d.DialContext(ctx, network, hostPort)
}

// proxied asks through a proxy. The proxy resolves the name itself, so this check cannot bind it: it keeps honest names
// of private hosts out, and a proxy that guards itself does the rest.
type proxied struct {
	next     http.RoundTripper
	guard    *guard
	resolver *net.Resolver
}

func (p *proxied) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := p.guard.resolve(r.Context(), p.resolver, hostPort(r.URL)); err != nil {
		return nil, err
	}
	return p.next.RoundTrip(r)
}

// proxyRefusal says that a proxy did not let us through.
type proxyRefusal struct{ status int }

func (p *proxyRefusal) Error() string {
	return fmt.Sprintf("the proxy answers %d %s", p.status, http.StatusText(p.status))
}

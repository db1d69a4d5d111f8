package browser

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"

	"feedmill/feed/fetch"
)

// gate is the proxy through which one page reaches the web. It connects by the rules of package fetch, bounds how much
// is asked and taken, and remembers why a host was not reached.
type gate struct {
	client   *fetch.Client
	config   fetch.Config
	listener net.Listener
	server   *http.Server
	password string
	ctx      context.Context // ends with the gate
	cancel   context.CancelFunc
	busy     sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	requests int
	left     int64 // bytes that may still come
	reasons  map[string]error
}

// The user name that the browser gives the gate; the password tells who it is.
const gateUser = "page"

// openGate listens at host, an address of this machine that the browser can reach. At most size bytes come through.
func openGate(ctx context.Context, client *fetch.Client, c fetch.Config, host string, size int64, log *slog.Logger) (*gate, error) {
	forward, err := client.Forward(c)
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return nil, err
	}
	g := &gate{client: client, config: c, listener: listener, password: rand.Text(), left: size, reasons: map[string]error{}}
	g.ctx, g.cancel = context.WithCancel(ctx)
	quiet := slog.NewLogLogger(log.Handler(), slog.LevelDebug)
	pass := &httputil.ReverseProxy{
		Transport: forward, ErrorLog: quiet, FlushInterval: -1,
		Rewrite:        func(*httputil.ProxyRequest) {},
		ModifyResponse: g.measure,
		ErrorHandler: func(_ http.ResponseWriter, r *http.Request, err error) {
			g.refuse(place(r.URL), err)
			panic(http.ErrAbortHandler) // no page of ours is to be taken for the answer
		},
	}
	g.server = &http.Server{
		ErrorLog: quiet, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 256 << 10,
		BaseContext: func(net.Listener) context.Context { return g.ctx },
		Handler:     http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.serve(w, r, pass) }),
	}
	g.busy.Go(func() { _ = g.server.Serve(listener) }) // ends with close
	return g, nil
}

// address is where the browser finds the gate.
func (g *gate) address() string { return g.listener.Addr().String() }

// close ends every connection through the gate.
func (g *gate) close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.cancel()
	_ = g.server.Close() // nothing waits to be written
	g.busy.Wait()
}

func (g *gate) serve(w http.ResponseWriter, r *http.Request, pass http.Handler) {
	if !g.begin() {
		return
	}
	defer g.busy.Done()
	switch {
	case !g.knows(r.Header.Get("Proxy-Authorization")):
		w.Header().Set("Proxy-Authenticate", `Basic realm="feedmill"`)
		w.WriteHeader(http.StatusProxyAuthRequired)
	case !g.count():
		w.WriteHeader(http.StatusTooManyRequests)
	case r.Method == http.MethodConnect:
		g.tunnel(w, r)
	case r.URL.Scheme == "http" && r.URL.Host != "":
		pass.ServeHTTP(w, r)
	default:
		w.WriteHeader(http.StatusBadRequest)
	}
}

// begin makes close wait for a request, unless it is too late.
func (g *gate) begin() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.busy.Add(1)
	}
	return !g.closed
}

func (g *gate) knows(authorization string) bool {
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte(gateUser+":"+g.password))
	return subtle.ConstantTimeCompare([]byte(authorization), []byte(want)) == 1
}

// count reports whether the page may ask once more.
func (g *gate) count() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.requests++
	return g.requests <= mostRequests
}

// refuse notes why a host and port was not reached.
func (g *gate) refuse(hostPort string, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.reasons[hostPort] = err
}

// reason is why the host and port of an address was not reached, nil when it was.
func (g *gate) reason(u *url.URL) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.reasons[place(u)]
}

// empty reports whether more came than may.
func (g *gate) empty() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.left < 0
}

// place is the host and port of an address as a CONNECT names it.
func place(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "80"
		if u.Scheme == "https" {
			port = "443"
		}
	}
	return strings.ToLower(net.JoinHostPort(u.Hostname(), port))
}

// tunnel connects the browser with a host, for TLS and WebSockets.
func (g *gate) tunnel(w http.ResponseWriter, r *http.Request) {
	far, err := g.client.Dial(r.Context(), r.Host, g.config)
	if err != nil {
		g.refuse(strings.ToLower(r.Host), err)
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer hangUp(far)
	near, in, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer hangUp(near)
	stop := context.AfterFunc(g.ctx, func() { // both copies end
		hangUp(near)
		hangUp(far)
	})
	defer stop()
	if _, err := io.WriteString(near, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	var up sync.WaitGroup
	up.Go(func() {
		_, _ = io.Copy(far, in) // the end of one side is told to the other
		if c, ok := far.(interface{ CloseWrite() error }); ok {
			_ = c.CloseWrite()
		}
	})
	_, _ = io.Copy(near, &metered{far, g})
	hangUp(near) // the browser's half ends too
	up.Wait()
}

// hangUp closes a connection; it may be closed already.
func hangUp(c net.Conn) { _ = c.Close() }

// measure counts what a plain answer brings.
func (g *gate) measure(answer *http.Response) error {
	if answer.StatusCode == http.StatusProxyAuthRequired {
		return errors.New("the host speaks like a proxy") // the browser would take it for the gate
	}
	answer.Body = &metered{answer.Body, g}
	return nil
}

// metered fails when the page has had all that may come.
type metered struct {
	io.ReadCloser
	gate *gate
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.ReadCloser.Read(p)
	m.gate.mu.Lock()
	defer m.gate.mu.Unlock()
	if m.gate.left -= int64(n); m.gate.left < 0 {
		return 0, errors.New("the page loads too much")
	}
	return n, err
}

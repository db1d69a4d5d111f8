package fetch

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/net/proxy"
)

// tunnel connects to hostPort through a proxy (RFC 9110 section 9.3.6, RFC 1928).
func (t *transports) tunnel(ctx context.Context, through *url.URL, hostPort string) (net.Conn, error) {
	if through.Scheme == "socks5" {
		return t.socks(ctx, through, hostPort)
	}
	conn, err := t.dial(ctx, "tcp", proxyPlace(through), nil) // the proxy itself, which the operator named
	if err != nil {
		return nil, err
	}
	if through.Scheme == "https" {
		conn = tls.Client(conn, &tls.Config{MinVersion: tls.VersionTLS12, ServerName: through.Hostname()})
	}
	if err := connect(ctx, conn, through, hostPort); err != nil {
		_ = conn.Close() // it is of no use
		return nil, err
	}
	return conn, nil
}

// connect asks the proxy at the other end of conn for a tunnel.
func connect(ctx context.Context, conn net.Conn, through *url.URL, hostPort string) error {
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return err
	}
	ask := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: hostPort}, Host: hostPort, Header: http.Header{}}
	if u := through.User; u != nil {
		password, _ := u.Password()
		ask.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(u.Username()+":"+password)))
	}
	if err := ask.Write(conn); err != nil {
		return &net.OpError{Op: "proxyconnect", Net: "tcp", Err: err}
	}
	in := bufio.NewReaderSize(conn, 4<<10)
	answer, err := http.ReadResponse(in, ask)
	if err != nil {
		return &net.OpError{Op: "proxyconnect", Net: "tcp", Err: err}
	}
	_ = answer.Body.Close() // a CONNECT that is granted has none
	if answer.StatusCode != http.StatusOK {
		return &proxyRefusal{answer.StatusCode}
	}
	if in.Buffered() > 0 {
		return fmt.Errorf("connect to %s: the proxy speaks before it is asked", hostPort)
	}
	return conn.SetDeadline(time.Time{})
}

func (t *transports) socks(ctx context.Context, through *url.URL, hostPort string) (net.Conn, error) {
	var auth *proxy.Auth
	if u := through.User; u != nil {
		password, _ := u.Password()
		auth = &proxy.Auth{User: u.Username(), Password: password}
	}
	d, err := proxy.SOCKS5("tcp", proxyPlace(through), auth, &net.Dialer{Timeout: 10 * time.Second, Resolver: t.resolver})
	if err != nil {
		return nil, err
	}
	return d.(proxy.ContextDialer).DialContext(ctx, "tcp", hostPort)
}

// proxyPlace is the host and port of a proxy, with the port its scheme stands for.
func proxyPlace(u *url.URL) string {
	if u.Scheme == "socks5" && u.Port() == "" {
		return net.JoinHostPort(u.Hostname(), "1080")
	}
	return hostPort(u)
}

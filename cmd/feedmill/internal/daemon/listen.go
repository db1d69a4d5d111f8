package daemon

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"syscall"

	"feedmill/cmd/feedmill/internal/certificate"
	"feedmill/config"
	"feedmill/feed"
)

// The names of sockets that systemd may hand over.
const (
	SocketServer = "server" // for server.listen
	socketHTTP   = "http"   // beside the server's, for HTTP, when server.tls has domains
	socketAdmin  = "admin"  // for admin.listen
)

// listeners are the sockets of a daemon. public is nil when documents are only written; plain, which leads from HTTP to
// HTTPS, unless there are certificates and port 80 is to be had.
type listeners struct{ public, plain, admin net.Listener }

// listen opens the sockets that nobody handed over.
func (d *Daemon) listen(ctx context.Context, c *config.Config) (l listeners, err error) {
	given := maps.Clone(d.Sockets)
	take := func(name string) net.Listener {
		defer delete(given, name)
		return given[name]
	}
	defer func() {
		if err != nil {
			l.close()
		}
	}()
	if l.admin = take(socketAdmin); l.admin == nil {
		if l.admin, err = listenAt(ctx, "admin.listen", c.Admin.Listen); err != nil {
			return l, err
		}
	} else if at, ok := l.admin.Addr().(*net.TCPAddr); ok && !at.IP.IsLoopback() && c.Admin.Token == "" {
		return l, feed.Classify(feed.Refused, fmt.Errorf("the socket %s of the systemd unit can be reached from other machines at %s, and there is no admin.token; set one, or write ListenStream=127.0.0.1:%d", socketAdmin, at, at.Port))
	}
	if c.Server != nil {
		if l.public = take(SocketServer); l.public == nil {
			if l.public, err = listenAt(ctx, "server.listen", c.Server.Listen); err != nil {
				return l, err
			}
		}
		if c.Server.TLS != nil {
			if l.plain = take(socketHTTP); l.plain == nil {
				l.plain = d.listenPlain(ctx, c.Server.Listen)
			}
		}
	}
	if len(given) > 0 {
		unused := strings.Join(slices.Sorted(maps.Keys(given)), ", ")
		for _, one := range given {
			_ = one.Close() // nobody has it
		}
		return l, feed.Classify(feed.Refused, fmt.Errorf("the systemd unit hands over a socket %q that has no use here; FileDescriptorName= may be %s, %s (with server.tls) or %s",
			unused, SocketServer, socketHTTP, socketAdmin))
	}
	return l, nil
}

// listenPlain listens at port 80 beside the address for HTTPS. Without it there are certificates all the same.
func (d *Daemon) listenPlain(ctx context.Context, https string) net.Listener {
	host, _, _ := net.SplitHostPort(https)
	address := net.JoinHostPort(host, "80")
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		d.Log.Warn("readers who ask by http:// are not led to https://, for port 80 cannot be had; certificates are asked for by port 443 alone",
			"listen", address, "err", err)
		return nil
	}
	return l
}

func listenAt(ctx context.Context, word, address string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EACCES):
		err = fmt.Errorf("%s: may not listen on %s (%w); give the program CAP_NET_BIND_SERVICE, let systemd hand over the socket, or set another address with --set %s=…", word, address, err, word)
	case err != nil:
		err = fmt.Errorf("%s: cannot listen on %s (%w); stop the program that uses it, or set another address with --set %s=…", word, address, err, word)
	default:
		return l, nil
	}
	return nil, feed.Classify(feed.Refused, err)
}

func (l listeners) close() {
	for _, one := range []net.Listener{l.public, l.plain, l.admin} {
		if one != nil {
			_ = one.Close() // closed already when its server ran
		}
	}
}

// keeper keeps the certificates, beside the state; nil: there are none to keep.
func (d *Daemon) keeper(c *config.Config, l listeners) (*certificate.Keeper, error) {
	if c.Server == nil || c.Server.TLS == nil {
		return nil, nil
	}
	s := certificate.Settings{
		Domains: c.Server.TLS.Domains, Email: c.Server.TLS.Email, Dir: c.State + ".certificates",
		Port: portOf(l.public), Authority: d.Authority, Log: d.Log,
	}
	if l.plain != nil {
		s.Plain = portOf(l.plain)
	}
	return certificate.New(s)
}

func portOf(l net.Listener) int {
	if at, ok := l.Addr().(*net.TCPAddr); ok {
		return at.Port
	}
	return 0
}

// answer answers readers until ctx ends: by HTTPS, and by HTTP where that is, if there is a keeper of certificates.
func (d *Daemon) answer(ctx context.Context, l listeners, k *certificate.Keeper, base string) error {
	if k == nil {
		return d.server.Run(ctx, l.public)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	parts := []func() error{
		func() error { return d.server.RunTLS(ctx, l.public, k.TLS()) },
		func() error { return k.Run(ctx) },
	}
	if l.plain != nil {
		parts = append(parts, func() error { return d.server.RunBeside(ctx, l.plain, k.Plain(base)) })
	}
	errs := make(chan error, len(parts))
	for _, part := range parts {
		go func() { errs <- part() }()
	}
	var failed error
	for range parts {
		failed = errors.Join(failed, <-errs)
		cancel()
	}
	return failed
}

// tell says to the service manager how the daemon is.
func (d *Daemon) tell(state string) {
	if d.Notify == nil {
		return
	}
	if err := d.Notify(state); err != nil {
		d.Log.Warn("the service manager does not learn how feedmill is", "err", err)
	}
}

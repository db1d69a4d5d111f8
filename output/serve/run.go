package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"feedmill/feed"
)

// The limits on readers, which keep slow and greedy ones from holding what others need.
const (
	headerTimeout  = 5 * time.Second
	readTimeout    = 10 * time.Second
	writeTimeout   = 60 * time.Second
	idleTimeout    = 90 * time.Second
	maxHeader      = 16 << 10
	maxConnections = 4096
	streamsAtOnce  = 100 // on a connection of HTTP/2
	// grace is how long answers under way may take at the end; Run's promise of 5 s leaves some for closing.
	grace = 4 * time.Second
	// lastRequests is how long requests on new connections may take to arrive then.
	lastRequests = 300 * time.Millisecond
)

// Run answers on l until ctx ends, then closes l, lets answers under way finish and returns nil within 5 seconds. It
// returns earlier only when l fails, with an error of class [feed.Unavailable]. It may be called for several listeners
// at once.
func (s *Server) Run(ctx context.Context, l net.Listener) error { return s.RunTLS(ctx, l, nil) }

// RunTLS is [Server.Run] by HTTPS, and by HTTP/2 if c offers it. A nil c is plain HTTP.
func (s *Server) RunTLS(ctx context.Context, l net.Listener, c *tls.Config) error {
	working, stop := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() { s.compressLater(working) })
	defer work.Wait()
	defer stop()
	server := s.httpServer()
	if c != nil {
		server.TLSConfig = c
		server.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: streamsAtOnce}
		server.ErrorLog = slog.NewLogLogger(s.log.Handler(), slog.LevelDebug) // half the web looks for holes in TLS
	}
	return s.run(ctx, l, server)
}

// RunBeside answers on l with another handler, under the same limits and for as long as [Server.Run] does.
func (s *Server) RunBeside(ctx context.Context, l net.Listener, h http.Handler) error {
	server := s.httpServer()
	server.Handler = h
	return s.run(ctx, l, server)
}

func (s *Server) run(ctx context.Context, l net.Listener, server *http.Server) error {
	places, failed := newDoor(l, maxConnections, server.TLSConfig != nil), make(chan error, 1)
	go func() {
		if server.TLSConfig != nil {
			failed <- server.ServeTLS(places, "", "")
		} else {
			failed <- server.Serve(places)
		}
	}()
	select {
	case err := <-failed:
		_ = server.Close() // what is wrong is in err
		return feed.Classify(feed.Unavailable, fmt.Errorf("serve on %s: %w", l.Addr(), err))
	case <-ctx.Done():
	}
	err := places.Close()
	<-failed //nolint:errcheck // this only waits: that the listener is closed is no news
	if late := s.drain(context.WithoutCancel(ctx), server, places); late != nil {
		err = late
	}
	if err != nil {
		return feed.Classify(feed.Unavailable, fmt.Errorf("close %s: %w", l.Addr(), err))
	}
	return nil
}

// drain lets answers under way finish. A server that shuts down drops the first request of a connection that was just
// accepted (net/http), so that it is given a moment to be there first.
func (s *Server) drain(ctx context.Context, server *http.Server, places *door) error {
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	server.SetKeepAlivesEnabled(false) // answers say so, and who is not waiting for one is let go
	moment := time.NewTimer(lastRequests)
	defer moment.Stop()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for waiting := true; waiting && places.open() > 0; {
		select {
		case <-moment.C:
			waiting = false
		case <-look.C:
		}
	}
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		s.log.Info("closed connections of readers that were too slow to finish", "listen", places.Addr().String())
		return server.Close()
	}
	return err
}

func (s *Server) httpServer() *http.Server {
	return &http.Server{
		Handler:                      s,
		ConnContext:                  withConn,
		ReadHeaderTimeout:            headerTimeout,
		ReadTimeout:                  readTimeout,
		WriteTimeout:                 s.slowest,
		IdleTimeout:                  idleTimeout,
		MaxHeaderBytes:               maxHeader,
		DisableGeneralOptionsHandler: true, // OPTIONS * is refused like any other OPTIONS
		ErrorLog:                     slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
}

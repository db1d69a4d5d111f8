package serve

import (
	"context"
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
	// grace is how long answers under way may take at the end; Run's promise of 5 s leaves some for closing.
	grace = 4 * time.Second
)

// Run answers on l until ctx ends, then closes l, lets answers under way finish and returns nil within 5 seconds. It
// returns earlier only when l fails, with an error of class [feed.Unavailable]. It may be called for several listeners
// at once.
func (s *Server) Run(ctx context.Context, l net.Listener) error {
	server := s.httpServer()
	working, stop := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() { s.compressLater(working) })
	defer work.Wait()
	defer stop()
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(newDoor(l, maxConnections)) }()
	select {
	case err := <-failed:
		_ = server.Close() // what is wrong is in err
		return feed.Classify(feed.Unavailable, fmt.Errorf("serve on %s: %w", l.Addr(), err))
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := server.Shutdown(last)
	if errors.Is(err, context.DeadlineExceeded) {
		s.log.Info("closed connections of readers that were too slow to finish", "listen", l.Addr().String())
		err = server.Close()
	}
	<-failed //nolint:errcheck // this only waits: that the server is closed is no news
	if err != nil {
		return feed.Classify(feed.Unavailable, fmt.Errorf("close %s: %w", l.Addr(), err))
	}
	return nil
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

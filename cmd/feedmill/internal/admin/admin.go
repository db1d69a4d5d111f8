// Package admin is the private listener of a daemon: its health, status and metrics, and the actions by which other
// feedmill commands tell it that something changed. It knows no feeds by itself and answers nothing that a subscriber
// asks for.
//
// A new action is a field of [Actions] and a route in [New]; a new metric is a field of [Metrics].
package admin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/schedule"
	"feedmill/feed/setting"
)

// Actions are what the listener can make the daemon do.
type Actions struct {
	Refresh func(ctx context.Context, feed string) error // refresh a feed now
	Reload  func(ctx context.Context) error              // read the configuration again
	Status  func(ctx context.Context) (Status, error)    // say how every feed is
}

// Server is the private listener.
type Server struct {
	listener net.Listener
	http     *http.Server
	log      *slog.Logger
}

// New makes the listener's server. With a token every request but the health check must bear it (RFC 6750). Without one
// only requests to a name or address of this machine are answered: a web page whose name leads here (DNS rebinding) is
// not the operator.
func New(l net.Listener, token setting.Secret, do Actions, h *Health, m *Metrics, log *slog.Logger) *Server {
	mux := http.NewServeMux()
	mux.Handle("GET /health", h)
	mux.Handle("GET /metrics", bearing(token, m))
	mux.Handle("GET /status", bearing(token, showStatus(do.Status)))
	mux.Handle("POST /refresh/{feed...}", guard(token, func(r *http.Request) error {
		return do.Refresh(r.Context(), r.PathValue("feed"))
	}))
	mux.Handle("POST /reload", guard(token, func(r *http.Request) error {
		// The daemon goes on reloading when the one who asked has left.
		return do.Reload(context.WithoutCancel(r.Context()))
	}))
	var handler http.Handler = mux
	if token == "" {
		handler = local(l.Addr(), mux)
	}
	return &Server{listener: l, log: log, http: &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: time.Minute,
		IdleTimeout: 90 * time.Second, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}}
}

// local lets in requests to this machine's own names, and to the address at which the listener is.
func local(at net.Addr, next http.Handler) http.Handler {
	own, _, _ := net.SplitHostPort(at.String())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
		ip, err := netip.ParseAddr(host)
		if host != "localhost" && !strings.HasSuffix(host, ".localhost") && host != own && (err != nil || !ip.Unmap().IsLoopback()) {
			http.Error(w, "this listener is for this machine only; ask it by localhost, or set admin.token", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// bearing lets in who bears the token, if there is one.
func bearing(token setting.Secret, next http.Handler) http.Handler {
	want := sha256.Sum256([]byte(token.Reveal()))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		got := sha256.Sum256([]byte(bearer))
		if token != "" && subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "this needs the token of admin.token", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// guard answers an action: 204 when it was done, else a status and the reason as plain text.
func guard(token setting.Secret, do func(*http.Request) error) http.Handler {
	return bearing(token, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A browser that some web page makes post here is not the operator.
		if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
			http.Error(w, "not from another site", http.StatusForbidden)
			return
		}
		if err := do(r); err != nil {
			status := http.StatusInternalServerError
			if errors.Is(err, schedule.ErrUnknown) {
				status = http.StatusNotFound
			} else if feed.ClassOf(err) != feed.Internal {
				status = http.StatusUnprocessableEntity
			}
			http.Error(w, err.Error(), status)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
}

// showStatus answers the status as JSON.
func showStatus(status func(context.Context) (Status, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := status(r.Context())
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		encoded, err := json.MarshalIndent(s, "", "  ")
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write(append(encoded, '\n')) // whoever asked has left
	})
}

// Run serves until ctx ends.
func (s *Server) Run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := s.http.Shutdown(ctx); err != nil {
			s.log.Warn("admin listener closed with requests open", "err", err)
			_ = s.http.Close()
		}
	})
	defer stop()
	if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve admin.listen: %w", err)
	}
	return nil
}

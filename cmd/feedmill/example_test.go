package main

import (
	"log/slog"
	"net/http"
	"testing"
	"time"

	"feedmill/cmd/feedmill/internal/daemon"
	"feedmill/config"
	"feedmill/feed/fetch"
	"feedmill/feed/mill"
	"feedmill/feed/store"
	"feedmill/feed/store/sqlite"
)

// opened makes a plan of an example's configuration, which asks a web of our own, and a state in memory.
func opened(t *testing.T, c *config.Config, now func() time.Time, web http.RoundTripper) (*daemon.Plan, *store.Store, *mill.Mill) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	client := fetch.New(now, log, fetch.WithTransport(func(http.RoundTripper) http.RoundTripper { return web }))
	plan, err := daemon.Open(c, client, now, log)
	if err != nil {
		t.Fatal(err)
	}
	state, err := sqlite.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = state.Close() }) // nothing is kept
	return plan, state, mill.New(state, state, now)
}

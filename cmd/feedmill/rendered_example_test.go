package main

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"feedmill/cmd/feedmill/internal/daemon"
	"feedmill/config"
	"feedmill/feed/fetch"
	"feedmill/feed/mill"
	"feedmill/feed/store/sqlite"
)

// board is a page that holds nothing until its scripts have run.
const board = `<!DOCTYPE html><html lang=en><title>Meetings</title><ul id=meetings></ul><script>
fetch('/meetings.json').then(r => r.json()).then(list => {
  for (const m of list) {
    const li = document.createElement('li');
    li.innerHTML = '<a href="/meetings/' + m.id + '">' + m.name + '</a> <time>' + m.day + '</time>';
    document.getElementById('meetings').append(li);
  }
})</script></html>`

// TestRenderedExample runs config/examples/rendered.yaml with the real Chromium against a board of our own.
func TestRenderedExample(t *testing.T) {
	if _, err := exec.LookPath("chromium"); err != nil {
		missing(t, "chromium", "make packages")
	}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/meetings.json" {
			_, _ = io.WriteString(w, `[{"id":7,"name":"Budget","day":"20 November 2026"},{"id":6,"name":"Roads","day":"3 October 2026"}]`)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, board)
	}))
	defer site.Close()
	text, err := os.ReadFile(filepath.Join(root, "config", "examples", "rendered.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "rendered.yaml")
	here := strings.Replace(string(text), "https://board.example", site.URL, 1) + "\nfetch: {allow_private: [\"" + strings.TrimPrefix(site.URL, "http://") + "\"]}\n"
	if err := os.WriteFile(file, []byte(here), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file, config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	plan, err := daemon.Open(c, fetch.New(time.Now, log), time.Now, log)
	if err != nil {
		t.Fatal(err)
	}
	defer plan.Close()
	state, err := sqlite.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close()
	report, err := mill.New(state, state, time.Now).Refresh(t.Context(), &plan.Feed("meetings").Feed)
	if err != nil {
		t.Fatal(err)
	}
	if report.Published != 2 {
		t.Errorf("published %d articles, want the 2 that the scripts have made", report.Published)
	}
}

package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"
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
	private := "\nfetch: {allow_private: [\"" + strings.TrimPrefix(site.URL, "http://") + "\"]}\n"
	e := runs(t, copied(t, t.TempDir(), "rendered.yaml", private, "https://board.example", site.URL), time.Now, nil)
	if report := e.refresh("meetings"); report.Published != 2 {
		t.Errorf("published %d articles, want the 2 that the scripts have made", report.Published)
	}
}

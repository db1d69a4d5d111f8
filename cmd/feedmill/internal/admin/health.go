package admin

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"feedmill/feed"
)

// Health is what the daemon knows of its own state. Safe for concurrent use.
type Health struct {
	mu     sync.Mutex
	feeds  map[string]feedHealth
	reload *reloadHealth
}

type feedHealth struct {
	Refreshed *time.Time `json:"refreshed"` // null before the first refresh
	Class     feed.Class `json:"class,omitempty"`
	Error     string     `json:"error,omitempty"`
}

type reloadHealth struct {
	At    time.Time `json:"at"`
	Error string    `json:"error,omitempty"`
}

// NewHealth makes a health without feeds.
func NewHealth() *Health { return &Health{feeds: map[string]feedHealth{}} }

// Keep sets which feeds there are, as the keys of a map; what is known of others is forgotten.
func (h *Health) Keep(feeds map[string]time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	kept := map[string]feedHealth{}
	for name := range feeds {
		kept[name] = h.feeds[name]
	}
	h.feeds = kept
}

// Refreshed records a refresh that ended with err.
func (h *Health) Refreshed(name string, at time.Time, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, known := h.feeds[name]; !known {
		return
	}
	at = at.UTC().Truncate(time.Second)
	f := feedHealth{Refreshed: &at, Class: feed.ClassOf(err)}
	if err != nil {
		f.Error = err.Error()
	}
	h.feeds[name] = f
}

// Reloaded records a reload that ended with err.
func (h *Health) Reloaded(at time.Time, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.reload = &reloadHealth{At: at.UTC().Truncate(time.Second)}
	if err != nil {
		h.reload.Error = err.Error()
	}
}

// ServeHTTP answers 200 as long as the daemon lives. The body says "ok", "degraded" when a feed or the last reload
// failed, or "starting" when a feed has not been refreshed yet.
func (h *Health) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	h.mu.Lock()
	body := struct {
		Status string                `json:"status"`
		Feeds  map[string]feedHealth `json:"feeds"`
		Reload *reloadHealth         `json:"reload,omitempty"`
	}{"ok", h.feeds, h.reload}
	for _, f := range h.feeds {
		switch {
		case f.Error != "":
			body.Status = "degraded"
		case f.Refreshed == nil && body.Status == "ok":
			body.Status = "starting"
		}
	}
	if h.reload != nil && h.reload.Error != "" {
		body.Status = "degraded"
	}
	encoded, err := json.MarshalIndent(body, "", "  ")
	h.mu.Unlock()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(append(encoded, '\n')) // whoever asked has left
}

package admin_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"feedmill/cmd/feedmill/internal/admin"
	"feedmill/feed"
	"feedmill/feed/schedule"
	"feedmill/feed/setting"
)

// start runs an admin listener and returns its address.
func start(t *testing.T, token setting.Secret, do admin.Actions, h *admin.Health) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- admin.New(l, token, do, h, admin.NewMetrics(), slog.New(slog.DiscardHandler)).Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

func TestTell(t *testing.T) {
	var told []string
	do := admin.Actions{Refresh: func(_ context.Context, name string) error {
		if name == "unknown" {
			return fmt.Errorf("feed %s: %w", name, schedule.ErrUnknown)
		}
		told = append(told, name)
		return nil
	}}
	address := start(t, "hunter2", do, admin.NewHealth())
	if err := admin.Tell(t.Context(), address, "hunter2", "teams/blue"); err != nil || fmt.Sprint(told) != "[teams/blue]" {
		t.Errorf("told %v, %v", told, err)
	}
	if err := admin.Tell(t.Context(), address, "hunter2", "unknown"); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("an unknown feed gave %v", err)
	}
	for _, token := range []setting.Secret{"", "hunter3"} {
		if err := admin.Tell(t.Context(), address, token, "world"); err == nil || !strings.Contains(err.Error(), "admin.token") {
			t.Errorf("the token %q gave %v", token.Reveal(), err)
		}
	}
	if len(told) != 1 {
		t.Errorf("told %v", told)
	}
}

func TestTellNobody(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	if err := admin.Tell(t.Context(), address, "", "world"); err != nil {
		t.Errorf("where no daemon listens: %v", err)
	}
}

func TestActionsAreNotForWebPages(t *testing.T) {
	reloads := 0
	address := start(t, "", admin.Actions{Reload: func(context.Context) error {
		reloads++
		return feed.Classify(feed.Refused, errors.New("feedmill.yaml:3:1: no"))
	}}, admin.NewHealth())
	for _, c := range []struct {
		method, site string
		status       int
		text         string
	}{
		{http.MethodPost, "", http.StatusUnprocessableEntity, "feedmill.yaml:3:1: no"},
		{http.MethodPost, "cross-site", http.StatusForbidden, "another site"},
		{http.MethodGet, "", http.StatusMethodNotAllowed, ""},
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, "http://"+address+"/reload", nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.site != "" {
			r.Header.Set("Sec-Fetch-Site", c.site)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != c.status || !strings.Contains(string(body), c.text) {
			t.Errorf("%s from %q gave %s %s", c.method, c.site, answer.Status, body)
		}
	}
	if reloads != 1 {
		t.Errorf("%d reloads", reloads)
	}
}

func TestHealth(t *testing.T) {
	h := admin.NewHealth()
	address := start(t, "", admin.Actions{}, h)
	status := func() (word string, text string) {
		t.Helper()
		answer, err := http.Get("http://" + address + "/health")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s, %v", answer.Status, err)
		}
		var shown struct{ Status string }
		if err := json.Unmarshal(body, &shown); err != nil {
			t.Fatal(err)
		}
		return shown.Status, string(body)
	}
	at := time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)
	h.Keep(map[string]time.Duration{"world": 0, "sport": 0})
	if word, _ := status(); word != "starting" {
		t.Errorf("before the first refresh it is %s", word)
	}
	h.Refreshed("world", at, nil)
	h.Refreshed("sport", at, feed.Classify(feed.Unavailable, errors.New("the share is away")))
	if word, text := status(); word != "degraded" || !strings.Contains(text, "the share is away") || !strings.Contains(text, "unavailable") {
		t.Errorf("with a sick feed it is %s: %s", word, text)
	}
	h.Keep(map[string]time.Duration{"world": 0})
	h.Refreshed("sport", at, errors.New("late")) // its refresh was running when it was taken away
	if word, text := status(); word != "ok" || strings.Contains(text, "sport") {
		t.Errorf("without it it is %s: %s", word, text)
	}
	h.Reloaded(at, errors.New("a broken file"))
	if word, text := status(); word != "degraded" || !strings.Contains(text, "a broken file") {
		t.Errorf("after a broken reload it is %s: %s", word, text)
	}
}

// get asks for a path, by the name of a host and with a token, and returns status and body.
func get(t *testing.T, address, path, host, token string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		r.Host = host
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// A page of the web whose name leads to this machine reads nothing.
func TestOnlyThisMachinesNames(t *testing.T) {
	h := admin.NewHealth()
	open, locked := start(t, "", admin.Actions{}, h), start(t, "hunter2", admin.Actions{}, h)
	for host, want := range map[string]int{
		"": 200, "localhost": 200, "localhost:8081": 200, "LOCALHOST.:1": 200, "a.localhost": 200, "127.0.0.1": 200, "127.8.0.1:80": 200,
		"[::1]:8081": 200, "[::ffff:127.0.0.1]": 200,
		"evil.example": 403, "evil.example:8081": 403, "10.0.0.1": 403, "notlocalhost": 403, "localhost.evil.example": 403, "127.0.0.1.nip.io": 403,
	} {
		for _, path := range []string{"/health", "/metrics"} {
			if got, _ := get(t, open, path, host, ""); got != want {
				t.Errorf("%s of %q gave %d, want %d", path, host, got, want)
			}
		}
		if got, _ := get(t, locked, "/metrics", host, "hunter2"); got != 200 {
			t.Errorf("with the token, %q gave %d", host, got)
		}
	}
}

func TestStatusAndMetricsWantTheToken(t *testing.T) {
	address := start(t, "hunter2", admin.Actions{Status: func(context.Context) (admin.Status, error) {
		return admin.Status{Status: "ok"}, nil
	}}, admin.NewHealth())
	for _, path := range []string{"/status", "/metrics"} {
		if status, _ := get(t, address, path, "", "hunter3"); status != http.StatusUnauthorized {
			t.Errorf("%s without the token gave %d", path, status)
		}
	}
	if status, body := get(t, address, "/status", "", "hunter2"); status != 200 || !strings.Contains(body, `"status": "ok"`) {
		t.Errorf("the status is %d %s", status, body)
	}
}

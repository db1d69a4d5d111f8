package admin_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"feedmill/cmd/feedmill/internal/admin"
	"feedmill/feed"
	"feedmill/feed/mill"
	"feedmill/feed/store"
)

// scrape returns the lines that Prometheus reads.
func scrape(t *testing.T, m *admin.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	return w.Body.String()
}

func TestMetrics(t *testing.T) {
	m := admin.NewMetrics()
	m.Watch(func() []store.Condition {
		return []store.Condition{{Feed: "world", Kind: "held"}, {Feed: "world", Kind: "refused"}, {Feed: "world", Kind: "refused"}}
	}, func() []admin.Audience { return []admin.Audience{{Feed: "world", Subscribers: 120, Pollers: 7}} })
	m.Keep(map[string]time.Duration{"world": 0, "sport": 0})
	m.Refreshed(mill.Report{Feed: "world", Published: 3, Withdrawn: 1}, nil, 2*time.Second)
	m.Refreshed(mill.Report{Feed: "sport", Changed: 2}, feed.Classify(feed.Throttled, errors.New("later")), time.Second)
	m.Alerted("webhook", nil)
	m.Alerted("webhook", errors.New("down"))
	at := time.Unix(1_800_000_000, 0)
	m.Reloaded(at, nil)
	m.Reloaded(at.Add(time.Hour), errors.New("a broken file"))
	text := scrape(t, m)
	for _, want := range []string{
		`feedmill_refreshes_total{class="ok"} 1`, `feedmill_refreshes_total{class="throttled"} 1`,
		`feedmill_refresh_duration_seconds_count 2`, `feedmill_refresh_duration_seconds_sum 3`,
		`feedmill_articles_total{change="published",feed="world"} 3`, `feedmill_articles_total{change="withdrawn",feed="world"} 1`,
		`feedmill_articles_total{change="changed",feed="sport"} 2`,
		`feedmill_conditions{feed="world",kind="held"} 1`, `feedmill_conditions{feed="world",kind="refused"} 2`,
		`feedmill_alerts_total{result="sent",target="webhook"} 1`, `feedmill_alerts_total{result="failed",target="webhook"} 1`,
		`feedmill_config_last_reload_successful 0`, `feedmill_config_last_reload_success_timestamp_seconds 1.8e+09`, `feedmill_build_info{`, `go_goroutines `,
	} {
		if !strings.Contains(text, "\n"+want) {
			t.Errorf("the metrics lack %s:\n%s", want, text)
		}
	}
	m.Keep(map[string]time.Duration{"sport": 0})
	m.Refreshed(mill.Report{Feed: "world", Published: 3}, nil, time.Second) // it was running when it was taken away
	if text := scrape(t, m); strings.Contains(text, `change="published",feed="world"`) || !strings.Contains(text, `feed="sport"`) {
		t.Errorf("without world the metrics are\n%s", text)
	}
}

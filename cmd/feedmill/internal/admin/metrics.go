package admin

import (
	"net/http"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"feedmill/feed"
	"feedmill/feed/mill"
	"feedmill/feed/store"
)

// Metrics are what Prometheus reads of a daemon. The only labels that an operator chooses are the names of feeds; those of
// sources, which a list may bring by the thousand, are none. Safe for concurrent use.
type Metrics struct {
	http.Handler

	refreshes, articles, alerts *prometheus.CounterVec
	duration                    prometheus.Histogram
	reloaded, reloadedAt        prometheus.Gauge
	registry                    *prometheus.Registry

	mu    sync.Mutex
	feeds map[string]bool
}

// NewMetrics makes the metrics of a process.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(), feeds: map[string]bool{},
		refreshes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "feedmill_refreshes_total", Help: "Refreshes that ended, by the class of their error; ok without one.",
		}, []string{"class"}),
		articles: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "feedmill_articles_total", Help: "Articles that were published, changed or withdrawn.",
		}, []string{"feed", "change"}),
		alerts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "feedmill_alerts_total", Help: "Tries to send an alert, by kind of target (webhook, command) and result (sent, failed).",
		}, []string{"target", "result"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "feedmill_refresh_duration_seconds", Help: "How long refreshes took, waiting for hosts included.",
			Buckets: []float64{0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120},
		}),
		reloaded: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "feedmill_config_last_reload_successful", Help: "Whether the last reload of the configuration succeeded.",
		}),
		reloadedAt: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "feedmill_config_last_reload_success_timestamp_seconds", Help: "When the configuration in use was read.",
		}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "feedmill_build_info", Help: "The version, always 1.",
		ConstLabels: prometheus.Labels{"version": Version(), "goversion": runtime.Version()},
	})
	build.Set(1)
	m.registry.MustRegister(m.refreshes, m.articles, m.alerts, m.duration, m.reloaded, m.reloadedAt, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.Handler = promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
	return m
}

// Version is the version of this program.
func Version() string {
	if info, found := debug.ReadBuildInfo(); found {
		return info.Main.Version
	}
	return "unknown"
}

// Watch shows what is wrong and who reads, as the given functions say it whenever somebody asks.
func (m *Metrics) Watch(wrong func() []store.Condition, reads func() []Audience) {
	m.registry.MustRegister(conditions{wrong}, audiences{reads})
}

// Keep sets which feeds there are, as the keys of a map; what was counted of others is forgotten.
func (m *Metrics) Keep(feeds map[string]time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name := range m.feeds {
		if _, kept := feeds[name]; !kept {
			m.articles.DeletePartialMatch(prometheus.Labels{"feed": name})
			delete(m.feeds, name)
		}
	}
	for name := range feeds {
		m.feeds[name] = true
	}
}

// Refreshed counts a refresh that ended with err.
func (m *Metrics) Refreshed(r mill.Report, err error, took time.Duration) {
	class := string(feed.ClassOf(err))
	if class == "" {
		class = ok
	}
	m.refreshes.WithLabelValues(class).Inc()
	m.duration.Observe(took.Seconds())
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.feeds[r.Feed] {
		return // its refresh was running when it was taken away
	}
	for change, n := range map[string]int{"published": r.Published, "changed": r.Changed, "withdrawn": r.Withdrawn} {
		m.articles.WithLabelValues(r.Feed, change).Add(float64(n))
	}
}

// Reloaded notes that the configuration was read, at the start or again, which ended with err.
func (m *Metrics) Reloaded(at time.Time, err error) {
	if err != nil {
		m.reloaded.Set(0)
		return
	}
	m.reloaded.Set(1)
	m.reloadedAt.Set(float64(at.Unix()))
}

// Alerted counts a try to send an alert.
func (m *Metrics) Alerted(kind string, err error) {
	result := "sent"
	if err != nil {
		result = "failed"
	}
	m.alerts.WithLabelValues(kind, result).Inc()
}

// conditions is the gauge of what is wrong now.
type conditions struct{ wrong func() []store.Condition }

var wrongNow = prometheus.NewDesc("feedmill_conditions",
	"What is wrong with a feed now, by kind: with how many of its sources and outputs, or with itself.", []string{"feed", "kind"}, nil)

func (conditions) Describe(to chan<- *prometheus.Desc) { to <- wrongNow }

func (c conditions) Collect(to chan<- prometheus.Metric) {
	type labels struct{ feed, kind string }
	n := map[labels]float64{}
	for _, one := range c.wrong() {
		n[labels{one.Feed, one.Kind}]++
	}
	for l, count := range n {
		to <- prometheus.MustNewConstMetric(wrongNow, prometheus.GaugeValue, count, l.feed, l.kind)
	}
}

package fetch

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"feedmill/feed/setting"
)

// bench measures Get against an origin on loopback; cpu-µs is all that both sides use.
func bench(b *testing.B, handler http.HandlerFunc, remembered bool) {
	s := origin(b, handler)
	now := newClock()
	c := New(now.now, quiet())
	r := Request{URL: s.URL, Config: config(s)}
	m := newMemory()
	if remembered {
		a, err := c.Get(b.Context(), m, r)
		if err != nil {
			b.Fatal(err)
		}
		a.Remember(m)
	}
	report(b, func() {
		now.pass(shareFor) // nobody else has just asked
		a, err := c.Get(b.Context(), m, r)
		if err != nil || a.Unchanged != remembered {
			b.Fatalf("unchanged %v, %v", a.Unchanged, err)
		}
		a.Remember(m)
	})
}

func report(b *testing.B, do func()) {
	b.ReportAllocs()
	begun := cpu(b)
	for b.Loop() {
		do()
	}
	b.ReportMetric(float64((cpu(b)-begun).Microseconds())/float64(b.N), "cpu-µs/op")
}

func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

var benchBody = strings.Repeat("<item><title>An article</title></item>\n", 640) // 25 KB

func BenchmarkNotModified(b *testing.B) {
	bench(b, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		if r.Header.Get("If-None-Match") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = io.WriteString(w, benchBody)
	}, true)
}

func BenchmarkEqualBody(b *testing.B) {
	bench(b, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, benchBody) }, true)
}

func BenchmarkNewBody(b *testing.B) {
	var n atomic.Int64
	bench(b, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, benchBody+strings.Repeat("x", int(n.Add(1)%1000)))
	}, false)
}

// BenchmarkOwnCost is a 304 without net/http: what this package itself takes.
func BenchmarkOwnCost(b *testing.B) {
	now := newClock()
	c := New(now.now, quiet(), roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.Header.Get("If-None-Match") != "" {
			return reply200(r, http.StatusNotModified, ""), nil
		}
		return reply200(r, http.StatusOK, benchBody, "ETag", `"1"`), nil
	}).option())
	cfg := Default()
	cfg.PerHost = PerHost{Concurrency: 2}
	cfg.Headers = map[string]setting.Secret{"X-Key": "k"}
	r := Request{URL: "https://a.test/feed.xml", Config: cfg}
	m := newMemory()
	a, err := c.Get(b.Context(), m, r)
	if err != nil {
		b.Fatal(err)
	}
	a.Remember(m)
	report(b, func() {
		now.pass(shareFor)
		if a, err := c.Get(b.Context(), m, r); err != nil || !a.Unchanged {
			b.Fatal(err)
		}
	})
}

// BenchmarkNetHTTP is the floor: the same 304 by net/http alone.
func BenchmarkNetHTTP(b *testing.B) {
	s := origin(b, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) })
	transport := &http.Transport{}
	b.Cleanup(transport.CloseIdleConnections)
	report(b, func() {
		r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, s.URL, nil)
		if err != nil {
			b.Fatal(err)
		}
		answer, err := transport.RoundTrip(r)
		if err != nil {
			b.Fatal(err)
		}
		answer.Body.Close()
	})
}

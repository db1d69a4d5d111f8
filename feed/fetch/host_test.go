package fetch

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"feedmill/feed"
	"feedmill/feed/setting"
)

// busy is an origin that takes a while and watches how it is asked.
type busy struct {
	takes  time.Duration
	active atomic.Int32
	most   atomic.Int32
	mu     sync.Mutex
	begun  []time.Time
}

func (b *busy) RoundTrip(r *http.Request) (*http.Response, error) {
	b.mu.Lock()
	b.begun = append(b.begun, time.Now())
	b.mu.Unlock()
	b.most.Store(max(b.most.Load(), b.active.Add(1)))
	defer b.active.Add(-1)
	select {
	case <-time.After(b.takes):
		return reply200(r, 200, "x"), nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

func TestPerHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &busy{takes: 10 * time.Second}
		c := newClient(roundTrip(b.RoundTrip).option())
		cfg := config()
		cfg.Timeout = setting.Duration(11 * time.Second) // waiting does not count
		cfg.PerHost = PerHost{Concurrency: 3, Interval: setting.Duration(2 * time.Second)}
		var wait sync.WaitGroup
		for i := range 12 {
			wait.Go(func() {
				if _, err := c.Get(t.Context(), nil, Request{URL: fmt.Sprintf("https://a.test/%d", i), Config: cfg}); err != nil {
					t.Error(err)
				}
			})
		}
		other := time.Now()
		if _, err := c.Get(t.Context(), nil, Request{URL: "https://b.test/", Config: cfg}); err != nil || time.Since(other) != 10*time.Second {
			t.Errorf("another host waited %v, %v", time.Since(other), err)
		}
		wait.Wait()
		if n := b.most.Load(); n != 4 {
			t.Errorf("%d requests at once to two hosts, want 3 and 1", n)
		}
		fast := 0
		for i := 1; i < len(b.begun); i++ {
			if b.begun[i].Sub(b.begun[i-1]) < 2*time.Second {
				fast++
			}
		}
		if fast > 2 { // the other host's
			t.Errorf("%d requests followed too fast", fast)
		}
	})
}

func TestWaitingGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &busy{takes: time.Minute}
		c := newClient(roundTrip(b.RoundTrip).option())
		cfg := config()
		cfg.Timeout = setting.Duration(time.Hour)
		cfg.PerHost.Concurrency = 1
		var wait sync.WaitGroup
		for i, patience := range []time.Duration{200 * time.Second, 30 * time.Second, 200 * time.Second} {
			wait.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				time.Sleep(time.Duration(i))
				_, err := c.Get(ctx, nil, Request{URL: fmt.Sprintf("https://a.test/%d", i), Config: cfg})
				if wantErr := i == 1; (err != nil) != wantErr {
					t.Errorf("request %d: %v", i, err)
				}
				if err != nil {
					refused(t, err, feed.Unavailable, "deadline")
				}
			})
		}
		wait.Wait()
		if n := b.active.Load(); n != 0 {
			t.Errorf("%d requests still run", n)
		}
		h := c.hosts.byID["a.test:443"]
		if h.active != 0 || len(h.queue) != 0 {
			t.Errorf("%d slots are lost, %d still wait", h.active, len(h.queue))
		}
	})
}

func TestHostsAreForgotten(t *testing.T) {
	now := newClock()
	h := &hosts{now: now.now, byID: map[string]*host{}}
	h.close("closed:80", now.now().Add(24*time.Hour))
	for i := range 5 * manyHosts {
		leave, err := h.enter(t.Context(), fmt.Sprintf("%d:80", i), PerHost{Concurrency: 1, Interval: setting.Duration(time.Second)}, false)
		if err != nil {
			t.Fatal(err)
		}
		leave()
		now.pass(time.Second)
	}
	if n := len(h.byID); n > 2*manyHosts {
		t.Errorf("%d hosts are kept", n)
	}
	if _, err := h.enter(t.Context(), "closed:80", PerHost{Concurrency: 1}, false); err == nil {
		t.Error("a closed host was forgotten")
	}
}

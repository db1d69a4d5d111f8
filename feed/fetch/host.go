package fetch

import (
	"context"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"feedmill/feed"
)

// hosts keeps each host and port from being asked too much: so many requests at once, so much time between them, and
// not at all while it asked to wait.
type hosts struct {
	now func() time.Time

	mu   sync.Mutex
	byID map[string]*host
}

type host struct {
	active int
	queue  []*turn
	next   time.Time // when the next request may begin
	closed time.Time // until then the host asked to be left alone
}

// turn is a request that waits for others to end.
type turn struct {
	limit int
	ready chan struct{}
}

// manyHosts is how many hosts are kept before idle ones are forgotten.
const manyHosts = 1024

// hostPort is the host and port of an address, in lower case, with the port its scheme stands for.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "80"
		if u.Scheme == "https" {
			port = "443"
		}
	}
	return strings.ToLower(net.JoinHostPort(u.Hostname(), port))
}

// enter waits for the host's turn; the caller must call the returned function when the answer is read. A redirect that
// stays on its host takes a slot but does not wait for the interval. The error is a [*failure] while the host is closed,
// else ctx's.
func (h *hosts) enter(ctx context.Context, id string, limits PerHost, redirected bool) (leave func(), err error) {
	h.mu.Lock()
	at := h.of(id)
	if at.closed.After(h.now()) {
		h.mu.Unlock()
		return nil, closedHost(id)
	}
	if at.active < limits.Concurrency && len(at.queue) == 0 {
		at.active++
		h.mu.Unlock()
	} else if err := h.wait(ctx, at, limits.Concurrency); err != nil {
		return nil, err
	}
	leave = func() { h.leave(at) }
	if redirected {
		return leave, nil
	}
	if err := h.pace(ctx, at, time.Duration(limits.Interval)); err != nil {
		leave()
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if at.closed.After(h.now()) { // while we waited
		h.release(at)
		return nil, closedHost(id)
	}
	return leave, nil
}

// closedHost is said to sources that did not ask themselves, so it is not remembered as their failure.
func closedHost(id string) *failure {
	return &failure{
		class: feed.Throttled, passing: true,
		text: id + " asked to be left alone for a while when another of its addresses was read; feedmill waits as told",
	}
}

// of returns the host's state; h.mu is held.
func (h *hosts) of(id string) *host {
	if at := h.byID[id]; at != nil {
		return at
	}
	if len(h.byID) >= manyHosts {
		now := h.now()
		for id, at := range h.byID {
			if at.active == 0 && len(at.queue) == 0 && !at.next.After(now) && !at.closed.After(now) {
				delete(h.byID, id)
			}
		}
	}
	at := &host{}
	h.byID[id] = at
	return at
}

// wait queues for a slot; h.mu is held at the call and released.
func (h *hosts) wait(ctx context.Context, at *host, limit int) error {
	mine := &turn{limit: limit, ready: make(chan struct{})}
	at.queue = append(at.queue, mine)
	h.mu.Unlock()
	select {
	case <-mine.ready:
		return nil
	case <-ctx.Done():
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, t := range at.queue {
		if t == mine {
			at.queue = append(at.queue[:i], at.queue[i+1:]...)
			h.wake(at)
			return ctx.Err()
		}
	}
	h.release(at) // the slot came at the same moment
	return ctx.Err()
}

// pace waits until interval has passed since the request before.
func (h *hosts) pace(ctx context.Context, at *host, interval time.Duration) error {
	h.mu.Lock()
	now := h.now()
	begin := now
	if at.next.After(now) {
		begin = at.next
	}
	at.next = begin.Add(interval)
	h.mu.Unlock()
	if begin.Equal(now) {
		return ctx.Err()
	}
	timer := time.NewTimer(begin.Sub(now))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *hosts) leave(at *host) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.release(at)
}

// release and wake hand free slots on; h.mu is held.
func (h *hosts) release(at *host) {
	at.active--
	h.wake(at)
}

func (h *hosts) wake(at *host) {
	for len(at.queue) > 0 && at.active < at.queue[0].limit {
		at.active++
		close(at.queue[0].ready)
		at.queue = at.queue[1:]
	}
}

// close leaves the host alone until then.
func (h *hosts) close(id string, until time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if at := h.of(id); until.After(at.closed) {
		at.closed = until
	}
}

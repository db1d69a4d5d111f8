package fetch

import (
	"context"
	"sync"
)

// holder has the token of a large body for as long as somebody works on the body.
type holder struct {
	mu      sync.Mutex
	release func()
}

type holderKey struct{}

// Hold returns a context whose Gets leave a large body counted as one being read until done is called or the next Get
// begins, so that large bodies do not pile up while they wait to be parsed. Within such a context it changes nothing.
func Hold(ctx context.Context) (held context.Context, done func()) {
	if holderOf(ctx) != nil {
		return ctx, func() {}
	}
	h := &holder{}
	return context.WithValue(ctx, holderKey{}, h), func() { h.keep(nil) }
}

// holderOf returns the context's holder, nil when it has none.
func holderOf(ctx context.Context) *holder {
	h, _ := ctx.Value(holderKey{}).(*holder)
	return h
}

// keep gives back what is held, and holds another.
func (h *holder) keep(release func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.release != nil {
		h.release()
	}
	h.release = release
}

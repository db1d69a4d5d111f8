package s3

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"feedmill/feed"
)

// requestsAtOnce bounds the requests under way, of all releases together.
const requestsAtOnce = 4

// The bounds of how long the server may neither take anything nor answer: so long, and for a large document as long as a slow
// line needs to empty what this machine holds ready for it.
const (
	usualPatience  = 20 * time.Second
	longerPatience = 2 * time.Minute
	slowest        = 64 << 10 // bytes a second
)

// lookAt is what is done to an object of which it is not known what it holds.
const lookAt = "look at"

// errSilent is why a request was given up.
var errSilent = errors.New("the server does not answer")

func (o *Output) waits(body *contents) time.Duration {
	if body == nil {
		return o.patience
	}
	return min(o.patience+time.Duration(body.size/slowest)*time.Second, max(o.patience, longerPatience))
}

// ask sends one request, as often as it takes, when its turn comes. body is what it sends, if anything. The error says what was
// tried and where, in the words of an operator, and has a class.
func (o *Output) ask(ctx context.Context, verb, name string, body *contents, send func(context.Context) error) error {
	err := o.inTurn(ctx, body, send)
	switch {
	case err == nil && verb != lookAt: // which tells nothing of what we may do
		o.trust.well()
	case err != nil && body.broken() == nil:
		return fmt.Errorf("%s %s%s: %w", verb, o.config.Address(), name, err)
	}
	return err
}

func (o *Output) inTurn(ctx context.Context, body *contents, send func(context.Context) error) error {
	select {
	case o.turns <- struct{}{}:
		defer func() { <-o.turns }()
	case <-ctx.Done():
		return feed.Classify(feed.Unavailable, ctx.Err())
	}
	if err := o.trust.resting(); err != nil {
		return err
	}
	sending, give := context.WithCancelCause(ctx)
	defer give(nil)
	wait := o.waits(body)
	silent := time.AfterFunc(wait, func() { give(errSilent) })
	defer silent.Stop()
	if body != nil {
		body.mu.Lock()
		body.read, body.give = func() { silent.Reset(wait) }, give
		body.mu.Unlock()
	}
	err := send(sending)
	switch {
	case err == nil:
		return nil
	case body.broken() != nil:
		return body.broken()
	case ctx.Err() != nil:
		return feed.Classify(feed.Unavailable, ctx.Err())
	case sending.Err() != nil:
		err = context.Cause(sending)
	}
	everything, said := o.trouble(err)
	if everything {
		o.trust.failed(said, errors.Is(err, errSilent))
	}
	return said
}

// broken is why the document cannot be read, nil when it can.
func (c *contents) broken() error {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// The rest that a server gets which takes nothing: after so many failures in a row, for a time that is shorter than that
// after which a feed tries again.
const (
	mostFailures = 4
	rest         = 30 * time.Second
)

// trust is whether the server is worth asking.
type trust struct {
	now      func() time.Time
	mu       sync.Mutex
	failures int
	until    time.Time
	last     error
}

// resting is why the server is not asked now, nil when it is.
func (t *trust) resting() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now().Before(t.until) {
		return t.last
	}
	return nil
}

// failed counts a failure that does not lie in the one document. A server that was silent has taken enough time with one.
func (t *trust) failed(err error, silent bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failures++
	if t.failures >= mostFailures || silent {
		t.failures, t.last, t.until = mostFailures, err, t.now().Add(rest)
	}
}

func (t *trust) well() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failures, t.until = 0, time.Time{}
}

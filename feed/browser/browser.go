package browser

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"feedmill/feed"
	"feedmill/feed/fetch"
)

const (
	tabsAtOnce = 2
	idleAfter  = 2 * time.Minute
)

// Browser renders pages. It is safe for concurrent use.
type Browser struct {
	client *fetch.Client
	log    *slog.Logger
	slots  chan struct{} // a place for each page at once
	idle   time.Duration

	starting chan struct{} // held while a browser is started or stopped

	mu     sync.Mutex
	config Config
	engine *engine // nil: none runs
	closed bool
	rest   *time.Timer
}

// New makes a browser that asks by the rules of client. It is started when it is first used; [Browser.Close] ends it.
func New(c Config, client *fetch.Client, log *slog.Logger) *Browser {
	return &Browser{
		config: c, client: client, log: log, idle: idleAfter,
		slots: make(chan struct{}, tabsAtOnce), starting: make(chan struct{}, 1),
	}
}

// Render is [fetch.Client.Get] through the browser: the answer's body is the page's HTML after its scripts have run, in
// UTF-8 whatever it says itself. It waits until wait, a CSS selector or an XPath expression, finds something in the page;
// when wait is empty or nothing that a browser understands, until the page's network is quiet; in any case not longer
// than r.Config.Timeout, which begins when the browser is ready. A page in which wait finds nothing is returned all the
// same.
func (b *Browser) Render(ctx context.Context, m feed.Memory, r fetch.Request, wait string) (fetch.Answer, error) {
	return b.client.Visit(ctx, m, r, func(ctx context.Context) (*http.Response, error) {
		select {
		case b.slots <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		defer func() { <-b.slots }()
		e, err := b.enter(ctx)
		if err != nil {
			return nil, err
		}
		answer, spoilt, err := render(ctx, e, b.client, r, wait, b.log)
		b.leave(e, spoilt)
		return answer, err
	})
}

// Configure makes c hold from the next page on. Pages that are being rendered end in the browser they began in.
func (b *Browser) Configure(c Config) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.config != c && b.engine != nil {
		b.engine.tired = true
	}
	b.config = c
}

// Close ends the browser and waits until it has ended. Pages that are being rendered fail; none can be rendered after.
func (b *Browser) Close() {
	b.mu.Lock()
	b.closed = true
	e := b.engine
	if b.rest != nil {
		b.rest.Stop()
	}
	b.mu.Unlock()
	if e != nil {
		e.stop()
	}
	b.starting <- struct{}{}
	b.retire(func(*engine) bool { return true })
	<-b.starting
	for range tabsAtOnce { // those that were rendering have let go
		b.slots <- struct{}{}
	}
	for range tabsAtOnce {
		<-b.slots
	}
}

var errClosed = ours(feed.Unavailable, "feedmill is stopping")

// enter returns a browser that runs, with a page counted on it.
func (b *Browser) enter(ctx context.Context) (*engine, error) {
	select {
	case b.starting <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-b.starting }()
	b.retire(func(e *engine) bool { return e.tired || e.isLost() })
	if e, err := b.count(nil); e != nil || err != nil {
		return e, err
	}
	e, err := b.start(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := b.count(e); err != nil { // closed while it started
		e.stop()
		return nil, err
	}
	return e, nil
}

// count counts a page on the browser that runs, or on a fresh one; it returns nil when there is neither.
func (b *Browser) count(fresh *engine) (*engine, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, errClosed
	}
	if fresh != nil {
		b.engine = fresh
	}
	if b.engine != nil {
		if b.rest != nil {
			b.rest.Stop()
		}
		b.engine.tabs++
		b.engine.pages++
	}
	return b.engine, nil
}

func (b *Browser) start(ctx context.Context) (*engine, error) {
	b.mu.Lock()
	c := b.config
	b.mu.Unlock()
	if c.URL != "" {
		w, here, err := connect(ctx, b.client, c.URL.Reveal())
		if err != nil {
			return nil, err
		}
		return newEngine(w, nil, here), nil
	}
	path, err := find(c.Path)
	if err != nil {
		return nil, err
	}
	begun := time.Now()
	p, err := start(ctx, path, b.log)
	if err != nil {
		return nil, err
	}
	b.log.Debug("browser started", "program", path, "took", time.Since(begun).Round(time.Millisecond))
	return newEngine(p.wire, p, "127.0.0.1"), nil
}

// retire stops the browser when it is fit for it and no page is open in it; one with a page open is left for that page
// to stop.
func (b *Browser) retire(fit func(*engine) bool) {
	b.mu.Lock()
	e := b.engine
	if e == nil || !fit(e) {
		b.mu.Unlock()
		return
	}
	b.engine, e.tired = nil, true
	open := e.tabs
	b.mu.Unlock()
	if open == 0 {
		e.stop()
	}
}

// leave takes a page off a browser, which ends when it is of no more use.
func (b *Browser) leave(e *engine, spoilt bool) {
	if e.process != nil && !e.isLost() && memory(e.process.command.Process.Pid) > restingMemory {
		spoilt = true
	}
	b.mu.Lock()
	e.tabs--
	if spoilt || e.pages >= mostPages {
		e.tired = true
	}
	last := e.tabs == 0
	over := last && (e.tired || b.engine != e || e.isLost())
	if over && b.engine == e {
		b.engine = nil
	}
	if last && !over {
		b.rest = time.AfterFunc(b.idle, b.sleep)
	}
	b.mu.Unlock()
	if over {
		e.stop()
	}
}

// sleep ends a browser that has had nothing to do.
func (b *Browser) sleep() {
	b.starting <- struct{}{}
	defer func() { <-b.starting }()
	b.retire(func(e *engine) bool { return e.tabs == 0 })
}

// because finds the true cause of an error that came up while a page was open in the browser.
func (e *engine) because(err error) error {
	switch {
	case e.grown.Load():
		return errMemory
	case errors.Is(err, errLost), e.isLost():
		return errDied
	}
	return err
}

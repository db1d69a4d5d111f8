package browser

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
)

// The bounds of a browser that goes on running.
const (
	mostPages     = 100       // rendered before it is started anew
	mostMemory    = 1 << 30   // at once, when it is killed
	restingMemory = 512 << 20 // with no page open, when it is started anew
	lookEvery     = time.Second
)

// engine is a browser that runs.
type engine struct {
	wire    *wire
	process *process // nil when it runs elsewhere
	here    string   // the address of this machine at which it reaches a gate

	tabs, pages int  // guarded by the Browser's mu
	tired       bool // not to be used again; likewise

	grown atomic.Bool // it was killed for its memory

	mu       sync.Mutex
	contexts map[cdp.BrowserContextID]bool // ours
}

func newEngine(w *wire, p *process, here string) *engine {
	e := &engine{wire: w, process: p, here: here, contexts: map[cdp.BrowserContextID]bool{}}
	w.hear("", e.heard)
	tell(w, "", target.SetDiscoverTargets, target.SetDiscoverTargetsParams{Discover: true})
	if p != nil {
		go e.watch()
	}
	return e
}

// heard closes windows that pages open.
func (e *engine) heard(m *cdproto.Message) {
	made, ok := event(m, target.TargetCreated)
	if !ok || made.TargetInfo == nil || made.TargetInfo.OpenerID == "" || !e.has(made.TargetInfo.BrowserContextID) {
		return
	}
	tell(e.wire, "", target.CloseTarget, target.CloseTargetParams{TargetID: made.TargetInfo.TargetID})
}

func (e *engine) has(id cdp.BrowserContextID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.contexts[id]
}

// watch kills the browser when it takes too much memory.
func (e *engine) watch() {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-e.wire.lost:
			return
		case <-tick.C:
			if memory(e.process.command.Process.Pid) > mostMemory {
				e.grown.Store(true)
				killGroup(e.process.command.Process.Pid)
			}
		}
	}
}

// isLost reports whether the browser has ended.
func (e *engine) isLost() bool {
	select {
	case <-e.wire.lost:
		return true
	default:
		return false
	}
}

// stop ends it.
func (e *engine) stop() {
	if e.process != nil {
		e.process.stop()
		return
	}
	e.wire.close()
}

// open makes a context whose only way out is the gate.
func (e *engine) open(ctx context.Context, g *gate) (cdp.BrowserContextID, error) {
	yes := true
	made, err := call(ctx, e.wire, "", target.CreateBrowserContext, target.CreateBrowserContextParams{
		DisposeOnDetach: &yes, ProxyServer: "http://" + g.address(), ProxyBypassList: "<-loopback>",
	})
	if err != nil {
		return "", err
	}
	e.mu.Lock()
	e.contexts[made.BrowserContextID] = true
	e.mu.Unlock()
	return made.BrowserContextID, nil
}

// dispose throws a context away with its page and all it has stored. It reports whether the browser did so.
func (e *engine) dispose(id cdp.BrowserContextID) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, err := call(ctx, e.wire, "", target.DisposeBrowserContext, target.DisposeBrowserContextParams{BrowserContextID: id})
	e.mu.Lock()
	delete(e.contexts, id)
	e.mu.Unlock()
	return err == nil
}

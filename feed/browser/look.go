package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// When a page is done. All of it ends with the timeout, before which there must be time to take the HTML.
const (
	glance      = 100 * time.Millisecond // between two looks
	calm        = 500 * time.Millisecond // no traffic: the network is quiet
	longRequest = 5 * time.Second        // longer ones do not count
	settled     = 250 * time.Millisecond // no change of the page: what was begun is drawn
	settleMost  = 2 * time.Second        // a page that never settles, as one with a clock, is taken as it is
	searchMost  = 5 * time.Second        // after the network is quiet what was not found will not come
	restlessFor = 10 * time.Second       // a page whose network is never quiet is taken as it is
	forTaking   = 2 * time.Second        // at most a tenth of the timeout
)

// view is what a look at the page saw.
type view struct {
	State   string // loading while HTML comes; then interactive, complete
	Changes int    // of the page, so far
	Found   bool   // what is waited for
	Known   bool   // the browser understands what is waited for
	Address string
}

// look is the script of a look. It runs in a world of its own, where the page's scripts cannot change what it sees.
const look = `(wait => {
  const seen = globalThis.seen ??= (() => {
    const s = {changes: 0};
    new MutationObserver(() => { s.changes++ }).observe(document, {childList: true, subtree: true, characterData: true});
    return s;
  })();
  let found = false, known = wait !== '';
  if (known) try {
    found = /^[(.]*\//.test(wait) ? document.evaluate(wait, document, null, XPathResult.ANY_TYPE, null).iterateNext() !== null : document.querySelector(wait) !== null;
  } catch { known = false }
  return {State: document.readyState, Changes: seen.changes, Found: found, Known: known, Address: location.href};
})(%s)`

// take is the script that takes the HTML, unless it is too large.
const take = `(most => {
  const root = document.documentElement;
  if (root === null) return '';
  const doctype = document.doctype === null ? '' : new XMLSerializer().serializeToString(document.doctype) + '\n';
  const html = root.outerHTML;
  return html.length > most ? null : doctype + html;
})(%d)`

// read loads the page, waits until it is done, and returns its HTML and address.
func (t *tab) read(ctx context.Context, wait string, timeout time.Duration) ([]byte, *url.URL, error) {
	if err := t.navigate(ctx); err != nil {
		if errors.Is(err, errBare) {
			return nil, t.asked, nil
		}
		return nil, nil, err
	}
	end, _ := ctx.Deadline()
	seen, err := t.await(ctx, wait, end.Add(-min(forTaking, timeout/10)))
	if err != nil {
		return nil, nil, err
	}
	at, err := url.Parse(seen.Address)
	if err != nil || at.Scheme != "http" && at.Scheme != "https" {
		return nil, nil, errNoAddress
	}
	at.Fragment, at.User = "", nil
	if mediaType := t.mediaType(); t.status() < 400 && !isPage(mediaType) {
		return nil, nil, noPage(mediaType)
	}
	var html *string
	if err := t.ask(ctx, new(world), fmt.Sprintf(take, int64(t.config.MaxBody)), &html); err != nil {
		return nil, nil, busy(err)
	}
	if html == nil || int64(len(*html)) > int64(t.config.MaxBody) {
		return nil, nil, errLarge
	}
	return []byte(*html), at, nil
}

// errBare says that the answer is a refusal and nothing more, of which browsers make a page of their own.
var errBare = errors.New("a refusal without a page")

// navigate asks for the address; it returns when the page's answer has begun.
func (t *tab) navigate(ctx context.Context) error {
	got, err := within(ctx, t, func(ctx context.Context) (page.NavigateResult, error) {
		return call(ctx, t.wire, t.session, page.Navigate, page.NavigateParams{URL: t.asked.String()})
	})
	switch {
	case err != nil:
		return err // of a timeout package fetch says it best
	case got.IsDownload:
		return errDownload
	case got.ErrorText == "":
		return nil
	}
	t.mu.Lock()
	wanted := t.wanted
	t.mu.Unlock()
	if err := t.gate.reason(wanted); err != nil {
		return err
	}
	switch {
	case t.status() >= 400:
		return errBare
	case got.ErrorText == "net::ERR_ABORTED" && !isPage(t.mediaType()):
		return errDownload
	}
	return notLoaded(got.ErrorText)
}

// within calls do with a context that also ends when the page fails.
func within[R any](ctx context.Context, t *tab, do func(context.Context) (R, error)) (R, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-t.failed:
			cancel()
		case <-ctx.Done():
		}
	}()
	return do(ctx)
}

// await looks at the page until it is done, or until the time has come to take it as it is.
func (t *tab) await(ctx context.Context, wait string, end time.Time) (view, error) {
	quoted, err := json.Marshal(wait)
	if err != nil {
		return view{}, err
	}
	script, in := fmt.Sprintf(look, quoted), new(world)
	var p patience
	for {
		var seen view
		err := t.ask(ctx, in, script, &seen)
		now := time.Now()
		if err != nil && !errors.Is(err, errMoved) {
			return seen, busy(err)
		}
		if err == nil && p.done(seen, now, t.quiet(now)) {
			return seen, nil
		}
		if now.After(end) {
			if err == nil && seen.State != "loading" {
				return seen, nil
			}
			return seen, errEndless
		}
		select {
		case <-time.After(glance):
		case <-t.failed:
			return seen, context.Canceled // render knows why
		case <-ctx.Done():
			return seen, ctx.Err()
		}
	}
}

// patience is what has been seen of a page so far.
type patience struct {
	ready, found, hushed time.Time // since when the HTML is whole, what is waited for is there, the network is quiet
	changes              int
	changed              time.Time
	address              string
}

// done reports whether the page shows what it will show.
func (p *patience) done(seen view, now time.Time, quiet time.Duration) bool {
	if seen.Address != p.address || seen.Changes < p.changes {
		*p = patience{address: seen.Address} // another page
	}
	if seen.Changes != p.changes || p.changed.IsZero() {
		p.changes, p.changed = seen.Changes, now
	}
	if seen.State == "loading" {
		return false
	}
	since := func(begin *time.Time, holds bool) time.Duration {
		switch {
		case !holds:
			*begin = time.Time{}
		case begin.IsZero():
			*begin = now
		}
		if begin.IsZero() {
			return -1
		}
		return now.Sub(*begin)
	}
	ready, found, hushed := since(&p.ready, true), since(&p.found, seen.Found), since(&p.hushed, quiet >= calm)
	still := now.Sub(p.changed) >= settled
	switch {
	case seen.Found:
		return still || found >= settleMost
	case seen.Known:
		return hushed >= searchMost
	}
	return hushed >= 0 && (still || hushed >= settleMost) || ready >= restlessFor
}

// errMoved says that the page was left for another while it was looked at.
var errMoved = errors.New("the page has changed")

// world is where our scripts run, apart from the page's.
type world struct{ id runtime.ExecutionContextID }

// ask runs a script in a world of ours and reads what it returns.
func (t *tab) ask(ctx context.Context, in *world, script string, into any) error {
	_, err := within(ctx, t, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, t.evaluate(ctx, in, script, into)
	})
	return err
}

func (t *tab) evaluate(ctx context.Context, in *world, script string, into any) error {
	if in.id == 0 {
		made, err := call(ctx, t.wire, t.session, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: t.frame, WorldName: "feedmill"})
		if err != nil {
			return moved(err)
		}
		in.id = made.ExecutionContextID
	}
	yes := true
	got, err := call(ctx, t.wire, t.session, runtime.Evaluate, runtime.EvaluateParams{Expression: script, ContextID: in.id, ReturnByValue: &yes, Silent: &yes})
	if err != nil {
		in.id = 0
		return moved(err)
	}
	if got.ExceptionDetails != nil || got.Result == nil {
		in.id = 0
		return errMoved
	}
	return jsonv2.Unmarshal(got.Result.Value, into)
}

// moved tells what the browser says of a page that was left from other errors.
func moved(err error) error {
	if errors.Is(err, errLost) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return errMoved
}

// busy says why a page did not answer to a look.
func busy(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return errHung
	}
	if errors.Is(err, errMoved) || strings.Contains(err.Error(), "json") {
		return errEndless
	}
	return err
}

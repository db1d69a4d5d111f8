package browser

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	intercept "github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"

	"feedmill/feed/fetch"
)

// tab is one page that is being rendered.
type tab struct {
	wire    *wire
	gate    *gate
	asked   *url.URL
	config  fetch.Config
	session target.SessionID
	frame   cdp.FrameID   // the page itself, as against frames within it
	failed  chan struct{} // closed when the page has broken a bound

	mu        sync.Mutex
	err       error // why it has failed
	requests  int
	documents int   // addresses the page itself was led to
	decoded   int64 // bytes that were unpacked
	pending   map[network.RequestID]time.Time
	stirred   time.Time // when something was last asked for or came
	answer    *network.Response
	wanted    *url.URL // the last address the page itself was led to
}

// render renders a page in a browser. spoilt says that the browser may not be fit for others any more.
func render(ctx context.Context, e *engine, client *fetch.Client, r fetch.Request, wait string, log *slog.Logger) (answer *http.Response, spoilt bool, err error) {
	asked, err := url.Parse(r.URL)
	if err != nil {
		return nil, false, err
	}
	most := mostTimes * int64(r.Config.MaxBody)
	timeout := time.Duration(r.Config.Timeout)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	g, err := openGate(ctx, client, r.Config, e.here, most, log)
	if err != nil {
		return nil, false, err
	}
	defer g.close()
	context, err := e.open(ctx, g)
	if err != nil {
		return nil, true, e.because(err)
	}
	defer func() {
		if !e.dispose(context) {
			spoilt = true
		}
	}()
	t := &tab{
		wire: e.wire, gate: g, asked: asked, config: r.Config, failed: make(chan struct{}),
		pending: map[network.RequestID]time.Time{}, stirred: time.Now(), wanted: asked,
	}
	defer t.leave()
	if err := t.enter(ctx, context); err != nil {
		return nil, true, e.because(err)
	}
	html, at, err := t.read(ctx, wait, timeout)
	if own := t.reason(); own != nil {
		err = own // the page may not be whole
	}
	if err == nil {
		return t.whole(html, at), false, nil
	}
	return nil, errors.Is(err, errHung) || errors.Is(err, errCrashed), e.because(err)
}

// enter opens the page's tab and sets its rules.
func (t *tab) enter(ctx context.Context, in cdp.BrowserContextID) error {
	deny := browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorDeny, BrowserContextID: in}
	if _, err := call(ctx, t.wire, "", browser.SetDownloadBehavior, deny); err != nil {
		return err
	}
	yes := true
	made, err := call(ctx, t.wire, "", target.CreateTarget, target.CreateTargetParams{URL: "about:blank", BrowserContextID: in, NewWindow: &yes})
	if err != nil {
		return err
	}
	joined, err := call(ctx, t.wire, "", target.AttachToTarget, target.AttachToTargetParams{TargetID: made.TargetID, Flatten: &yes})
	if err != nil {
		return err
	}
	t.frame, t.session = cdp.FrameID(made.TargetID), joined.SessionID
	t.wire.hear(t.session, t.heard)
	tell(t.wire, t.session, inspector.Enable, cdp.Empty{})
	tell(t.wire, t.session, network.Enable, network.EnableParams{})
	tell(t.wire, t.session, network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true})
	tell(t.wire, t.session, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: t.config.UserAgent})
	tell(t.wire, t.session, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 1280, Height: 2400, DeviceScaleFactor: 1})
	tell(t.wire, t.session, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	if cookies := t.cookies(); len(cookies) > 0 {
		if _, err := call(ctx, t.wire, t.session, network.SetCookies, network.SetCookiesParams{Cookies: cookies}); err != nil {
			return err
		}
	}
	if _, err := call(ctx, t.wire, t.session, page.Enable, page.EnableParams{}); err != nil {
		return err
	}
	if _, err := call(ctx, t.wire, t.session, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: without}); err != nil {
		return err
	}
	all := intercept.EnableParams{HandleAuthRequests: &yes, Patterns: []*intercept.RequestPattern{{URLPattern: "*"}}}
	_, err = call(ctx, t.wire, t.session, intercept.Enable, all)
	return err
}

// without takes from pages what they need not have: ways past the gate, and windows.
const without = `for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'WebTransport', 'SharedWorker', 'open'])
  Object.defineProperty(window, name, {value: name === 'open' ? () => null : undefined});
delete Navigator.prototype.serviceWorker;`

// leave stops listening.
func (t *tab) leave() { t.wire.hear(t.session, nil) }

// cookies are those that the operator wrote, for the host asked for.
func (t *tab) cookies() []*network.CookieParam {
	var list []*network.CookieParam
	for name, value := range t.config.Cookies {
		list = append(list, &network.CookieParam{
			Name: name, Value: value.Reveal(), URL: t.asked.Scheme + "://" + t.asked.Host + "/", Path: "/",
			Secure: t.asked.Scheme == "https", HTTPOnly: true,
		})
	}
	return list
}

// status is what the page's last answer says of it; 0 when there was none.
func (t *tab) status() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.answer == nil {
		return 0
	}
	return int(t.answer.Status)
}

// fail ends the page.
func (t *tab) fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err == nil {
		t.err = err
		close(t.failed)
	}
}

// reason is why the page has failed by itself, nil when it has not.
func (t *tab) reason() error {
	if t.gate.empty() {
		t.fail(errLoads)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// heard is told of what happens to the page.
func (t *tab) heard(m *cdproto.Message) {
	if e, ok := event(m, intercept.RequestPaused); ok {
		t.paused(&e)
		return
	}
	if e, ok := event(m, intercept.AuthRequired); ok {
		t.challenged(&e)
		return
	}
	if _, ok := event(m, page.JavascriptDialogOpening); ok {
		tell(t.wire, t.session, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: false})
		return
	}
	if _, ok := event(m, inspector.TargetCrashed); ok {
		t.fail(errCrashed)
		return
	}
	t.traffic(m)
}

// whole makes an answer of a page's HTML.
func (t *tab) whole(html []byte, at *url.URL) *http.Response {
	t.mu.Lock()
	defer t.mu.Unlock()
	answer := &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Request: &http.Request{URL: at},
		Body: io.NopCloser(bytes.NewReader(html)), ContentLength: int64(len(html)),
	}
	if t.answer != nil {
		answer.StatusCode = int(t.answer.Status)
		for name, value := range t.answer.Headers {
			if text, ok := value.(string); ok && !strings.HasPrefix(name, ":") {
				answer.Header[http.CanonicalHeaderKey(name)] = strings.Split(text, "\n")
			}
		}
	}
	for _, name := range []string{"Content-Encoding", "Content-Length", "Transfer-Encoding", "Etag", "Set-Cookie"} {
		answer.Header.Del(name) // they are of what came over the wire
	}
	answer.Header.Set("Content-Type", "text/html; charset=utf-8")
	return answer
}

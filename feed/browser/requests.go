package browser

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto"
	intercept "github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"

	"feedmill/feed/fetch"
)

// The bounds of a page.
const (
	mostRequests  = 500 // things it may ask for
	mostDocuments = 10  // addresses the page itself may be led to
	mostTimes     = 4   // times max_body, for all that it loads
)

// paused decides about a request before it is made.
func (t *tab) paused(e *intercept.EventRequestPaused) {
	if e.Request == nil {
		return
	}
	to, err := url.Parse(e.Request.URL)
	main := e.FrameID == t.frame
	switch {
	case !t.may(e, main, to, err):
		tell(t.wire, t.session, intercept.FailRequest, intercept.FailRequestParams{RequestID: e.RequestID, ErrorReason: network.ErrorReasonBlockedByClient})
	case e.ResourceType == network.ResourceTypeImage:
		tell(t.wire, t.session, intercept.FulfillRequest, intercept.FulfillRequestParams{
			RequestID: e.RequestID, ResponseCode: 200, Body: pixel,
			ResponseHeaders: []*intercept.HeaderEntry{{Name: "Content-Type", Value: "image/gif"}, {Name: "Access-Control-Allow-Origin", Value: "*"}},
		})
	default:
		let := intercept.ContinueRequestParams{RequestID: e.RequestID}
		if main && fetch.SameOrigin(to, t.asked) {
			let.Headers = t.headers(e.Request.Headers)
		}
		tell(t.wire, t.session, intercept.ContinueRequest, let)
	}
}

// pixel is an empty picture: scripts that wait for pictures go on, and put no others in place of those that fail.
var pixel, _ = base64.StdEncoding.DecodeString("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")

// may reports whether a page may ask for something.
func (t *tab) may(e *intercept.EventRequestPaused, main bool, to *url.URL, broken error) bool {
	if broken != nil || to.Scheme != "http" && to.Scheme != "https" {
		return false
	}
	t.mu.Lock()
	t.requests++
	tooMany := t.requests > mostRequests
	wanders := false
	if main && e.ResourceType == network.ResourceTypeDocument {
		t.documents++
		wanders = t.documents > mostDocuments
		t.wanted = to
	}
	t.mu.Unlock()
	switch {
	case tooMany:
		t.fail(errTooMany)
		return false
	case wanders:
		t.fail(errWanders)
		return false
	}
	switch e.ResourceType {
	case network.ResourceTypeFont, network.ResourceTypeMedia, network.ResourceTypeTextTrack, network.ResourceTypeManifest,
		network.ResourceTypePing, network.ResourceTypePrefetch, network.ResourceTypeCSPViolationReport:
		return false
	case network.ResourceTypeDocument:
		return main
	}
	return true
}

// headers are a request's own with those that the operator wrote in their place. Cookies go as cookies.
func (t *tab) headers(given network.Headers) []*intercept.HeaderEntry {
	own := t.config.Own()
	own.Del("Cookie")
	if len(own) == 0 {
		return nil // as they are
	}
	var list []*intercept.HeaderEntry
	for name, value := range given {
		if text, ok := value.(string); ok && own.Get(name) == "" {
			list = append(list, &intercept.HeaderEntry{Name: name, Value: text})
		}
	}
	for name, values := range own {
		list = append(list, &intercept.HeaderEntry{Name: name, Value: values[0]})
	}
	return list
}

// challenged answers who asks for a password: the gate knows ours, and nobody else is told one.
func (t *tab) challenged(e *intercept.EventAuthRequired) {
	reply := &intercept.AuthChallengeResponse{Response: intercept.AuthChallengeResponseResponseCancelAuth}
	if e.AuthChallenge != nil && e.AuthChallenge.Source == intercept.AuthChallengeSourceProxy {
		reply = &intercept.AuthChallengeResponse{
			Response: intercept.AuthChallengeResponseResponseProvideCredentials, Username: gateUser, Password: t.gate.password,
		}
	}
	tell(t.wire, t.session, intercept.ContinueWithAuth, intercept.ContinueWithAuthParams{RequestID: e.RequestID, AuthChallengeResponse: reply})
}

// traffic notes what is on its way.
func (t *tab) traffic(m *cdproto.Message) {
	if !strings.HasPrefix(string(m.Method), "Network.") {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if e, ok := event(m, network.RequestWillBeSent); ok && e.Type != network.ResourceTypeEventSource && e.Type != network.ResourceTypePing {
		t.pending[e.RequestID] = time.Now()
		t.stirred = time.Now()
	}
	if e, ok := event(m, network.ResponseReceived); ok && e.Type == network.ResourceTypeDocument && e.FrameID == t.frame && e.Response != nil {
		t.answer = e.Response
	}
	if e, ok := event(m, network.DataReceived); ok {
		if t.decoded += e.DataLength; t.decoded > mostTimes*int64(t.config.MaxBody) && t.err == nil {
			t.err = errLoads
			close(t.failed)
		}
	}
	if e, ok := event(m, network.LoadingFinished); ok {
		t.came(e.RequestID)
	}
	if e, ok := event(m, network.LoadingFailed); ok {
		t.came(e.RequestID)
	}
}

// came notes that a request has ended; t.mu is held.
func (t *tab) came(id network.RequestID) {
	if _, known := t.pending[id]; known {
		delete(t.pending, id)
		t.stirred = time.Now()
	}
}

// quiet is how long nothing was asked for and nothing came. What takes long, as answers do that a page waits for all
// the time, does not count.
func (t *tab) quiet(now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, since := range t.pending {
		if now.Sub(since) < longRequest {
			return 0
		}
	}
	return now.Sub(t.stirred)
}

// mediaType is what the page's last answer says it is.
func (t *tab) mediaType() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.answer == nil {
		return ""
	}
	return strings.ToLower(t.answer.MimeType)
}

// isPage reports whether a media type is one whose documents have scripts.
func isPage(mediaType string) bool {
	return slices.Contains([]string{"text/html", "application/xhtml+xml", ""}, mediaType)
}

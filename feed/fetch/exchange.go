package fetch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"feedmill/feed"
)

// mostRedirects is how many redirects are followed.
const mostRedirects = 5

// reply is what an exchange came to; sources may share it, so it is never changed.
type reply struct {
	failure *failure // nil: there is an answer

	url, mediaType, wall string
	status               int
	header               http.Header
	body                 []byte
	sum                  [32]byte // of the body
	etag, modified       string   // validators worth keeping
	moved                string   // where permanent redirects lead
	unchanged            bool     // 304

	next *url.URL // a redirect
}

// weight is about what the reply takes in memory.
func (r *reply) weight() int { return len(r.body) + 1<<10 }

// exchange asks, follows redirects and reads the answer. It returns nil when ctx ended.
func (c *Client) exchange(ctx context.Context, q *question) *reply {
	at := trail{here: q.url, trusted: true, permanent: true, budget: q.timeout(), method: q.Method}
	for hops := 0; ; hops++ {
		r, err := c.hop(ctx, q, &at)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			c.log.Debug("request failed", "address", shown(at.here), "err", err)
			return &reply{failure: c.failed(q, &at, err)}
		}
		if r.next == nil {
			r.moved = at.moved
			return r
		}
		if hops == mostRedirects {
			err := &failure{class: feed.Unavailable, text: "is redirected more than " + strconv.Itoa(mostRedirects) + " times; whoever runs the address must mend it"}
			return &reply{failure: c.failed(q, &at, err)}
		}
		if err := at.follow(q, r); err != nil {
			return &reply{failure: c.failed(q, &at, err)}
		}
	}
}

// trail is how far redirects have led.
type trail struct {
	here       *url.URL
	method     string
	redirected bool // within the host it was on
	trusted    bool // never left the configured origin: secrets may be sent
	permanent  bool // so far every redirect was for good
	moved      string
	budget     time.Duration
}

func (t *trail) follow(q *question, r *reply) error {
	if r.status != http.StatusMovedPermanently && r.status != http.StatusPermanentRedirect {
		t.permanent = false
	}
	if t.permanent {
		t.moved = r.next.String()
	}
	t.trusted = t.trusted && sameOrigin(q.url, r.next)
	t.redirected = hostPort(t.here) == hostPort(r.next)
	t.here = r.next
	keeps := r.status == http.StatusTemporaryRedirect || r.status == http.StatusPermanentRedirect
	if t.method != http.MethodGet && !keeps {
		t.method = http.MethodGet
	}
	if t.method != http.MethodGet && !t.trusted {
		return &failure{class: feed.Refused, text: "sends the request on to another host, and its body may hold a key; write the new address if it is meant"}
	}
	return nil
}

// hop makes one request and reads its answer, in the host's turn and within what is left of the deadline.
func (c *Client) hop(ctx context.Context, q *question, at *trail) (*reply, error) {
	if err := q.Config.mayAsk(at.here); err != nil {
		return nil, err
	}
	if q.Found && q.Config.Robots {
		if err := c.mayRead(ctx, q, at.here); err != nil {
			return nil, err
		}
	}
	leave, err := c.hosts.enter(ctx, hostPort(at.here), q.Config.PerHost, at.redirected)
	if err != nil {
		return nil, err
	}
	defer leave()
	begun := time.Now() // the budget is of real time, whatever c.now says
	defer func() { at.budget -= time.Since(begun) }()
	ctx, cancel := context.WithTimeout(ctx, at.budget)
	defer cancel()
	answer, err := c.roundTrip(ctx, q, at)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	return c.take(ctx, q, at, answer)
}

func (c *Client) roundTrip(ctx context.Context, q *question, at *trail) (*http.Response, error) {
	pool, err := c.transports.of(q.Config)
	if err != nil {
		return nil, err
	}
	var body io.Reader
	if at.method == q.Method && len(q.Body) > 0 {
		body = bytes.NewReader(q.Body)
	}
	request, err := http.NewRequestWithContext(ctx, at.method, at.here.String(), body)
	if err != nil {
		return nil, err
	}
	request.Header = q.header(at.here, at.trusted)
	if body == nil {
		delete(request.Header, "Content-Type")
	}
	return pool.RoundTrip(request)
}

// take makes a reply of an answer: a redirect, a body or a failure.
func (c *Client) take(ctx context.Context, q *question, at *trail, answer *http.Response) (*reply, error) {
	switch status := answer.StatusCode; status {
	case http.StatusOK, http.StatusNonAuthoritativeInfo:
		return c.whole(ctx, q, at, answer)
	case http.StatusNotModified:
		if answer.Request != nil && answer.Request.Header.Get("If-None-Match")+answer.Request.Header.Get("If-Modified-Since") != "" {
			return &reply{url: at.here.String(), status: status, unchanged: true}, nil
		}
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		next, err := target(at.here, answer.Header.Get("Location"))
		if err != nil {
			return nil, err
		}
		c.bodies.start(ctx, answer, 4<<10) // so that the connection can be used again
		return &reply{status: status, next: next}, nil
	}
	return nil, c.refusal(ctx, q, at, answer)
}

// target is where a redirect leads. A user and password in it are somebody else's.
func target(from *url.URL, location string) (*url.URL, error) {
	if location == "" || len(location) > longestAddress {
		return nil, &failure{class: feed.Unavailable, text: "is redirected nowhere; whoever runs the address must mend it"}
	}
	to, err := from.Parse(location)
	if err == nil {
		to.User = nil
		to, err = parseAddress(to.String())
	}
	if err != nil {
		return nil, &failure{class: feed.Refused, text: "is redirected to something that is no http or https address; whoever runs the address must mend it"}
	}
	return to, nil
}

// whole reads a body to its end.
func (c *Client) whole(ctx context.Context, q *question, at *trail, answer *http.Response) (*reply, error) {
	body, err := c.bodies.read(ctx, answer, int64(q.Config.MaxBody))
	if err != nil {
		return nil, err
	}
	if len(body) == 0 {
		return nil, &failure{class: feed.Unreadable, empty: true, text: "answers with nothing at all; whoever runs the address must mend it"}
	}
	r := &reply{
		url: at.here.String(), status: answer.StatusCode, mediaType: bounded(answer.Header.Get("Content-Type")), body: body, sum: sha256.Sum256(body),
		etag: bounded(answer.Header.Get("ETag")), modified: bounded(answer.Header.Get("Last-Modified")),
		wall: wall(answer, q.url, at.here, body), header: http.Header{},
	}
	for _, name := range []string{"Link", "Content-Language", "Last-Modified"} {
		if values := answer.Header[name]; len(values) > 0 {
			r.header[name] = values
		}
	}
	return r, nil
}

// bounded is a header's value unless it is too long to be worth anything.
func bounded(value string) string {
	if len(value) > longestHeader {
		return ""
	}
	return value
}

// failed puts a failure into words, and closes a host that asked for it.
func (c *Client) failed(q *question, at *trail, err error) *failure {
	f, ok := errors.AsType[*failure](err)
	if !ok {
		f = explain(err, q, at)
	}
	if f.closes != "" {
		c.hosts.close(f.closes, c.now().Add(f.wait))
	}
	address := shown(q.url)
	if at.here != q.url && hostPort(at.here) != hostPort(q.url) {
		address += " (which leads to " + at.here.Host + ")"
	}
	return f.named(address)
}

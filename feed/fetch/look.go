package fetch

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"

	"feedmill/feed"
)

// Look is a question to an address as some other program would ask it.
type Look struct {
	// URL is an absolute http or https address without user and password.
	URL string
	// Method is GET when empty.
	Method string
	// Header is all that is sent, besides what HTTP itself needs. It should name a User-Agent.
	Header http.Header
	// Config says how long, how much and how often at most, which private places may be asked, and through which proxy. Its
	// user agent, headers, cookies and password are not sent.
	Config Config
}

// Sight is an answer as it came, whatever its status.
type Sight struct {
	Status int
	Header http.Header
	// Body is decoded. Broken says why it is not whole, or cannot be decoded; nil: it is whole.
	Body   []byte
	Broken error
	// Size is how much came over the wire.
	Size int64
	// Wall names what a page looks like that stands before the content; see [Answer].
	Wall string
	// TLS is nil for http.
	TLS *tls.ConnectionState
}

// Look asks once and returns what came. It remembers nothing, shares nothing with other requests and follows no redirect,
// but waits for the host's turn. An error means that there was no answer; it is as those of [Client.Get], and wraps its
// cause.
func (c *Client) Look(ctx context.Context, l Look) (Sight, error) {
	q, f := newQuestion(Request{URL: l.URL, Method: l.Method, Config: l.Config})
	if f != nil {
		return Sight{}, classed(f)
	}
	leave, err := c.hosts.enter(ctx, hostPort(q.url), q.Config.PerHost, false)
	if err != nil {
		return Sight{}, c.unseen(ctx, q, err)
	}
	defer leave()
	ctx, cancel := context.WithTimeout(ctx, q.timeout())
	defer cancel()
	pool, err := c.transports.of(q.Config)
	if err != nil {
		return Sight{}, c.unseen(ctx, q, err)
	}
	request, err := http.NewRequestWithContext(ctx, q.Method, q.url.String(), nil)
	if err != nil {
		return Sight{}, c.unseen(ctx, q, err)
	}
	request.Header = l.Header.Clone()
	answer, err := pool.RoundTrip(request)
	if err != nil {
		return Sight{}, c.unseen(ctx, q, err)
	}
	defer answer.Body.Close()
	return c.see(ctx, q, answer), nil
}

// see reads the body of an answer, as far as it goes.
func (c *Client) see(ctx context.Context, q *question, answer *http.Response) Sight {
	s := Sight{Status: answer.StatusCode, Header: answer.Header, TLS: answer.TLS}
	if q.Method == http.MethodHead {
		return s
	}
	wire := &counted{from: answer.Body}
	answer.Body = io.NopCloser(wire)
	s.Body, s.Broken = c.bodies.read(ctx, answer, int64(q.Config.MaxBody))
	s.Size = wire.size
	if s.Broken != nil {
		if _, ok := errors.AsType[*failure](s.Broken); !ok {
			s.Broken = explain(s.Broken, q, &trail{here: q.url})
		}
		return s
	}
	s.Wall = wall(answer, q.url, q.url, bytes.TrimSpace(s.Body[:min(len(s.Body), lookAt)]))
	return s
}

// unseen puts into words why there is no answer.
func (c *Client) unseen(ctx context.Context, q *question, err error) error {
	if errors.Is(context.Cause(ctx), context.Canceled) {
		return feed.Classify(feed.Unavailable, ctx.Err())
	}
	return classed(c.failed(q, &trail{here: q.url}, err))
}

// counted counts what is read.
type counted struct {
	from io.Reader
	size int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.size += int64(n)
	return n, err
}

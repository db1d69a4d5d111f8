package fetch

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"

	"feedmill/feed"
)

// Visit is [Client.Get] with another way of asking, such as a browser: the same pause after failures, the same turn at
// the host, robots.txt, words for a refusal, and memory of what is known; but do makes the request, follows redirects and
// keeps the deadline, all within the rules of [Client.Dial]. No validators are sent, and no two sources share an answer.
//
// do returns the answer with the address it came from in Request.URL. An error of do that carries a class is told as it
// is; one of the network in the words of Get. What has a method Passing() bool that returns true says nothing about the
// address, and is not remembered.
func (c *Client) Visit(ctx context.Context, m feed.Memory, r Request, do func(context.Context) (*http.Response, error)) (Answer, error) {
	q, f := newQuestion(r)
	if f != nil {
		return Answer{}, classed(f)
	}
	if h := holderOf(ctx); h != nil {
		h.keep(nil) // the answer before is done with
	}
	now := c.now()
	known := recall(m, q.key, q.short())
	if f := known.waits(now); f != nil {
		return Answer{}, classed(f)
	}
	at := trail{here: q.url, trusted: true, method: q.Method, budget: q.timeout()}
	got, err := c.visit(ctx, q, &at, do)
	if err == nil {
		return c.judge(m, q, known, got), nil
	}
	f = c.failed(q, &at, err)
	if ctx.Err() != nil {
		return Answer{}, feed.Classify(feed.Unavailable, ctx.Err())
	}
	if !f.passing {
		known.failed(f, c.now()).save(m, q.key)
	}
	return Answer{}, classed(f)
}

func (c *Client) visit(ctx context.Context, q *question, at *trail, do func(context.Context) (*http.Response, error)) (*reply, error) {
	if err := q.Config.mayAsk(at.here); err != nil {
		return nil, err
	}
	if q.Found && q.Config.Robots {
		if err := c.mayRead(ctx, q, at.here); err != nil {
			return nil, err
		}
	}
	leave, err := c.hosts.enter(ctx, hostPort(at.here), q.Config.PerHost, false)
	if err != nil {
		return nil, err
	}
	defer leave()
	answer, err := do(ctx)
	if err != nil {
		return nil, told(err)
	}
	defer answer.Body.Close()
	if at.here, err = parseAddress(answer.Request.URL.String()); err != nil {
		return nil, &failure{class: feed.Refused, text: "leads to something that is no http or https address; whoever runs the address must mend it"}
	}
	return c.take(ctx, q, at, answer)
}

// told makes a failure of an error that carries its class; others are explained like our own.
func told(err error) error {
	class := feed.ClassOf(err)
	if class == feed.Internal {
		return err
	}
	f := &failure{class: class, text: err.Error(), cause: err}
	if class == feed.Refused {
		f.rest = restRefused
	}
	if p, ok := errors.AsType[interface {
		error
		Passing() bool
	}](err); ok {
		f.passing = p.Passing()
	}
	return f
}

// Dial connects to a host and port of the web under the rules of config: the address is checked after resolving and
// before connecting, and a proxy is gone through. It is for programs of which only the connections pass through feedmill.
// The error is to be returned to [Client.Visit], which puts it into words.
func (c *Client) Dial(ctx context.Context, hostPort string, config Config) (net.Conn, error) {
	g := newGuard(c.transports.public, config.AllowPrivate)
	if config.Proxy == "" {
		return c.transports.dial(ctx, "tcp", hostPort, g)
	}
	if err := g.resolve(ctx, c.transports.resolver, hostPort); err != nil {
		return nil, err
	}
	proxy, err := url.Parse(config.Proxy.Reveal())
	if err != nil {
		return nil, errors.New("proxy is not an address") // the cause would show a password
	}
	return c.transports.tunnel(ctx, proxy, hostPort)
}

// Forward makes plain requests under the rules of [Client.Dial]. It follows no redirect and unpacks nothing.
func (c *Client) Forward(config Config) (http.RoundTripper, error) { return c.transports.of(config) }

// Own are the headers, cookies and password that the operator wrote, as they are sent to the scheme, host and port he
// named and to no other (see [SameOrigin]).
func (c Config) Own() http.Header {
	h := http.Header{}
	(&question{Request: Request{Config: c}}).secrets(h)
	return h
}

// SameOrigin reports whether two addresses have the same scheme, host and port.
func SameOrigin(a, b *url.URL) bool { return sameOrigin(a, b) }

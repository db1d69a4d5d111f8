package fetch

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"time"

	"feedmill/feed"
)

// Client asks for addresses on the web. There is one per process; it is safe for concurrent use.
type Client struct {
	now        func() time.Time
	log        *slog.Logger
	transports *transports
	hosts      *hosts
	shared     *shared
	robots     *robots
	bodies     *bodies
}

// Option changes how a [Client] reaches the network.
type Option func(*Client)

// WithResolver resolves names by r instead of the system's resolver.
func WithResolver(r *net.Resolver) Option { return func(c *Client) { c.transports.resolver = r } }

// WithTransport puts wrap around what makes the requests, one call for each hop of a redirect; wrap may ignore what it is
// given. See [Recorder] and [Replay].
func WithTransport(wrap func(next http.RoundTripper) http.RoundTripper) Option {
	return func(c *Client) { c.transports.wrap = wrap }
}

// New makes a client. It starts nothing and holds no connection until it is used.
func New(now func() time.Time, log *slog.Logger, options ...Option) *Client {
	c := &Client{
		now: now, log: log,
		transports: &transports{resolver: net.DefaultResolver, public: public, pools: map[string]http.RoundTripper{}},
		hosts:      &hosts{now: now, byID: map[string]*host{}},
		shared:     &shared{now: now, flights: map[shareKey]*flight{}, kept: map[shareKey]*keptReply{}},
		robots:     &robots{now: now, byOrigin: map[string]*rules{}},
		bodies:     newBodies(),
	}
	for _, o := range options {
		o(c)
	}
	return c
}

// Close closes idle connections. The client can be used on: it opens new ones.
func (c *Client) Close() {
	c.transports.mu.Lock()
	defer c.transports.mu.Unlock()
	for _, t := range c.transports.all {
		t.CloseIdleConnections()
	}
}

// Request says what to ask for and how.
type Request struct {
	// URL is an absolute http or https address without user and password.
	URL    string
	Config Config
	// Method is GET when empty.
	Method string
	// Body is sent as JSON unless the configured headers name another Content-Type.
	Body []byte
	// Accept is the Accept header; */* when empty.
	Accept string
	// Found says that feedmill found the address itself: robots.txt applies.
	Found bool
	// By is who asks, something comparable. Others may get the answer that was given to it a moment ago; whoever asks
	// again wants to know what there is now. Nil takes what there is.
	By any
}

// Answer is what an address gave.
type Answer struct {
	// URL is where the answer came from, after redirects; relative addresses in it begin there.
	URL    string
	Status int
	// Type is the Content-Type header, as it came.
	Type string
	// Header holds Link, Content-Language and Last-Modified. It must not be changed, like Body.
	Header http.Header
	// Body is decoded and whole; nil when Unchanged. It may be shared with other sources: it must not be changed.
	Body []byte
	// Unchanged says that the body is the one that was last remembered (see [Answer.Remember]).
	Unchanged bool
	// Moved is where the address has moved for good, when three answers in a row said so; else empty.
	Moved string
	// Wall names what a page looks like that stands before the content, such as "a login page"; empty when it looks like
	// none. It is a guess, for the message of one who did not find what he expected.
	Wall string

	key    string
	record record
}

// Charset is the charset that the Content-Type header names; empty when it names none.
func (a Answer) Charset() string {
	_, params, err := mime.ParseMediaType(a.Type)
	if err != nil {
		return ""
	}
	return params["charset"]
}

// Remember puts the answer's validators and the hash of its body into m, so that the next Get can tell whether there is
// anything new. A source calls it when it returns what it read from the answer, not before: what could not be read must
// not count as known.
func (a Answer) Remember(m feed.Memory) {
	if !a.Unchanged {
		a.record.save(m, a.key)
	}
}

// Reject notes in m that the source could make nothing of the new answer that Get gave it for r: during a pause, which grows
// with every such answer up to an hour, Get returns err's class and words and asks nothing. A second call at the same time
// only changes the words.
func (c *Client) Reject(m feed.Memory, r Request, err error) {
	q, f := newQuestion(r)
	if f != nil {
		return // Get has told
	}
	recall(m, q.key, q.short()).rejected(feed.ClassOf(err), err.Error(), c.now()).save(m, q.key)
}

// Get asks once and returns a whole answer or an error.
//
// m is the memory of the source that asks; nil remembers nothing. What it holds of the address decides: within the pause
// after a failure nothing is asked and the same error is returned in the same words; validators are sent; an answer that
// is known is Unchanged. Get puts failures and their end into m; validators of a new body only [Answer.Remember] does, and what
// cannot be read [Client.Reject].
//
// Errors carry a class of [feed.Class] and say what is wrong and what to do. When ctx ends, the error wraps ctx's
// and nothing is remembered.
func (c *Client) Get(ctx context.Context, m feed.Memory, r Request) (Answer, error) {
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
		if known.Host != "" {
			c.hosts.close(known.Host, time.Unix(known.Until, 0)) // after a restart its other addresses know too
		}
		return Answer{}, classed(f)
	}
	key := shareKey{words: q.words}
	if known.conditional(now) {
		q.etag, q.modified, q.from = known.ETag, known.Modified, known.From
		key.etag, key.modified = q.etag+"\n"+q.from, q.modified
	}
	got, err := c.shared.ask(ctx, key, r.By, func() *reply { return c.exchange(ctx, q) })
	if err != nil {
		return Answer{}, feed.Classify(feed.Unavailable, fmt.Errorf("get %s: %w", shown(q.url), err))
	}
	if f := got.failure; f != nil {
		if !f.passing {
			known.failed(f, c.now()).save(m, q.key)
		}
		return Answer{}, classed(f)
	}
	return c.judge(m, q, known, got), nil
}

// judge tells whether the answer is new to this source, and puts what changed about it into its memory.
func (c *Client) judge(m feed.Memory, q *question, known record, got *reply) Answer {
	next := known.healed().led(got.moved)
	a := Answer{
		URL: got.url, Status: got.status, Type: got.mediaType, Header: got.header, Moved: next.moved(), Wall: got.wall, key: q.key,
		Unchanged: got.unchanged || known.Body != "" && known.Body == base64.RawStdEncoding.EncodeToString(got.sum[:16]),
	}
	switch {
	case got.unchanged:
		next.Unread = 0
	case a.Unchanged:
		next = next.answered(got, q.url.String(), c.now())
	default:
		a.Body = got.body
		a.record = next.answered(got, q.url.String(), c.now())
	}
	if next != known {
		next.save(m, q.key)
	}
	return a
}

func classed(f *failure) error { return feed.Classify(f.class, f) }

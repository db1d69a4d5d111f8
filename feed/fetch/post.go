package fetch

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"feedmill/feed"
	"feedmill/feed/setting"
)

// Message is something to be told to an address that the operator named.
type Message struct {
	// URL is an absolute http or https address without user and password. It may lie in a private network.
	URL string
	// Body is JSON.
	Body []byte
	// Header is sent along, besides the usual ones.
	Header map[string]setting.Secret
	// Config says who asks, how long at most and through which proxy. Its headers, cookies and password are for sources
	// and are not sent.
	Config Config
}

// Post sends a message once, and returns nil when the answer says that it was taken (2xx). It waits for no host's turn,
// remembers nothing, shares nothing with other requests and follows no redirect. Errors are as those of [Client.Get].
func (c *Client) Post(ctx context.Context, m Message) error {
	manners := m.Config.Clone()
	manners.Headers, manners.Cookies, manners.Auth = m.Header, nil, Auth{}
	q, f := newQuestion(Request{URL: m.URL, Method: http.MethodPost, Body: m.Body, Config: manners})
	if f != nil {
		return classed(f)
	}
	q.Config.AllowPrivate = []string{hostPort(q.url)} // that very place, and no other
	at := &trail{here: q.url, trusted: true, method: http.MethodPost}
	ctx, cancel := context.WithTimeout(ctx, q.timeout())
	defer cancel()
	answer, err := c.roundTrip(ctx, q, at)
	if err != nil {
		return notPosted(q, explainPost(err, q, at))
	}
	defer answer.Body.Close()
	c.bodies.start(ctx, answer, 4<<10) // so that the connection can be used again
	if status := answer.StatusCode; status < 200 || status > 299 {
		return notPosted(q, declined(status))
	}
	return nil
}

// notPosted names the host alone: the path may be a key.
func notPosted(q *question, f *failure) error {
	said := *f
	said.text = "post to " + q.url.Host + ": " + f.text
	return classed(&said)
}

func explainPost(err error, q *question, at *trail) *failure {
	if errors.Is(err, context.DeadlineExceeded) {
		return &failure{class: feed.Unavailable, cause: err, text: "did not answer within " + short(q.timeout())}
	}
	return explain(err, q, at)
}

// declined is the failure of an answer other than 2xx.
func declined(status int) *failure {
	f := &failure{class: feed.Refused, status: status, text: "answers " + strconv.Itoa(status)}
	if name := http.StatusText(status); name != "" {
		f.text += " " + name
	}
	switch {
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		f.class = feed.Throttled
	case status == http.StatusGone:
		f.class = feed.Gone
	case status >= 500, status == http.StatusRequestTimeout:
		f.class = feed.Unavailable
	case status >= 300 && status < 400:
		f.text += ", which leads elsewhere; write the address that it leads to"
	}
	return f
}

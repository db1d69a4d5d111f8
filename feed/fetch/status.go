package fetch

import (
	"context"
	"fmt"
	"net/http"

	"feedmill/feed"
)

// lookAt is how much of a refusal's page is read to see what it is.
const lookAt = 64 << 10

// refusal makes a failure of an answer that is neither a body nor a redirect.
func (c *Client) refusal(ctx context.Context, q *question, at *trail, answer *http.Response) *failure {
	status := answer.StatusCode
	said := fmt.Sprintf("answers %d", status)
	if name := http.StatusText(status); name != "" {
		said += " " + name
	}
	f := &failure{class: feed.Unavailable, status: status}
	page := wall(answer, q.url, at.here, c.bodies.start(ctx, answer, lookAt))
	if page != "" && status != http.StatusNotFound && status != http.StatusGone {
		f.class, f.rest = feed.Refused, restRefused
		f.text = said + " and shows " + page + ": it keeps programs out; ask whoever runs it to let the user_agent of feedmill in, try cookies or headers under fetch:, or look for another address"
		return f
	}
	switch {
	case status == http.StatusUnauthorized, status == http.StatusProxyAuthRequired:
		f.class, f.rest, f.text = feed.Refused, restRefused, said+": "+loginRemedy(q, at, status)
	case status == http.StatusForbidden, status == http.StatusUnavailableForLegalReasons:
		f.class, f.rest = feed.Refused, restRefused
		f.text = said + ": it does not let feedmill in; try another user_agent, headers or cookies under fetch:, or ask whoever runs it"
	case status == http.StatusNotFound:
		f.text = said + ": there is nothing at this address; see whether it is spelled right or has moved"
	case status == http.StatusGone:
		f.class, f.gone, f.rest = feed.Gone, true, restRefused
		f.text = said + ": it is no more; take the source out, or write its new address"
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		f.class, f.wait = feed.Throttled, retryAfter(answer.Header.Get("Retry-After"), c.now())
		if f.wait > 0 {
			f.closes = hostPort(at.here)
		}
		f.text = said + ": it asks for fewer requests; feedmill waits as told, and a longer schedule or per_host: interval helps"
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status >= 500:
		f.text = said + ": it is out of order; feedmill asks again later"
	case status >= 400:
		f.class, f.text = feed.Refused, said+": it does not take this request; see whether the address, method, body and headers are right"
	default:
		f.class, f.text = feed.Unreadable, said+", which is no content; see whether the address is right"
	}
	return f
}

func loginRemedy(q *question, at *trail, status int) string {
	switch {
	case status == http.StatusProxyAuthRequired:
		return "the proxy wants a user and password; write them into proxy under fetch:"
	case !at.trusted:
		return "a redirect led to another host, where the user and password are not sent; write that address if it is meant"
	case q.Config.Auth.User != "" || len(q.Config.Headers) > 0:
		return "the user, password or headers under fetch: are not what it wants"
	}
	return "it wants a user and password; write them under fetch:  auth:"
}

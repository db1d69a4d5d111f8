package fetch

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/temoto/robotstxt"

	"feedmill/feed"
)

// The bounds of robots.txt (RFC 9309). Patterns are compiled, so a file with more of them than anybody needs is taken
// as a refusal.
const (
	robotsFor       = 24 * time.Hour
	robotsErrorFor  = 10 * time.Minute
	largestRobots   = 512 << 10
	mostPatterns    = 1000
	mostRobotsBytes = 16 << 20 // about, of all that is kept
	patternWeight   = 4 << 10
)

// robots keeps the rules of each origin.
type robots struct {
	now func() time.Time

	mu       sync.Mutex
	byOrigin map[string]*rules
	weight   int
}

// rules are what one robots.txt says. At most one of its fields is set: none allows everything.
type rules struct {
	data    *robotstxt.RobotsData
	refusal *failure
	until   time.Time
	weight  int
}

// mayRead returns a [*failure] when robots.txt of u's origin asks us not to read it.
func (c *Client) mayRead(ctx context.Context, q *question, u *url.URL) error {
	origin := u.Scheme + "://" + hostPort(u)
	found := c.robots.find(origin)
	if found == nil {
		var err error
		if found, err = c.askRobots(ctx, q, u); err != nil {
			return err
		}
		c.robots.keep(origin, found)
	}
	if found.refusal != nil {
		return found.refusal
	}
	agent, _, _ := strings.Cut(q.Config.UserAgent, "/")
	agent, _, _ = strings.Cut(strings.TrimSpace(agent), " ")
	path := u.EscapedPath()
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	if found.data != nil && !found.data.TestAgent(path, agent) {
		return &failure{class: feed.Refused, text: "robots.txt of " + u.Host + " asks programs not to read it; feedmill obeys, unless robots: false stands under fetch:"}
	}
	return nil
}

// askRobots fetches and reads robots.txt of u's origin by the same guarded way. Nothing of the operator's own headers
// goes along.
func (c *Client) askRobots(ctx context.Context, q *question, u *url.URL) (*rules, error) {
	config := q.Config
	config.Headers, config.Cookies, config.Auth = nil, nil, Auth{}
	config.MaxBody = largestRobots
	at := url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}
	asked, f := newQuestion(Request{URL: at.String(), Config: config, Accept: "text/plain, */*;q=0.1"})
	if f != nil {
		return nil, f
	}
	got, err := c.shared.ask(ctx, shareKey{words: asked.words}, nil, func() *reply { return c.exchange(ctx, asked) })
	if err != nil {
		return nil, err
	}
	if f := got.failure; f != nil {
		if _, denied := errors.AsType[*deniedAddress](f); denied || f.passing {
			return nil, f // it says better what is wrong
		}
	}
	return c.readRobots(u.Host, got), nil
}

func (c *Client) readRobots(host string, got *reply) *rules {
	now := c.now()
	if f := got.failure; f != nil {
		if status := f.status; status >= 400 && status < 500 && status != http.StatusTooManyRequests || f.empty {
			return &rules{until: now.Add(robotsFor)}
		}
		return noRules(host, f, now)
	}
	patterns := bytes.Count(got.body, []byte("*")) + bytes.Count(got.body, []byte("$"))
	if patterns > mostPatterns {
		return noRules(host, errors.New("it has too many patterns"), now)
	}
	data, err := robotstxt.FromBytes(got.body)
	if err != nil {
		c.log.Debug("robots.txt not understood, so it forbids nothing", "host", host, "err", err)
		return &rules{until: now.Add(robotsFor)}
	}
	return &rules{data: data, until: now.Add(robotsFor), weight: 2*len(got.body) + patterns*patternWeight}
}

// noRules refuses for now what cannot be known (RFC 9309 section 2.3.1.4).
func noRules(host string, cause error, now time.Time) *rules {
	return &rules{until: now.Add(robotsErrorFor), refusal: &failure{
		class: feed.Unavailable, cause: cause,
		text: "robots.txt of " + host + " cannot be read, so feedmill does not know whether it may; it asks again later",
	}}
}

func (r *robots) find(origin string) *rules {
	r.mu.Lock()
	defer r.mu.Unlock()
	if found := r.byOrigin[origin]; found != nil && found.until.After(r.now()) {
		return found
	}
	return nil
}

func (r *robots) keep(origin string, found *rules) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found.weight += 1 << 10
	if old := r.byOrigin[origin]; old != nil {
		r.weight -= old.weight
	}
	r.byOrigin[origin] = found
	r.weight += found.weight
	for other, old := range r.byOrigin { // any of them: it is asked again when needed
		if r.weight <= mostRobotsBytes {
			return
		}
		if other != origin {
			delete(r.byOrigin, other)
			r.weight -= old.weight
		}
	}
}

package fetch

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"maps"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/setting"
)

// question is a request that was checked, with what its asker knows.
type question struct {
	Request
	url   *url.URL
	key   string   // of its record
	words [32]byte // hash of all that decides the answer

	etag, modified, from string // validators to send; none when empty
}

func newQuestion(r Request) (*question, *failure) {
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	if r.Accept == "" {
		r.Accept = "*/*"
	}
	u, err := parseAddress(r.URL)
	if err != nil {
		return nil, &failure{class: feed.Refused, text: "get " + shownText(r.URL) + ": " + err.Error()}
	}
	q := &question{Request: r, url: u}
	q.key = recordKey(r.Method, u.String(), r.Body)
	q.words = digest(r, u)
	return q, nil
}

// short names the words in a record: two sources of one memory never meet there, so 32 bits tell a change.
func (q *question) short() string { return hex.EncodeToString(q.words[:4]) }

// parseAddress takes what may be asked for.
func parseAddress(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || len(text) > longestAddress:
		return nil, errors.New("this is no address; write one such as https://host/path")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("only http and https are spoken here; write an address that begins with https://")
	case u.Hostname() == "":
		return nil, errors.New("the address names no host; write one such as https://host/path")
	case u.User != nil:
		return nil, errors.New("the address holds a user or password, which logs and readers would show; write auth: with user and password under fetch")
	}
	if u.Path == "" {
		u.Path = "/"
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

const longestAddress = 8 << 10

// shown is an address as operators may see it: values of the query can be keys.
func shown(u *url.URL) string {
	clean := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	text := clean.String()
	if u.RawQuery != "" {
		text += "?…"
	}
	return text
}

func shownText(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "the address"
	}
	return shown(u)
}

// digest hashes all that decides the answer, and all an operator may change to get another one.
func digest(r Request, u *url.URL) [32]byte {
	b := make([]byte, 0, 512)
	add := func(text string) {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	addAll := func(values map[string]setting.Secret) {
		b = binary.AppendUvarint(b, uint64(len(values)))
		if len(values) == 0 {
			return
		}
		for _, name := range slices.Sorted(maps.Keys(values)) {
			add(name)
			add(values[name].Reveal())
		}
	}
	c := r.Config
	for _, text := range []string{r.Method, u.String(), string(r.Body), r.Accept, c.UserAgent, c.Auth.User, c.Auth.Password.Reveal(), c.Proxy.Reveal()} {
		add(text)
	}
	addAll(c.Headers)
	addAll(c.Cookies)
	for _, allowed := range c.AllowPrivate {
		add(allowed)
	}
	if c.Only != nil {
		add("only " + strings.Join(c.Only, " "))
	}
	b = binary.AppendUvarint(b, uint64(c.Timeout))
	b = binary.AppendUvarint(b, uint64(c.MaxBody))
	if r.Found && c.Robots {
		b = append(b, 'r')
	}
	return sha256.Sum256(b)
}

// sameOrigin reports whether scheme, host and port are equal.
func sameOrigin(a, b *url.URL) bool { return a.Scheme == b.Scheme && hostPort(a) == hostPort(b) }

// header is what a hop at u is sent. The operator's own headers go only where he meant them.
func (q *question) header(u *url.URL, trusted bool) http.Header {
	h := http.Header{
		"User-Agent":      {q.Config.UserAgent},
		"Accept":          {q.Accept},
		"Accept-Encoding": {encodings},
	}
	if q.from == "" && u == q.url || q.from != "" && q.from == u.String() {
		if q.etag != "" {
			h["If-None-Match"] = []string{q.etag}
		}
		if q.modified != "" {
			h["If-Modified-Since"] = []string{q.modified}
		}
	}
	if len(q.Body) > 0 {
		h["Content-Type"] = []string{"application/json"}
	}
	if trusted {
		q.secrets(h)
	}
	return h
}

func (q *question) secrets(h http.Header) {
	c := q.Config
	for name, value := range c.Headers {
		h[canonicalHeader(name)] = []string{value.Reveal()}
	}
	if len(c.Cookies) > 0 {
		var pairs []string
		for _, name := range slices.Sorted(maps.Keys(c.Cookies)) {
			pairs = append(pairs, name+"="+c.Cookies[name].Reveal())
		}
		h["Cookie"] = []string{strings.Join(pairs, "; ")}
	}
	if c.Auth.User != "" {
		h["Authorization"] = []string{"Basic " + base64.StdEncoding.EncodeToString([]byte(c.Auth.User+":"+c.Auth.Password.Reveal()))}
	}
}

func canonicalHeader(name string) string { return textproto.CanonicalMIMEHeaderKey(name) }

func (q *question) timeout() time.Duration { return time.Duration(q.Config.Timeout) }

package daemon

import (
	"crypto/x509"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"feedmill/feed"
	"feedmill/source/sourcetest"
)

// illness is what is wrong with an origin for a part of the week, and what an operator must read about it.
type illness struct {
	number   int
	name     string
	from, to float64 // in sevenths of the time: days of the week
	answer   func(*origin) http.HandlerFunc
	fault    error // instead of an answer: what goes wrong on the way
	class    feed.Class
	words    string // of the remedy, or what is wrong
	flaps    bool   // each second hour only

	week time.Duration
}

// always gives every origin the same answer.
func always(answer http.HandlerFunc) func(*origin) http.HandlerFunc {
	return func(*origin) http.HandlerFunc { return answer }
}

// spoilt makes an answer of the document that is asked for.
func spoilt(answer func(mediaType, body string) http.HandlerFunc) func(*origin) http.HandlerFunc {
	return func(o *origin) http.HandlerFunc { return answer(o.document(time.Now())) }
}

// Addresses below 50 are bare, those below 100 are feeds, the others stand in a list. What ends with the week is not
// healed in it.
var illnesses = []illness{
	{number: 3, name: "out of order", from: 1, to: 2, answer: always(sourcetest.Status(500)), class: feed.Unavailable, words: "feedmill asks again later"},
	{number: 7, name: "a page at last", from: 1.5, to: 2.3, answer: always(sourcetest.Page("<title>Oops</title>", "<p>Something went wrong.")), class: feed.Suspicious, words: "what was published stays"},
	{number: 11, name: "no name", from: 1, to: 2, fault: &net.DNSError{Err: "no such host", Name: "h011.example", IsNotFound: true}, class: feed.Unavailable, words: "see whether it is spelled right"},
	{number: 15, name: "flapping", from: 0.5, to: 6, answer: always(sourcetest.Status(502)), class: feed.Unavailable, words: "feedmill asks again later", flaps: true},
	{number: 19, name: "gone", from: 2, to: 7, answer: always(sourcetest.Status(410)), class: feed.Gone, words: "take the source out"},
	{number: 23, name: "login on a detour", from: 3, to: 4, answer: always(sourcetest.Redirect(302, "https://login.example/login")), class: feed.Refused, words: "headers"},
	{number: 53, name: "slow", from: 1, to: 2, answer: always(sourcetest.After(time.Hour, sourcetest.Status(200))), class: feed.Unavailable, words: "write a longer timeout"},
	{number: 57, name: "broken connections", from: 1, to: 2, answer: always(sourcetest.Abort()), class: feed.Unavailable, words: "feedmill asks again later"},
	{number: 61, name: "truncated", from: 1.5, to: 2.3, answer: spoilt(sourcetest.Truncated), class: feed.Unavailable, words: "asks again later"},
	{number: 65, name: "half", from: 1.5, to: 2.3, answer: spoilt(sourcetest.Half), class: feed.Unreadable, words: "the document is truncated"},
	{number: 69, name: "an error page", from: 3, to: 4, answer: always(sourcetest.Page("<title>Error</title>", "<h1>Database error</h1>")), class: feed.Unreadable, words: "look for the feed's address"},
	{number: 73, name: "a login page", from: 3, to: 4, answer: always(sourcetest.Login()), class: feed.Refused, words: "set auth, headers or cookies"},
	{number: 77, name: "a bot wall", from: 4, to: 5, answer: always(sourcetest.Challenge()), class: feed.Refused, words: "ask its owner to allow your user agent"},
	{number: 81, name: "empty", from: 4, to: 5, answer: always(sourcetest.Body(sourcetest.RSS, "")), class: feed.Unreadable, words: "must mend it"},
	{number: 85, name: "a certificate", from: 4, to: 5, fault: x509.CertificateInvalidError{Reason: x509.Expired}, class: feed.Refused, words: "its certificate has expired"},
	{number: 89, name: "nothing listens", from: 4, to: 5, fault: &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}, class: feed.Unavailable, words: "nothing answers on this port"},
	{number: 93, name: "a password", from: 5, to: 7, answer: always(sourcetest.Status(401)), class: feed.Refused, words: "write them under fetch:  auth:"},
	{number: 103, name: "too many requests", from: 1, to: 2, answer: always(sourcetest.Status(429, "Retry-After", "7200")), class: feed.Throttled, words: "feedmill waits as told"},
	{number: 107, name: "forbidden", from: 2.5, to: 4, answer: always(sourcetest.Status(403)), class: feed.Refused, words: "try another user_agent"},
	{number: 111, name: "not found", from: 1.5, to: 2.3, answer: always(sourcetest.Status(404)), class: feed.Unavailable, words: "has moved"},
	{number: 115, name: "a loop", from: 3, to: 4, answer: always(sourcetest.Redirect(302, "/feed")), class: feed.Unavailable, words: "must mend it"},
	{number: 119, name: "a bomb", from: 3, to: 4, answer: always(sourcetest.Bomb(4 << 20)), class: feed.Refused, words: "max_body"},
	{number: 123, name: "another JSON", from: 4, to: 5, answer: always(sourcetest.Body("application/json", `{"error": "no"}`)), class: feed.Unreadable, words: "no JSON Feed"},
	{number: 127, name: "malformed now and then", from: 0.5, to: 6, answer: spoilt(unclosed), class: feed.Unreadable, words: "the document is truncated", flaps: true},
	{number: 131, name: "sorry", from: 5, to: 7, answer: always(sourcetest.Body("text/plain", "Sorry, we are away.")), class: feed.Unreadable, words: "text, not a feed"},
}

// unclosed forgets the end of the last article and of all that is around it.
func unclosed(mediaType, body string) http.HandlerFunc {
	at := max(strings.LastIndex(body, "</item>"), strings.LastIndex(body, "</entry>"), len(body)/2)
	return sourcetest.Body(mediaType, body[:at])
}

func (i *illness) begins() time.Duration { return time.Duration(i.from * float64(i.week) / 7) }
func (i *illness) ends() time.Duration   { return time.Duration(i.to * float64(i.week) / 7) }
func (i *illness) heals() bool           { return i.to < 7 }

// strikes reports whether the origin is ill at a moment of the week.
func (i *illness) strikes(elapsed time.Duration) bool {
	if i.flaps && elapsed/time.Hour%2 == 0 {
		return false
	}
	return elapsed >= i.begins() && elapsed < i.ends()
}

// network leads to the origins unless something is in the way.
type network struct {
	next   http.RoundTripper
	byHost map[string]*origin
}

func (n network) RoundTrip(r *http.Request) (*http.Response, error) {
	o := n.byHost[r.URL.Host]
	if o == nil || o.ill == nil || o.ill.fault == nil || !o.ill.strikes(time.Since(o.begin)) {
		return n.next.RoundTrip(r)
	}
	o.visits.Add(1)
	return nil, o.ill.fault
}

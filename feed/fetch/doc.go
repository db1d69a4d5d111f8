// Package fetch is the one HTTP client of the program: polite, conditional, bounded, and closed to private networks.
//
// A [Client] asks for an address and gives a whole answer or an error whose class says what happens next and whose text
// says what to do. It owns:
//
//   - what is asked at all: the pause after failures and what a host asked for (memory.go, host.go, retryafter.go),
//     robots.txt for addresses nobody wrote down (robots.go), one request for sources that ask the same (share.go);
//   - what is sent: validators, and the operator's headers, cookies and password to the scheme, host and port he named
//     (question.go, exchange.go);
//   - where it goes: each address is checked after resolving and before connecting, at every hop (guard.go,
//     transport.go); through a proxy, which only the configuration names, the name is checked before asking;
//   - what is taken: a deadline over the request with its body, caps on the wire and on what is unpacked, and an error
//     for all that is not whole (body.go, pile.go);
//   - the words for what went wrong (explain.go, status.go, wall.go). They hold nothing that changes from try to try.
//
// It never parses a body, keeps no cookies, follows no more than five redirects, reads no environment, starts
// no goroutine of its own (net/http keeps two for each idle connection, for 30 seconds), and writes nothing but what it
// puts into a source's [feed.Memory] and, when asked to record, files (capture.go). A body that was closed by the origin without a length cannot be told from a whole one:
// that is for the parser to see.
//
// The waiting for a host's turn is bounded by the caller's context only, and does not count against the timeout.
//
// Measured on two busy, shared cores of an AMD EPYC, CPU for each answer: a 304 takes 9.6 µs in this package, and
// 69 µs with net/http on both sides of a loopback connection (44 µs of them a bare 304 of net/http); 25 KB that are
// known 175 µs and 25 KB that are new 218 µs, both sides again, 40 µs of them for SHA-256. An idle source takes no memory
// but its record, 143 bytes with two validators. The whole program stays
// within 256 MB above idle while ten hostile origins answer at once (TestTenHostileOrigins in cmd).
//
// A new cause of failure gets its words in explain.go or status.go; a new page that keeps programs out, a line in
// wall.go; a new network that is not public, a line in guard.go.
package fetch

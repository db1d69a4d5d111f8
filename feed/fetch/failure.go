package fetch

import (
	"errors"
	"time"

	"feedmill/feed"
)

// failure is why an address gave nothing. Its text is what operators read and what a source's memory keeps; it holds no
// time, count or port of ours, so that the same trouble always has the same words.
type failure struct {
	class  feed.Class
	text   string
	cause  error         // nil when remembered
	wait   time.Duration // how long the origin asked to wait; 0 when it did not
	rest   time.Duration // the least time before asking again; 0 leaves it to the backoff
	gone   bool          // the origin says the address is no more
	closes string        // the host and port that asked to wait
	status int           // of the answer; 0 when there was none
	empty  bool          // the answer was good but held nothing
	// passing: it says nothing about this source, so the source does not remember it.
	passing bool
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.cause }

// named returns f with the address in front.
func (f *failure) named(address string) *failure {
	same := *f
	same.text = "get " + address + ": " + f.text
	return &same
}

// StatusOf returns the status of the answer that an error of [Client.Get] is about, 0 when there was no answer.
func StatusOf(err error) int {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.status
	}
	return 0
}

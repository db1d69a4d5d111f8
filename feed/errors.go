package feed

import (
	"errors"
	"fmt"
)

// Class says what happens after an error. It is the word in logs, metrics and status, and decides about retries and the
// exit code.
type Class string

// The classes of errors.
const (
	Unavailable Class = "unavailable" // the source or output cannot be reached now: try again later
	Throttled   Class = "throttled"   // it asked to wait
	Refused     Class = "refused"     // it will not let us: the operator must act
	Gone        Class = "gone"        // it is no more: stop asking
	Unreadable  Class = "unreadable"  // what it gave cannot be understood: somebody must mend it
	Suspicious  Class = "suspicious"  // what it gave is not to be believed: the old feed is kept
	Internal    Class = "internal"    // our own fault
)

type classified struct {
	class Class
	err   error
}

func (c *classified) Error() string { return c.err.Error() }
func (c *classified) Unwrap() error { return c.err }

// Classify gives err a class; the outermost class counts. A nil err stays nil.
func Classify(class Class, err error) error {
	if err == nil {
		return nil
	}
	return &classified{class, err}
}

// ClassOf returns the class of err, Internal when it carries none, and "" for nil.
func ClassOf(err error) Class {
	if err == nil {
		return ""
	}
	if c, ok := errors.AsType[*classified](err); ok {
		return c.class
	}
	return Internal
}

// Problem is something wrong with one item of a source. It names the place and says what to do.
type Problem struct {
	Where string // the item: a file's path, an address
	Line  int    // 1-based; 0 when no line is known
	Err   error
}

func (p *Problem) Error() string {
	if p.Line > 0 {
		return fmt.Sprintf("%s:%d: %v", p.Where, p.Line, p.Err)
	}
	return fmt.Sprintf("%s: %v", p.Where, p.Err)
}

func (p *Problem) Unwrap() error { return p.Err }

// Package late compiles the regular expressions of the program itself when they are first used. There are more than a
// hundred, most of which an installation never needs; all of them together would take 6 ms of each start and 2 MB for good.
//
// It does not read what operators write: that is package setting's.
package late

import (
	"regexp"
	"sync"
)

// Regexp returns what compiles an expression when it is first called, and gives the same ever after. It panics on one that
// is none, as [regexp.MustCompile] does; the test of this package compiles all there are.
func Regexp(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

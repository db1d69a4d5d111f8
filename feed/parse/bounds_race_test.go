//go:build race

package parse_test

// quick leaves out the largest documents: the race detector slows parsers about tenfold.
const quick = true

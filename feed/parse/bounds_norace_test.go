//go:build !race

package parse_test

const quick = false

//go:build !race

package mill_test

const rounds = 40

//go:build race

package clean

// bombSize is smaller here: the race detector slows parsers about tenfold.
const bombSize = 100_000

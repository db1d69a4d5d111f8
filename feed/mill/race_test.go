//go:build race

package mill_test

// rounds is how often large documents change: the race detector makes SQLite 25 times slower.
const rounds = 10

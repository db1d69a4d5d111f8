//go:build race

package daemon

// planetDays is how long the planet turns. The race detector makes SQLite 25 times slower: the week is run without it.
const planetDays = 1

//go:build !race

package daemon

// planetDays is how long the planet turns.
const planetDays = 7

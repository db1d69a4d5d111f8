package main

import (
	"runtime"
	"testing"
)

// TestSpare looks at how many goroutines Go runs at a time: more than there are turns, as before afterwards, and as whoever
// sets it himself says.
func TestSpare(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	for set, want := range map[string]int{"": max(before-1, 1) + 3, "2": before} {
		t.Setenv("GOMAXPROCS", set)
		turns, restore := spare()
		if got := runtime.GOMAXPROCS(0); got != want || turns == nil {
			t.Errorf("with GOMAXPROCS=%q Go runs %d goroutines, want %d", set, got, want)
		}
		restore()
		if got := runtime.GOMAXPROCS(0); got != before {
			t.Errorf("afterwards it runs %d, before %d", got, before)
		}
	}
}

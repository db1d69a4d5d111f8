package main

import (
	"os"
	"runtime"

	"feedmill/feed/turns"
)

// spare sees to it that answers to readers do not wait for refreshes: it returns turns for what takes processors, for all of
// them but one, and until restore is called it has Go run three goroutines more than that at a time. Beside the turns one may
// write to the state and the collector may run; then there is still a place for a request, and the kernel, which unlike Go
// stops what has run for long at once, gives it a processor. Whoever sets GOMAXPROCS himself has what he sets.
//
// p99 of a reader while 1,000 feeds were refreshed on two busy processors: 23 to 46 ms without, about 20 ms with the turns
// alone, 9 ms with two goroutines more, 5 ms with three; see README.md of output/serve.
func spare() (free *turns.Turns, restore func()) {
	before := runtime.GOMAXPROCS(0)
	n := max(before-1, 1)
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(n + 3)
	}
	return turns.New(n), func() { runtime.GOMAXPROCS(before) }
}

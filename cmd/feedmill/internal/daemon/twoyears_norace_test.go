//go:build !race

package daemon

import "time"

// The years as they are on every day: two weeks of them.
var shortYears = pace{length: 14 * 24 * time.Hour, busy: 100, quiet: 24, desk: 8 * time.Hour, poll: 4 * time.Hour, look: time.Hour}

//go:build race

package daemon

import "time"

// The race detector makes SQLite 25 times slower: nine days of the years, with fewer articles.
var shortYears = pace{length: 9 * 24 * time.Hour, busy: 20, quiet: 9, desk: 12 * time.Hour, poll: 8 * time.Hour, look: 2 * time.Hour}

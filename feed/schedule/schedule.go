// Package schedule owns when a feed is refreshed: it reads the words of a schedule, says when the next tick is, and
// names what an engine must do with it.
//
// [Parse] gives every schedule; robfig/cron reads the words, this package puts them on the clock of a time zone, where
// an hour may be missing or come twice. The engines live below: local/ runs refreshes in this process. Every engine
// passes the suite in scheduletest/.
//
// It starts no goroutine, reads no clock, stores nothing and knows nothing of feeds but their names. A new form of
// schedule belongs into parse.go, a new engine into a folder of its own.
package schedule

import (
	"context"
	"errors"
	"fmt"
	"time"

	"feedmill/feed"
)

// Job is a feed that is to be refreshed on a schedule.
type Job struct {
	// Name is the feed's name, unique among the jobs of an engine.
	Name string
	// Schedule tells the ticks. Required.
	Schedule feed.Schedule
	// Due is the due time stored when the feed was last refreshed. Zero or past: refresh at once, once, however many
	// ticks were missed. A Due later than the schedule's next tick (the schedule was changed) gives way to that tick.
	Due time.Time
}

// Engine calls a refresh for each job when it is due. How refreshes are done is given to its constructor.
type Engine interface {
	// Apply sets the full set of jobs, before or during Run. New jobs that are due run at once, known ones keep their
	// due time unless the new schedule ticks earlier, those no longer listed stop; a running refresh ends by itself.
	// An unfit set ([Check]) is an error and changes nothing.
	Apply(ctx context.Context, jobs []Job) error
	// Enqueue refreshes the named feed now, or once more right after the refresh that is running. Several requests
	// collapse into one. A name that was not applied is [ErrUnknown].
	Enqueue(ctx context.Context, name string) error
	// Run works until ctx ends, then cancels the refreshes that are running and returns when all it started has ended.
	// A stop by ctx is no error. An engine runs once.
	Run(ctx context.Context) error
}

// ErrUnknown is what Enqueue returns, wrapped, for a feed that has no job.
var ErrUnknown = errors.New("no feed of that name is scheduled")

// Check reports the first thing that makes jobs unfit for an engine: an empty name, a name given twice, a job without
// a schedule.
func Check(jobs []Job) error {
	seen := make(map[string]bool, len(jobs))
	for i, j := range jobs {
		switch {
		case j.Name == "":
			return fmt.Errorf("job %d of %d has no name", i+1, len(jobs))
		case seen[j.Name]:
			return fmt.Errorf("the feed %q is listed twice", j.Name)
		case j.Schedule == nil:
			return fmt.Errorf("the feed %q has no schedule", j.Name)
		}
		seen[j.Name] = true
	}
	return nil
}

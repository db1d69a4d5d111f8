package mill

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"feedmill/feed"
)

// SilenceError says that a feed has had nothing new for longer than its guard allows.
type SilenceError struct {
	Since time.Time // its newest article; when it never had one, the first look at its sources
	Limit time.Duration
}

var errSilent = feed.Classify(feed.Suspicious, errors.New("nothing new"))

func (e *SilenceError) Error() string {
	return fmt.Sprintf("nothing new since %s (more than %s); see whether its sources still publish, and what its filters drop, or write a longer max_silence under guard:",
		e.Since.Format(time.DateOnly), long(e.Limit))
}

// Unwrap returns an error with the class.
func (e *SilenceError) Unwrap() error { return errSilent }

// long is a time as an operator writes it: in days when it is that long.
func long(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= 2*day && d%day == 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	return strings.TrimSuffix(strings.TrimSuffix(d.String(), "0s"), "0m")
}

// silence finds out whether the feed is quiet for too long.
func (r *refresh) silence(ctx context.Context) (silent, failed error) {
	limit := r.feed.Guard.MaxSilence
	if limit <= 0 {
		return nil, nil
	}
	since, err := r.ledger.Newest(ctx, r.state.Serial)
	if err != nil {
		return nil, err
	}
	if since.IsZero() {
		since = r.firstLook()
	}
	if since.IsZero() || r.at.Sub(since) <= limit {
		return nil, nil
	}
	return &SilenceError{Since: since, Limit: limit}, nil
}

// firstLook is when a source of the feed was first read, the zero time when none was.
func (r *refresh) firstLook() time.Time {
	var first time.Time
	for _, b := range r.batches {
		if h, known := recallHabits(b.memory); known && (first.IsZero() || h.First < first.Unix()) {
			first = time.Unix(h.First, 0).UTC()
		}
	}
	return first
}

package daemon_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"testing"

	"feedmill/cmd/feedmill/internal/daemon"
	"feedmill/feed"
	"feedmill/feed/mill"
)

func TestAFailureIsLoggedOnceAndOnceMoreWhenItHeals(t *testing.T) {
	var log bytes.Buffer
	n := daemon.NewNarrator(nil, slog.New(slog.NewTextHandler(&log, nil)))
	tell := func(err error) { n.Tell(mill.Report{Feed: "world"}, err) }
	full := feed.Classify(feed.Unavailable, errors.New("disk full"))
	for _, err := range []error{nil, full, full, full, nil, nil} {
		tell(err)
	}
	if got := strings.Count(log.String(), "\n"); got != 2 || !strings.Contains(log.String(), "class=unavailable") ||
		!strings.Contains(log.String(), "well again") {
		t.Errorf("the log is\n%s", &log)
	}
}

// A panic carries its stack, in which every address is another the next time.
func TestAPanicThatComesBackIsLoggedOnce(t *testing.T) {
	var log bytes.Buffer
	n := daemon.NewNarrator(nil, slog.New(slog.NewTextHandler(&log, nil)))
	for range 3 {
		told := make(chan struct{})
		go func() {
			defer close(told)
			n.Tell(mill.Report{Feed: "world"}, feed.Classify(feed.Internal, fmt.Errorf("refresh: panic: mad\n%s", debug.Stack())))
		}()
		<-told
	}
	if got := strings.Count(log.String(), "\n"); got != 1 || !strings.Contains(log.String(), "narrate_test.go") {
		t.Errorf("the log is\n%s", &log)
	}
}

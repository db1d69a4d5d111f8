package daemon_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"feedmill/cmd/feedmill/internal/alert"
	"feedmill/cmd/feedmill/internal/daemon"
	"feedmill/feed"
	"feedmill/feed/mill"
	"feedmill/feed/store/sqlite"
)

// teller observes refreshes and tells what changed, as a process does from which the state is taken when it starts anew.
type teller struct {
	*testing.T
	narrator *daemon.Narrator
	desk     *alert.Desk
}

func newTeller(t *testing.T, log *slog.Logger) teller {
	t.Helper()
	s, err := sqlite.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	desk, err := alert.Open(t.Context(), alert.Settings{Book: s, Now: time.Now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	return teller{t, daemon.NewNarrator(nil, log), desk}
}

func (t teller) tell(r mill.Report, err error) {
	t.narrator.Tell(r, t.desk.Observe(t.Context(), r, err))
}

func TestAFailureIsLoggedOnceAndOnceMoreWhenItHeals(t *testing.T) {
	var log bytes.Buffer
	n := newTeller(t, slog.New(slog.NewTextHandler(&log, nil)))
	tell := func(err error) { n.tell(mill.Report{Feed: "world"}, err) }
	full := feed.Classify(feed.Unavailable, errors.New("disk full"))
	for _, err := range []error{nil, full, full, full, nil, nil} {
		tell(err)
	}
	if got := strings.Count(log.String(), "\n"); got != 2 || !strings.Contains(log.String(), "class=unavailable") ||
		!strings.Contains(log.String(), "well again") {
		t.Errorf("the log is\n%s", &log)
	}
}

// What is worth saying and asks for nothing is no problem.
func TestNotesAreLoggedAsInformation(t *testing.T) {
	var log bytes.Buffer
	n := daemon.NewNarrator(nil, slog.New(slog.NewTextHandler(&log, nil)))
	n.Tell(mill.Report{Feed: "world", Notes: []string{"https://x.example/feed has moved to https://y.example/feed"}}, nil)
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "level=INFO") || !strings.Contains(got, "has moved to https://y.example/feed") {
		t.Errorf("the log is\n%s", got)
	}
}

// A source that flaps says nothing again of those that are broken beside it.
func TestEachSourceIsLoggedForItself(t *testing.T) {
	var log bytes.Buffer
	n := newTeller(t, slog.New(slog.NewTextHandler(&log, nil)))
	down := &mill.SourceError{Source: "a", Err: feed.Classify(feed.Unavailable, errors.New("down"))}
	gone := &mill.SourceError{Source: "b", Err: feed.Classify(feed.Gone, errors.New("gone"))}
	full := feed.Classify(feed.Internal, errors.New("disk full"))
	for _, step := range []struct {
		answered string
		err      error
		want     []string
	}{
		{"c", errors.Join(errors.Join(down, gone)), []string{`source failed" feed=world source=a class=unavailable err=down`, "source=b class=gone"}},
		{"c", errors.Join(gone, down), nil},
		{"a", gone, []string{`source is well again" feed=world source=a`}},
		{"c", errors.Join(down, gone), []string{"source=a class=unavailable"}},
		{"c", full, []string{`feed failed" feed=world class=internal`}},
		{"c", errors.Join(down, gone), []string{`feed is well again" feed=world`}},
		{"c", down, nil}, // b is read no more: it is not well again
		{"b", down, nil},
	} {
		log.Reset()
		n.tell(mill.Report{Feed: "world", Answered: []string{step.answered}}, step.err)
		got := log.String()
		for _, want := range step.want {
			if !strings.Contains(got, want) {
				t.Errorf("%v: the log lacks %s:\n%s", step.err, want, got)
			}
		}
		if strings.Count(got, "\n") != len(step.want) {
			t.Errorf("%v: the log is\n%s", step.err, got)
		}
	}
}

// A panic carries its stack, in which every address is another the next time.
func TestAPanicThatComesBackIsLoggedOnce(t *testing.T) {
	var log bytes.Buffer
	n := newTeller(t, slog.New(slog.NewTextHandler(&log, nil)))
	for range 3 {
		told := make(chan struct{})
		go func() {
			defer close(told)
			n.tell(mill.Report{Feed: "world"}, feed.Classify(feed.Internal, fmt.Errorf("refresh: panic: mad\n%s", debug.Stack())))
		}()
		<-told
	}
	if got := strings.Count(log.String(), "\n"); got != 1 || !strings.Contains(log.String(), "narrate_test.go") {
		t.Errorf("the log is\n%s", &log)
	}
}

package alert_test

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"feedmill/cmd/feedmill/internal/alert"
	"feedmill/config"
	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/mill"
	"feedmill/feed/store"
	"feedmill/feed/store/sqlite"
)

// office is a state with a clock that a test sets, on which desks are opened one after the other.
type office struct {
	*testing.T
	path   string
	alerts []config.Alert
	store  *store.Store
	desk   *alert.Desk
	log    strings.Builder

	mu   sync.Mutex
	now  time.Time
	sent []error
}

func (o *office) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *office) sleep(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(d)
}

func (o *office) tried(_ string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent = append(o.sent, err)
}

func newOffice(t *testing.T, alerts ...config.Alert) *office {
	o := &office{T: t, path: filepath.Join(t.TempDir(), "state.db"), alerts: alerts, now: time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)}
	o.start()
	t.Cleanup(func() { o.store.Close() })
	return o
}

// start opens a desk as a new process does, after the last one was killed.
func (o *office) start() {
	o.Helper()
	if o.store != nil {
		o.store.Close()
	}
	var err error
	if o.store, err = sqlite.Open(o.Context(), o.path); err != nil {
		o.Fatal(err)
	}
	o.desk = o.open(o.store)
}

func (o *office) open(s *store.Store) *alert.Desk {
	o.Helper()
	log := slog.New(slog.NewTextHandler(&o.log, nil))
	desk, err := alert.Open(o.Context(), alert.Settings{
		Book: s, Now: o.clock, Log: log, Sent: o.tried,
	})
	if err != nil {
		o.Fatal(err)
	}
	desk.Follow(o.Context(), o.config("world", "sport"), fetch.New(o.clock, log))
	return desk
}

func (o *office) config(feeds ...string) *config.Config {
	c := &config.Config{Dir: filepath.Dir(o.path), BaseURL: "https://feeds.example.org", Fetch: fetch.Default(), Alerts: o.alerts}
	for _, name := range feeds {
		c.Feeds = append(c.Feeds, config.Feed{Key: name})
	}
	return c
}

// refreshed has a refresh of world end with errors, a step after the last one, and returns the changes in words.
func (o *office) refreshed(step time.Duration, answered string, errs ...error) string {
	o.sleep(step)
	return words(o.desk.Observe(o.Context(), mill.Report{Feed: "world", Answered: strings.Fields(answered)}, errors.Join(errs...)))
}

func words(changes []alert.Change) string {
	var all []string
	for _, c := range changes {
		one := map[alert.What]string{alert.Same: "same", alert.Begins: "begins", alert.Well: "well", alert.Removed: "removed"}[c.What]
		if c.Alarm {
			one += " ALARM"
		}
		if c.Recovery {
			one += " RECOVERY"
		}
		all = append(all, fmt.Sprintf("%s %s %s", c.Subject, c.Kind, one))
	}
	return strings.Join(all, "; ")
}

func source(name string, class feed.Class, text string) error {
	return &mill.SourceError{Source: name, Err: feed.Classify(class, errors.New(text))}
}

func output(name string, class feed.Class, text string) error {
	return &mill.OutputError{Output: name, Err: feed.Classify(class, errors.New(text))}
}

var (
	down    = source("bob", feed.Unavailable, "get bob: answers 500")
	refused = source("bob", feed.Refused, "get bob: answers 403")
	held    = source("bob", feed.Suspicious, "2 articles of 40 are left; run feedmill accept world")
	full    = output("site", feed.Unavailable, "no room on /srv")
	quiet   = feed.Classify(feed.Suspicious, errors.New("nothing new since 2026-11-01"))
	broken  = feed.Classify(feed.Internal, errors.New("render: world.rss has no title"))
)

func TestWhatChanges(t *testing.T) {
	type step struct {
		after    time.Duration
		answered string
		errs     []error
		want     string
	}
	const tick = 30 * time.Minute
	for name, steps := range map[string][]step{
		"a miss is no alarm": {
			{tick, "", []error{down}, "source bob unavailable begins"},
			{tick, "", []error{down}, ""},
			{tick, "bob", nil, "source bob unavailable well"},
		},
		"three in a row are one": {
			{tick, "", []error{down}, "source bob unavailable begins"},
			{tick, "", []error{down}, ""},
			{tick, "", []error{down}, "source bob unavailable same ALARM"},
			{tick, "", []error{down}, ""},
			{tick, "bob", nil, "source bob unavailable well RECOVERY"},
			{tick, "bob", nil, ""},
		},
		"refreshes that ask nobody are not counted": {
			{tick, "", []error{down}, "source bob unavailable begins"},
			{time.Minute, "", []error{down}, ""},
			{time.Minute, "", []error{down}, ""},
			{time.Minute, "", []error{down}, ""},
			{12 * time.Minute, "", []error{down}, "source bob unavailable same ALARM"},
		},
		"what does not pass by itself is one at once": {
			{tick, "", []error{refused}, "source bob refused begins ALARM"},
			{tick, "", []error{refused}, ""},
			{tick, "", []error{down}, "source bob unavailable begins"},
			{tick, "", []error{refused}, "source bob refused begins"},
			{tick, "", []error{held}, "source bob held begins ALARM"},
			{tick, "bob", nil, "source bob held well RECOVERY"},
		},
		"other words are told, other numbers are not": {
			{tick, "", []error{refused}, "source bob refused begins ALARM"},
			{tick, "", []error{source("bob", feed.Refused, "get bob: answers 401")}, ""},
			{tick, "", []error{source("bob", feed.Refused, "its certificate has expired")}, "source bob refused begins"},
		},
		"each for itself": {
			{tick, "alice", []error{refused, full}, "output site output begins ALARM; source bob refused begins ALARM"},
			{tick, "alice bob", []error{full}, "source bob refused well RECOVERY"},
			{tick, "alice bob", nil, "output site output well RECOVERY"},
		},
		"a feed that fails says nothing of the rest": {
			{tick, "", []error{refused, full}, "output site output begins ALARM; source bob refused begins ALARM"},
			{tick, "", []error{broken}, "feed internal begins ALARM"},
			{tick, "", []error{refused, full}, "feed internal well RECOVERY"},
		},
		"silence is no failure": {
			{tick, "bob", []error{quiet}, "silence silent begins ALARM"},
			{tick, "", []error{quiet, refused}, "source bob refused begins ALARM"},
			{tick, "bob", []error{quiet}, "source bob refused well RECOVERY"},
			{tick, "", []error{broken}, "feed internal begins ALARM"},
			{tick, "bob", nil, "feed internal well RECOVERY; silence silent well RECOVERY"},
		},
		"a source that is there no more": {
			{tick, "", []error{refused}, "source bob refused begins ALARM"},
			{tick, "alice", nil, "source bob refused removed RECOVERY"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, restarts := range []bool{false, true} {
				o := newOffice(t)
				for i, s := range steps {
					if restarts {
						if err := o.desk.Flush(t.Context()); err != nil {
							t.Fatal(err)
						}
						o.desk = o.open(o.store) // as a new process does
					}
					if got := o.refreshed(s.after, s.answered, s.errs...); got != s.want {
						t.Errorf("with restarts %v, step %d: %q, want %q", restarts, i+1, got, s.want)
					}
				}
			}
		})
	}
}

func TestAStoppedRefreshTellsNothing(t *testing.T) {
	o := newOffice(t)
	o.refreshed(0, "", refused)
	if got := o.refreshed(time.Hour, "", fmt.Errorf("stopped: %w", t.Context().Err()), errors.Join(refused, contextCanceled())); got != "" {
		t.Errorf("it told %s", got)
	}
}

// Two processes work on one state: neither tells again what the other one told.
func TestBesideAnotherProcess(t *testing.T) {
	o := newOffice(t)
	other, err := sqlite.Open(t.Context(), o.path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	beside := o.open(other)
	o.refreshed(0, "", refused)
	if got := words(beside.Observe(t.Context(), mill.Report{Feed: "world"}, refused)); got != "" {
		t.Errorf("the other one told %s", got)
	}
	if got := words(beside.Observe(t.Context(), mill.Report{Feed: "world", Answered: []string{"bob"}}, nil)); got != "source bob refused well RECOVERY" {
		t.Errorf("the other one told %s", got)
	}
	if got := o.refreshed(0, "bob"); got != "" {
		t.Errorf("this one told %s", got)
	}
}

func TestAFeedThatLeaves(t *testing.T) {
	hook := newReceiver(t)
	o := newOffice(t, hook.alert(""))
	o.refreshed(0, "", refused)
	o.desk.Follow(t.Context(), o.config("sport"), fetch.New(time.Now, slog.New(slog.DiscardHandler)))
	if left := o.desk.Wrong(); len(left) > 0 {
		t.Errorf("left is %v", left)
	}
	o.send()
	if got := hook.texts(); len(got) != 2 || !strings.Contains(got[1], "feed world, source bob: no longer in use; it was refused since 2026-11-23 06:00 UTC") {
		t.Errorf("told was %q", got)
	}
}

// One full disk is one alarm, however many feeds go there, and over when the last of them got through.
func TestAnOutputOfSeveralFeeds(t *testing.T) {
	hook := newReceiver(t)
	o := newOffice(t, hook.alert(""))
	for _, step := range []struct {
		feed string
		err  error
	}{{"world", full}, {"sport", full}, {"world", nil}, {"sport", full}, {"sport", nil}} {
		o.desk.Observe(t.Context(), mill.Report{Feed: step.feed}, step.err)
	}
	o.send()
	got := hook.texts()
	if len(got) != 2 || !strings.HasPrefix(got[0], "feed world, output site: output: no room") || !strings.HasPrefix(got[1], "feed sport, output site: well again") {
		t.Errorf("told was %q", got)
	}
}

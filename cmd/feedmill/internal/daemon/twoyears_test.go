package daemon

import (
	"bytes"
	"database/sql"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"feedmill/cmd/feedmill/internal/admin"
	"feedmill/config"
	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/mill"
	"feedmill/feed/store/sqlite"
	"feedmill/source/sourcetest"
)

// pace is how long the years are, and how much is published in them.
type pace struct {
	length time.Duration
	busy   int           // articles of the busy agency in a day
	quiet  int           // articles of the quiet one in all
	desk   time.Duration // between two articles of a desk
	poll   time.Duration // of the agencies
	look   time.Duration // between two looks at the desks' files
}

var twoYears = pace{length: 730 * 24 * time.Hour, busy: 100, quiet: 24, desk: 24 * time.Hour, poll: 8 * time.Hour, look: 3 * time.Hour}

// years are a newsroom with two desks, two agencies on the web, a feed made of these, and all who read them.
type years struct {
	*testing.T
	pace
	dir        string
	begin, now time.Time
	down, up   time.Time // the last stop
	truth      *truth
	site       *sourcetest.Site
	agencies   []*agency
	desks      []*desk
	readers    []*subscriber
	walkers    []*walker
	audited    time.Time
	renamed    bool // the busy agency's feed has another key

	d    *Daemon
	due  map[string]time.Time
	wake map[string]time.Time
	log  bytes.Buffer
}

// start opens the state and shows what was last published. No engine runs, which beats every second: the years pass by
// [years.pass].
func (y *years) start() {
	y.Helper()
	c, err := config.Load(filepath.Join(y.dir, "feedmill.yaml"), config.Options{})
	if err != nil {
		y.Fatal(err)
	}
	y.d = &Daemon{health: admin.NewHealth(), Settings: Settings{
		Now: time.Now, Log: slog.New(slog.NewTextHandler(&y.log, &slog.HandlerOptions{Level: slog.LevelWarn})), Out: io.Discard,
		Web: []fetch.Option{y.site.Option()},
	}}
	if y.d.store, err = sqlite.Open(y.Context(), c.State); err != nil {
		y.Fatal(err)
	}
	if err := y.d.open(y.Context(), c); err != nil {
		y.Fatal(err)
	}
	for _, f := range y.d.plan.Load().Feeds {
		at := y.now.Add(5 * time.Minute)
		if !f.watched() {
			at = y.now.Add(20 * time.Minute)
		}
		if len(f.Parents) > 0 {
			at = y.now.Add(40 * time.Minute)
		}
		if y.due[f.Name].Before(at) {
			y.due[f.Name] = at
		}
	}
}

func (y *years) stop() {
	y.Helper()
	if err := y.d.store.Close(); err != nil {
		y.Fatal(err)
	}
	y.d = nil
}

// restart is a stop of two hours. A new program may make other documents of the same articles.
func (y *years) restart(newProgram bool) {
	y.Helper()
	y.stop()
	if newProgram {
		db, err := sql.Open("sqlite", filepath.Join(y.dir, "feedmill.db"))
		if err != nil {
			y.Fatal(err)
		}
		defer db.Close()
		if _, err := db.ExecContext(y.Context(), `UPDATE feed SET dress = 'of an older program'`); err != nil {
			y.Fatal(err)
		}
	}
	y.down = y.now
	y.sleep(y.now.Add(2 * time.Hour))
	y.up = y.now
	y.start()
}

// pass lets time go by until a moment: feeds are refreshed when they are due, and when they wake for an embargo.
func (y *years) pass(until time.Time) {
	y.Helper()
	for {
		name, at := "", until
		for _, f := range y.d.plan.Load().Feeds {
			for _, moment := range []time.Time{y.due[f.Name], y.wake[f.Name]} {
				if !moment.IsZero() && !moment.After(at) {
					name, at = f.Name, moment
				}
			}
		}
		y.sleep(at)
		if name == "" {
			return
		}
		y.refresh(name)
		y.sleep(y.now) // it took its time
	}
}

// sleep waits for a moment. The years have one clock, which is read here only.
func (y *years) sleep(until time.Time) {
	time.Sleep(time.Until(until))
	y.now = time.Now().UTC()
}

func (y *years) refresh(name string) {
	y.Helper()
	f := y.d.plan.Load().Feed(name)
	if !y.due[name].After(y.now) {
		every := y.look
		if !f.watched() {
			every = y.poll
		}
		y.due[name] = y.now.Add(every)
	}
	report, err := y.d.mill.Refresh(y.Context(), &f.Feed)
	if err != nil && (feed.ClassOf(err) != feed.Suspicious || !y.troubled()) {
		y.Fatalf("%s: refresh of %s: %v", y.date(), name, err)
	}
	y.wake[name] = report.Wake
	if report.Published+report.Changed+report.Withdrawn == 0 {
		return
	}
	y.isEarly(name)
	for _, child := range y.d.plan.Load().Feeds {
		for _, parent := range child.Parents {
			if parent == name {
				y.due[child.Name] = y.now
			}
		}
	}
}

// isEarly checks that nothing is published before its moment, at the moment when it is.
func (y *years) isEarly(name string) {
	y.Helper()
	for _, path := range []string{"/" + name + ".json", "/" + name + "/"} {
		_, body, _, _ := y.get(path, "")
		for _, word := range marker.FindAllString(body, -1) {
			if y.truth.byMarker[word].at(time.Now()).life == "" {
				y.Errorf("%s: %s shows %s, which is to appear at %s", y.date(), path, word, y.truth.byMarker[word].when(appears))
			}
		}
	}
}

// troubled reports whether an agency is in trouble now, which delays its articles.
func (y *years) troubled() bool {
	for _, a := range y.agencies {
		if a.trouble() != "" {
			y.down, y.up = y.now.Add(-y.poll), y.now.Add(y.poll)
			return true
		}
	}
	return false
}

// operate does what "feedmill withdraw" and "feedmill restore" do beside a daemon.
func (y *years) operate(s *story, item string, what kind) {
	y.Helper()
	do := (*mill.Mill).Withdraw
	if what == restored {
		do = (*mill.Mill).Restore
	}
	f := y.d.plan.Load().Feed(y.key(s.feed))
	if _, err := do(y.d.mill, y.Context(), &f.Feed, item); err != nil {
		y.Fatalf("%s: %s of %s: %v", y.date(), what, s.marker, err)
	}
	s.turn(y.now, what)
	y.due[y.key(s.feed)] = y.now // the daemon is told
}

// read lets everybody read whose time has come.
func (y *years) read() {
	y.Helper()
	for _, r := range y.readers {
		if r.isTime() {
			r.visit()
		}
	}
	for _, w := range y.walkers {
		if w.isTime() {
			w.walk()
		}
	}
	for _, name := range []string{"world", "notes", "front"} {
		y.page(name)
	}
	if y.now.Sub(y.audited) >= y.length/27 {
		y.audited = y.now
		for _, w := range y.walkers {
			w.audit()
		}
	}
}

// TestTwoYears publishes for years in simulated time: every subscriber sees each article exactly once, each correction
// once, each withdrawal once, and nothing before its embargo ends; no first date changes, and no archive but by an article
// that is withdrawn, expires or comes back.
func TestTwoYears(t *testing.T) {
	p := shortYears
	if os.Getenv("FEEDMILL_TEST_SOAK") != "" {
		p = twoYears
	}
	synctest.Test(t, func(t *testing.T) {
		y := newYears(t, p)
		y.configure()
		defer func() { y.stop() }()
		for _, r := range y.readers {
			if old, err := os.ReadFile(filepath.Join(upgradeDir, "schema-1", r.path)); err == nil {
				r.open(string(old))
			}
		}
		y.start()
		y.adopt()
		for restarts := 1; y.now.Before(y.begin.Add(p.length)) && !t.Failed(); {
			y.hour()
			if y.now.Sub(y.begin) >= p.length*time.Duration(restarts)/9 {
				if restarts == 5 {
					y.renamed = true
					y.configure()
				}
				y.restart(restarts%3 == 2)
				restarts++
			}
		}
		if !t.Failed() {
			y.verdict()
		}
	})
}

// hour is one of the years: feeds are refreshed, everybody reads, and then the desks work.
func (y *years) hour() {
	for _, a := range y.agencies {
		a.publish(y.now.Add(3 * time.Hour))
	}
	y.pass(y.begin.Add(y.now.Sub(y.begin).Truncate(time.Hour) + time.Hour))
	y.read()
	for _, d := range y.desks {
		d.work()
	}
	y.operator()
	y.site.ForgetVisits()
}

// Package daemon owns the order in which the parts of a running feedmill start and stop: it makes a plan of the
// configuration, opens state and listeners, runs the engine, the watchers and the servers, reloads, and ends.
//
// It decides nothing about articles; it is the only place that knows all the parts. Every goroutine of a running
// feedmill outside a refresh starts here or in what is started here, and [Daemon.Run] returns when all have ended.
// A new part that runs beside the others is one more line in parts.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"feedmill/cmd/feedmill/internal/admin"
	"feedmill/cmd/feedmill/internal/alert"
	"feedmill/cmd/feedmill/internal/certificate"
	"feedmill/cmd/feedmill/internal/systemd"
	"feedmill/config"
	"feedmill/feed"
	"feedmill/feed/browser"
	"feedmill/feed/fetch"
	"feedmill/feed/mill"
	"feedmill/feed/schedule"
	"feedmill/feed/schedule/local"
	"feedmill/feed/store"
	"feedmill/feed/store/sqlite"
	"feedmill/feed/turns"
	"feedmill/output/serve"
	"feedmill/source/sql"
)

// retry is how long after a failure a feed is refreshed again, unless its schedule comes first.
const retry = time.Minute

// feedsInFlight is how many feeds are refreshed at the same time. Most of them only wait for their origins, and a dozen
// origins that never come to an end must not keep the others from their time.
const feedsInFlight = 32

// grace is how long a stop may take.
const grace = 10 * time.Second

// Settings are what a daemon is started with.
type Settings struct {
	Load func() (*config.Config, error) // reads the configuration; called again at each reload
	Now  func() time.Time
	Log  *slog.Logger
	// Level is the log's level, set again at each reload. May be nil.
	Level *slog.LevelVar
	Out   io.Writer // where people read what happens
	// Web changes how the web is reached. May be nil.
	Web []fetch.Option
	// Sockets are open already, by the names in listen.go. Those that are missing are opened.
	Sockets map[string]net.Listener
	// Notify tells the service manager that the daemon is ready, reloading or stopping, in the words of package systemd.
	// May be nil.
	Notify func(state string) error
	// Authority gives the certificates; see [certificate.Settings].
	Authority certificate.Authority
	// Turns are taken by all that takes processors and that no reader waits for. Nil: there is no bound.
	Turns *turns.Turns
}

// Daemon is a running feedmill.
type Daemon struct {
	Settings
	store    *store.Store
	client   *fetch.Client
	browser  *browser.Browser // started when a page is due that scripts fill
	pools    sql.Pools        // connections to the databases of the plan
	mill     *mill.Mill
	engine   *local.Engine
	server   *serve.Server // nil: documents are only written
	narrator *Narrator
	health   *admin.Health
	metrics  *admin.Metrics
	desk     *alert.Desk
	visits   visits

	plan      atomic.Pointer[Plan]
	undressed atomic.Pointer[Plan] // the last one whose theme was seen to fail at a page
	roster    atomic.Pointer[Roster]
	reloading sync.Mutex
	rewatch   chan struct{} // a new plan has other sources to watch
	stale     chan struct{} // a feed has something new, which the index does not tell
	known     func()        // called when it is known which feeds there are; nil: nobody waits for it
	indexing  sync.Mutex    // one index is published at a time
	moving    sync.RWMutex  // held by refreshes, and alone while feeds get other names
}

// Run runs the daemon until ctx ends; a value on reload makes it read the configuration again. It returns within ten
// seconds after ctx ends, with nothing half done. Whatever keeps it from starting is an error that names it.
func Run(ctx context.Context, s Settings, reload <-chan struct{}) error {
	err := run(ctx, s, reload)
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // stopped before everything had started
	}
	return err
}

func run(ctx context.Context, s Settings, reload <-chan struct{}) error {
	c, err := s.Load()
	if err != nil {
		return err
	}
	d := &Daemon{Settings: s, health: admin.NewHealth()}
	unexamined, err := examine(ctx, c.State) // before anything is written to it
	if err != nil {
		return err
	}
	d.store, err = sqlite.Open(ctx, c.State)
	if err != nil {
		return err
	}
	defer d.store.Close()
	release, err := d.store.Run()
	if errors.Is(err, store.ErrHeld) {
		return feed.Classify(feed.Refused, fmt.Errorf("the state %s is in use by another feedmill run; stop that one, or give this one a state of its own", c.State))
	}
	if err != nil {
		return fmt.Errorf("lock state: %w", err)
	}
	defer release()
	listeners, err := d.listen(ctx, c)
	if err != nil {
		return err
	}
	defer listeners.close()
	certificates, err := d.keeper(c, listeners)
	if err != nil {
		return err
	}
	defer func() {
		if d.browser != nil {
			d.browser.Close()
		}
		_ = d.pools.Close() // nothing was written
	}()
	serving := d.serve(ctx, func(ctx context.Context) error { return d.answer(ctx, listeners, certificates, c.BaseURL) })
	defer serving.stop()
	if err := d.open(ctx, c); err != nil {
		return err
	}
	d.metrics.Reloaded(d.Now(), nil)
	d.greet()
	d.tell(systemd.Ready)
	defer context.AfterFunc(ctx, func() { d.tell(systemd.Stopping) })()
	return d.work(ctx, listeners, serving, reload, func(ctx context.Context) error { return d.keep(ctx, c.State, unexamined) })
}

// open makes everything ready that the first request and the first tick need. The documents of the last run are shown
// before anything is refreshed.
func (d *Daemon) open(ctx context.Context, c *config.Config) error {
	d.setLevel(c)
	d.client = fetch.New(d.Now, d.Log, d.Web...)
	d.browser = browser.New(c.Browser, d.client, d.Log)
	d.mill = mill.New(d.store, d.store, d.Now)
	d.mill.SetTurns(d.Turns)
	d.engine = local.New(local.Config{Refresh: d.refresh, Save: d.store.SaveDue, Workers: feedsInFlight, Now: d.Now, Log: d.Log})
	d.rewatch, d.stale = make(chan struct{}, 1), make(chan struct{}, 1)
	d.metrics = admin.NewMetrics()
	var err error
	d.desk, err = alert.Open(ctx, alert.Settings{Book: d.store, Now: d.Now, Log: d.Log, Sent: d.metrics.Alerted})
	if err != nil {
		return err
	}
	if n := len(d.desk.Wrong()); n > 0 {
		d.Log.Warn("not all was well when feedmill last ran; see feedmill status", "conditions", n)
	}
	d.metrics.Watch(d.desk.Wrong, d.audience)
	d.narrator = NewNarrator(d.Out, d.Log)
	d.narrator.Withhold() // what a service prints is kept like a log
	if c.Server != nil {
		base, err := url.Parse(c.BaseURL)
		if err != nil {
			return fmt.Errorf("read base_url: %w", err)
		}
		d.server = serve.New(base.Path, d.Log)
		d.server.SetPages(d.page)
		d.server.SetTurns(d.Turns)
	}
	return d.begin(ctx, c)
}

// prepare makes a plan whose feeds also go to the server. Feeds that before has are taken over.
func (d *Daemon) prepare(c *config.Config, before *Plan) (*Plan, error) {
	plan, err := open(c, before, d.client, d.browser, &d.pools, d.Now, d.Log)
	if err != nil {
		return nil, err
	}
	for _, f := range plan.fresh {
		// Watchers, retries and other commands look at sources beside the schedule.
		f.age = schedule.Period(f.Schedule, d.Now())
		f.Guard.Apart = f.age / 2
		if d.server != nil {
			// First: readers do not wait for a bucket.
			f.Outputs = slices.Insert(f.Outputs, 0, mill.Output{Name: "serve", Publisher: d.server, Volatile: true})
		}
	}
	return plan, nil
}

// adopt makes the plan the one that everything works by.
func (d *Daemon) adopt(ctx context.Context, plan *Plan) error {
	due, err := d.store.Due(ctx)
	if err != nil {
		return err
	}
	ages, served := map[string]time.Duration{}, map[string]serve.Feed{}
	for _, f := range plan.Feeds {
		served[f.Name] = serve.Feed{Age: f.age, Readers: readers(f.Access), Ending: f.ending()}
		for address, access := range f.PrivateEditions {
			served[address] = serve.Feed{Age: f.age, Readers: readers(access), Part: true, Ending: f.ending()}
		}
		if !f.Retired {
			ages[f.Name] = f.age
		}
	}
	jobs := plan.jobs(due)
	if err := schedule.Check(jobs); err != nil {
		return err
	}
	d.plan.Store(plan)
	d.browser.Configure(plan.Config.Browser)
	d.pools.Keep(plan.Config.Dir, databases(plan.Config)...)
	d.narrator.Follow(plan)
	d.desk.Follow(ctx, plan.Config, d.client)
	d.metrics.Keep(ages)
	if d.server != nil {
		d.server.SetMoved(plan.moved())
		d.server.SetProxies(trusted(plan.Config))
	}
	d.health.Keep(ages)
	if d.server != nil {
		d.server.SetFeeds(served)
		if d.known != nil {
			d.known()
		}
	}
	if err := d.siteOf(ctx, plan); err != nil && ctx.Err() == nil {
		d.Log.Error("index not published", "err", err)
	}
	for _, f := range privateFirst(plan.fresh) {
		if _, known := due[f.Name]; !known {
			continue // nothing of it was ever published
		}
		if err := d.mill.Deliver(ctx, &f.Feed); err != nil && ctx.Err() == nil {
			d.Log.Error("documents of the last run not delivered", "feed", f.Name, "err", err)
		}
	}
	return d.engine.Apply(ctx, jobs)
}

// trusted are the proxies whose word on whom they ask for is believed.
func trusted(c *config.Config) []netip.Prefix {
	if c.Server == nil {
		return nil // the server goes with the next start
	}
	return c.Server.Proxies
}

// jobs are what the engine is to do: refresh every feed that has not retired, and look at the rows of every block, at once
// after a start.
func (p *Plan) jobs(due map[string]time.Time) []schedule.Job {
	var jobs []schedule.Job
	for _, b := range p.Config.Blocks {
		jobs = append(jobs, schedule.Job{Name: b.Key, Schedule: b.Schedule})
	}
	for _, f := range p.Feeds {
		if f.Retired {
			continue
		}
		job := schedule.Job{Name: f.Name, Schedule: f.Schedule, Due: due[f.Name]}
		if f.watched() {
			job.Due = time.Time{} // what changed while nobody watched is read at once
		}
		jobs = append(jobs, job)
	}
	return jobs
}

func (f *Feed) watched() bool {
	for _, s := range f.Sources {
		if _, ok := s.Source.(feed.Watcher); ok {
			return true
		}
	}
	return false
}

// refresh is what the engine calls.
func (d *Daemon) refresh(ctx context.Context, name string) (time.Time, error) {
	if b := d.plan.Load().Config.Block(name); b != nil {
		return time.Time{}, d.look(ctx, b)
	}
	d.moving.RLock()
	defer d.moving.RUnlock()
	f := d.plan.Load().Feed(name)
	if f == nil || f.Retired {
		return time.Time{}, nil // a reload or a new list of rows took it away meanwhile
	}
	begun := d.Now()
	report, err := d.mill.Refresh(ctx, &f.Feed)
	if ctx.Err() == nil {
		d.narrator.Tell(report, d.desk.Observe(ctx, report, err))
		d.health.Refreshed(name, d.Now(), err)
		d.metrics.Refreshed(report, err, d.Now().Sub(begun))
	}
	if report.Published+report.Changed+report.Withdrawn > 0 {
		d.refreshChildren(ctx, name)
	}
	if report.Rendered && !f.Private() {
		d.outdated()
	}
	wake := report.Wake
	if err != nil && !report.Partial && !heldOnly(err) {
		// A full disk or a share that is away need not last until the next tick. One sick source of several must not have
		// the others asked more often than they are meant to be.
		if again := d.Now().Add(retry); wake.IsZero() || again.Before(wake) {
			wake = again
		}
	}
	return wake, err
}

// heldOnly reports that nothing failed but that batches are not believed: to ask again at once would bring the same.
func heldOnly(err error) bool {
	if joined, several := err.(interface{ Unwrap() []error }); several {
		return !slices.ContainsFunc(joined.Unwrap(), func(one error) bool { return !heldOnly(one) })
	}
	return feed.ClassOf(err) == feed.Suspicious
}

// refreshChildren refreshes the feeds that take articles from the named one.
func (d *Daemon) refreshChildren(ctx context.Context, name string) {
	for _, f := range d.plan.Load().Feeds {
		if f.Retired || !slices.Contains(f.Parents, name) {
			continue
		}
		if err := d.engine.Enqueue(ctx, f.Name); err != nil && ctx.Err() == nil {
			d.Log.Error("feed not refreshed after the one it takes articles from", "feed", f.Name, "from", name, "err", err)
		}
	}
}

func (d *Daemon) setLevel(c *config.Config) {
	if d.Level != nil {
		d.Level.Set(c.Log.Level)
	}
}

// greet prints where the feeds are.
func (d *Daemon) greet() {
	plan := d.plan.Load()
	var b strings.Builder
	for _, block := range plan.Config.Blocks {
		rows, _, _ := d.roster.Load().Fed(block.Key)
		fmt.Fprintf(&b, "%s: a feed for each of its rows, %d now\n", block.Key, rows)
	}
	for _, f := range plan.Feeds {
		if f.Block != "" {
			continue // the line of its block stands for it
		}
		only := ""
		if f.Private() {
			only = "  (for its readers only)"
		}
		fmt.Fprintf(&b, "%s: %s%s\n", f.Channel.Title, strings.Join(f.Addresses(), "  "), only)
	}
	if d.server != nil {
		fmt.Fprintf(&b, "all feeds: %s/\n", plan.Config.BaseURL)
	}
	fmt.Fprintf(&b, "health: http://%s/health\n", plan.Config.Admin.Listen)
	_, _ = io.WriteString(d.Out, b.String()) // a greeting nobody can read stops nothing
}

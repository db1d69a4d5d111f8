package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"feedmill/cmd/feedmill/internal/admin"
	"feedmill/cmd/feedmill/internal/alert"
	"feedmill/cmd/feedmill/internal/daemon"
	"feedmill/config"
	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/mill"
	"feedmill/feed/store"
	"feedmill/feed/store/sqlite"
)

func (a *app) buildCommand() *cobra.Command {
	record, replay := "", ""
	c := &cobra.Command{
		Use:   "build [FEED…]",
		Short: "Refresh feeds once and write them",
		Long: `Build refreshes the named feeds, or all, writes what changed to the outputs, and
ends: the way to run feedmill from cron or CI. It works beside a running daemon.

It keeps a backup of the state for each of the last seven days on which it ran.

On a terminal it tells what became of each article; in a pipe it is silent but for
what went wrong. The exit status is 1 if any feed failed; a single article that
cannot be read, or one of several sources, is named and fails nothing.

With --record every answer of the web is kept in a folder, without secrets, and
with --replay they are read from it instead of the web: for tests and bug reports.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, names []string) error {
			web, err := captures(record, replay)
			if err != nil {
				return err
			}
			return a.build(c.Context(), names, terminal(a.out), web...)
		},
	}
	c.Flags().StringVar(&record, "record", "", "keep the answers of the web in this `folder`")
	c.Flags().StringVar(&replay, "replay", "", "read the answers from this `folder`, not the web")
	c.MarkFlagsMutuallyExclusive("record", "replay")
	return c
}

// captures are the options of a client that records into a folder, or answers from one; either may be empty.
func captures(record, replay string) ([]fetch.Option, error) {
	switch {
	case record != "":
		if err := os.MkdirAll(record, 0o755); err != nil {
			return nil, fmt.Errorf("--record: %w", err)
		}
		return []fetch.Option{fetch.WithTransport(fetch.Record(record))}, nil
	case replay != "":
		if _, err := os.Stat(replay); err != nil {
			return nil, usage{fmt.Errorf("--replay: %w", err)}
		}
		return []fetch.Option{fetch.WithTransport(fetch.Replayed(replay))}, nil
	}
	return nil, nil
}

func (a *app) refreshCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "refresh FEED",
		Short: "Refresh one feed now",
		Long: `Refresh reads the feed's sources now, writes what changed, and tells what became of
each article. Beside a running daemon it works under the feed's lease, and the
daemon serves the result at once.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, names []string) error {
			return a.build(c.Context(), names, true)
		},
	}
}

// workshop is what a verb that ends by itself works with.
type workshop struct {
	config   *config.Config
	plan     *daemon.Plan
	store    *store.Store
	mill     *mill.Mill
	narrator *daemon.Narrator
	desk     *alert.Desk
	log      *slog.Logger
	client   *fetch.Client
	roster   *daemon.Roster
	rows     map[string]error // what is wrong with those of blocks
}

// open reads the configuration and opens the state, for a verb that tells what happens to out (nil: to nobody).
func (a *app) open(ctx context.Context, out io.Writer, web ...fetch.Option) (*workshop, error) {
	w, err := a.prepare(ctx, out, web...)
	if err != nil {
		return nil, err
	}
	w.roster.LookOnce(ctx)
	return w, a.furnish(ctx, w)
}

// openFresh is open with rows as they are now.
func (a *app) openFresh(ctx context.Context, out io.Writer, web ...fetch.Option) (*workshop, error) {
	w, err := a.prepare(ctx, out, web...)
	if err != nil {
		return nil, err
	}
	w.rows = w.roster.LookAll(ctx)
	return w, a.furnish(ctx, w)
}

// prepare reads the configuration and opens the state.
func (a *app) prepare(ctx context.Context, out io.Writer, web ...fetch.Option) (*workshop, error) {
	c, err := a.load(ctx)
	if err != nil {
		return nil, err
	}
	// What is published is told on standard output, not logged.
	w := &workshop{config: c, log: a.logger(c, max(c.Log.Level, slog.LevelWarn))}
	w.narrator = daemon.NewNarrator(out, w.log)
	w.client = fetch.New(a.now, w.log, web...)
	if w.store, err = sqlite.Open(ctx, c.State); err != nil {
		return nil, err
	}
	if err = daemon.KeepFiles(ctx, w.store, c); err == nil {
		w.roster, err = daemon.Enroll(ctx, c, w.store, w.client, a.now)
	}
	if err != nil {
		return nil, errors.Join(err, w.store.Close())
	}
	return w, nil
}

// furnish makes everything else of the configuration with the feeds of all rows. A workshop that cannot be furnished is
// closed.
func (a *app) furnish(ctx context.Context, w *workshop) error {
	included := w.config
	w.config = w.roster.Config()
	err := a.move(ctx, w.store, w.config, w.log)
	if err == nil {
		w.plan, err = daemon.Open(w.config, w.client, a.now, w.log)
	}
	if err == nil {
		w.desk, err = alert.Open(ctx, alert.Settings{Book: w.store, Now: a.now, Log: w.log, Again: true})
	}
	if err != nil {
		return errors.Join(err, w.store.Close())
	}
	w.desk.Follow(ctx, w.config, w.client)
	w.narrator.Follow(w.plan)
	w.mill = mill.New(w.store, w.store, a.now)
	daemon.TellFiles(ctx, included, w.desk, w.narrator)
	return nil
}

// tellRows tells what is wrong with rows, and what is well again.
func (w *workshop) tellRows(ctx context.Context) {
	for _, b := range w.config.Blocks {
		w.narrator.Changed(w.desk.Part(ctx, b.Key, alert.Rows, w.rows[b.Key]))
	}
}

// close ends what the verb worked with.
func (w *workshop) close() {
	w.plan.Close()
	w.roster.Close()
	_ = w.store.Close() // what was committed is on the disk already
}

// alertsAtMost is how long a build takes for its alerts. What is not sent by then is sent by the next one.
const alertsAtMost = 20 * time.Second

func (a *app) build(ctx context.Context, names []string, tell bool, web ...fetch.Option) error {
	out := a.out
	if !tell {
		out = nil
	}
	w, err := a.openFresh(ctx, out, web...)
	if err != nil {
		return err
	}
	defer w.close()
	w.tellRows(ctx)
	feeds, err := w.pick(names)
	if err != nil {
		return err
	}
	for _, f := range feeds {
		if f.Retired {
			return usage{fmt.Errorf("feed %s has retired: its row is there no more, and it stays as it is", f.Name)}
		}
	}
	var told sync.Mutex
	var failed []string
	refresh := func(f *daemon.Feed) {
		report, err := w.mill.Refresh(ctx, &f.Feed)
		if ctx.Err() != nil {
			return
		}
		a.tellDaemon(ctx, w, f)
		told.Lock()
		defer told.Unlock()
		w.narrator.Tell(report, w.desk.Observe(ctx, report, err))
		if err != nil && !report.Partial {
			failed = append(failed, f.Name)
		}
		if tell {
			summary(a.out, f, report)
		}
	}
	for _, generation := range daemon.Generations(feeds) {
		daemon.Each(generation, refresh)
	}
	sent := w.desk.Send(ctx, alertsAtMost)
	if ctx.Err() != nil {
		return errors.New("stopped; what was published before stays as it is")
	}
	if _, err := sqlite.BackUpDaily(ctx, w.store, w.config.State, a.now()); err != nil && ctx.Err() == nil {
		w.log.Warn("state not backed up", "err", err)
	}
	return errors.Join(w.plan.PublishSite(ctx, w.mill.Headlines), sent, named(failed))
}

func named(failed []string) error {
	if len(failed) == 0 {
		return nil
	}
	slices.Sort(failed)
	return fmt.Errorf("failed: %s; what was published before stays as it is", strings.Join(failed, ", "))
}

func summary(out io.Writer, f *daemon.Feed, r mill.Report) {
	words := "nothing new"
	if r.Rendered {
		words = fmt.Sprintf("%d new, %d changed, %d withdrawn", r.Published, r.Changed, r.Withdrawn)
	}
	_, _ = fmt.Fprintf(out, "%s: %s: %s\n", f.Name, words, strings.Join(f.Addresses(), "  ")) // the exit status tells too
}

// pick returns the named feeds, all of them when none is named.
func (w *workshop) pick(names []string) ([]*daemon.Feed, error) {
	var feeds []*daemon.Feed
	if len(names) == 0 {
		for _, f := range w.plan.Feeds {
			if !f.Retired {
				feeds = append(feeds, f)
			}
		}
		return feeds, nil
	}
	for _, name := range names {
		if w.config.Block(name) != nil {
			feeds = append(feeds, w.of(name)...)
			continue
		}
		f := w.plan.Feed(name)
		if f == nil {
			return nil, usage{unknownFeed(w.config, name)}
		}
		feeds = append(feeds, f)
	}
	return feeds, nil
}

// of are the feeds of a block's rows.
func (w *workshop) of(block string) (feeds []*daemon.Feed) {
	for _, f := range w.plan.Feeds {
		if f.Block == block && !f.Retired {
			feeds = append(feeds, f)
		}
	}
	return feeds
}

// mostNamed bounds how many feeds a message names.
const mostNamed = 30

func unknownFeed(c *config.Config, name string) error {
	var known []string
	for i, f := range c.Feeds {
		if i == mostNamed {
			known = append(known, fmt.Sprintf("… and %d more", len(c.Feeds)-i))
			break
		}
		known = append(known, f.Key)
	}
	return fmt.Errorf("%s has no feed %q; it has %s", c.Files[0], name, strings.Join(known, ", "))
}

// tellDaemon lets a daemon that runs on the same state serve what this process changed. What it cannot be told it finds
// at its next tick.
func (a *app) tellDaemon(ctx context.Context, w *workshop, f *daemon.Feed) {
	a.tellDaemonOf(ctx, w, f.Name)
}

// tellDaemonOf is tellDaemon for a feed or a block by its name.
func (a *app) tellDaemonOf(ctx context.Context, w *workshop, name string) {
	running, err := w.store.Running()
	if err == nil && !running {
		return
	}
	if err == nil {
		err = admin.Tell(ctx, w.config.Admin.Listen, w.config.Admin.Token, name)
	}
	if err != nil {
		_, _ = fmt.Fprintf(a.errs, "%s: %v\n", name, feed.Classify(feed.Unavailable, err))
	}
}

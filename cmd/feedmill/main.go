// Command feedmill publishes articles as RSS, Atom and JSON feeds: it reads them from their sources on a schedule, keeps
// them, and writes or serves the feeds.
//
// This package parses the command line, calls, prints and chooses the exit code; one file a verb. What a running
// feedmill consists of is in internal/daemon.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // time zones on machines that have no list of them

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"feedmill/cmd/feedmill/internal/daemon"
	"feedmill/config"
	"feedmill/feed/fetch"
	"feedmill/feed/store/sqlite"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// The exit codes.
const (
	exitFailed = 1 // something could not be done
	exitUsage  = 2 // the configuration or the command line is wrong
)

// usage marks an error of the command line.
type usage struct{ error }

func (u usage) Unwrap() error { return u.error }

func run(ctx context.Context, args []string, out, errs io.Writer) int {
	a := &app{out: out, errs: errs, now: time.Now}
	root := a.command()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errs)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if words := err.Error(); words != "" {
		fmt.Fprintln(errs, words)
	}
	if _, wrong := errors.AsType[config.Problems](err); wrong {
		return exitUsage
	}
	if _, wrong := errors.AsType[usage](err); wrong {
		return exitUsage
	}
	return exitFailed
}

// app is what every verb shares.
type app struct {
	out, errs io.Writer
	now       func() time.Time
	path      string   // -c
	set       []string // --set
}

func (a *app) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "feedmill",
		Short: "Publish articles as RSS, Atom and JSON feeds",
		Long: `feedmill reads articles from where they are, keeps them, and publishes them as
RSS, Atom and JSON feeds that every reader and aggregator takes.

A newsroom drops text, Markdown or HTML files into a folder; "feedmill run" has
them in the feed a few seconds later. One YAML file says which folders and feeds;
"feedmill check" tells what is wrong with it.`,
		Example: `  feedmill run -c newsroom.yaml        serve and write the feeds until stopped
  feedmill build                       refresh every feed once, for cron or CI
  feedmill preview world               look at a feed without touching anything`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.PersistentFlags().StringVarP(&a.path, "config", "c", "feedmill.yaml", "the configuration `file`")
	root.PersistentFlags().StringArrayVar(&a.set, "set", nil, "override a `word=value` outside feeds, such as server.listen=:9000")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage{err} })
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(a.runCommand(), a.buildCommand(), a.refreshCommand(), a.previewCommand(), a.withdrawCommand(), a.restoreCommand(),
		a.acceptCommand(), a.whyCommand(), a.repairCommand(), a.initCommand(), a.statusCommand(), a.doctorCommand(), a.adoptCommand(), a.stateCommand(), a.checkCommand(), a.versionCommand())
	refuseArguments(root)
	return root
}

// refuseArguments makes wrong arguments of a command, or of one below it, errors of usage.
func refuseArguments(c *cobra.Command) {
	args := c.Args
	c.Args = func(c *cobra.Command, words []string) error {
		if err := args(c, words); err != nil {
			return usage{fmt.Errorf("%w; see %s --help", err, c.CommandPath())}
		}
		return nil
	}
	for _, below := range c.Commands() {
		refuseArguments(below)
	}
}

// load reads the configuration, of broken included files what was last good of them.
func (a *app) load(ctx context.Context) (*config.Config, error) {
	return config.Load(a.path, config.Options{Env: os.Environ(), Set: a.set, Kept: func(state, file string) []byte {
		return sqlite.Kept(ctx, state, daemon.KeptAs(file))
	}})
}

// strict reads the configuration; every problem of any file is one.
func (a *app) strict() (*config.Config, error) {
	return config.Load(a.path, config.Options{Env: os.Environ(), Set: a.set})
}

// known puts the feeds of the rows into a configuration that the state knows of. Where it knows none yet, the rows are
// read; nothing is stored.
func (a *app) known(ctx context.Context, c *config.Config) (*config.Config, error) {
	roster, err := daemon.Enroll(ctx, c, &daemon.Scratch{Under: onDisk{c.State}}, fetch.New(a.now, a.logger(c, slog.LevelWarn)), a.now)
	if err != nil || len(c.Blocks) == 0 {
		return c, err
	}
	defer roster.Close()
	roster.LookOnce(ctx)
	return roster.Config(), nil
}

// onDisk is what the state in a file keeps, which is only read.
type onDisk struct{ state string }

func (o onDisk) Kept(ctx context.Context, name string) ([]byte, error) {
	return sqlite.Kept(ctx, o.state, name), nil
}

// logger logs to standard error as the configuration says.
func (a *app) logger(c *config.Config, level slog.Leveler) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if c.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(a.errs, options))
	}
	return slog.New(slog.NewTextHandler(a.errs, options))
}

// terminal reports whether w is a terminal, where people like to see progress.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"feedmill/cmd/feedmill/internal/daemon"
	"feedmill/config"
	"feedmill/feed/fetch"
	"feedmill/feed/store/sqlite"
)

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Tell what is wrong with the configuration",
		Long: `Check reads the configuration as run does and reports every problem at once, each
as file:line:column: path: message. Of the state, if there is one, it tells which
feeds are in it that may have been renamed. Rows that make feeds are read; a bad one is a
warning. Databases are asked whether they take the queries of sql sources, which are not
run; one that does not answer is a warning. Every page of a theme is made once. It changes nothing. The exit status is 2 if
there are problems.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			c, err := a.strict()
			if err != nil {
				return err
			}
			whole, err := a.grown(command.Context(), c)
			if err != nil {
				return err
			}
			a.warnOfForgotten(command.Context(), whole)
			if _, err := daemon.Theme(whole); err != nil {
				return err
			}
			problems, warnings := daemon.CheckQueries(command.Context(), whole, a.now)
			for _, warning := range warnings {
				_, _ = fmt.Fprintf(a.errs, "warning: %s\n", warning)
			}
			if len(problems) > 0 {
				return problems
			}
			_, err = fmt.Fprintf(a.out, "%s is good: %s\n", a.path, counted(c, whole))
			return err
		},
	}
}

// grown is the configuration with the feeds of the rows as they are now. What is wrong with rows is a warning: it keeps no
// other feed from anything.
func (a *app) grown(ctx context.Context, c *config.Config) (*config.Config, error) {
	roster, err := daemon.Enroll(ctx, c, &daemon.Scratch{Under: onDisk{c.State}}, fetch.New(a.now, a.logger(c, slog.LevelWarn)), a.now)
	if err != nil || len(c.Blocks) == 0 {
		return c, err
	}
	defer roster.Close()
	wrong := roster.LookAll(ctx)
	for _, b := range c.Blocks {
		if err := wrong[b.Key]; err != nil {
			_, _ = fmt.Fprintf(a.errs, "warning: %s:%d: %s: %v\n", b.File, b.Line, b.Key, err)
		}
	}
	return roster.Config(), nil
}

// counted says how many feeds there are, and how many of them rows make.
func counted(c, whole *config.Config) string {
	made := 0
	for _, f := range whole.Feeds {
		if f.Block != "" && !f.Retired {
			made++
		}
	}
	if len(c.Blocks) == 0 {
		return count(len(c.Feeds), "feed")
	}
	return fmt.Sprintf("%s, %d of them of rows", count(len(c.Feeds)+made, "feed"), made)
}

// warnOfForgotten says which feeds of the state may have been renamed in the configuration.
func (a *app) warnOfForgotten(ctx context.Context, c *config.Config) {
	if _, err := os.Stat(c.State); err != nil {
		return // nothing was published yet
	}
	known, err := sqlite.Sources(ctx, c.State)
	if err != nil {
		_, _ = fmt.Fprintf(a.errs, "warning: the state %s was not looked at: %v\n", c.State, err)
		return
	}
	for _, warning := range daemon.ForgottenOf(known, c) {
		_, _ = fmt.Fprintf(a.errs, "warning: %s\n", warning)
	}
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

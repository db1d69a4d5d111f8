package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"feedmill/cmd/feedmill/internal/daemon"
	"feedmill/config"
	"feedmill/feed/store/sqlite"
)

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Tell what is wrong with the configuration",
		Long: `Check reads the configuration as run does and reports every problem at once, each
as file:line:column: path: message. Of the state, if there is one, it tells which
feeds are in it that may have been renamed. Databases are asked whether they take the
queries of sql sources, which are not run; one that does not answer is a warning. It
changes nothing. The exit status is 2 if there are problems.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			a.warnOfForgotten(command.Context(), c)
			problems, warnings := daemon.CheckQueries(command.Context(), c, a.now)
			for _, warning := range warnings {
				_, _ = fmt.Fprintf(a.errs, "warning: %s\n", warning)
			}
			if len(problems) > 0 {
				return problems
			}
			_, err = fmt.Fprintf(a.out, "%s is good: %s\n", a.path, count(len(c.Feeds), "feed"))
			return err
		},
	}
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

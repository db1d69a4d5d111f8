package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Tell what is wrong with the configuration",
		Long: `Check reads the configuration as run does and reports every problem at once, each
as file:line:column: path: message. It opens and changes nothing. The exit status
is 2 if there are problems.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.out, "%s is good: %s\n", a.path, count(len(c.Feeds), "feed"))
			return err
		},
	}
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

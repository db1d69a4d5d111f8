package main

import (
	"github.com/spf13/cobra"
)

func (a *app) withdrawCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "withdraw FEED ITEM",
		Short: "Take an article out of a feed, for good",
		Long: `Withdraw removes an article from every document of the feed; no later scan of its
source brings it back. ITEM is the article's id or link as the feed shows them, its
file's path, or its slug.

To withdraw an article in its file instead, write "status: withdrawn" there.`,
		Example: `  feedmill withdraw world articles/call.txt
  feedmill withdraw world https://news.example.org/world/call`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, words []string) error {
			w, err := a.open(c.Context(), a.out)
			if err != nil {
				return err
			}
			defer w.store.Close()
			feeds, err := w.pick(words[:1])
			if err != nil {
				return err
			}
			report, err := w.mill.Withdraw(c.Context(), &feeds[0].Feed, words[1])
			if err != nil {
				return err
			}
			w.narrator.Tell(report, nil)
			a.tellDaemon(c.Context(), w, feeds[0])
			return nil
		},
	}
}

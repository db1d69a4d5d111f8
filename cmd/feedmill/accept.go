package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"feedmill/cmd/feedmill/internal/alert"
	"feedmill/cmd/feedmill/internal/daemon"
	"feedmill/config"
)

func (a *app) acceptCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "accept FEED [SOURCE]",
		Short: "Believe what a source gave and feedmill held back",
		Long: `Accept publishes what is held: what a source gave that was so unlike it that the
feed stayed as it was, such as a page with 3 articles that had 40. Nothing is
fetched. "feedmill build" and the log of "feedmill run" say what is held and why;
"feedmill preview FEED" shows which articles.

With SOURCE, by the name that the log gives it, only what is held of that one is
believed. Of a block that makes many feeds, by its key, the rows as they are now are
believed, however few there are. When nothing is held it says so, and the exit status is 0.`,
		Example: `  feedmill accept world
  feedmill accept planet alice.example`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(c *cobra.Command, words []string) error {
			w, err := a.open(c.Context(), a.out)
			if err != nil {
				return err
			}
			defer w.close()
			if b := w.config.Block(words[0]); b != nil {
				return a.acceptRows(c.Context(), w, b)
			}
			feeds, err := w.pick(words[:1])
			if err != nil {
				return err
			}
			return a.accept(c.Context(), w, feeds[0], append(words, "")[1])
		},
	}
}

// acceptRows takes the rows of a block as they are now, however few there are.
func (a *app) acceptRows(ctx context.Context, w *workshop, b *config.Block) error {
	_, wrong := w.roster.Look(ctx, b, true)
	wrong = errors.Join(wrong, w.roster.Clashes(b))
	w.narrator.Changed(w.desk.Part(ctx, b.Key, alert.Rows, wrong))
	feeds, retired, _ := w.roster.Fed(b.Key)
	_, _ = fmt.Fprintf(a.out, "%s: %s, %d retired\n", b.Key, count(feeds, "feed"), retired)
	a.tellDaemonOf(ctx, w, b.Key)
	return w.desk.Send(ctx, alertsAtMost)
}

func (a *app) accept(ctx context.Context, w *workshop, f *daemon.Feed, source string) error {
	report, accepted, err := w.mill.Accept(ctx, &f.Feed, source)
	if len(accepted) == 0 {
		if err == nil {
			_, err = fmt.Fprintf(a.out, "%s: nothing is held\n", f.Name)
		}
		return err
	}
	if err == nil {
		w.narrator.Tell(report, w.desk.Observe(ctx, report, err))
		summary(a.out, f, report)
	}
	a.tellDaemon(ctx, w, f) // also when an output failed: readers of the daemon need not wait
	return err
}

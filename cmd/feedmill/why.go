package main

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"feedmill/cmd/feedmill/internal/daemon"
	"feedmill/cmd/feedmill/internal/why"
	"feedmill/feed/fetch"
	"feedmill/feed/store"
	"feedmill/feed/store/sqlite"
)

func (a *app) whyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "why FEED|ADDRESS",
		Short: "Tell how a feed, an article or a document came about",
		Long: `Why tells of an article which file or page it was read from and where in it each of its
words stood, what every filter did with it or which one dropped it, why it waits or was
taken out, in which documents, archives and editions it is and why it is missing from the
others, and when each output received it. ADDRESS is the article's id or link, its file's
path, or its slug.

Of a feed it tells the same in short: its sources and how they are, the newest articles,
those that wait, were dropped or are held, what each edition leaves out, and what the
outputs have of it. Of a document (/world.atom, /world/archive/3.rss) it tells what is
in it.

Of a file that is in no feed it says what is wrong with it.

It changes nothing and asks nothing of the web, also beside a running daemon.`,
		Example: `  feedmill why world
  feedmill why articles/call.txt
  feedmill why https://news.example.org/world/call
  feedmill why /world/msn.rss`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, names []string) error { return a.why(c.Context(), names[0]) },
	}
}

func (a *app) why(ctx context.Context, name string) error {
	c, err := a.load(ctx)
	if err != nil {
		return err
	}
	if c, err = a.known(ctx, c); err != nil {
		return err
	}
	log := a.logger(c, c.Log.Level)
	still := *c
	still.Outputs = nil // opening them makes folders
	plan, err := daemon.Open(&still, fetch.New(a.now, log), a.now, log)
	if err != nil {
		return err
	}
	s, err := known(ctx, c.State)
	if err != nil {
		return err
	}
	defer s.Close()
	t := why.Teller{Config: c, Plan: plan, Records: s, Now: a.now(), Out: a.out}
	return t.Tell(ctx, name)
}

// known opens the state. Where there is none yet, none is made.
func known(ctx context.Context, path string) (*store.Store, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return sqlite.Memory(ctx)
	}
	return sqlite.Open(ctx, path)
}

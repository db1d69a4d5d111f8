package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"feedmill/cmd/feedmill/internal/daemon"
	"feedmill/config"
	"feedmill/feed/fetch"
	"feedmill/feed/mill"
	"feedmill/feed/store"
	"feedmill/feed/store/sqlite"
)

func (a *app) stateCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "state",
		Short: "Back up the state file, or put a backup in its place",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(
		&cobra.Command{
			Use:   "backup",
			Short: "Make a backup now",
			Long: `Backup makes today's backup of the state now, beside a running daemon too: before an
upgrade, say. "run" and "build" make one every day by themselves. The seven newest
are kept, in the folder that is named like the state file with .backups at its end.`,
			Args: cobra.NoArgs,
			RunE: func(c *cobra.Command, _ []string) error { return a.backUp(c.Context()) },
		},
		&cobra.Command{
			Use:   "restore [BACKUP]",
			Short: "Put the newest good backup in the place of a damaged state",
			Long: `Restore takes the newest backup that is good, learns from the documents that the file
outputs have published what came after it, so that no subscriber sees an article
twice, and puts the result in the place of the damaged state, which is kept.

With BACKUP, a file, it takes that one even if the state is sound. Stop the daemon
before, and start it afterwards.`,
			Args: cobra.MaximumNArgs(1),
			RunE: func(c *cobra.Command, words []string) error {
				return a.restoreState(c.Context(), strings.Join(words, ""))
			},
		})
	return c
}

func (a *app) backUp(ctx context.Context) error {
	c, err := a.load(ctx)
	if err != nil {
		return err
	}
	s, err := sqlite.Open(ctx, c.State)
	if err != nil {
		return err
	}
	defer s.Close()
	made, err := sqlite.BackUp(ctx, s, c.State, a.now())
	if made != "" {
		fmt.Fprintf(a.out, "%s is backed up in %s\n", c.State, made)
	}
	return err
}

func (a *app) restoreState(ctx context.Context, backup string) error {
	c, err := a.load(ctx)
	if err != nil {
		return err
	}
	if c, err = a.known(ctx, c); err != nil {
		return err
	}
	log := a.logger(c, c.Log.Level)
	plan, err := daemon.Open(c, fetch.New(a.now, log), a.now, log)
	if err != nil {
		return err
	}
	r, err := sqlite.Restore(ctx, c.State, backup)
	if errors.Is(err, store.ErrHeld) {
		return fmt.Errorf("%w: stop feedmill run and every other feedmill on this state first", err)
	}
	if err != nil {
		return err
	}
	a.tellBackup(c, r)
	learned, err := a.learn(ctx, plan, r)
	if err == nil && r.Backup == "" && learned == 0 {
		err = fmt.Errorf("there is no good backup of %s and nothing published to learn from; nothing was changed. To begin anew, move it and %s.backups away", c.State, c.State)
	}
	if err != nil {
		return errors.Join(err, r.Abandon())
	}
	aside, err := r.Finish(a.now())
	if err != nil {
		return err
	}
	if aside != "" {
		fmt.Fprintf(a.out, "The old file is kept as %s; delete it when all is well.\n", aside)
	}
	fmt.Fprintf(a.out, "%s is restored. Start feedmill again.\n", c.State)
	return nil
}

// tellBackup says what was wrong and which backup is taken.
func (a *app) tellBackup(c *config.Config, r *sqlite.Restoration) {
	switch {
	case errors.Is(r.Found, fs.ErrNotExist):
		fmt.Fprintf(a.out, "There is no %s.\n", c.State)
	case r.Found != nil:
		fmt.Fprintf(a.out, "The state cannot be used: %v.\n", r.Found)
	}
	for _, err := range r.Passed {
		fmt.Fprintf(a.out, "Passed over a backup: %v.\n", err)
	}
	if r.Backup == "" {
		fmt.Fprintln(a.out, "No good backup is left: the state begins anew with what is published.")
		return
	}
	fmt.Fprintf(a.out, "Taking the backup %s.\n", r.Backup)
}

// learn brings the restored state up to what is published, and counts the articles that it learned something of.
func (a *app) learn(ctx context.Context, plan *daemon.Plan, r *sqlite.Restoration) (count int, err error) {
	m := mill.New(r.Store, r.Store, a.now)
	for _, f := range plan.Feeds {
		folder, shown, trouble := plan.Published(f, a.now())
		if trouble != nil {
			fmt.Fprintf(a.out, "%s: not everything that is published could be read: %v.\n", f.Name, trouble)
		}
		if folder == "" {
			fmt.Fprintf(a.out, "%s: no file output has anything of it to learn from.\n", f.Name)
			continue
		}
		learned, err := m.Learn(ctx, &f.Feed, shown)
		if err != nil {
			return count, fmt.Errorf("learn what was published of %s: %w", f.Name, err)
		}
		a.tellLearned(f, filepath.Join(folder, filepath.FromSlash(shown[0].Path)), learned)
		count += len(learned.New) + len(learned.Changed) + len(learned.Withdrawn)
	}
	return count, nil
}

func (a *app) tellLearned(f *daemon.Feed, from string, l mill.Learned) {
	if len(l.New)+len(l.Changed)+len(l.Withdrawn) == 0 {
		fmt.Fprintf(a.out, "%s: nothing is published that the backup does not know.\n", f.Name)
		return
	}
	fmt.Fprintf(a.out, "%s: learned from %s:\n", f.Name, from)
	for _, part := range []struct {
		names []string
		words string
	}{
		{l.New, "published after the backup; keeps its id and dates"},
		{l.Changed, "changed after the backup"},
		{l.Withdrawn, "no longer published; it is withdrawn"},
	} {
		for i, name := range part.names {
			if i == mostLearned {
				fmt.Fprintf(a.out, "  … and %d more: %s\n", len(part.names)-i, part.words)
				break
			}
			fmt.Fprintf(a.out, "  %s: %s\n", name, part.words)
		}
	}
}

// mostLearned bounds how many articles of a feed are named of each sort.
const mostLearned = 20

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"feedmill/cmd/feedmill/internal/daemon"
	"feedmill/feed/mill"
)

func (a *app) withdrawCommand() *cobra.Command {
	return a.articleCommand(&cobra.Command{
		Use:   "withdraw FEED ITEM",
		Short: "Take an article out of a feed, for good",
		Long: `Withdraw removes an article from every document of the feed; no later scan of its
source brings it back. For seven days a notice under the article's id tells those who
have it already. ITEM is the article's id or link as the feed shows them, its file's
path, or its slug.

To withdraw an article in its file instead, write "status: withdrawn" there. What was
withdrawn here comes back by "feedmill restore".`,
		Example: `  feedmill withdraw world articles/call.txt
  feedmill withdraw world https://news.example.org/world/call`,
	}, (*mill.Mill).Withdraw)
}

func (a *app) restoreCommand() *cobra.Command {
	return a.articleCommand(&cobra.Command{
		Use:   "restore FEED ITEM",
		Short: "Bring an article back that was withdrawn",
		Long: `Restore undoes "feedmill withdraw": the article is back in the feed with the id and the
first date it had, and with what its source says of it now. ITEM is as in withdraw.`,
		Example: `  feedmill restore world articles/call.txt`,
	}, (*mill.Mill).Restore)
}

// onArticle is what an operator may do to an article.
type onArticle = func(*mill.Mill, context.Context, *mill.Feed, string) (mill.Report, error)

// articleCommand is a verb that does something to one article of a feed.
func (a *app) articleCommand(c *cobra.Command, do onArticle) *cobra.Command {
	c.Args = cobra.ExactArgs(2)
	c.RunE = func(c *cobra.Command, words []string) error {
		w, err := a.open(c.Context(), a.out)
		if err != nil {
			return err
		}
		defer w.close()
		feeds, err := w.pick(words[:1])
		if err != nil {
			return err
		}
		report, err := w.onArticle(c.Context(), feeds[0], words[1], do)
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%w; take it as the feed or the log names it", err)
		}
		if err == nil {
			w.narrator.Tell(report, nil)
		}
		changed, failed := w.follow(c.Context(), feeds[0])
		for _, f := range changed {
			a.tellDaemon(c.Context(), w, f) // also when an output failed: readers of the daemon need not wait
		}
		return errors.Join(err, failed)
	}
	return c
}

// follow brings the feeds that take articles from this one, and those that take from them, up to date with it. It returns
// them behind the feed itself.
func (w *workshop) follow(ctx context.Context, f *daemon.Feed) ([]*daemon.Feed, error) {
	changed, names := []*daemon.Feed{f}, []string{f.Name}
	var errs []error
	for _, generation := range daemon.Generations(w.plan.Feeds) {
		for _, child := range generation {
			if !slices.ContainsFunc(child.Parents, func(parent string) bool { return slices.Contains(names, parent) }) {
				continue
			}
			report, err := w.mill.Follow(ctx, &child.Feed)
			if report.Partial { // it has been silent for too long: no failure of this
				err = nil
			}
			w.narrator.Tell(report, nil)
			changed, names, errs = append(changed, child), append(names, child.Name), append(errs, err)
		}
	}
	return changed, errors.Join(errs...)
}

// onArticle tries the name of the article as it stands, then as a path from where the operator is.
func (w *workshop) onArticle(ctx context.Context, f *daemon.Feed, item string, do onArticle) (mill.Report, error) {
	report, err := do(w.mill, ctx, &f.Feed, item)
	if !errors.Is(err, fs.ErrNotExist) || strings.Contains(item, "://") {
		return report, err
	}
	path, failed := filepath.Abs(item)
	if failed != nil {
		return report, err
	}
	if below, no := filepath.Rel(w.config.Dir, path); no == nil && filepath.IsLocal(below) {
		path = below
	}
	if again, no := do(w.mill, ctx, &f.Feed, filepath.ToSlash(path)); !errors.Is(no, fs.ErrNotExist) {
		return again, no
	}
	return report, err
}

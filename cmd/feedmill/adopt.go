package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"feedmill/cmd/feedmill/internal/daemon"
	"feedmill/config"
	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/mill"
	"feedmill/feed/parse"
	"feedmill/feed/store"
	"feedmill/feed/store/sqlite"
)

func (a *app) adoptCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "adopt FEED OLD",
		Short: "Take over a feed that another generator made",
		Long: `Adopt takes the ids, dates and articles of OLD, a feed as it was published until
now, for FEED, so that its subscribers notice nothing but what is really new. OLD is
a file or an address. What FEED's sources give is recognised by id, link, title and
date; articles that only OLD has are kept as history.

It ends by telling how many articles a subscriber of OLD would see as new in FEED. If
it is any, they are named, nothing is changed and the exit status is 1.

Adopt before the first refresh of FEED: what has been published has its ids.`,
		Example: `  feedmill adopt world public/index.xml
  feedmill adopt world https://www.example.org/feed.xml`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, words []string) error {
			return a.adopt(c.Context(), words[0], words[1])
		},
	}
}

// adopt works on a store that is thrown away; the state takes what is good of it.
func (a *app) adopt(ctx context.Context, name, old string) error {
	w, err := a.open(ctx, a.out)
	if err != nil {
		return err
	}
	defer w.close()
	feeds, err := w.pick([]string{name})
	if err != nil {
		return err
	}
	f := feeds[0]
	release, err := w.store.Lease(ctx, name)
	if err != nil {
		return err
	}
	defer release()
	if n, err := w.store.PublishedBy(ctx, name); err != nil || n > 0 {
		return errors.Join(err, alreadyPublished(name, n))
	}
	articles, err := a.oldArticles(ctx, w.config, old)
	if err != nil {
		return err
	}
	scratch, err := scratchFor(ctx, w.store, f)
	if err != nil {
		return err
	}
	defer scratch.Close()
	hush(f)
	adoption, err := mill.New(scratch, scratch, a.now).Adopt(ctx, &f.Feed, articles)
	if err != nil {
		return fmt.Errorf("%w; nothing was changed", err)
	}
	tellAdoption(a.out, name, old, adoption)
	shown, fresh, err := a.subscribe(ctx, scratch, name, articles)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(a.out, "%d of %s would look new\n", len(fresh), count(shown, "article"))
	if len(fresh) > 0 {
		return a.looksNew(old, articles, fresh)
	}
	if err := w.store.TakeFeed(ctx, scratch, name); err != nil {
		return err
	}
	a.tellDaemon(ctx, w, f)
	return nil
}

func alreadyPublished(name string, n int64) error {
	if n == 0 {
		return nil
	}
	return feed.Classify(feed.Refused, fmt.Errorf("feed %s has published %s, which its readers know by their ids; adopt a feed before its first refresh, or under a key of its own", name, count(int(n), "article")))
}

// oldArticles reads the feed at a path or address.
func (a *app) oldArticles(ctx context.Context, c *config.Config, old string) ([]feed.Article, error) {
	var body []byte
	var mediaType string
	base, err := c.BaseURL+"/", error(nil)
	if strings.HasPrefix(old, "http://") || strings.HasPrefix(old, "https://") {
		client := fetch.New(a.now, a.logger(c, slog.LevelWarn))
		answer, err := client.Get(ctx, nil, fetch.Request{URL: old, Config: c.Fetch})
		if err != nil {
			return nil, err
		}
		body, mediaType, base = answer.Body, answer.Type, answer.URL
	} else if body, err = os.ReadFile(old); err != nil {
		return nil, usage{fmt.Errorf("read the old feed: %w", err)}
	}
	document, err := parse.Parse(body, mediaType, base, c.Location, a.now())
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", old, err)
	}
	if len(document.Problems) > 0 {
		return nil, fmt.Errorf("read %s: %w; every article must be readable", old, errors.Join(document.Problems...))
	}
	return document.Articles, nil
}

// scratchFor makes a store for an adoption, with the feeds that the feed is made from.
func scratchFor(ctx context.Context, s *store.Store, f *daemon.Feed) (*store.Store, error) {
	scratch, err := sqlite.Memory(ctx)
	if err != nil {
		return nil, err
	}
	scratch.HoldNoMedia()
	for _, parent := range f.Parents {
		if n, err := s.PublishedBy(ctx, parent); err != nil || n == 0 {
			return nil, errors.Join(err, fmt.Errorf("feed %s takes articles from %s, which has none yet; refresh that first", f.Name, parent), scratch.Close())
		}
		if err := s.CopyFeed(ctx, scratch, parent); err != nil {
			return nil, errors.Join(err, scratch.Close())
		}
	}
	return scratch, nil
}

func tellAdoption(out io.Writer, name, old string, a mill.Adoption) {
	lines := []string{fmt.Sprintf("%s: %d of %s in %s are among those of its sources", name, a.Matched, count(a.Old, "article"), old)}
	if rest := a.Old - a.Matched; rest > 0 {
		lines = append(lines, fmt.Sprintf("%d that only the old feed has are kept", rest))
	}
	if a.Older > 0 {
		lines = append(lines, fmt.Sprintf("%d that only the sources have and that are not newer are history", a.Older))
	}
	if len(a.Newer) > 0 {
		lines = append(lines, fmt.Sprintf("%d that are newer come with the next refresh: %s", len(a.Newer), strings.Join(a.Newer, "; ")))
	}
	_, _ = fmt.Fprintln(out, strings.Join(lines, "\n"+name+": "))
}

// readerKey is what a reader knows an article by.
func readerKey(a feed.Article) string { return cmp.Or(a.ID, a.Link, a.Title) }

// subscribe reads the new documents as one who has the old articles does, and returns how many there are and which are
// new to him.
func (a *app) subscribe(ctx context.Context, s *store.Store, name string, old []feed.Article) (shown int, fresh []feed.Article, err error) {
	state, err := s.Feed(ctx, name, "")
	if err != nil {
		return 0, nil, err
	}
	documents, err := s.LiveDocuments(ctx, state.Serial)
	if err != nil {
		return 0, nil, err
	}
	known := map[string]bool{}
	for _, article := range old {
		known[readerKey(article)] = true
	}
	told := map[string]bool{}
	for _, d := range documents {
		if d.Type == feed.TypeHTML || !strings.HasPrefix(d.Path, name+".") {
			continue // a page, or another dress of the feed, which has readers of its own
		}
		body, err := d.Bytes()
		if err != nil {
			return 0, nil, err
		}
		document, err := parse.Parse(body, d.Type, "https://"+d.Path, time.UTC, a.now())
		if err != nil {
			return 0, nil, fmt.Errorf("read %s: %w", d.Path, err)
		}
		shown = max(shown, len(document.Articles))
		for _, article := range document.Articles {
			if key := readerKey(article); !known[key] && !told[key] {
				told[key] = true
				fresh = append(fresh, article)
			}
		}
	}
	return shown, fresh, nil
}

// looksNew names the articles that readers would take for new, and what to do.
func (a *app) looksNew(name string, old, fresh []feed.Article) error {
	oldest := a.now()
	for _, article := range old {
		if at := article.Published; !at.IsZero() && at.Before(oldest) {
			oldest = at
		}
	}
	older := true
	for _, article := range fresh {
		older = older && article.Published.Before(oldest)
		_, _ = fmt.Fprintf(a.out, "  %s  %s  %s\n", article.Published.Format(time.DateOnly), article.Title, readerKey(article))
	}
	advice := "they are not in the old feed: leave them out with a filter, or publish them there first"
	if older {
		advice = fmt.Sprintf("they are older than it: with limit: %d the feed shows no more than the old one did", len(old))
	}
	return fmt.Errorf("%s would look new to readers of %s; %s; nothing was changed", count(len(fresh), "article"), name, advice)
}

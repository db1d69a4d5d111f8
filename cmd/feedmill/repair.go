package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"feedmill/cmd/feedmill/internal/daemon"
	"feedmill/config"
	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/listing"
	"feedmill/feed/store/sqlite"
	"feedmill/source/page"
)

func (a *app) repairCommand() *cobra.Command {
	apply := false
	c := &cobra.Command{
		Use:   "repair FEED [SOURCE]",
		Short: "Find new selectors for a page that has changed",
		Long: `Repair reads the page of a feed now and shows its selectors and what they find. If the page
has changed so that they no longer find what they found, it looks for the articles that it
knows from before, works out selectors that find these and like ones, and shows them with
the articles that they give. Nothing is published or stored.

It knows a page that was read well at least once with the selectors that stand in the
configuration. When there is a doubt, it shows none and says why.

With --apply the new selectors are written into the configuration file. Everything else in
it stays as it is, comments too. The whole configuration is checked before and after.

SOURCE, by the name that the log gives it, is for a feed of several pages.`,
		Example: `  feedmill repair council
  feedmill repair council --apply`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(c *cobra.Command, words []string) error {
			return a.repair(c.Context(), words[0], append(words, "")[1], apply)
		},
	}
	c.Flags().BoolVar(&apply, "apply", false, "write the new selectors into the configuration file")
	return c
}

// broken is one page with its selectors.
type broken struct {
	config *config.Config
	feed   *config.Feed
	place  int // among the sources of the feed
	source *page.Page
	memory recalled
}

func (b *broken) words() *page.Config { return b.feed.Sources[b.place].Page }

func (b *broken) selectors() listing.Selectors {
	return listing.Selectors{Items: b.words().Items, Fields: b.words().Fields}
}

// recalled is a memory that forgets what is put.
type recalled map[string][]byte

func (r recalled) Get(key string) []byte { return r[key] }
func (r recalled) Put(string, []byte)    {}

func (a *app) repair(ctx context.Context, name, source string, apply bool) error {
	c, err := a.load(ctx)
	if err != nil {
		return err
	}
	pages, plan, err := a.pages(ctx, c, name, source)
	if err != nil {
		return err
	}
	defer plan.Close()
	var failed []error
	for _, b := range pages {
		b.config, b.feed = c, feedOf(c, name)
		m, err := a.diagnose(ctx, b)
		if err == nil && m != nil {
			err = a.propose(b, *m, apply)
		}
		failed = append(failed, err)
		if apply && err == nil && m != nil { // for the next page the file is another one
			if c, err = a.load(ctx); err != nil {
				return err
			}
		}
	}
	return errors.Join(failed...)
}

// feedOf is a feed of a configuration that has it.
func feedOf(c *config.Config, name string) *config.Feed {
	return &c.Feeds[slices.IndexFunc(c.Feeds, func(f config.Feed) bool { return f.Key == name })]
}

// pages opens the sources of a feed that are pages with selectors. The plan is to be closed.
func (a *app) pages(ctx context.Context, c *config.Config, name, source string) ([]*broken, *daemon.Plan, error) {
	if !slices.ContainsFunc(c.Feeds, func(f config.Feed) bool { return f.Key == name }) {
		return nil, nil, usage{unknownFeed(c, name)}
	}
	itself := feedOf(c, name)
	var found []*broken
	var names []string
	for i, s := range itself.Sources {
		if s.Page == nil || s.Page.Items.IsZero() {
			continue
		}
		if names = append(names, s.Name); source == "" || s.Name == source {
			found = append(found, &broken{config: c, feed: itself, place: i})
		}
	}
	switch {
	case len(names) == 0:
		return nil, nil, usage{fmt.Errorf("feed %s reads no page by selectors, so that there is none to repair", name)}
	case len(found) == 0:
		return nil, nil, usage{fmt.Errorf("feed %s has no source %q that is a page with selectors; it has %s", name, source, strings.Join(names, ", "))}
	}
	still := *c
	still.Feeds, still.Outputs = []config.Feed{*itself}, nil // opening outputs makes folders
	still.Feeds[0].Outputs = nil
	log := a.logger(c, c.Log.Level)
	plan, err := daemon.Open(&still, fetch.New(a.now, log), a.now, log)
	if err != nil {
		return nil, nil, err
	}
	for _, b := range found {
		b.source = plan.Feeds[0].Sources[b.place].Source.(*page.Page) // what daemon.Open makes of Page
		if b.memory, err = memoryOf(ctx, c, name, b.feed.Sources[b.place].Digest); err != nil {
			plan.Close()
			return nil, nil, err
		}
	}
	return found, plan, nil
}

// memoryOf is what a source remembers.
func memoryOf(ctx context.Context, c *config.Config, name, digest string) (recalled, error) {
	s, err := known(ctx, c.State)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	scratch, err := sqlite.Memory(ctx)
	if err != nil {
		return nil, err
	}
	defer scratch.Close()
	if err := s.CopyFeed(ctx, scratch, name); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return nil, nil
		}
		return nil, err
	}
	state, err := scratch.Feed(ctx, name, "")
	if err != nil {
		return nil, err
	}
	memory, err := scratch.Memory(ctx, state.Serial, digest)
	return maps.Clone(memory), err
}

// diagnose shows what the selectors of a page find, and returns what would find more.
func (a *app) diagnose(ctx context.Context, b *broken) (*listing.Mend, error) {
	fmt.Fprintf(a.out, "%s: %s\n%s\n", b.feed.Key, fetch.Shown(b.words().URL), b.selectors().Block("  "))
	taken, err := b.source.Look(ctx, b.memory)
	outgrown, isOutgrown := errors.AsType[*listing.Outgrown](err)
	switch {
	case err == nil:
		fmt.Fprintf(a.out, "These selectors find %s:\n", count(len(taken.Articles), "article"))
		a.list(taken.Articles)
		if listing.LoadKnown(b.memory).Listed == 0 {
			fmt.Fprintf(a.out, "\nWhether they are the right ones is not known: the page was not read with these selectors before.\n")
		}
		return nil, nil
	case isOutgrown && outgrown.Mend != nil:
		fmt.Fprintf(a.out, "%s.\n", outgrown.Why)
		a.list(taken.Articles)
		return outgrown.Mend, nil
	case !isOutgrown && listing.LoadKnown(b.memory).Listed == 0:
		err = fmt.Errorf("%w; nothing is known of the articles that the page had before, for it was never read well with these selectors", err)
	}
	return nil, fmt.Errorf("feed %s: %w", b.feed.Key, err)
}

// mostShown bounds how many articles are shown.
const mostShown = 12

func (a *app) list(articles []feed.Article) {
	for i, article := range articles {
		if i == mostShown {
			fmt.Fprintf(a.out, "  … and %d more\n", len(articles)-i)
			return
		}
		date := ""
		if !article.Published.IsZero() {
			date = article.Published.Format(time.DateOnly) + "  "
		}
		fmt.Fprintf(a.out, "  %s%s\n    %s\n", date, article.Title, article.Link)
	}
}

// propose shows a repair, and applies it.
func (a *app) propose(b *broken, m listing.Mend, apply bool) error {
	fmt.Fprintf(a.out, "\nThese would find %s, %d of them known from before (sure to %.0f %%):\n\n%s\n",
		count(len(m.Taken.Articles), "article"), m.Known, 100*m.Confidence, m.Block("  "))
	a.list(m.Taken.Articles)
	if !b.words().Next.IsZero() {
		fmt.Fprintf(a.out, "\nLook at next and follow yourself: a repair does not know them.\n")
	}
	if !apply {
		fmt.Fprintf(a.out, "\nIf these are the articles, write the selectors into %s:\n  feedmill repair %s --apply\n", b.feed.File, b.feed.Key)
		return nil
	}
	if err := a.apply(b, m); err != nil {
		return fmt.Errorf("feed %s: %w", b.feed.Key, err)
	}
	fmt.Fprintf(a.out, "\nWritten into %s, feed %s. Now let a running feedmill read it: send it SIGHUP. Without one, run:\n  feedmill build %s\n",
		b.feed.File, b.feed.Key, b.feed.Key)
	return nil
}

// apply writes the new selectors of a page into the file in which it stands.
func (a *app) apply(b *broken, m listing.Mend) error {
	file := b.feed.File
	before, err := os.ReadFile(file)
	if err != nil {
		return feed.Classify(feed.Refused, err)
	}
	edited, err := config.EditPage(file, before, b.feed.Key, b.place, b.selectors(), m.Selectors)
	if err != nil {
		return feed.Classify(feed.Refused, err)
	}
	if err := a.tryConfig(b, m, map[string][]byte{file: before}, b.selectors()); err != nil {
		return err
	}
	if err := a.tryConfig(b, m, map[string][]byte{file: edited}, m.Selectors); err != nil {
		return err
	}
	if err := replaceFile(file, before, edited); err != nil {
		return feed.Classify(feed.Refused, fmt.Errorf("write %s: %w", file, err))
	}
	return a.tryConfig(b, m, nil, m.Selectors)
}

// tryConfig loads the configuration with texts in the place of files, and checks that the page has these selectors and
// that no other source is another one than before.
func (a *app) tryConfig(b *broken, m listing.Mend, instead map[string][]byte, want listing.Selectors) error {
	c, err := config.Load(a.path, config.Options{Env: os.Environ(), Set: a.set, Instead: instead})
	if err != nil {
		return fmt.Errorf("%s was not changed, or not as it should be: %w", b.feed.File, err)
	}
	changed := fmt.Errorf("%s changed meanwhile; nothing was written into it; try again", b.feed.File)
	if len(c.Feeds) != len(b.config.Feeds) {
		return changed
	}
	for i, f := range c.Feeds {
		was := &b.config.Feeds[i]
		if f.Key != was.Key || len(f.Sources) != len(was.Sources) {
			return changed
		}
		for j, s := range f.Sources {
			if is := f.Key == b.feed.Key && j == b.place; !is && s.Digest != was.Sources[j].Digest {
				return changed
			} else if is && (s.Page == nil || !sameSelectors(listing.Selectors{Items: s.Page.Items, Fields: s.Page.Fields}, want)) {
				return fmt.Errorf("%s was not changed: the new selectors would not be read as they are; write them by hand:\n%s", b.feed.File, m.Block("      "))
			}
		}
	}
	return nil
}

func sameSelectors(a, b listing.Selectors) bool { return a.Block("") == b.Block("") }

package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
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
	whole, err := a.known(ctx, c)
	if err != nil {
		return err
	}
	if c.Block(name) != nil {
		return usage{fmt.Errorf("%s is a block that makes many feeds; name the one whose page has changed", name)}
	}
	pages, plan, err := a.pages(ctx, whole, name, source)
	if err != nil {
		return err
	}
	defer plan.Close()
	if f := feedOf(whole, name); f.Block != "" {
		return a.repairRow(ctx, pages, f, apply)
	}
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

// repairRow is repair of a feed that a row makes. Its selectors stand in the block and hold for all feeds of it, which only an
// operator can answer for.
func (a *app) repairRow(ctx context.Context, pages []*broken, f *config.Feed, apply bool) error {
	block := fmt.Sprintf("the block %s (%s, line %d)", f.Block, f.File, f.Line)
	if apply {
		return usage{fmt.Errorf("feed %s is made of a row, and its selectors stand in %s for all of its feeds: they are not written by --apply; "+
			"look what  feedmill repair %[1]s  shows, and write it there by hand if it fits the others too", f.Key, block)}
	}
	var failed []error
	for _, b := range pages {
		m, err := a.diagnose(ctx, b)
		if err == nil && m != nil {
			a.show(b, *m)
			fmt.Fprintf(a.out, "\nIf these are the articles, and those of the other feeds, write the selectors into %s.\n", block)
		}
		failed = append(failed, err)
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

// show shows a repair.
func (a *app) show(b *broken, m listing.Mend) {
	fmt.Fprintf(a.out, "\nThese would find %s, %d of them known from before (sure to %.0f %%):\n\n%s\n",
		count(len(m.Taken.Articles), "article"), m.Known, 100*m.Confidence, m.Block("  "))
	a.list(m.Taken.Articles)
	if !b.words().Next.IsZero() {
		fmt.Fprintf(a.out, "\nLook at next and follow yourself: a repair does not know them.\n")
	}
}

// propose shows a repair, and applies it.
func (a *app) propose(b *broken, m listing.Mend, apply bool) error {
	a.show(b, m)
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

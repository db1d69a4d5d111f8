package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"feedmill/cmd/feedmill/internal/daemon"
	"feedmill/config"
	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/mill"
	"feedmill/feed/render"
	"feedmill/feed/store"
	"feedmill/feed/store/sqlite"
)

func (a *app) previewCommand() *cobra.Command {
	format, why := "text", false
	c := &cobra.Command{
		Use:   "preview FEED",
		Short: "Show what a feed would hold now, touching nothing",
		Long: `Preview refreshes a copy of the feed and prints the result: as text to read, or as
the rss, atom or json document that readers would get. Nothing is stored, written
or served.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, names []string) error {
			if !slices.Contains([]string{"text", "rss", "atom", "json"}, format) {
				return usage{fmt.Errorf("--format %s is not known; there are text, rss, atom and json", format)}
			}
			return a.preview(c.Context(), names[0], format, why)
		},
	}
	c.Flags().StringVar(&format, "format", format, "text, rss, atom or json")
	c.Flags().BoolVar(&why, "why", false, "say what each filter did with each new or changed article")
	return c
}

func (a *app) preview(ctx context.Context, name, format string, why bool) error {
	c, err := a.load(ctx)
	if err != nil {
		return err
	}
	if c, err = a.known(ctx, c); err != nil {
		return err
	}
	// Outputs are left out: opening them makes folders.
	c.Outputs = nil
	for i := range c.Feeds {
		c.Feeds[i].Outputs = nil
	}
	log := a.logger(c, c.Log.Level)
	plan, err := daemon.Open(c, fetch.New(a.now, log), a.now, log)
	if err != nil {
		return err
	}
	defer plan.Close()
	f := plan.Feed(name)
	if f == nil {
		return usage{unknownFeed(c, name)}
	}
	f.Channel.Formats = []render.Format{render.JSON}
	if format != "text" {
		f.Channel.Formats[0] = render.Format(format)
	}
	hush(f)
	scratch, err := sqlite.Memory(ctx)
	if err != nil {
		return err
	}
	defer scratch.Close()
	scratch.HoldNoMedia()
	if _, err := os.Stat(c.State); err == nil {
		s, err := sqlite.Open(ctx, c.State)
		if err != nil {
			return err
		}
		defer s.Close()
		if err := s.CopyFeed(ctx, scratch, name); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		for _, m := range c.Moved {
			if m.To == name {
				if err := copyMoved(ctx, s, scratch, m); err != nil {
					return err
				}
			}
		}
	}
	report, failed := mill.New(scratch, scratch, a.now).Refresh(ctx, &f.Feed)
	if why {
		for _, verdict := range report.Verdicts {
			_, _ = fmt.Fprintln(a.errs, verdict) // beside the document, which stays fit for a pipe
		}
	}
	state, err := scratch.Feed(ctx, name, "")
	if err != nil {
		return errors.Join(failed, err)
	}
	documents, err := scratch.LiveDocuments(ctx, state.Serial)
	if err != nil {
		return errors.Join(failed, err)
	}
	for _, d := range documents {
		switch {
		case d.Path != f.Channel.Path(f.Channel.Formats[0]):
		case format == "text":
			return errors.Join(failed, a.previewText(d.Document, report))
		default:
			return errors.Join(failed, printDocument(a.out, d.Open))
		}
	}
	return errors.Join(failed, fmt.Errorf("feed %s has nothing to show", name))
}

// copyMoved copies what the feed has under the key that it had before, if it was not moved yet.
func copyMoved(ctx context.Context, from, to *store.Store, m config.Move) error {
	err := from.CopyFeed(ctx, to, m.From)
	if err == nil {
		_, err = to.Rename(ctx, m.From, m.To)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// silent keeps a source from writing reports.
type silent struct{ feed.Source }

// Completer is that of the source.
func (s silent) Completer() func(context.Context, feed.Article) (feed.Article, error) {
	if c, ok := s.Source.(feed.Completer); ok {
		return c.Completer()
	}
	return nil
}

// Whole is that of the source.
func (s silent) Whole(a feed.Article) bool {
	w, ok := s.Source.(feed.Sparing)
	return ok && w.Whole(a)
}

// hush makes all sources of a feed silent.
func hush(f *daemon.Feed) {
	for i := range f.Sources {
		if f.Sources[i].Source != nil {
			f.Sources[i].Source = silent{f.Sources[i].Source}
		}
	}
}

func printDocument(out io.Writer, open func() (io.ReadSeekCloser, error)) error {
	body, err := open()
	if err != nil {
		return err
	}
	defer body.Close()
	_, err = io.Copy(out, body)
	return err
}

// previewText prints a JSON feed for people, and what became of articles that are not in it.
func (a *app) previewText(d feed.Document, r mill.Report) error {
	body, err := d.Bytes()
	if err != nil {
		return err
	}
	var shown struct {
		Title, Description string
		Items              []struct {
			ID, URL, Title, Summary string
			Published               string `json:"date_published"`
			Authors                 []struct{ Name string }
			Tags                    []string
		}
	}
	if err := json.Unmarshal(body, &shown); err != nil {
		return fmt.Errorf("read %s: %w", d.Path, err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", shown.Title, count(len(shown.Items), "article"))
	for _, it := range shown.Items {
		fmt.Fprintf(&b, "\n%s  %s\n  %s\n", it.Published, it.Title, it.URL)
		var about []string
		for _, author := range it.Authors {
			about = append(about, "by "+author.Name)
		}
		if len(it.Tags) > 0 {
			about = append(about, "tagged "+strings.Join(it.Tags, ", "))
		}
		for _, line := range []string{strings.Join(about, "; "), it.Summary} {
			if line != "" {
				fmt.Fprintf(&b, "  %s\n", line)
			}
		}
	}
	b.WriteByte('\n')
	for _, o := range r.Outcomes {
		fmt.Fprintln(&b, daemon.Line(o))
	}
	for _, held := range r.Held {
		for _, article := range held.Articles {
			fmt.Fprintf(&b, "%s: held, of source %s\n", article, held.Source)
		}
	}
	for _, l := range r.LeftOut {
		fmt.Fprintln(&b, l)
	}
	_, err = io.WriteString(a.out, b.String())
	return err
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"feedmill/cmd/feedmill/internal/admin"
	"feedmill/config"
	"feedmill/feed/store/sqlite"
)

func (a *app) statusCommand() *cobra.Command {
	asJSON := false
	c := &cobra.Command{
		Use:   "status [FEED]",
		Short: "Tell how every feed is",
		Long: `Status reads the state and tells of every feed how many articles it has published,
when the last one appeared, when it was refreshed and is next due, and what is
wrong with it, its sources and its outputs, with what to do. It works beside a
running daemon, which stores what it counts every ten seconds, and without one.

It tells for how many subscribers aggregators ask, as they say themselves, and how
many different pollers came today. With a FEED it names the aggregators, the days
before, and when each reader of a private feed came last, too. A running daemon
stores this every minute.

The exit status is 1 if something is wrong that alerts are sent for; what may pass
by itself is shown, and counts after three refreshes and a quarter of an hour.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.status(c.Context(), args, asJSON) },
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print what GET /status of the admin listener answers")
	return c
}

// unwell makes the exit status tell what has been printed already.
type unwell struct{}

func (unwell) Error() string { return "" }

func (a *app) status(ctx context.Context, only []string, asJSON bool) error {
	c, err := a.load(ctx)
	if err != nil {
		return err
	}
	if c, err = a.known(ctx, c); err != nil {
		return err
	}
	s, err := a.statusOf(ctx, c)
	if err != nil {
		return err
	}
	if len(only) > 0 {
		if s = s.Only(only[0]); len(s.Feeds) == 0 {
			return usage{unknownFeed(c, only[0])}
		}
	}
	if asJSON {
		encoder := json.NewEncoder(a.out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(s)
	} else {
		err = a.printStatus(s, c.Location)
		if len(only) > 0 {
			a.printAudience(s.Feeds[0], c.Location)
		}
	}
	if err == nil && !s.Well() {
		return unwell{}
	}
	return err
}

// statusOf asks the state. Where there is none yet, none is made.
func (a *app) statusOf(ctx context.Context, c *config.Config) (admin.Status, error) {
	if _, err := os.Stat(c.State); errors.Is(err, fs.ErrNotExist) {
		return admin.StatusOf(ctx, nil, c, a.now())
	}
	s, err := sqlite.Open(ctx, c.State)
	if err != nil {
		return admin.Status{}, err
	}
	defer s.Close()
	return admin.StatusOf(ctx, s, c, a.now())
}

// printStatus prints a table, and below it what is wrong, one condition a line.
func (a *app) printStatus(s admin.Status, zone *time.Location) error {
	show := func(t *time.Time) string {
		if t == nil {
			return "never"
		}
		return t.In(zone).Format("2006-01-02 15:04")
	}
	table := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	counted := slices.ContainsFunc(s.Feeds, func(f admin.FeedStatus) bool { return f.Audience != nil })
	fmt.Fprintf(table, "FEED\tARTICLES\tLAST NEW\tLAST REFRESH\tNEXT DUE\t%sCONDITION\n", audienceHeads(counted))
	var wrong []string
	for _, f := range s.Feeds {
		var kinds []string
		for _, c := range f.Conditions {
			if !slices.Contains(kinds, c.Kind) {
				kinds = append(kinds, c.Kind)
			}
			place := f.Feed
			if strings.Contains(c.Subject, " ") { // the feed itself has no name besides
				place += ": " + c.Subject
			}
			wrong = append(wrong, fmt.Sprintf("%s: %s since %s, %s: %s", place, c.Kind, show(&c.Since), count(c.Times, "time"), c.Text))
		}
		condition := strings.Join(kinds, ", ")
		switch {
		case condition != "":
		case f.Retired:
			condition = "retired"
		case f.Ends != nil && f.Ends.After(s.At):
			condition = "ends " + show(f.Ends)
		case f.Ends != nil:
			condition = "ended " + show(f.Ends)
		default:
			condition = "ok"
		}
		audience := audienceCells(counted, f.Audience)
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\t%s%s\n", f.Feed, f.Articles, show(f.LastNew), show(f.Refreshed), show(f.Due), audience, condition)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, p := range s.Parts {
		for _, c := range p.Conditions {
			wrong = append(wrong, fmt.Sprintf("%s: %s since %s, %s: %s", p.Part, c.Kind, show(&c.Since), count(c.Times, "time"), c.Text))
		}
	}
	if len(wrong) > 0 {
		fmt.Fprintf(a.out, "\n%s\n", strings.Join(wrong, "\n"))
	}
	if s.Alerts > 0 {
		fmt.Fprintf(a.out, "\n%s waiting to be sent\n", count(s.Alerts, "alert"))
	}
	return nil
}

package main

import (
	"context"
	"encoding/json"
	"net"
	"net/url"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"feedmill/cmd/feedmill/internal/doctor"
	"feedmill/config"
	"feedmill/feed/fetch"
)

func (a *app) doctorCommand() *cobra.Command {
	asJSON := false
	c := &cobra.Command{
		Use:   "doctor [FEED…]",
		Short: "Look at the published feeds as readers see them",
		Long: `Doctor asks for your own public addresses, those at base_url, as Feedly, Apple, MSN, a
browser and newsboat do, through whatever CDN and proxy stands before them, and compares
what comes with what is published: that each address answers, with the right type, whole,
the same to all of them and not of yesterday; that a poll of what has not changed costs
next to nothing; what caches and browsers are told; the certificate; redirects and old
addresses; and that a private feed is given to its readers and to nobody else. Of each
thing that is not as it should be it says what was seen and what to do.

It asks some forty times for each document, ten times a second, and for at most ten
minutes. It changes nothing, and works beside a running daemon as well as for files on a
static host. It does not look at articles on other sites.

The exit status is 1 if there is an error or a warning.`,
		Example: `  feedmill doctor
  feedmill doctor world`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, names []string) error { return a.doctor(c.Context(), names, asJSON) },
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the findings as JSON")
	return c
}

// The bounds of a visit.
const (
	visitTime  = 10 * time.Minute
	visitPause = 100 * time.Millisecond
)

func (a *app) doctor(ctx context.Context, names []string, asJSON bool) error {
	c, err := a.load(ctx)
	if err != nil {
		return err
	}
	if c, err = a.known(ctx, c); err != nil {
		return err
	}
	for _, name := range names {
		if !slices.ContainsFunc(c.Feeds, func(f config.Feed) bool { return f.Key == name }) {
			return usage{unknownFeed(c, name)}
		}
	}
	s, err := known(ctx, c.State)
	if err != nil {
		return err
	}
	defer s.Close()
	client := fetch.New(a.now, a.logger(c, c.Log.Level))
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, visitTime)
	defer cancel()
	d := doctor.Doctor{Config: c, Records: s, Client: client, Now: a.now, Pause: pauseFor(c.BaseURL)}
	report, err := d.Examine(ctx, names...)
	if err != nil {
		return err
	}
	if asJSON {
		encoder := json.NewEncoder(a.out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(report)
	} else {
		err = report.Tell(a.out)
	}
	if err == nil && !report.Well() {
		return unwell{}
	}
	return err
}

// pauseFor is the pause between two requests: a host is not to be kept busy, this machine itself may be.
func pauseFor(base string) time.Duration {
	if u, err := url.Parse(base); err == nil && net.ParseIP(u.Hostname()).IsLoopback() {
		return 0
	}
	return visitPause
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"feedmill/cmd/feedmill/internal/daemon"
	"feedmill/cmd/feedmill/internal/draft"
	"feedmill/feed/clean"
	"feedmill/feed/fetch"
	"feedmill/feed/listing"
)

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init PATH|DSN|URL",
		Short: "Write the configuration of a feed for an address, a database, a mailbox, a table or a folder",
		Long: `Init looks at what it is given and prints a feed for the configuration that reads it:

  of a web page that names its feed, that feed; of any other page, the selectors
  that find its articles, with the first titles they give; of a sitemap, its pages; of
  JSON, the list that looks most like articles, with its fields
  of a database (postgres://…, mysql://…, sqlite:FILE or the file), the table that
  looks most like articles, with a query
  of a mailbox (imaps://user@host/FOLDER or a Maildir), its messages
  of a table (a file that ends in .csv), a feed of each row that names an address, or
  one of rows that are articles
  of any other folder, its files

What it prints goes below feeds: of the configuration; where there is none yet, it is
one:

  feedmill init https://acme.example/news > feedmill.yaml`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.init(c.Context(), args[0]) },
	}
}

func (a *app) init(ctx context.Context, what string) error {
	look, err := a.looker(what)
	if err != nil {
		return err
	}
	// A configuration that is there says how the web is asked.
	manners, first, log := fetch.Default(), false, slog.New(slog.DiscardHandler)
	switch _, err := os.Stat(a.path); {
	case err == nil && !a.isEmpty():
		c, err := a.load(ctx)
		if err != nil {
			return err
		}
		manners, log = c.Fetch.Clone(), a.logger(c, c.Log.Level)
	case err == nil, errors.Is(err, fs.ErrNotExist):
		first = true
	default:
		return err
	}
	if look != nil {
		d, err := look(ctx)
		if err != nil {
			return err
		}
		_, err = io.WriteString(a.out, drafted(d, first))
		return err
	}
	found, err := daemon.Recognise(ctx, fetch.New(a.now, log), manners, what, a.now)
	if err != nil {
		return err
	}
	text := ""
	switch found.Kind {
	case "sitemap":
		text = drafted(draft.Sitemap(found.Sitemap, found.URL, a.now()), first)
	case "json":
		d, err := draft.JSON(found.JSON, found.URL)
		if err != nil {
			return err
		}
		text = drafted(d, first)
	default:
		text = initial(found, what, first)
	}
	_, err = io.WriteString(a.out, text)
	return err
}

// isEmpty reports whether the configuration is a file without anything in it: the one that a shell has just made for what
// init prints.
func (a *app) isEmpty() bool {
	info, err := os.Stat(a.path)
	return err == nil && info.Mode().IsRegular() && info.Size() == 0
}

// initial is a feed of what was found, as a part of the configuration or, if it is the first, as a whole one.
func initial(found daemon.Recognised, address string, first bool) string {
	var b strings.Builder
	source := found.Kind + ": " + listing.Scalar(found.URL) + "\n"
	switch {
	case found.Kind == "page":
		source = "page:\n" + found.Page.Block(found.URL, "  ")
		for _, line := range found.Page.Told {
			fmt.Fprintf(&b, "# %s\n", line)
		}
		var titles []string
		for _, article := range found.Page.Articles[:min(3, len(found.Page.Articles))] {
			titles = append(titles, "“"+clean.Summary(article.Title, 80)+"”")
		}
		fmt.Fprintf(&b, "# the first: %s\n", strings.Join(titles, ", "))
	case found.URL != address:
		fmt.Fprintf(&b, "# %s is a page; this is the feed that it names\n", clean.Line(address))
	default:
		fmt.Fprintf(&b, "# %s\n", map[string]string{"feed": "the address is a feed", "opml": "the address is a list of feeds"}[found.Kind])
	}
	if first {
		b.WriteString("server: {}\n")
	}
	b.WriteString("feeds:\n  " + keyOf(address) + ":\n    source:\n" + indented(source, "      "))
	return strings.ReplaceAll(b.String(), "${", "$${") // where the configuration would put a variable
}

func indented(text, by string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(by + line)
	}
	return b.String()
}

// keyOf makes the key of a feed from an address: the site's name and the last part of the path.
func keyOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "page"
	}
	labels := strings.Split(strings.TrimPrefix(u.Hostname(), "www."), ".")
	name := labels[0]
	if len(labels) > 2 && len(name) < 4 {
		name = labels[1]
	}
	parts := strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' })
	if len(parts) > 0 {
		last, _, _ := strings.Cut(parts[len(parts)-1], ".")
		name += "-" + last
	}
	return plainKey(name, "page")
}

// plainKey is a name as a feed can be called, else what stands for it.
func plainKey(name, otherwise string) string {
	key := strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return -1
	}, clean.Slug(name)), "-")
	if key == "" || slices.Contains([]string{"a", "archive", "hub", "media", "opml", "tag"}, key) {
		return otherwise
	}
	return key
}

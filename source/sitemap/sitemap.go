package sitemap

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/fetch"
)

var (
	_ feed.Source  = (*Sitemap)(nil)
	_ feed.Sparing = (*Sitemap)(nil)
)

// The bounds of one source.
const (
	mostArticles  = 1000    // of its pages, the newest
	mostFiles     = 300     // sitemaps
	mostAsked     = 50      // sitemaps in one fetch
	mostAddresses = 500_000 // in all of them
	deepest       = 3       // indexes inside of indexes
)

// Sitemap reads one sitemap, with those that it names.
type Sitemap struct {
	config Config
	client *fetch.Client
	loc    *time.Location
	now    func() time.Time
}

// New makes a source of the sitemap or site that c names. loc is the zone of dates that name none (nil is UTC), now tells
// against which time dates are judged.
func New(c Config, client *fetch.Client, loc *time.Location, now func() time.Time) *Sitemap {
	return &Sitemap{config: c, client: client, loc: loc, now: now}
}

// Fetch reads the sitemaps that may have changed. The batch is a listing of the newest pages, newest first.
func (s *Sitemap) Fetch(ctx context.Context, m feed.Memory) (feed.Batch, error) {
	ctx, done := fetch.Hold(ctx)
	defer done()
	w := &walk{Sitemap: s, memory: m, at: s.now(), state: recallState(m), visited: map[string]bool{}, hosts: map[string]bool{}}
	w.first = w.state.Files == nil
	if u, err := url.Parse(s.config.URL); err == nil {
		w.hosts[bareHost(u.Host)] = true
	}
	if err := w.run(ctx); err != nil {
		return feed.Batch{}, err
	}
	return w.batch(), nil
}

// isHome reports whether an address is that of a site, which is no sitemap whatever it answers.
func isHome(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Path == "" || u.Path == "/") && u.RawQuery == ""
}

// at is an address of the site that the configured one belongs to.
func (s *Sitemap) at(path string) string {
	u, err := url.Parse(s.config.URL)
	if err != nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: path}).String()
}

func (s *Sitemap) request(address string) fetch.Request {
	return fetch.Request{
		URL: address, Config: s.config.Fetch.For(s.config.URL, address), Accept: accept, By: s,
		Found: address != s.config.URL && !strings.HasSuffix(address, "/robots.txt"),
	}
}

// accept is what sitemaps are served as.
const accept = "application/xml, text/xml;q=0.9, application/gzip;q=0.9, text/plain;q=0.8, */*;q=0.5"

// bareHost is a host without the www that sites are found with and without.
func bareHost(host string) string { return strings.TrimPrefix(strings.ToLower(host), "www.") }

// placed puts the sitemap's address in front of what is wrong with it.
func placed(address string, err error) error {
	return &feed.Problem{Where: fetch.Shown(address), Err: err}
}

// counted is a number with its noun.
func counted(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "s"):
		return fmt.Sprintf("%d %ses", n, noun)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

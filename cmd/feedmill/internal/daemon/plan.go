package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"feedmill/config"
	"feedmill/feed"
	"feedmill/feed/browser"
	"feedmill/feed/check"
	"feedmill/feed/fetch"
	"feedmill/feed/filter"
	"feedmill/feed/fulltext"
	"feedmill/feed/mill"
	"feedmill/feed/render"
	"feedmill/output/serve"
	"feedmill/source/command"
	"feedmill/source/files"
	"feedmill/source/json"
	"feedmill/source/mailbox"
	"feedmill/source/opml"
	"feedmill/source/page"
	"feedmill/source/sitemap"
	"feedmill/source/sql"
	"feedmill/source/upstream"
)

// Plan is a configuration made ready to run: every feed with its opened sources and outputs.
type Plan struct {
	Config *config.Config
	Feeds  []*Feed // in the configuration's order
	byName map[string]*Feed
	fresh  []*Feed // those that the plan before did not have in these words
	sites  []site
	theme  *render.Theme    // of its pages; nil: ours
	pages  *browser.Browser // renders them
	pools  *sql.Pools       // of the databases that are read
	now    func() time.Time
}

// Close ends the browser, if one was needed, and the connections to databases. The sources of the plan can render no page
// after it.
func (p *Plan) Close() {
	p.pages.Close()
	_ = p.pools.Close() // nothing was written
}

// Feed is one feed of a plan.
type Feed struct {
	mill.Feed
	Schedule feed.Schedule
	Parents  []string       // the feeds that this one takes articles from
	Access   *config.Access // who may read it; nil: everybody
	// PrivateEditions are who may read those of its editions that have readers of their own, by the edition's address.
	PrivateEditions map[string]*config.Access
	// Block is the key of the block that made the feed of a row; empty: it is written itself.
	Block string
	// Retired says that the row which made the feed is there no more: it stays as it is and is not refreshed.
	Retired bool
	folders []string      // where its file outputs write
	age     time.Duration // how often it is refreshed; of a running daemon only
	words   *config.Source
}

// Private reports whether not everybody may read the feed: nothing shows it, and only outputs that may hold private feeds
// get it.
func (f *Feed) Private() bool { return f.Access != nil }

// readers are those whom the server lets in; nil: everybody.
func readers(access *config.Access) *serve.Readers {
	if access == nil {
		return nil
	}
	all := make([]serve.Reader, 0, len(access.Readers))
	for _, r := range access.Readers {
		all = append(all, serve.Reader{Name: r.Name, Token: r.Token})
	}
	return serve.NewReaders(all...)
}

// Open makes a plan of a configuration. Nothing is read and nothing runs yet; the folders of file outputs are made, and
// a folder that cannot be written is an error.
//
// Sources on the web are asked through client. A plan that was run must be closed.
func Open(c *config.Config, client *fetch.Client, now func() time.Time, log *slog.Logger) (*Plan, error) {
	return open(c, nil, client, browser.New(c.Browser, client, log), new(sql.Pools), now, log)
}

// open is Open with a browser and connections to databases that other plans use too. Feeds that before has in the same words are the same feeds; it may
// be nil.
func open(c *config.Config, before *Plan, client *fetch.Client, pages *browser.Browser, pools *sql.Pools, now func() time.Time, log *slog.Logger) (*Plan, error) {
	p := &Plan{Config: c, now: now, pages: pages, pools: pools, byName: make(map[string]*Feed, len(c.Feeds))}
	theme, err := Theme(c)
	if err != nil {
		return nil, err
	}
	p.theme = theme
	outputs, err := p.open(log)
	if err != nil {
		return nil, err
	}
	b := builder{plan: p, client: client, now: now, log: log, outputs: outputs}
	for _, cf := range c.Feeds {
		f := before.same(cf)
		if f == nil {
			var err error
			if f, err = b.feed(cf); err != nil {
				return nil, fmt.Errorf("%s:%d: feed %s: %w", cf.File, cf.Line, cf.Key, err)
			}
			p.fresh = append(p.fresh, f)
		}
		p.Feeds = append(p.Feeds, f)
		p.byName[f.Name] = f
	}
	return p, nil
}

// same is the plan's own feed, if it is of the very words; nil: there is none.
func (p *Plan) same(cf config.Feed) *Feed {
	if p == nil || len(cf.Sources) == 0 {
		return nil
	}
	if f := p.byName[cf.Key]; f != nil && f.words == &cf.Sources[0] && f.Retired == cf.Retired {
		return f
	}
	return nil
}

// builder makes the feeds of a plan.
type builder struct {
	plan    *Plan
	client  *fetch.Client
	now     func() time.Time
	log     *slog.Logger
	outputs map[string]mill.Output
}

func (b builder) feed(cf config.Feed) (*Feed, error) {
	c := b.plan.Config
	filters, err := filter.New(cf.Filters)
	if err != nil {
		return nil, err
	}
	f := &Feed{Schedule: cf.Schedule, Parents: cf.Parents, Access: cf.Access, Block: cf.Block, Retired: cf.Retired, PrivateEditions: privateEditions(cf), Feed: mill.Feed{
		Name: cf.Key, Channel: b.channel(cf), Location: cf.Location, Ended: cf.Ended,
		Keep:    mill.Keep{Count: cf.Keep.Count, Age: cf.Keep.Age},
		Limit:   mill.Limit{Articles: cf.Limit.Articles, Hours: cf.Limit.Hours},
		Guard:   guard(cf.Guard),
		Filters: filters, Dedupes: slices.ContainsFunc(cf.Filters, func(k filter.Kinds) bool { return k.Dedupe != nil }),
		Profile: check.Profile(cf.Profile),
		Private: cf.Access != nil,
		Former:  b.plan.former(cf),
	}}
	if cf.Block == "" || len(f.Former) > 0 { // feeds of rows are many, and come at many times: none should hold its plan
		f.Taken = b.plan.taken
	}
	if f.Editions, err = editions(f.Channel, cf); err != nil {
		return nil, err
	}
	if len(cf.Sources) > 0 {
		f.words = &cf.Sources[0]
	}
	o := opener{c, b.client, b.plan.pages, b.plan.pools, cf.Location, b.now, b.log.With("feed", cf.Key)}
	for _, s := range cf.Sources {
		f.Sources = append(f.Sources, o.source(s))
	}
	for _, o := range c.Outputs {
		if o.File != nil && slices.Contains(cf.Outputs, o.Name) {
			f.folders = append(f.folders, absolute(c.Dir, o.File.Dir))
		}
		if f.Private() && !o.Private {
			f.Barred = append(f.Barred, b.outputs[o.Name])
		} else {
			f.Outputs = append(f.Outputs, partly(b.outputs[o.Name], cf, o.Name))
		}
	}
	return f, nil
}

// opener opens the sources of one feed.
type opener struct {
	config  *config.Config
	client  *fetch.Client
	browser *browser.Browser
	pools   *sql.Pools
	loc     *time.Location
	now     func() time.Time
	log     *slog.Logger
}

func (o opener) source(s config.Source) mill.Source {
	opened := mill.Source{Name: s.Name, Digest: s.Digest, From: s.From, Page: o.pages(upstream.Config{Fetch: s.Fetch})}
	switch {
	case s.Files != nil:
		opened.Source = files.New(*s.Files, o.config.Dir, o.loc, o.now, o.log.With("source", s.Name))
	case s.Feed != nil:
		opened.Source, opened.Page = o.upstream(*s.Feed), o.pages(*s.Feed)
	case s.Page != nil:
		opened.Source = page.New(*s.Page, o.client, o.browser, o.loc, o.now)
		opened.Page = o.pages(upstream.Config{URL: s.Page.URL, Fetch: s.Page.Fetch})
	case s.JSON != nil:
		opened.Source = json.New(*s.JSON, o.client, o.loc, o.now)
		opened.Page = o.pages(upstream.Config{URL: s.JSON.URL, Fetch: s.JSON.Fetch})
	case s.Command != nil:
		opened.Source = command.New(*s.Command, o.config.Dir, o.loc, o.now)
	case s.Sitemap != nil:
		opened.Source = sitemap.New(*s.Sitemap, o.client, o.loc, o.now)
		opened.Page = o.pages(upstream.Config{URL: s.Sitemap.URL, Fetch: s.Sitemap.Fetch})
	case s.OPML != nil:
		opened.Expander, opened.Page = o.list(*s.OPML), o.pages(upstream.Config{URL: s.OPML.Path, Fetch: s.OPML.Fetch})
	case s.SQL != nil:
		opened.Source = sql.New(*s.SQL, o.config.Dir, o.pools, o.loc, o.now)
	case s.Mailbox != nil:
		opened.Source = mailbox.New(*s.Mailbox, o.config.Dir, o.client, o.loc, o.now, o.log.With("source", s.Name))
	case s.Address != "":
		words := upstream.Config{URL: s.Address, Fetch: s.Fetch.Clone()}
		list := o.list(opml.Config{Path: s.Address, Fetch: words.Fetch})
		listed := page.Default()
		listed.URL, listed.Fetch = s.Address, words.Fetch
		address := upstream.NewAddress(words, list, page.New(listed, o.client, o.browser, o.loc, o.now), o.client, o.loc, o.now)
		opened.Source, opened.Expander, opened.Page = address, address, o.pages(words)
	}
	return opened
}

// pages reads the pages of a source's articles with its manners, and with its secrets where they are at its own place.
func (o opener) pages(source upstream.Config) func(context.Context, feed.Article, filter.FullText) (feed.Article, error) {
	return fulltext.Reader{
		Client: o.client, Config: func(address string) fetch.Config { return source.At(address).Fetch }, Zone: o.loc,
	}.Read
}

func (o opener) upstream(c upstream.Config) feed.Source {
	return upstream.New(c, o.client, o.loc, o.now)
}

// list opens a list of feeds. The manners that hold for the list hold for each feed on it; its secrets only for those at
// the list's own place.
func (o opener) list(c opml.Config) feed.Expander {
	own := upstream.Config{URL: c.Path, Fetch: c.Fetch}
	return opml.New(c, o.config.Dir, o.client, func(url, _ string) feed.Source { return o.upstream(own.At(url)) })
}

func absolute(dir, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

func (b builder) channel(f config.Feed) render.Channel {
	ch := render.Channel{
		Feed: f.Key, Base: b.plan.Config.BaseURL, Theme: b.plan.theme, Zone: render.Zone{Location: f.Location}, Title: f.Title, Description: f.Description, Link: f.Link, Language: f.Language,
		Rights: f.Rights, Image: f.Image, Icon: f.Icon, Author: f.Author, Tags: f.Tags,
		Content: render.Content(f.Content), MaxSize: int64(f.Limit.Size), LeadImage: check.Profile(f.Profile).LeadImage(),
		Formats: formats(f.Formats), FileNames: fileNames(f.FileNames),
		Facets: slices.Contains(f.Facets, config.Tags), Tokens: f.Access != nil && b.plan.Config.Server != nil,
	}
	for _, e := range f.Editions {
		if e.Access != nil {
			continue // nobody is told of it
		}
		ch.Others = append(ch.Others, render.Other{Edition: e.Name, Formats: formats(e.Formats), FileNames: fileNames(e.FileNames)})
	}
	return ch
}

func guard(g config.Guard) mill.Guard {
	return mill.Guard{
		MinArticles: g.MinArticles, MaxNew: g.MaxNew, Shrink: g.Shrink, MaxSilence: time.Duration(g.MaxSilence), ReleaseAfter: g.ReleaseAfter,
	}
}

// Feed returns the feed of that name, nil when the plan has none.
func (p *Plan) Feed(name string) *Feed {
	return p.byName[name]
}

// privateFirst are feeds in the order of delivery: what must be taken away does not wait for what is brought.
func privateFirst(feeds []*Feed) []*Feed {
	var private, public []*Feed
	for _, f := range feeds {
		if f.Private() {
			private = append(private, f)
		} else {
			public = append(public, f)
		}
	}
	return append(private, public...)
}

// Generations are the feeds in an order in which every feed comes after its parents: those of one generation do not
// depend on each other.
func Generations(feeds []*Feed) [][]*Feed {
	var generations [][]*Feed
	done := map[string]bool{}
	waiting := map[string]bool{}
	for _, f := range feeds {
		waiting[f.Name] = true
	}
	for rest := feeds; len(rest) > 0; {
		var ready, later []*Feed
		for _, f := range rest {
			if slices.ContainsFunc(f.Parents, func(p string) bool { return waiting[p] && !done[p] }) {
				later = append(later, f)
			} else {
				ready = append(ready, f)
			}
		}
		if len(ready) == 0 {
			return append(generations, later) // a ring, which the configuration refuses
		}
		for _, f := range ready {
			done[f.Name] = true
		}
		generations, rest = append(generations, ready), later
	}
	return generations
}

// feedsAtOnce bounds how many feeds are refreshed side by side.
const feedsAtOnce = 4

// Each calls do for every feed, some side by side, and returns when all are done.
func Each(feeds []*Feed, do func(*Feed)) {
	next := make(chan *Feed)
	var wait sync.WaitGroup
	for range min(feedsAtOnce, len(feeds)) {
		wait.Go(func() {
			for f := range next {
				do(f)
			}
		})
	}
	for _, f := range feeds {
		next <- f
	}
	close(next)
	wait.Wait()
}

// Addresses are where the feed's documents will be found, in the order of its formats.
func (f *Feed) Addresses() []string {
	var out []string
	for _, format := range f.Channel.Formats {
		out = append(out, f.Channel.Base+"/"+f.Channel.Path(format))
	}
	return out
}

// ending are the paths of the documents of a feed that ends, and of its editions'; nil when it goes on.
func (f *Feed) ending() (paths []string) {
	if f.Ended.IsZero() {
		return nil
	}
	channels := []render.Channel{f.Channel}
	for _, e := range f.Editions {
		channels = append(channels, e.Channel)
	}
	for _, c := range channels {
		for _, format := range c.Formats {
			paths = append(paths, c.Path(format))
		}
	}
	return paths
}

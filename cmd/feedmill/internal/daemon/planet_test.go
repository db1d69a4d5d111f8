package daemon

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"feedmill/cmd/feedmill/internal/admin"
	"feedmill/config"
	"feedmill/feed/fetch"
	"feedmill/feed/store/sqlite"
	"feedmill/source/sourcetest"
)

// planet is 200 origins, the feed that merges them, the one made of that, and all who read them.
type planet struct {
	*testing.T
	dir     string
	week    time.Duration
	begin   time.Time
	site    *sourcetest.Site
	origins []*origin
	readers []*reader
	log     bytes.Buffer
	wanders *origin // is taken off the list, and put on again
	dropped *origin // is taken off the list for good
	joins   *origin // is put on the list later
}

const (
	population  = 200
	firstFeed   = 50  // those before stand in the configuration as bare addresses
	firstListed = 100 // those before stand in the configuration as feeds, the others in a list
)

func newPlanet(t *testing.T, week time.Duration) *planet {
	t.Helper()
	p := &planet{T: t, dir: t.TempDir(), week: week, begin: time.Now(), site: sourcetest.NewSite()}
	for n := range population {
		o := &origin{number: n, begin: p.begin, format: []string{"rss", "atom", "json", "rdf"}[n/5%4], manner: manner(n % int(manners))}
		p.origins = append(p.origins, o)
	}
	p.oddities()
	for i := range illnesses {
		ill := illnesses[i]
		ill.week = week
		o := p.origins[ill.number]
		o.ill, o.manner = &ill, etag
		if ill.name == "malformed now and then" || ill.name == "half" {
			o.format = "rss"
		}
	}
	for _, o := range p.origins {
		p.site.Script(o.host()+"/feed", o.ServeHTTP)
	}
	p.site.Script("login.example/login", sourcetest.Login())
	p.site.Script("h045.example/", sourcetest.PageOf("/feed"))
	p.moves(p.origins[141], "/new")
	p.site.Script("lists.example/friends.opml", p.list)
	p.configure()
	for _, name := range []string{"planet", "world"} {
		for _, format := range []string{"rss", "atom", "json"} {
			p.readers = append(p.readers, newReader(filepath.Join(p.dir, "public", name+"."+format)))
		}
	}
	return p
}

// restart is when the daemon is stopped for two hours.
func (p *planet) restart() time.Duration { return p.week * 3 / 7 }

// oddities makes some origins unlike the others.
func (p *planet) oddities() {
	third := p.week / 3
	set := func(change func(*origin), numbers ...int) {
		for _, n := range numbers {
			change(p.origins[n])
		}
	}
	set(func(o *origin) { o.newIDs = third }, 1, 5, 54, 60, 101, 106) // one of each format, and two more
	set(func(o *origin) { o.secure = third }, 2, 8, 55, 62, 102, 109)
	set(func(o *origin) { o.secure, o.newIDs = third, third }, 13, 116)
	set(func(o *origin) { o.noIDs, o.format = true, "rss" }, 20, 70, 120)
	set(func(o *origin) { o.noIDs, o.noLinks, o.format = true, true, "rss" }, 21, 121)
	set(func(o *origin) { o.noIDs, o.noLinks, o.noDates, o.format = true, true, true, "rss" }, 22, 122)
	set(func(o *origin) { o.noDates = true }, 24, 74, 124, 129)
	set(func(o *origin) { o.numbered = true; o.format = "rss" }, 25, 75, 125, 126, 130)
	set(func(o *origin) { o.oneLink = true }, 26, 76, 132, 137)
	set(func(o *origin) { o.cyrillic, o.format = true, "rss" }, 27, 78)
	set(func(o *origin) { o.utf16, o.format = true, "rss" }, 28, 128)
	set(func(o *origin) { o.dirty, o.format = true, "rss" }, 29, 79)
	for copying, copied := range map[int]int{30: 160, 31: 161, 80: 32, 150: 82, 151: 33} { // before and after the original
		p.origins[copying].copies = p.origins[copied]
		p.origins[copying].alias = copying%2 == 1
	}
	p.wanders, p.dropped, p.joins = p.origins[140], p.origins[125], p.origins[126]
}

// moves answers at the old address of an origin that it has moved for good.
func (p *planet) moves(o *origin, to string) {
	p.site.Script(o.host()+to, o.ServeHTTP)
	p.site.Script(o.host()+"/feed", func(w http.ResponseWriter, r *http.Request) {
		if time.Since(p.begin) < p.week/3 {
			o.ServeHTTP(w, r)
			return
		}
		sourcetest.Redirect(http.StatusMovedPermanently, to)(w, r)
	})
}

// list is the list of feeds as it is now. For a while it names nothing.
func (p *planet) list(w http.ResponseWriter, r *http.Request) {
	elapsed := time.Since(p.begin)
	if elapsed > p.week*5/7 && elapsed < p.week*5/7+3*time.Hour {
		sourcetest.Body(sourcetest.OPML, sourcetest.List())(w, r)
		return
	}
	var addresses []string
	for _, o := range p.origins[firstListed:] {
		switch {
		case o == p.wanders && elapsed > p.week/7 && elapsed < p.week*2/7, o == p.dropped && elapsed > p.week/7, o == p.joins && elapsed < p.week/7:
		default:
			addresses = append(addresses, o.address())
		}
	}
	sourcetest.Conditional(sourcetest.OPML, sourcetest.List(addresses...))(w, r)
}

func (p *planet) configure() {
	var b strings.Builder
	b.WriteString(`
base_url: https://feeds.example.org
outputs: [{file: {dir: public}}]
fetch: {timeout: 20s, max_body: 1MB}
defaults: {limit: {articles: 40, hours: 6, size: 32MB}}
feeds:
  world:
    source: {from: planet}
    filters: [drop: {title: sponsored}]
  planet:
    schedule: "@every 1h"
    source:
`)
	for _, o := range p.origins[:firstListed] {
		switch {
		case o.number == 45:
			fmt.Fprintf(&b, "    - https://%s/\n", o.host())
		case o.number < firstFeed:
			fmt.Fprintf(&b, "    - %s\n", o.address())
		default:
			fmt.Fprintf(&b, "    - feed: {url: %q}\n", o.address())
		}
	}
	b.WriteString("    - opml: https://lists.example/friends.opml\n    - " + p.origins[100].address() + "\n")
	if err := os.WriteFile(filepath.Join(p.dir, "feedmill.yaml"), []byte(b.String()), 0o644); err != nil {
		p.Fatal(err)
	}
}

// start runs the daemon's parts that open no socket; stop ends them as a stop of the daemon does.
func (p *planet) start() (d *Daemon, stop func()) {
	p.Helper()
	c, err := config.Load(filepath.Join(p.dir, "feedmill.yaml"), config.Options{})
	if err != nil {
		p.Fatal(err)
	}
	byHost := map[string]*origin{}
	for _, o := range p.origins {
		byHost[o.host()] = o
	}
	ctx, cancel := context.WithCancel(p.Context())
	d = &Daemon{health: admin.NewHealth(), Settings: Settings{
		Now: time.Now, Log: slog.New(slog.NewJSONHandler(&p.log, nil)), Out: &bytes.Buffer{},
		Web: []fetch.Option{fetch.WithTransport(func(http.RoundTripper) http.RoundTripper {
			return network{p.site.Transport(), byHost}
		})},
	}}
	if d.store, err = sqlite.Open(ctx, c.State); err != nil {
		p.Fatal(err)
	}
	if err := d.open(ctx, c); err != nil {
		p.Fatal(err)
	}
	var wait sync.WaitGroup
	for _, part := range []func(context.Context) error{d.engine.Run, d.watchAll} {
		wait.Go(func() {
			if err := part(ctx); err != nil {
				p.Error(err)
			}
		})
	}
	return d, func() {
		cancel()
		wait.Wait()
		if err := d.store.Close(); err != nil {
			p.Error(err)
		}
	}
}

// read has everybody read once an hour for a while.
func (p *planet) read(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		time.Sleep(min(time.Hour, time.Until(end)))
		synctest.Wait() // nobody reads while it is written: a simulated second has room for any work
		for _, r := range p.readers {
			r.read(p.T)
		}
		p.site.ForgetVisits()
	}
}

// TestPlanet runs a week of 200 feeds in simulated time: nobody sees an article twice or misses one that was there to be
// had, no date moves, no error is shown as an article, and the log names each sick source, what to do, and when it is well.
func TestPlanet(t *testing.T) {
	days := planetDays
	if testing.Short() {
		days = 1
	}
	synctest.Test(t, func(t *testing.T) {
		p := newPlanet(t, time.Duration(days)*24*time.Hour)
		_, stop := p.start()
		p.read(p.restart())
		stop()
		time.Sleep(2 * time.Hour)
		d, stop := p.start()
		p.read(p.week - time.Since(p.begin))
		health := httptest.NewRecorder()
		d.health.ServeHTTP(health, nil)
		stop()
		p.nothingIsMissing()
		p.idsAgree()
		p.diagnoses()
		p.isHealthOf(health.Body.String())
		p.isPolite()
	})
}

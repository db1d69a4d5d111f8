// Package doctor answers `feedmill doctor`: it asks for a site's own public addresses as readers do, through whatever
// stands before them, and tells what would keep a subscriber from an article, with its remedy.
//
// What should be there is read from the state, which is never changed; what is there is asked for through package fetch,
// one request after the other, and nothing else of the web is. It follows redirects to the site's own host only. A token
// is sent where a private feed needs one and stands in no finding.
//
// The program's readers are in reader.go, how one is let ask in ask.go. Each sort of address has a file: document.go for
// feeds, with validate.go, coding.go and headers.go for what a document's headers promise, private.go, page.go, media.go,
// moved.go, host.go for what is said once of a host. What is told is in report.go. A new finding is a function there that
// adds a [Finding], and a trouble in doctor_test.go that gives exactly it.
package doctor

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"feedmill/config"
	"feedmill/feed/fetch"
	"feedmill/feed/mill"
	"feedmill/feed/setting"
	"feedmill/feed/store"
)

// Records is what tells what should be there.
type Records interface {
	State(ctx context.Context, name string) (f store.Feed, found bool, err error)
	LiveDocuments(ctx context.Context, serial int64) ([]store.Document, error)
	Document(ctx context.Context, serial int64, path string) (*store.Document, error)
}

// Doctor looks at the addresses of a configuration.
type Doctor struct {
	Config  *config.Config
	Records Records
	Client  *fetch.Client
	Now     func() time.Time
	// Pause is the least time between two requests.
	Pause time.Duration
}

// The bounds of one examination.
const (
	// feedsClosely is how many feeds are looked at from all sides; of more, each document is asked for once.
	feedsClosely = 20
	answerTime   = 20 * time.Second
	largestBody  = 64 << 20
)

// Examine looks at the named feeds, at all of them and the site when none is named. When ctx ends, the report says what
// was not looked at. An error means that the state cannot be read.
func (d *Doctor) Examine(ctx context.Context, names ...string) (*Report, error) {
	base, err := url.Parse(d.Config.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("read base_url: %w", err)
	}
	v := &visit{doctor: d, base: base, report: &Report{Findings: []Finding{}}, looked: map[string]bool{}}
	feeds := d.chosen(names)
	v.closely = len(feeds) <= feedsClosely
	if !v.closely {
		v.add(Finding{
			Severity: Note, kind: "many", Seen: fmt.Sprintf("These are %d feeds: each document is asked for once only.", len(feeds)),
			Remedy: "Name a feed to have it looked at from all sides.",
		})
	}
	for i, f := range feeds {
		if v.ended(ctx) {
			v.untold(ctx, len(feeds)-i)
			break
		}
		v.feed = f.Key
		if err := v.feedOf(ctx, f); err != nil {
			return nil, err
		}
	}
	v.feed = ""
	if len(names) == 0 && v.report.Feeds > 0 && !v.ended(ctx) {
		v.site(ctx)
	}
	return v.report, nil
}

// chosen are the feeds that are asked about.
func (d *Doctor) chosen(names []string) []config.Feed {
	var feeds []config.Feed
	for _, f := range d.Config.Feeds {
		over := (&mill.Feed{Ended: f.Ended}).Over(d.Now())
		if len(names) == 0 && !f.Retired && !over {
			feeds = append(feeds, f)
		}
		for _, name := range names {
			if f.Key == name {
				feeds = append(feeds, f)
			}
		}
	}
	return feeds
}

// visit is one examination on its way.
type visit struct {
	doctor  *Doctor
	base    *url.URL
	report  *Report
	closely bool
	feed    string
	reached bool // the host has answered once
	away    bool // the host cannot be reached: nothing more is asked
	// certain says that the certificate was looked at.
	certain bool
	looked  map[string]bool // addresses that several documents name
}

// ended reports whether nothing more is to be asked.
func (v *visit) ended(ctx context.Context) bool { return v.away || ctx.Err() != nil }

// untold says how many feeds were not looked at.
func (v *visit) untold(ctx context.Context, feeds int) {
	if ctx.Err() == nil {
		return // the host is away: that was told
	}
	v.feed = ""
	v.add(Finding{
		Severity: Note, kind: "time", Seen: fmt.Sprintf("The time was up before the last %s could be looked at.", count(feeds, "feed")),
		Remedy: "Name one to have it looked at.",
	})
}

// subject is an address with what should be there.
type subject struct {
	path    string
	address string
	want    store.Document
	serial  int64
	token   setting.Secret // of a reader; empty: everybody may read it, or nobody
	private bool
}

// addressOf is where a document is found.
func (v *visit) addressOf(path string) string {
	u := *v.base
	u.Path = strings.TrimRight(u.Path, "/") + "/" + path
	u.RawPath = ""
	return u.String()
}

// feedOf looks at all addresses of a feed.
func (v *visit) feedOf(ctx context.Context, f config.Feed) error {
	state, found, err := v.doctor.Records.State(ctx, f.Key)
	if err != nil {
		return err
	}
	var docs []store.Document
	if found {
		if docs, err = v.doctor.Records.LiveDocuments(ctx, state.Serial); err != nil {
			return err
		}
	}
	if len(docs) == 0 {
		v.add(Finding{
			Severity: Note, kind: "unpublished", Address: v.addressOf(f.Key), Seen: "Nothing of this feed is published yet.",
			Remedy: "Start feedmill run or feedmill build, and see feedmill status.",
		})
		return nil
	}
	v.report.Feeds++
	for _, d := range docs {
		access := accessOf(f, d.Path)
		s := subject{path: d.Path, address: v.addressOf(d.Path), want: d, serial: state.Serial, private: access != nil}
		if access != nil && len(access.Readers) > 0 {
			s.token = access.Readers[0].Token
		}
		if v.ended(ctx) {
			return nil
		}
		if err := v.examine(ctx, s); err != nil {
			return err
		}
	}
	if v.closely && !v.ended(ctx) {
		v.movedTo(ctx, f, docs)
	}
	return nil
}

// accessOf is who may read a document of a feed; nil: everybody.
func accessOf(f config.Feed, path string) *config.Access {
	for _, e := range f.Editions {
		rest, below := strings.CutPrefix(path, f.Key+"/"+e.Name)
		if below && e.Access != nil && (rest == "" || rest[0] == '.' || rest[0] == '/') {
			return e.Access
		}
	}
	return f.Access
}

// examine looks at one address. What is published meanwhile makes a second look necessary: what was seen may have been
// of before.
func (v *visit) examine(ctx context.Context, s subject) error {
	for tries := 0; ; tries++ {
		before := slices.Clone(v.report.Findings)
		v.report.Addresses++
		v.look(ctx, s)
		now, err := v.doctor.Records.Document(context.WithoutCancel(ctx), s.serial, s.path)
		if err != nil {
			return err
		}
		if now == nil || now.ETag == s.want.ETag || tries == 2 || v.ended(ctx) {
			return nil
		}
		v.report.Findings = before
		v.report.Addresses--
		s.want = *now
	}
}

func (v *visit) look(ctx context.Context, s subject) {
	switch {
	case s.private && v.doctor.Config.Server == nil:
		v.guarded(ctx, s, "") // who may read there is not for feedmill to say
	case s.private:
		v.privately(ctx, s)
	case strings.HasPrefix(s.want.Type, "text/html"):
		v.page(ctx, s.address)
	case v.closely:
		v.document(ctx, s)
	default:
		v.briefly(ctx, s)
	}
}

// Package mill turns sources into documents: a refresh gathers what the sources of a feed have, judges which article is
// which, commits what changed in one transaction, renders the documents from what was committed, and delivers to each
// output what it lacks. Each step is one file, and none goes back to an earlier one.
//
// What was published is never replaced by something worse: a source that fails, a document that does not read back as it
// should, an output that cannot be written leave the old state standing and are tried again at the next refresh. A refresh
// that is repeated changes nothing.
//
// What is listed in part is made whole from its page before it is published (enrich.go), and waits for that (await.go).
//
// Files that articles refer to are stored while sources are read, named by their bytes, and published with the articles
// (media.go): 1,000 pictures of 40 KB took 8 s on two cores at a load of 17, in the state and in a folder of an output; 300 MB
// of sound took 8 s and 80 MB of memory.
//
// The mill owns identity and the life of articles. It reads no configuration, opens no connection and starts goroutines
// only while it gathers, under a bound that it waits for. A new rule about what an article is goes into identity.go, one
// about when it is shown into life.go, one about what is believed of a source into suspicion.go.
//
// Measured on two shared cores with SQLite (benchmarks in cmd/feedmill/internal/daemon): the live documents of 10,000
// Markdown files of 4 KB are out after 1.9 s, their archives after 7.8 s; the files are looked at again in 23 ms, and one
// edit among them is published in 33 ms by a new process. A feed on the web that answers 304 costs 51 µs of processor time
// besides net/http's own, equal bytes 94 µs, another build date 128 µs, one new article among twenty 7.1 ms.
package mill

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"feedmill/feed"
	"feedmill/feed/check"
	"feedmill/feed/filter"
	"feedmill/feed/render"
	"feedmill/feed/store"
	"feedmill/feed/turns"
)

// Ledger is what the mill needs of the store to know articles again and to commit.
type Ledger interface {
	Lease(ctx context.Context, feed string) (release func(), err error)
	Feed(ctx context.Context, name, uid string) (store.Feed, error)
	Memory(ctx context.Context, serial int64, source string) (map[string][]byte, error)
	Find(ctx context.Context, serial int64, l store.Lookup) ([]store.Article, error)
	FindAll(ctx context.Context, serial int64, lookups []store.Lookup) ([]store.Article, error)
	Named(ctx context.Context, serial int64, name string) ([]store.Article, error)
	LastSeen(ctx context.Context, serial int64, n int) ([]store.Article, error)
	Taken(ctx context.Context, serial int64, id string, position int64) (bool, error)
	Published(ctx context.Context, serial, after int64) ([]store.Article, error)
	Pending(ctx context.Context, serial int64) ([]store.Article, error)
	Expiring(ctx context.Context, serial int64, at time.Time) ([]store.Article, error)
	NextExpiry(ctx context.Context, serial int64, after time.Time) (time.Time, error)
	Commit(ctx context.Context, c store.Commit) error
	Begin(ctx context.Context, work string) (times int64, err error)
	End(ctx context.Context, work string, times int64) error
	Remember(ctx context.Context, serial int64, memory map[string]map[string][]byte) error
	Held(ctx context.Context, serial int64) ([]store.Held, error)
	Looks(ctx context.Context, serial int64, source, hash string) (store.Held, error)
	Hold(ctx context.Context, serial int64, h store.Holding, memory map[string]map[string][]byte) error
	There(ctx context.Context, serial int64, atMost int, others []string) (int, error)
	Newest(ctx context.Context, serial int64) (time.Time, error)
	Added(ctx context.Context, serial int64, positions []int64) ([]store.Page, error)
	Listed(ctx context.Context, serial int64, positions []int64) ([]store.Listed, error)
	ListedDue(ctx context.Context, serial int64, at time.Time, n int) ([]store.Listed, error)
	NextListed(ctx context.Context, serial int64, after time.Time) (time.Time, error)
	Unread(ctx context.Context, serial int64) ([]store.Article, error)
	NewMedia(ctx context.Context, at time.Time, atOnce int) *store.Large
	SaveMedia(ctx context.Context, l *store.Large, m feed.Media, at time.Time) error
	DropMedia(ctx context.Context, l *store.Large) error
	TouchMedia(ctx context.Context, name string, at time.Time) (bool, error)
	Kept(ctx context.Context, name string) ([]byte, error)
	Keep(ctx context.Context, name string, body []byte) error
}

// Library is what the mill needs of the store to render and to deliver.
type Library interface {
	Window(ctx context.Context, serial int64, n int) ([]store.Article, error)
	Headlines(ctx context.Context) (map[string]store.Article, error)
	Shown(ctx context.Context, serial int64, n int, since time.Time) ([]store.Shown, error)
	Pinned(ctx context.Context, serial int64, n int) ([]store.Article, error)
	Noticed(ctx context.Context, serial int64, at time.Time, n int) ([]store.Article, error)
	ShownAgain(ctx context.Context, serial int64, at time.Time, n int) ([]store.Shown, error)
	Articles(ctx context.Context, serial int64, positions []int64) ([]store.Article, error)
	Stale(ctx context.Context, serial, revision int64, prefix string) ([]store.Article, error)
	ETag(ctx context.Context, serial int64, path string) (string, error)
	Pages(ctx context.Context, serial, after int64) ([]store.Document, error)
	LiveDocuments(ctx context.Context, serial int64) ([]store.Document, error)
	Document(ctx context.Context, serial int64, path string) (*store.Document, error)
	LastChunk(ctx context.Context, serial int64) (store.Chunk, error)
	FirstChunk(ctx context.Context, serial int64) (store.Chunk, error)
	Chunk(ctx context.Context, serial, n int64) (store.Chunk, error)
	ChunkOf(ctx context.Context, serial, number int64) (store.Chunk, error)
	Numbered(ctx context.Context, serial, first, last int64) ([]store.Article, error)
	FirstKept(ctx context.Context, serial int64) (int64, error)
	LiveNumbers(ctx context.Context, serial, after int64) (map[int64]int64, error)
	ChangedNumbers(ctx context.Context, serial, revision, last int64) (map[int64]int64, error)
	NewLarge(ctx context.Context, serial int64, atOnce int) *store.Large
	DropLarge(ctx context.Context, serial int64) error
	SaveRendering(ctx context.Context, r store.Rendering) error
	Delivered(ctx context.Context, serial int64) (map[string]int64, error)
	SetDelivered(ctx context.Context, serial int64, h store.Handover) error
	Forget(ctx context.Context, serial int64, output string) error
	Paths(ctx context.Context, serial int64) ([]string, error)
	ChangedMedia(ctx context.Context, serial, revision int64) (added []feed.Document, removed []string, err error)
	Media(ctx context.Context, name string) (d feed.Document, feeds []string, err error)
	SharedMedia(ctx context.Context, serial int64, output string, paths []string) ([]feed.Document, error)
	Retagged(ctx context.Context, serial, after int64) ([]int64, error)
	Tags(ctx context.Context, serial int64, positions []int64) ([]store.Tagged, error)
	NoteTags(ctx context.Context, f store.Feed, at time.Time, articles []store.Tagged, done bool) error
	RenewFacets(ctx context.Context, f store.Feed, at time.Time) error
	DropTags(ctx context.Context, f store.Feed) error
	Facet(ctx context.Context, serial int64, slug string) (*store.Facet, error)
	FacetOf(ctx context.Context, serial int64, folded string) (*store.Facet, error)
	LargestFacets(ctx context.Context, serial int64, n int) ([]store.Facet, error)
	ChangedFacets(ctx context.Context, serial, release int64) ([]store.Facet, error)
	Bearing(ctx context.Context, serial int64, f store.Facet, before int64, n int) ([]store.Article, error)
}

// Feed is an opened feed: how its documents look, where its articles come from and where its documents go.
type Feed struct {
	Name     string
	Channel  render.Channel // ID is left empty: it is the store's
	Limit    Limit
	Guard    Guard
	Location *time.Location // for the dates in reports
	Sources  []Source
	Filters  filter.Chain
	Dedupes  bool          // one of the filters compares with what is known
	Profile  check.Profile // leaves out of the feed's own documents what an aggregator would refuse
	Editions []Edition
	Keep     Keep
	Private  bool // only its readers may see it: the addresses of its media cannot be guessed
	// Ended is when a last article says that the feed has ended and its sources are read no more; the zero time: it goes on.
	Ended     time.Time
	following bool // only the feeds that it takes articles from are read: see [Mill.Follow]
	Outputs   []Output
	// Barred are outputs that must hold nothing of this feed. What they got while they might is taken away.
	Barred []Output
	// Former are the keys that the feed had before. An output that keeps files goes on having its documents there.
	Former []string
	// Taken reports whether a path below a key that the feed had is another feed's now. Nil: none is.
	Taken func(key, path string) bool
}

// Limit bounds the live documents: the newest Articles, and all that were published in the last Hours (0: none more).
// The size in bytes is the channel's MaxSize.
type Limit struct{ Articles, Hours int }

// usual is about how many articles are shown at most times.
func (l Limit) usual() int { return cmp.Or(l.Articles, 30) }

// Keep bounds the history: the newest Count articles and those published no longer ago than Age are kept. It goes by
// whole archives, so that some more are. The zero value keeps everything.
type Keep struct {
	Count int
	Age   time.Duration
}

// Source is one source of a feed. Digest identifies its words: what it remembers is kept under it.
type Source struct {
	Name   string
	Digest string
	// Source is read; nil when one of the others is set instead.
	feed.Source
	// Expander is asked first what it stands for; with a Source beside it, it may turn out to be just that one.
	feed.Expander
	// Page fetches the page of an article and returns the article with its text and what the list does not say of it, for
	// the filter full_text. Pages are asked for side by side. An error of class Gone says that there is no page and never
	// will be one. Nil: the source's articles have no pages.
	Page func(ctx context.Context, a feed.Article, words filter.FullText) (feed.Article, error)
	// From names another feed of the same state whose articles are taken.
	From string
}

// Output is where a feed's documents go. Name identifies it and its target: what it last received is kept under it.
type Output struct {
	Name string
	feed.Publisher
	// Volatile says that the output holds nothing over a restart, so that only this process knows what it received.
	Volatile bool
	// Editions are those whose documents it takes, "" for the feed's own with its pages; nil: all. Documents of others
	// that it was given earlier are taken away.
	Editions []string
}

// takes reports whether the output gets the documents of an edition.
func (o Output) takes(edition string) bool {
	return o.Editions == nil || slices.Contains(o.Editions, edition)
}

// Report says what a refresh did. Outcomes are in the order of the sources.
type Report struct {
	Feed      string
	Outcomes  []feed.Outcome
	Published int       // articles new in the documents
	Changed   int       // articles whose published form changed
	Withdrawn int       // articles taken out
	Rendered  bool      // a document changed
	LeftOut   []LeftOut // what profiles refuse, once for each state of an article
	Verdicts  []string  // what filters did with articles that were new or changed
	Partial   bool      // some sources failed or are held, or the feed is silent, but others answered, and nothing else failed
	Held      []Held    // what is not believed
	Notes     []string  // what is worth saying once and asks for nothing
	Answered  []string  // the names of the sources that did not fail, as in [SourceError]
	Wake      time.Time // when an embargo or a life ends next; zero when none does
}

// Mill refreshes feeds. Safe for concurrent use; refreshes of one feed wait for each other.
type Mill struct {
	ledger  Ledger
	library Library
	now     func() time.Time
	sizes   sizes

	mu        sync.Mutex
	delivered map[delivery]int64    // by this process
	taking    map[delivery][]string // the editions that each output takes since [Mill.Deliver] was last asked

	turns     *turns.Turns  // of what takes processors
	dangerous chan struct{} // holds a token for each work under way that may end the process
	suspects  sync.Mutex    // held by work that may have ended the process before
}

type delivery struct{ feed, output string }

// New makes a mill over a store.
func New(ledger Ledger, library Library, now func() time.Time) *Mill {
	return &Mill{ledger: ledger, library: library, now: now, sizes: usual, delivered: map[delivery]int64{}, taking: map[delivery][]string{}, dangerous: make(chan struct{}, dangerousAtOnce)}
}

// SetTurns says whose turns are taken for what takes processors: to read documents, to judge and to render. What waits for an
// origin, an output or the disk takes none. It must be said before anything is refreshed; without it there is no bound.
func (m *Mill) SetTurns(turns *turns.Turns) { m.turns = turns }

// Refresh takes the feed through the five steps. The error joins what failed: sources that could not be read, documents
// that could not be made, outputs that could not be written; everything else has been done.
func (m *Mill) Refresh(ctx context.Context, f *Feed) (report Report, err error) {
	defer func() {
		if p := recover(); p != nil {
			report = Report{Feed: f.Name}
			err = feed.Classify(feed.Internal, fmt.Errorf("refresh: panic: %v\n%s", p, debug.Stack()))
		}
	}()
	release, err := m.ledger.Lease(ctx, f.Name)
	if err != nil {
		return Report{Feed: f.Name}, err
	}
	defer release()
	defer func() {
		if end := f.wake(m.now()); !end.IsZero() && (report.Wake.IsZero() || end.Before(report.Wake)) {
			report.Wake = end
		}
	}()
	f = f.asOf(m.now())
	r, err := m.begin(ctx, f)
	if err != nil {
		return Report{Feed: f.Name}, err
	}
	if !f.following {
		r.budget = mostPages
	}
	barred := r.takeAway(ctx) // before anything that may take its time
	sources := r.gather(ctx)
	for _, b := range r.batches {
		if b.answered {
			r.report.Answered = append(r.report.Answered, b.name)
		}
	}
	if err := ctx.Err(); err != nil {
		return r.report, err
	}
	if err := r.inTurn(ctx, r.judge); err != nil {
		return r.report, errors.Join(barred, fmt.Errorf("judge: %w", err))
	}
	if err := r.commit(ctx); err != nil {
		return r.report, errors.Join(barred, fmt.Errorf("commit: %w", err))
	}
	told := errors.Join(barred, r.tell(ctx))
	if r.state.AsOf.IsZero() {
		return r.report, errors.Join(sources, errors.Join(r.doubts...), told) // nothing is known of the feed yet, not even that it is empty
	}
	rendered, delivered := r.issue(ctx)
	silent, failed := r.silence(ctx)
	sources = errors.Join(sources, errors.Join(r.doubts...), silent)
	rest := errors.Join(told, rendered, delivered, failed)
	r.report.Partial = sources != nil && rest == nil && slices.ContainsFunc(r.batches, func(b batch) bool { return b.answered && b.Source != still{} })
	return r.report, errors.Join(sources, rest)
}

// Deliver brings the outputs up to date with the documents that are stored, without reading any source. It trusts no
// output to have kept what this process gave it before: a reload may have taken the feed away meanwhile.
func (m *Mill) Deliver(ctx context.Context, f *Feed) error {
	release, err := m.ledger.Lease(ctx, f.Name)
	if err != nil {
		return err
	}
	defer release()
	r, err := m.begin(ctx, f.asOf(m.now()))
	if err != nil {
		return err
	}
	m.mu.Lock()
	for _, out := range slices.Concat(f.Outputs, f.Barred) {
		delete(m.delivered, delivery{f.Name, out.Name})
		m.taking[delivery{f.Name, out.Name}] = out.Editions
	}
	m.mu.Unlock()
	return errors.Join(r.takeAway(ctx), r.deliver(ctx))
}

// refresh is the value that the steps work on.
type refresh struct {
	*Mill
	feed   *Feed
	at     time.Time // the moment of this refresh, to the second
	state  store.Feed
	report Report

	batches    []batch                      // gather
	incoming   []*incoming                  // judge
	rows       map[int64]*store.Article     // the articles that were looked at, by position
	looked     map[store.Lookup]int         // how many articles each lookup found that was made with others at once
	known      known                        // the stored ones among them by what may recognise them
	fresh      []*store.Article             // those of them not stored yet
	touched    map[*store.Article]bool      // those stored that changed
	dated      []*store.Article             // those whose updated date was set
	adopting   *adoption                    // nil but in the refresh that takes over an old feed
	numbered   map[string]int               // the last number given to a slug that several articles would have
	outcomes   map[*store.Article]*judgment // what to report of them
	problems   []judgment                   // what to report of things that are no article
	changed    bool                         // there is something to commit
	unfinished bool                         // there are more archives to close than were
	finished   []store.Document             // the live documents, once they were read
	turn       *turns.Turn                  // the one that is held; nil: none is, or there is no bound
	budget     int                          // how many pages may still be asked for
	awaiting   []*incoming                  // what waits for pages, as it is to be stored
	settled    []int64                      // positions of articles of which nothing waits for a page any more
	numbers    map[*store.Article]int64     // the numbers that were kept for articles while they waited for their pages
	paging     paging                       // render: the pages of articles
	holds      int64                        // render: the bytes of bodies that are held
	spilled    bool                         // render: some body is not
	doubts     []error                      // guard: what is wrong with each batch that is held
	holding    store.Holding                // what changes about held batches
	titles     map[string]*store.Article    // the newest articles by their titles, once they were asked for
}

// inTurn does what takes processors.
func (r *refresh) inTurn(ctx context.Context, do func(context.Context) error) (err error) {
	if r.turn, err = r.turns.Take(ctx); err != nil {
		return err
	}
	defer r.turn.End()
	return do(ctx)
}

func (m *Mill) begin(ctx context.Context, f *Feed) (*refresh, error) {
	state, err := m.ledger.Feed(ctx, f.Name, feedID(f))
	if err != nil {
		return nil, err
	}
	return &refresh{
		Mill: m, feed: f, at: m.now().UTC().Truncate(time.Second), state: state,
		report:   Report{Feed: f.Name, Wake: state.Wake},
		rows:     map[int64]*store.Article{},
		touched:  map[*store.Article]bool{},
		numbered: map[string]int{},
		numbers:  map[*store.Article]int64{},
		outcomes: map[*store.Article]*judgment{},
	}, nil
}

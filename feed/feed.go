// Package feed holds the words of the trade: what an article, a batch, a document and a release are, and the small
// interfaces by which sources, outputs, schedules and engines meet.
//
// It imports nothing but the standard library, does no work of its own and keeps no state. A new source implements
// [Source] under source/, a new output implements [Publisher] under output/; neither needs to know the other.
package feed

import (
	"context"
	"io"
	"time"
)

// Status is what an article's author says about its life.
type Status string

// The words an author may use. The zero value is Ready.
const (
	Ready     Status = ""
	Draft     Status = "draft"     // waits; on a published article it withdraws
	Withdrawn Status = "withdrawn" // removed everywhere, against every rescan
)

// Article is one article as a source hands it over and as the store keeps it. Text fields are plain text in valid
// UTF-8 without control characters; Content is HTML that may hold relative addresses, which are resolved against Link
// when a document is made, and so are those of Markdown.
type Article struct {
	// ID is the id given by the source; empty when it gives none. Once published, an article's public id is fixed.
	ID string `json:"id,omitempty"`
	// Key is the source's own stable name of the article (a file's slash-separated path): used to recognise it again,
	// shown in reports, never in a document.
	Key string `json:"key,omitempty"`
	// Slug is the last part of a hosted address, proposed by the source; fixed at first publication.
	Slug string `json:"slug,omitempty"`
	// Link is the absolute address given by the source; empty when the article has none of its own.
	Link string `json:"link,omitempty"`

	Title   string `json:"title"`
	Summary string `json:"summary,omitempty"`
	Content string `json:"content,omitempty"`
	// Markdown is the content as Markdown, for an article whose Content is empty: it is converted when a document is made.
	Markdown string   `json:"markdown,omitempty"`
	Authors  []Person `json:"authors,omitempty"`
	Tags     []string `json:"tags,omitempty"`
	Language string   `json:"language,omitempty"` // BCP 47
	Image    Image    `json:"image,omitzero"`
	// Enclosures are files that belong to the article, such as audio.
	Enclosures []Enclosure `json:"enclosures,omitempty"`
	// Media are the files among those the article refers to that are kept and published by us.
	Media []Media `json:"media,omitempty"`
	// Source is where the article was first published, when the feed it was read from passes it on from another.
	Source Origin `json:"source,omitzero"`

	// Published, Updated and Expires are as the source gives them; zero when it does not. A Published in the future is
	// an embargo.
	Published time.Time `json:"published,omitzero"`
	Updated   time.Time `json:"updated,omitzero"`
	Expires   time.Time `json:"expires,omitzero"`

	Status     Status `json:"status,omitempty"`
	Correction string `json:"correction,omitempty"` // shown above the content; moves the updated date
	Minor      bool   `json:"minor,omitempty"`      // this edit does not move the updated date
	Pin        bool   `json:"pin,omitempty"`        // stands above the others on pages, not in feeds

	// Revision tells two versions of the article apart whose words do not, such as the date by which a site map says that a
	// page has changed: another one is an edit. Empty: the words alone do.
	Revision string `json:"revision,omitempty"`

	// Modified is when the thing the article was read from last changed (a file's modification time): an upper bound
	// for the first-seen date of an undated article.
	Modified time.Time `json:"modified,omitzero"`
	// Trace says where each word was read. It is the source's to fill, and may say nothing.
	Trace Trace `json:"trace,omitempty"`
	// Notes say in a few words each how the article was read ("23 paragraphs"); they go into the report only.
	Notes []string `json:"-"`
}

// Person is an author. Name is required; the rest may be empty.
type Person struct {
	Name  string `json:"name"`
	Email string `json:"email,omitempty"`
	URL   string `json:"url,omitempty"`
}

// Image is an article's lead image. URL may be relative to the article's link. What is 0 or empty is not known.
type Image struct {
	URL     string `json:"url,omitempty"`
	Caption string `json:"caption,omitempty"`
	Credit  string `json:"credit,omitempty"`
	Type    string `json:"type,omitempty"`
	Length  int64  `json:"length,omitempty"` // in bytes
	Width   int    `json:"width,omitempty"`  // in pixels, as is Height
	Height  int    `json:"height,omitempty"`
}

// Enclosure is a file that belongs to an article. Length is in bytes, 0 when unknown.
type Enclosure struct {
	URL    string `json:"url"`
	Type   string `json:"type"`
	Length int64  `json:"length,omitempty"`
}

// Origin is the feed that an article comes from. Every field may be empty; the addresses are absolute.
type Origin struct {
	Title   string `json:"title,omitempty"`
	Link    string `json:"link,omitempty"`     // its web site
	FeedURL string `json:"feed_url,omitempty"` // the feed itself
}

// Extent says how much of the truth a batch holds.
type Extent int

// A batch is all there is, only what is new or changed, or the statement that nothing changed.
const (
	Listing Extent = iota
	Increment
	Unchanged
)

// Batch is what one fetch of a source gave.
type Batch struct {
	Articles []Article
	Extent   Extent
	// Gone holds the keys of articles that were there before and no longer are. Only sources that can tell name them.
	Gone []string
	// WithdrawGone says that a gone article is to be withdrawn; otherwise it stays published.
	WithdrawGone bool
	// Link makes the address of an article that has none of its own, from its slug and dates. Nil: the mill hosts a
	// page for it.
	Link func(Article) (string, error)
	// Foreign says that the articles are somebody else's: a date in the future is no embargo of ours then.
	Foreign bool
	// Problems name what could not be read ([*Problem] where a place is known); everything else in the batch is good.
	Problems []error
	// Notes are worth saying once and ask for nothing, such as which feed of a page is read.
	Notes []string
}

// Memory is what one source remembers from fetch to fetch: validators, cursors, failures, an index of files. What is put
// is committed together with the batch's articles, or dropped with them; what is put by a fetch that ends with an error
// is kept too. So validators are put only by a fetch that returns the articles they came with.
type Memory interface {
	// Get returns the value last committed or put under key, nil when there is none. The caller must not change it.
	Get(key string) []byte
	Put(key string, value []byte)
}

// Marker is a [Memory] that can also tell whether some work ended the process. Not every memory is one.
type Marker interface {
	// Begin notes that work on something, named by its digest, begins, in a way that outlives the process whatever becomes
	// of the fetch, and returns how often the same work was begun before and never ended. Work that did not end before
	// is let in one at a time, so that the next death has one suspect. The caller calls end when the work is done, also
	// badly or not at all; the note is gone then, unless deaths was two or more: such work stays known. On an error
	// nothing was noted and end is nil.
	Begin(ctx context.Context, work string) (deaths int, end func(), err error)
}

// Keeper is a [Memory] that can also keep files which belong to articles, such as pictures. Not every memory is one.
type Keeper interface {
	// KeepMedia keeps what r has, under a name made of its content and of name, whose extension stays. Nobody sees it
	// before an article is published that holds what is returned among its Media; one that is kept already is not kept
	// twice. After an error of r, which is wrapped, or of the keeper's own nothing is kept. Safe for concurrent use.
	KeepMedia(ctx context.Context, name, mediaType string, r io.Reader) (Media, error)
	// HasMedia reports whether the file of that name is still kept.
	HasMedia(ctx context.Context, name string) (bool, error)
}

// Source reads articles from somewhere.
type Source interface {
	// Fetch blocks until it has read the source, honours ctx and leaves no goroutine behind. An error means that
	// nothing of the source could be read; single bad items are Batch.Problems. Calls do not overlap.
	Fetch(ctx context.Context, m Memory) (Batch, error)
}

// Expander stands for sources that are only known when it is read, such as the feeds of an OPML list. Each has its own
// memory and fails for itself.
type Expander interface {
	// Expand returns the sources it stands for, by a name that stays (an address). Nil: it turned out to be one source,
	// and is to be fetched itself. When the list cannot be read now, it returns the error and the sources that it knew
	// last. Calls do not overlap.
	Expand(ctx context.Context, m Memory) (map[string]Source, error)
}

// Watcher is a source that notices by itself when it has something new.
type Watcher interface {
	// Watch calls changed, from its own goroutine's loop, each time the source has settled in a new state; it returns
	// when ctx ends. The caller fetches in answer.
	Watch(ctx context.Context, changed func()) error
}

// Linker is a source that makes the links of its articles. What it returns is [Batch.Link], also when nothing was fetched.
type Linker interface {
	Linker() func(Article) (string, error)
}

// Completer is a source that lists its articles in part and can fetch the rest of each, such as a page whose links are
// followed.
type Completer interface {
	// Completer returns what makes an article of the source whole: it takes the article as it was listed and returns it
	// with the rest. Nil: they are whole as they are listed. The caller decides how many are fetched and when, keeps what
	// it got, and publishes none before it is whole.
	Completer() func(context.Context, Article) (Article, error)
}

// Sparing is a [Completer] that lists some of its articles whole: nothing is fetched for those.
type Sparing interface {
	Completer
	// Whole reports whether an article, as it was listed, lacks nothing.
	Whole(Article) bool
}

// Outcome is what became of one article or one unreadable item in a refresh.
type Outcome struct {
	Key     string   // the article's key, or the place of the problem; else its title
	State   string   // published, changed, waiting, withdrawn, failed …
	Details []string // how it was read, why it waits
	Err     error    // why it failed; nil otherwise
	// Link is where readers find the article, and At when it appeared there. Of one that waits for its moment At is that
	// moment. Both are told to reporters only.
	Link string
	At   time.Time
}

// Reporter is a source that tells its authors what became of their articles.
type Reporter interface {
	Report(ctx context.Context, outcomes []Outcome) error
}

// Publisher takes finished documents to where readers find them.
type Publisher interface {
	// Publish makes the release's documents visible, each whole or not at all, and takes away its removed ones. It may
	// be called again with the same release and must then change nothing. Calls for one feed do not overlap.
	Publish(ctx context.Context, r Release) error
}

// Release is the state of a feed after a refresh.
type Release struct {
	Feed     string // empty: the documents of the whole site, such as its index
	Revision int64  // rises with every change of the documents
	// Documents are all live documents of the feed, and the pages of articles it hosts that may have changed.
	Documents []Document
	// Removed are the paths of documents that no longer exist.
	Removed []string
}

// Schedule tells when something is next due; it has robfig/cron's shape. A zero answer means never.
type Schedule interface {
	Next(time.Time) time.Time
}

// Package mailbox is the source kind mailbox: it reads newsletters and mailing lists out of an IMAP folder or a Maildir.
//
// A [Mailbox] finds the messages that are new (imap.go, maildir.go), keeps those of the sender and list that were asked for
// (candidate.go), reads them one after another within bounds (take.go), and remembers which messages were told, by their
// Message-ID (memory.go): a folder that is made anew (UIDVALIDITY), copied or moved tells nothing twice. It only ever reads: the
// folder is opened by EXAMINE, messages are fetched by BODY.PEEK, files of a Maildir are neither moved nor flagged.
//
// A message becomes an article (article.go) from its header (header.go) and its parts (mime.go, transfer.go, charset.go), whose text
// is made HTML (plain.go) or put in order (markup.go). What is not the sender's word to everybody goes: counting images
// (pixel.go), ways to unsubscribe (unsubscribe.go), the headers of a forwarded message (forward.go). The addresses of whoever
// received the message are in nothing that leaves this package, neither as text nor in links, plain or encoded (own.go). The
// parser of MIME is our own: those of the standard library and of go-message stop at the first broken line, and believe
// what a part says of its charset.
//
// The first look takes the newest messages, as many as fit its bounds, and no older ones ever: they would arrive after the
// newer ones and be news. From then on every message is taken, the oldest first; what does not fit one look comes with
// the next, at once if the source is watched. A message that cannot be read is named, once, and harms no other.
//
// Pictures that travel inside a message (cid:) are kept and published with the article (inline.go); the description of one that
// cannot be stands in its place. Attachments are left out. Both are noted in the report.
//
// Who speaks to the server is go-imap, known to imap.go and idle.go alone; what it reads is bounded by wire.go. Connections go through
// [fetch.Client.Dial], by the rules of the web: a server in a private network must stand in fetch.allow_private. Watch keeps one
// connection of its own for IDLE; Fetch opens one, and leaves none.
//
// MEASURED
package mailbox

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"feedmill/feed"
	"feedmill/feed/fetch"
)

var (
	_ feed.Source  = (*Mailbox)(nil)
	_ feed.Watcher = (*Mailbox)(nil)
)

// Mailbox reads one folder of messages.
type Mailbox struct {
	config Config
	place  place
	wrong  error // what is wrong with the configuration, which Validate would have told
	client *fetch.Client
	loc    *time.Location
	now    func() time.Time
	log    *slog.Logger

	more chan struct{} // a look left messages for the next one
	room int           // bytes of articles in one look

	mu    sync.Mutex
	asked bool // this process has asked the server before
}

// New makes a source of a valid configuration. A relative path begins at dir; dates that name no zone are in loc.
func New(c Config, dir string, client *fetch.Client, loc *time.Location, now func() time.Time, log *slog.Logger) *Mailbox {
	m := &Mailbox{config: c, client: client, loc: loc, now: now, log: log, more: make(chan struct{}, 1), room: mostContent}
	m.place, m.wrong = parsePlace(c.URL)
	if m.place.dir != "" && !filepath.IsAbs(m.place.dir) {
		m.place.dir = filepath.Join(dir, m.place.dir)
	}
	return m
}

// Fetch reads what is new. The batch is an Increment, or Unchanged when there is nothing.
//
// After a failure the server is left alone for a while that grows with each one, and the same error is returned; a new
// process, or a new configuration, asks at once.
func (m *Mailbox) Fetch(ctx context.Context, mem feed.Memory) (feed.Batch, error) {
	if m.wrong != nil {
		return feed.Batch{}, feed.Classify(feed.Refused, m.wrong)
	}
	if m.place.dir != "" {
		b, err := m.fetchMaildir(ctx, mem)
		return b, m.told(err)
	}
	if err := m.waits(mem); err != nil {
		return feed.Batch{}, m.told(err)
	}
	b, err := m.fetchIMAP(ctx, mem)
	if ctx.Err() != nil && err != nil {
		return feed.Batch{}, feed.Classify(feed.Unavailable, fmt.Errorf("read %s: %w", m.place.shown(), ctx.Err()))
	}
	m.remember(mem, err)
	return b, m.told(err)
}

// told puts the mailbox in front of an error.
func (m *Mailbox) told(err error) error {
	if err == nil {
		return nil
	}
	return feed.Classify(feed.ClassOf(err), fmt.Errorf("read %s: %w", m.place.shown(), err))
}

// Watch calls changed when there is a new message: told by a server that knows IDLE, found by looking at the folders of a
// Maildir every few seconds. It returns nil when ctx ends; a server without IDLE is looked at on schedule only.
func (m *Mailbox) Watch(ctx context.Context, changed func()) error {
	switch {
	case m.wrong != nil:
		<-ctx.Done()
	case m.place.dir != "":
		m.watchMaildir(ctx, changed)
	default:
		m.watchIMAP(ctx, changed)
	}
	return nil
}

// again has the rest read soon, if somebody watches.
func (m *Mailbox) again() {
	select {
	case m.more <- struct{}{}:
	default:
	}
}

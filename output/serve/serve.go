// Package serve answers readers over HTTP, from memory but for what is too large for it.
//
// It owns the public listener: which address shows which document, conditional requests and encodings (RFC 9110), what
// caches and browsers are told, and the limits on slow clients. A document is read, compressed with gzip and zstd and given
// its headers once, when its release is published; when it has stood for some minutes a worker compresses it with brotli
// (form.go, later.go). A request for it finds it in an immutable table behind one atomic pointer and neither renders,
// compresses nor hashes anything; for one who takes it only as it is it is unpacked, for all who do so at
// that time (plain.go). A reader who has the document in any coding that he takes is told so: that it can be had smaller by
// now makes nobody fetch it again.
//
// Documents of releases take up to 192 MB in their compressed forms, and what is made on request up to 64 MB. What is
// beyond that is asked for through [Server.SetPages] when somebody does not have it (request.go, cache.go), and so are, after
// a start, the documents of feeds that had no release yet: a start waits for nothing to be brought or compressed. Documents
// of more than 8 MB and the files that articles show are read for each answer, and may be asked for in ranges (large.go).
//
// It never decides what is published and knows no store. It keeps the documents of each feed's newest release and
// nothing older; pages of older articles, archives, feeds of one tag and files are asked for too.
//
// Who clicks on the address of a feed in a browser is shown its page there (click.go). A private feed answers to its readers
// alone, before anything else is looked at (access.go); wrong tokens are counted by the network that they come from
// (limit.go). Who reads is counted and not kept: different pollers (visitors.go) and what aggregators say of their
// subscribers (subscribers.go), by feed (audience.go). Whose word is believed on whom it asks for is in proxies.go. What a
// document says in its headers is in document.go and head.go, choosing among its forms in negotiate.go, matching validators in
// condition.go, addresses and refusals in handle.go, the table in table.go and publish.go, the life of the listener in run.go
// and door.go, what net/http is spared on a connection in conn.go, and what is given back when it is not needed in later.go.
//
// Measured on two shared cores among 1,000 feeds, without the network, for documents of 240 KB: a 304 takes 0.5 µs and a
// compressed 200 takes 0.5 µs, both without an allocation; publishing three changed documents takes 13 ms, nearly all of
// it compression, three unchanged ones 0.1 ms. A 304 of a private feed with 1,000 readers takes 25 µs, for every token is
// compared. How it does beside nginx is in README.md.
package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"feedmill/feed"
	"feedmill/feed/turns"
)

// Config says where readers are answered.
type Config struct {
	// Listen is the address of the public listener as host:port; without a host every address of the machine.
	Listen string `yaml:"listen"`
}

// Validate reports what is wrong with the words themselves; it opens nothing.
func (c Config) Validate() error {
	if c.Listen == "" {
		return errors.New("listen is missing; write 127.0.0.1:8080, or :8080 for every address of this machine")
	}
	_, port, err := net.SplitHostPort(c.Listen)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("listen %q is no address; write 127.0.0.1:8080, or :8080 for every address of this machine", c.Listen)
	}
	return nil
}

// Pages returns a document that no release brought: those of a feed that had no release yet, and those of releases for which
// there is no room in memory, by their paths; what lies under a feed's "a/" (pages of older articles), "archive/" or
// "tag/" (feeds and pages of one tag), and the files that articles show, as "media/NAME". the
// path has no slash at its end there; the document's own may have one, and readers are led to that. An error of class [feed.Gone] means that the article was
// withdrawn, one that is fs.ErrNotExist that there never was one. It is called by several requests at once, for what is in a
// feed once for each of its releases as long as memory allows, for a file each time: to be read as it is sent.
type Pages func(ctx context.Context, path string) (feed.Document, error)

// mostReleased bounds the bytes of released documents that are held with their compressed forms; with mostMade it makes
// 256 MB. Beyond it documents are asked for like those that are made on request.
const mostReleased = 192 << 20

// wantedAtOnce bounds how many documents are remembered that readers would have liked compressed.
const wantedAtOnce = 64

// Server answers readers. It is ready to serve at once: every feed answers 503 until its first release.
type Server struct {
	base string
	log  *slog.Logger

	// table is what requests see. Writers, of the whole or of a shelf, hold writing.
	table   atomic.Pointer[table]
	writing sync.Mutex

	processors   *turns.Turns // of what compresses
	pages        atomic.Pointer[Pages]
	moved        atomic.Pointer[map[string]string]
	pagesFailing atomic.Bool
	squeezers    sync.Pool
	unpackers    sync.Pool
	made         *cache
	serials      atomic.Uint64
	makers       chan struct{} // holds a token for each document that is being made on request
	turns        chan struct{} // holds a token for each large document on its way
	mediaTurns   chan struct{} // and for each file

	slowest  time.Duration  // for a reader to take what is sent to him at once
	room     int64          // for documents of releases, in bytes
	standing time.Duration  // until a document is compressed with brotli
	worker   chan struct{}  // holds a token while one compresses later
	bare     chan struct{}  // says that documents are there that are not compressed
	wanted   chan *document // those that readers ask for

	proxies  atomic.Pointer[[]netip.Prefix]
	failures failures
	audience audience
}

var _ feed.Publisher = (*Server)(nil)

// New makes a server whose documents lie under basePath: the path of the site's base address, not percent-encoded, ""
// when it has none.
func New(basePath string, log *slog.Logger) *Server {
	s := &Server{base: strings.TrimRight(basePath, "/"), log: log, made: newCache(mostMade), makers: make(chan struct{}, makersAtOnce),
		turns: make(chan struct{}, largeAtOnce), mediaTurns: make(chan struct{}, mediaAtOnce),
		slowest: writeTimeout, room: mostReleased, standing: standing, worker: make(chan struct{}, 1), bare: make(chan struct{}, 1), wanted: make(chan *document, wantedAtOnce)}
	if s.base != "" && s.base[0] != '/' {
		s.base = "/" + s.base
	}
	t := newTable()
	t.put("", &shelf{terms: Feed{}.terms(nil)})
	s.table.Store(t)
	return s
}

// The bounds of how long a feed may be cached: a shorter time would bring every reader back within the minute, a longer
// one would hide a correction. Pages are always cached for pageAge.
const (
	minAge  = time.Minute
	maxAge  = 15 * time.Minute
	pageAge = 5 * time.Minute
	// A closed archive changes only when an article is withdrawn from it.
	archiveAge = 365 * 24 * time.Hour
)

// SetFeeds says which feeds are served, who may read each, and for how long it may be cached: the time between two of its
// refreshes, brought between 60 and 900 seconds. All holds from the next request on: the documents of feeds not named are
// dropped at once, and a reader who is left out is let in no more; a feed that stays keeps its documents. Pages and the
// site's own documents may always be cached for 300 seconds, those of a private feed only by its reader.
func (s *Server) SetFeeds(feeds map[string]Feed) {
	s.writing.Lock()
	defer s.writing.Unlock()
	old := s.table.Load()
	next := newTable()
	next.put("", old.shelf(""))
	for key, f := range feeds {
		if key == "" {
			continue
		}
		fresh := &shelf{terms: f.terms(s.audience.of(key)), part: f.Part, serial: s.serials.Add(1)}
		if kept := old.shelf(key); kept != nil {
			fresh.docs, fresh.size = kept.docs, kept.size
		}
		next.put(key, fresh)
	}
	s.table.Store(next)
}

// SetTurns says whose turns are taken for what takes processors: to compress. It must be said before anything is published or
// run; without it there is no bound.
func (s *Server) SetTurns(turns *turns.Turns) { s.processors = turns }

// SetPages says whom to ask for what the newest release does not hold. Without it that is not found.
func (s *Server) SetPages(pages Pages) {
	if pages == nil {
		s.pages.Store(nil)
		return
	}
	s.pages.Store(&pages)
}

// SetMoved says which feeds have had another key: addresses below the old one lead to the same place below the new one,
// for good.
func (s *Server) SetMoved(keys map[string]string) { s.moved.Store(&keys) }

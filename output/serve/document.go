package serve

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"feedmill/feed"
)

// document is a published document with everything that is ever sent of it. Only forms and heads are added to it.
type document struct {
	path         string
	kind         asked
	etag         string // as the release gave it
	mediaType    string
	modified     time.Time
	lastModified []string // nil when modified is zero
	contentType  []string
	link         []string // nil: none
	html         bool
	private      bool // though it lies under no private feed
	feed         bool // for feed readers: who clicks on its address is shown its page
	tags         [codings][]string
	size         int
	length       []string                            // the same as it stands in headers
	forms        [codings]atomic.Pointer[form]       // as it is only until it is compressed, see [Server.plain]
	heads        [codings][2][2]atomic.Pointer[head] // by whether the reader has the document, and whether it has a page
	unpacking    sync.Mutex                          // of unpacked
	unpacked     weak.Pointer[form]                  // as it is, while somebody uses that
	since        time.Time                           // when it was prepared
	large        *large                              // read for each answer; else nil
	elsewhere    bool                                // there is no room for it: it is asked for when somebody does not have it
}

// Header values that never differ, in the form net/http keeps them, so that sending them makes no garbage.
var (
	challenge       = []string{`Basic realm="feeds", charset="UTF-8"`}
	vary            = []string{"Accept-Encoding"}
	privateVary     = []string{"Accept-Encoding, Authorization"}
	feedVary        = []string{"Accept-Encoding, Sec-Fetch-Dest"}
	privateFeedVary = []string{"Accept-Encoding, Authorization, Sec-Fetch-Dest"}
	noIndex         = []string{"noindex"}
	nosniff         = []string{"nosniff"}
	anyOrigin       = []string{"*"}
	exposed         = []string{"ETag, Link"} // what scripts see besides what they always see (Fetch, section 3.2)
	contentPolicy   = []string{"default-src 'none'; style-src 'unsafe-inline'; img-src http: https:; media-src http: https:; " +
		"frame-src https://www.youtube.com https://www.youtube-nocookie.com https://player.vimeo.com; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}
	// A file may be a page or a drawing with scripts in it: it is shown, and runs nothing.
	mediaPolicy = []string{"default-src 'none'; img-src data:; media-src 'self'; style-src 'unsafe-inline'; sandbox"}
	crossOrigin = []string{"cross-origin"}
	// YouTube plays nothing for a page that does not say where it is from; the path stays private all the same.
	referrerPolicy  = []string{"strict-origin-when-cross-origin"}
	privateReferrer = []string{"strict-origin"}
)

// forEver is for files, whose names tell their bytes.
var (
	forEver        = []string{"public, max-age=31536000, immutable"}
	privateForEver = []string{"private, max-age=31536000, immutable"}
)

// staleOnError is how long a shared cache may show what it has while the server cannot be reached.
const staleOnError = 24 * time.Hour

// cacheControl is for what may be shown for so long, and for as long again while a cache fetches it anew. What is private
// is in nobody's cache but the reader's, who asks again.
func cacheControl(public bool, age time.Duration) []string {
	seconds := int(age / time.Second)
	if !public {
		return []string{"private, max-age=" + strconv.Itoa(seconds)}
	}
	return []string{fmt.Sprintf("public, max-age=%d, stale-while-revalidate=%d, stale-if-error=%d", seconds, seconds, int(staleOnError/time.Second))}
}

// prepare reads a document and makes its headers. What is too large to be held, and files, are only read when they are sent.
func (s *Server) prepare(d feed.Document, kind asked, link string) (*document, error) {
	doc, err := outline(d, kind, link)
	if err != nil {
		return nil, err
	}
	switch {
	case kind == askedMedia:
		doc.large = &large{open: d.Open, turns: s.mediaTurns, slowest: s.slowest}
	case d.Size > mostHeld:
		doc.large = &large{open: d.Open, turns: s.turns, slowest: s.slowest}
	}
	if doc.large != nil {
		return doc, nil
	}
	body, err := d.Bytes()
	if err != nil {
		return nil, err
	}
	if int64(len(body)) != d.Size {
		return nil, fmt.Errorf("it has %d bytes and says %d", len(body), d.Size)
	}
	doc.forms[codingIdentity].Store(&form{body, doc.length})
	return doc, nil
}

// outline is a document without its bytes.
func outline(d feed.Document, kind asked, link string) (*document, error) {
	name, ok := tagName(d.ETag)
	if !ok {
		return nil, fmt.Errorf("%q is no strong entity tag", d.ETag)
	}
	mediaType, _, err := mime.ParseMediaType(d.Type)
	if err != nil {
		return nil, fmt.Errorf("media type %q: %w", d.Type, err)
	}
	doc := &document{
		path:        d.Path,
		kind:        kind,
		private:     d.Private,
		etag:        d.ETag,
		mediaType:   d.Type,
		modified:    d.Modified.UTC().Truncate(time.Second),
		contentType: []string{d.Type},
		html:        mediaType == "text/html",
		feed:        isFeed(mediaType) && kind != askedMedia,
		since:       time.Now(),
		size:        int(d.Size),
		length:      []string{strconv.FormatInt(d.Size, 10)},
	}
	if !d.Modified.IsZero() {
		doc.lastModified = []string{doc.modified.Format(http.TimeFormat)}
	}
	if link != "" {
		doc.link = []string{link}
	}
	for c, suffix := range suffixes {
		if c == int(codingIdentity) || kind != askedMedia && d.Size <= mostHeld {
			doc.tags[c] = []string{`"` + name + suffix + `"`}
		}
	}
	return doc, nil
}

func isFeed(mediaType string) bool {
	return mediaType == "application/rss+xml" || mediaType == "application/atom+xml" || mediaType == "application/feed+json"
}

// isHeld reports whether the bytes are in memory.
func (doc *document) isHeld() bool { return doc.large == nil && !doc.elsewhere }

// held is how many bytes of it are in memory, or will be when it is compressed.
func (doc *document) held() int64 {
	if !doc.isHeld() {
		return 0
	}
	n := 0
	for c := range doc.forms {
		if f := doc.forms[c].Load(); f != nil {
			n += len(f.body)
		} else if coding(c) != codingIdentity {
			n += doc.size / 4
		}
	}
	return int64(n)
}

// made reports whether the document was prepared from d, whose entity tag is made of its bytes.
func (doc *document) made(d feed.Document, link string) bool {
	return doc.etag == d.ETag && doc.mediaType == d.Type && doc.modified.Equal(d.Modified.UTC().Truncate(time.Second)) &&
		(doc.link == nil && link == "" || doc.link != nil && doc.link[0] == link)
}

// tagName takes a strong entity tag out of its quotes.
func tagName(etag string) (string, bool) {
	tag, rest, ok := cutETag(etag)
	if !ok || rest != "" || tag != etag || strings.ContainsFunc(etag, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return "", false
	}
	return tag[1 : len(tag)-1], true
}

// address is where a document is found on this host, percent-encoded.
func (s *Server) address(path string) string {
	return (&url.URL{Path: s.base + "/" + path}).EscapedPath()
}

// lengthIn is how many bytes it has in a coding that it can be sent in, as headers say it.
func (doc *document) lengthIn(c coding) []string {
	if c == codingIdentity {
		return doc.length
	}
	return doc.forms[c].Load().length
}

// has reports whether the document can be sent in a coding.
func (doc *document) has(c coding) bool {
	switch {
	case doc.large != nil:
		return c == codingIdentity
	case doc.elsewhere:
		return c != codingBrotli
	}
	return c == codingIdentity || doc.forms[c].Load() != nil
}

// send answers with the document, or with 304 when the reader has it. It reports whether it did: of a document that is
// elsewhere only the headers are known.
func (s *Server) send(w http.ResponseWriter, r *http.Request, doc *document, at finding) bool {
	s.polled(r, at.terms, doc)
	a := takes(r.Header["Accept-Encoding"])
	best := a.best(doc.has)
	if best == codingNone {
		best = s.insist(doc, &a)
	}
	if best == codingNone {
		at.terms.vary(w.Header(), at.readable(doc))
		refuse(w, http.StatusNotAcceptable, "This document is sent as it is or compressed with gzip, zstd or br; the request takes none of them.")
		return true
	}
	c, known := doc.known(r.Header, &a, best)
	switch {
	case known:
		at.notModified(w, r, doc, c)
		return true
	case doc.elsewhere:
		return false
	}
	if doc.large != nil {
		at.fields(w.Header(), doc, codingIdentity, false)
		doc.large.send(w, r, doc.modified)
		return true
	}
	if best == codingIdentity && a[codingGzip]+a[codingZstd] > 0 && doc.kind == released {
		select {
		case s.wanted <- doc: // it is compressed for the next one
		default:
		}
	}
	if best == codingIdentity {
		s.sendPlain(w, r, doc, at)
		return true
	}
	var f *form
	if r.Method != http.MethodHead {
		f = doc.forms[best].Load()
	}
	s.deliver(w, r, doc, at, best, f)
	return true
}

// insist compresses a document that is not compressed yet for one who takes it in no other way.
func (s *Server) insist(doc *document, a *acceptance) coding {
	if !doc.isHeld() || a[codingGzip]+a[codingZstd] == 0 || s.squeeze(doc) != nil {
		return codingNone
	}
	return a.best(doc.has)
}

package serve

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"feedmill/feed"
)

// document is a published document with everything that is ever sent of it. It is never changed.
type document struct {
	path         string
	etag         string // as the release gave it
	mediaType    string
	modified     time.Time
	lastModified []string // nil when modified is zero
	contentType  []string
	link         []string // nil for pages
	html         bool
	kind         asked
	identity     variant
	gzip         variant
	large        *large // nil: it is held
}

// variant is a document in one content coding, with an entity tag of its own (RFC 9110 section 8.8.3.3).
type variant struct {
	body   []byte
	etag   []string
	length []string
}

// Header values that never differ, in the form net/http keeps them, so that sending them makes no garbage.
var (
	challenge     = []string{`Basic realm="feeds", charset="UTF-8"`}
	vary          = []string{"Accept-Encoding"}
	privateVary   = []string{"Accept-Encoding, Authorization"}
	noIndex       = []string{"noindex"}
	nosniff       = []string{"nosniff"}
	gzipCoding    = []string{"gzip"}
	anyOrigin     = []string{"*"}
	contentPolicy = []string{"default-src 'none'; style-src 'unsafe-inline'; img-src http: https:; media-src http: https:; " +
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
var forEver = []string{"public, max-age=31536000, immutable"}

func cacheControl(who string, age time.Duration) []string {
	return []string{who + ", max-age=" + strconv.Itoa(int(age/time.Second))}
}

// prepare reads a document, compresses it and makes its headers. What is too large to be held, and files, are only read when
// they are sent.
func (s *Server) prepare(d feed.Document, kind asked) (*document, error) {
	name, ok := tagName(d.ETag)
	if !ok {
		return nil, fmt.Errorf("%q is no strong entity tag", d.ETag)
	}
	mediaType, _, err := mime.ParseMediaType(d.Type)
	if err != nil {
		return nil, fmt.Errorf("media type %q: %w", d.Type, err)
	}
	ready := &document{
		path:        d.Path,
		kind:        kind,
		etag:        d.ETag,
		mediaType:   d.Type,
		modified:    d.Modified.UTC().Truncate(time.Second),
		contentType: []string{d.Type},
		html:        mediaType == "text/html",
	}
	if !d.Modified.IsZero() {
		ready.lastModified = []string{ready.modified.Format(http.TimeFormat)}
	}
	if !ready.html && kind != askedMedia {
		ready.link = []string{fmt.Sprintf(`<%s>; rel="self"; type=%q`, s.address(d.Path), mediaType)}
	}
	if d.Size > mostHeld {
		ready.large = &large{open: d.Open, turns: s.turns}
	}
	if kind == askedMedia {
		ready.large = &large{open: d.Open, turns: s.mediaTurns}
	}
	if ready.large != nil {
		ready.identity.etag = []string{`"` + name + `"`}
		return ready, nil
	}
	body, err := d.Bytes()
	if err != nil {
		return nil, err
	}
	if int64(len(body)) != d.Size {
		return nil, fmt.Errorf("it has %d bytes and says %d", len(body), d.Size)
	}
	compressed, err := s.compress(body)
	if err != nil {
		return nil, err
	}
	ready.identity, ready.gzip = newVariant(body, `"`+name+`"`), newVariant(compressed, `"`+name+`-gzip"`)
	return ready, nil
}

// held is how many bytes of it are in memory.
func (doc *document) held() int64 { return int64(len(doc.identity.body) + len(doc.gzip.body)) }

// made reports whether the document was prepared from d, whose entity tag is made of its bytes.
func (doc *document) made(d feed.Document) bool {
	return doc.etag == d.ETag && doc.mediaType == d.Type && doc.modified.Equal(d.Modified.UTC().Truncate(time.Second))
}

func newVariant(body []byte, etag string) variant {
	return variant{body: body, etag: []string{etag}, length: []string{strconv.Itoa(len(body))}}
}

// tagName takes a strong entity tag out of its quotes.
func tagName(etag string) (string, bool) {
	tag, rest, ok := cutETag(etag)
	if !ok || rest != "" || tag != etag || strings.ContainsFunc(etag, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return "", false
	}
	return tag[1 : len(tag)-1], true
}

func (s *Server) compress(body []byte) ([]byte, error) {
	w, ok := s.compressors.Get().(*gzip.Writer)
	if !ok {
		w = gzip.NewWriter(nil)
	}
	defer func() {
		w.Reset(nil)
		s.compressors.Put(w)
	}()
	var out bytes.Buffer
	w.Reset(&out)
	if _, err := w.Write(body); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	return bytes.Clone(out.Bytes()), nil
}

// address is where a document is found on this host, percent-encoded.
func (s *Server) address(path string) string {
	return (&url.URL{Path: s.base + "/" + path}).EscapedPath()
}

// send answers with the document, or with 304 when the reader has it.
func (doc *document) send(w http.ResponseWriter, r *http.Request, t *terms) {
	h := w.Header()
	h["Vary"] = vary
	h["X-Content-Type-Options"] = nosniff
	coding := choose(r.Header["Accept-Encoding"])
	if coding == codingNone {
		refuse(w, http.StatusNotAcceptable, "This document is sent as it is or compressed with gzip; the request takes neither.")
		return
	}
	v := &doc.identity
	if coding == codingGzip && doc.large == nil {
		v = &doc.gzip
	}
	h["Etag"] = v.etag
	if doc.lastModified != nil {
		h["Last-Modified"] = doc.lastModified
	}
	t.dress(h, doc)
	if notModified(r.Header, v.etag[0], doc) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h["Content-Type"] = doc.contentType
	if doc.large != nil {
		doc.large.send(w, r, doc.modified)
		return
	}
	h["Content-Length"] = v.length
	if v == &doc.gzip {
		h["Content-Encoding"] = gzipCoding
	}
	if r.Method != http.MethodHead {
		// A failed write is a reader who went away.
		_, _ = w.Write(v.body)
	}
}

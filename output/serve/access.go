package serve

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strconv"
	"strings"
	"time"

	"feedmill/feed/setting"
)

// Feed says how one feed is served.
type Feed struct {
	// Age is how long its documents may be cached; see [Server.SetFeeds].
	Age time.Duration
	// Readers are those who may read it. Nil: everybody may.
	Readers *Readers
	// Part says that its documents come with the releases of the feed that its address lies below.
	Part bool
	// Ending are the paths of documents of a feed that ends: once they are there no more, they answer 410.
	Ending []string
}

// Readers are those who may read a private feed, each by a token of their own. It is never changed: whoever is to be let
// in no more is left out of the next one. The zero value lets nobody in.
type Readers struct {
	names []string
	sums  [][sha256.Size]byte // of their tokens
}

// Reader is one of [Readers].
type Reader struct {
	Name  string // by which [Server.Visits] tells of them
	Token setting.Secret
}

// NewReaders makes readers. An empty token is nobody's.
func NewReaders(readers ...Reader) *Readers {
	rs := &Readers{}
	for _, reader := range readers {
		if reader.Token != "" {
			rs.names = append(rs.names, reader.Name)
			rs.sums = append(rs.sums, sha256.Sum256([]byte(reader.Token.Reveal())))
		}
	}
	return rs
}

// admit finds the reader whose token the request bears. Every token is compared, and in constant time, so that how long it
// takes tells nothing of any of them. tried says that there was a token at all.
func (rs *Readers) admit(r *http.Request) (name string, known, tried bool) {
	who := 0
	for _, token := range presented(r) {
		if token == "" {
			continue
		}
		tried = true
		sum := sha256.Sum256([]byte(token))
		for i := range rs.sums {
			who = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(sum[:], rs.sums[i][:]), i+1, who)
		}
	}
	if who == 0 {
		return "", false, tried
	}
	return rs.names[who-1], true, true
}

// presented are the tokens that a request bears: in ?token=…, as the password of HTTP Basic, whatever the user's name
// (RFC 7617), or as a Bearer token (RFC 6750). Of each only the first counts.
func presented(r *http.Request) []string {
	tokens := []string{r.URL.Query().Get("token")}
	field := r.Header.Get("Authorization")
	if _, password, ok := r.BasicAuth(); ok {
		return append(tokens, password)
	}
	if scheme, token, ok := strings.Cut(field, " "); ok && strings.EqualFold(scheme, "Bearer") {
		tokens = append(tokens, strings.TrimSpace(token))
	}
	return tokens
}

// terms are what all answers under one feed's address have in common.
type terms struct {
	readers                *Readers // nil: everybody
	feeds, pages, archives []string // Cache-Control
	tally                  *tally   // nil: nothing is counted
	ending                 []string // as in [Feed]
}

// terms are those of the feed, which count into t.
func (f Feed) terms(t *tally) *terms {
	age := min(max(f.Age, minAge), maxAge)
	public := f.Readers == nil
	return &terms{
		readers: f.Readers, feeds: cacheControl(public, age), pages: cacheControl(public, pageAge), archives: cacheControl(public, archiveAge),
		tally: t, ending: f.Ending,
	}
}

// private reports whether not everybody may read here.
func (t *terms) private() bool { return t.readers != nil }

// admits reports whether the request is let in, and answers it when it is not. A private feed's address is no secret, so
// that it says 401, which programs and browsers need to hear before they ask for a token, and not 404; but the answer is
// the same for whatever is asked for below that address: there or not, withdrawn, or not made yet.
//
// Whoever has shown too many wrong tokens hears 429. A right token is let in all the same: behind one address there may be
// many, and tokens are too long to be found by trying.
func (s *Server) admits(w http.ResponseWriter, r *http.Request, t *terms) bool {
	if !t.private() {
		return true
	}
	name, known, tried := t.readers.admit(r)
	if known {
		if !examining(r) {
			t.tally.saw(name)
		}
		return true
	}
	h := w.Header()
	h["Vary"] = privateVary
	if tried {
		if wait := s.failures.note(network(s.client(r)), time.Now()); wait > 0 {
			h.Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
			refuse(w, http.StatusTooManyRequests, "Too many wrong tokens came from your address. Please wait, and look whether your token is right.")
			return false
		}
	}
	h["Www-Authenticate"] = challenge
	refuse(w, http.StatusUnauthorized, "This is private. Give your token as the password, with any name, or put ?token= and your token behind the address.")
	return false
}

// vary says by what answers at an address differ: at that of a feed there is also its page.
func (t *terms) vary(h http.Header, feed bool) {
	switch {
	case t.private() && feed:
		h["Vary"] = privateFeedVary
	case t.private():
		h["Vary"] = privateVary
	case feed:
		h["Vary"] = feedVary
	default:
		h["Vary"] = vary
	}
}

// validate writes the headers that also stand in a 304 (RFC 9110 section 15.4.5), and what browsers ask of every answer that
// a script may see.
func (t *terms) validate(h http.Header, doc *document, c coding, feed bool) {
	t.vary(h, feed)
	h["Etag"] = doc.tags[c]
	if doc.lastModified != nil {
		h["Last-Modified"] = doc.lastModified
	}
	switch {
	case doc.kind == askedMedia && doc.private:
		h["Cache-Control"] = privateForEver
	case doc.kind == askedMedia:
		h["Cache-Control"] = forEver
	case doc.html:
		h["Cache-Control"] = t.pages
	case doc.kind == askedArchive:
		h["Cache-Control"] = t.archives
	default:
		h["Cache-Control"] = t.feeds
	}
	if doc.kind == askedMedia || !doc.html && !t.private() {
		h["Access-Control-Allow-Origin"] = anyOrigin
		h["Access-Control-Expose-Headers"] = exposed
	}
}

// dress writes the other headers that differ between documents. The address of a private page may hold a token, which no
// link out of it may tell, nor one to another page here; and a search engine that comes upon it is not to show it.
func (t *terms) dress(h http.Header, doc *document) {
	if t.private() {
		h["X-Robots-Tag"] = noIndex
	}
	if doc.link != nil {
		h["Link"] = doc.link
	}
	switch {
	case doc.kind == askedMedia:
		if doc.private {
			h["X-Robots-Tag"] = noIndex
		}
		h["Content-Security-Policy"] = mediaPolicy
		h["Cross-Origin-Resource-Policy"] = crossOrigin
	case doc.html:
		h["Content-Security-Policy"] = contentPolicy
		h["Referrer-Policy"] = referrerPolicy
		if t.private() {
			h["Referrer-Policy"] = privateReferrer
		}
	}
}

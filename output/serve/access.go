package serve

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
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
}

// Readers are those who may read a private feed, each by a token of their own. It is never changed: whoever is to be let
// in no more is left out of the next one. The zero value lets nobody in.
type Readers struct{ sums [][sha256.Size]byte }

// NewReaders makes readers of their tokens. An empty token is nobody's.
func NewReaders(tokens ...setting.Secret) *Readers {
	rs := &Readers{}
	for _, token := range tokens {
		if token != "" {
			rs.sums = append(rs.sums, sha256.Sum256([]byte(token.Reveal())))
		}
	}
	return rs
}

// admit reports whether the request bears the token of one of the readers. Every token is compared, and in constant time,
// so that how long it takes tells nothing of any of them.
func (rs *Readers) admit(r *http.Request) bool {
	known := 0
	for _, token := range presented(r) {
		sum := sha256.Sum256([]byte(token))
		for i := range rs.sums {
			known |= subtle.ConstantTimeCompare(sum[:], rs.sums[i][:])
		}
	}
	return known == 1
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
}

func (f Feed) terms() *terms {
	age := min(max(f.Age, minAge), maxAge)
	public := f.Readers == nil
	return &terms{
		readers: f.Readers, feeds: cacheControl(public, age), pages: cacheControl(public, pageAge), archives: cacheControl(public, archiveAge),
	}
}

// private reports whether not everybody may read here.
func (t *terms) private() bool { return t.readers != nil }

// admits reports whether the request is let in, and answers it when it is not. A private feed's address is no secret, so
// that it says 401, which programs and browsers need to hear before they ask for a token, and not 404; but the answer is
// the same for whatever is asked for below that address: there or not, withdrawn, or not made yet.
func (t *terms) admits(w http.ResponseWriter, r *http.Request) bool {
	if !t.private() || t.readers.admit(r) {
		return true
	}
	w.Header()["Www-Authenticate"] = challenge
	w.Header()["Vary"] = privateVary
	refuse(w, http.StatusUnauthorized, "A token is needed here.")
	return false
}

// dress writes the headers that differ between a private document and a public one. The address of a page may hold a
// token, which no link out of it may tell, nor one to another page here; and a search engine that comes upon it is not to
// show it. At the address of a feed there is also its page.
func (t *terms) dress(h http.Header, doc *document, feed bool) {
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
	if t.private() {
		h["X-Robots-Tag"] = noIndex
	}
	if doc.link != nil {
		h["Link"] = doc.link
	}
	h["Cache-Control"] = t.feeds
	if doc.kind == askedArchive && !doc.html {
		h["Cache-Control"] = t.archives
	}
	switch {
	case doc.kind == askedMedia:
		h["Cache-Control"] = forEver
		h["Content-Security-Policy"] = mediaPolicy
		h["Access-Control-Allow-Origin"] = anyOrigin
		h["Cross-Origin-Resource-Policy"] = crossOrigin
	case doc.html:
		h["Cache-Control"] = t.pages
		h["Content-Security-Policy"] = contentPolicy
		h["Referrer-Policy"] = referrerPolicy
		if t.private() {
			h["Referrer-Policy"] = privateReferrer
		}
	case !t.private():
		h["Access-Control-Allow-Origin"] = anyOrigin
		h["Access-Control-Expose-Headers"] = exposed
	}
}

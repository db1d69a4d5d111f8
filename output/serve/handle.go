package serve

import (
	"io"
	"net/http"
	"slices"
	"strings"
)

// ServeHTTP answers GET and HEAD. Paths are looked up as they are, decoded once and never cleaned, so that no spelling
// leads anywhere but to a document; a redirect leads only to the address of a document on this host.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength != 0 || len(r.TransferEncoding) > 0 {
		s.withBody(w, r)
		return
	}
	if r.ProtoMajor > 1 && misframed(r) {
		refuse(w, http.StatusBadRequest, "This request contradicts itself.")
		return
	}
	path, inside := s.below(r.URL.Path)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		if inside && preflight(r) && !s.table.Load().find(path).terms.private() {
			allow(w)
			return
		}
		w.Header().Set("Allow", "GET, HEAD")
		refuse(w, http.StatusMethodNotAllowed, "Only GET and HEAD are answered here.")
		return
	}
	if !inside {
		s.outside(w, r)
		return
	}
	t := s.table.Load()
	at := t.find(path)
	switch {
	case !s.admits(w, r, at.terms):
	case at.doc != nil:
		s.show(w, r, t, at)
	case !at.shelf.released() && (at.key != "" || path == ""):
		s.before(w, r, path, at)
	default:
		s.missing(w, r, t, path, at)
	}
}

// withBody answers a request that has a body, which nothing here needs: whoever disagrees with a proxy on where it ends could
// hide another request in it. It is not read, and the connection ends; over HTTP/2, where frames tell requests apart, the
// stream alone, for the others may be other readers' of one proxy.
func (s *Server) withBody(w http.ResponseWriter, r *http.Request) {
	if r.ProtoMajor == 1 {
		w.Header().Set("Connection", "close")
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		refuse(w, http.StatusBadRequest, "A request for a document has no body.")
		return
	}
	w.Header().Set("Allow", "GET, HEAD")
	refuse(w, http.StatusMethodNotAllowed, "Only GET and HEAD are answered here.")
}

// misframed reports whether a request over HTTP/2 without a body says that it has one, or asks for anything but a path. net/http
// lets both pass; a proxy that hands them on as HTTP/1.1 would be led astray (RFC 9113 sections 8.1.1 and 8.3.1).
func misframed(r *http.Request) bool {
	length := r.Header["Content-Length"]
	return len(length) > 1 || len(length) == 1 && length[0] != "0" || r.Method != http.MethodConnect && !strings.HasPrefix(r.RequestURI, "/")
}

// preflight reports whether a browser asks in the name of a script whether it may ask (Fetch, section 3.2.2). Readers that
// run in browsers send If-None-Match, which needs that.
func preflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Origin") != "" && r.Header.Get("Access-Control-Request-Method") != ""
}

func allow(w http.ResponseWriter) {
	h := w.Header()
	h["Access-Control-Allow-Origin"] = anyOrigin
	h.Set("Access-Control-Allow-Methods", "GET, HEAD")
	h.Set("Access-Control-Allow-Headers", "If-None-Match, If-Modified-Since, Cache-Control, Range")
	h.Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
}

// below returns what follows the base path and its slash.
func (s *Server) below(path string) (string, bool) {
	if path == "" && s.base == "" {
		return "", true // GET http://host without a path
	}
	rest, ok := strings.CutPrefix(path, s.base)
	if !ok || rest == "" || rest[0] != '/' {
		return "", false
	}
	return rest[1:], true
}

// outside answers what is not under the base path. The bare address of the host leads to the index, but not for ever:
// somebody may put a site there.
func (s *Server) outside(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case s.base:
		redirect(w, http.StatusMovedPermanently, s.address(""), s.table.Load().shelf("").terms)
	case "", "/":
		redirect(w, http.StatusFound, s.address(""), s.table.Load().shelf("").terms)
	default:
		notFound(w)
	}
}

// missing answers a path that no release holds: one with a slash too many or too few, or an older page. The path with
// another slash lies under the same feed, so that whoever was let in here is let in there.
func (s *Server) missing(w http.ResponseWriter, r *http.Request, t *table, path string, at finding) {
	if t.find(path+"/").doc != nil {
		redirect(w, http.StatusMovedPermanently, s.address(path+"/"), at.terms)
		return
	}
	bare := strings.TrimSuffix(path, "/")
	if bare != path && bare != "" && t.find(bare).doc != nil {
		redirect(w, http.StatusMovedPermanently, s.address(bare), at.terms)
		return
	}
	if to := s.movedTo(path, at.key); to != "" {
		s.leadTo(w, r, t, to)
		return
	}
	switch kind := kindAt(bare, at.key); {
	case slices.Contains(at.terms.ending, path):
		s.ended(w, r, t, at)
	case kind == released || s.pages.Load() == nil:
		notFound(w)
	default:
		s.onRequest(w, r, inquiry{path: path, kind: kind, at: at})
	}
}

func notFound(w http.ResponseWriter) {
	refuse(w, http.StatusNotFound, "There is no document at this address.")
}

// later answers for a document that will be there soon: 404 would make readers forget the feed.
func later(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "5")
	refuse(w, http.StatusServiceUnavailable, "This document is being made. Please come back in a few seconds.")
}

// redirect leads to an address of ours, without what the request had behind its ?, such as a token.
func redirect(w http.ResponseWriter, status int, address string, t *terms) {
	w.Header().Set("Location", address)
	w.Header()["Cache-Control"] = t.pages
	if t.private() {
		w.Header()["Vary"] = privateVary
	}
	answer(w, status, "The document is at "+address)
}

// refuse answers with a sentence of our own; nothing of the request comes back.
func refuse(w http.ResponseWriter, status int, sentence string) {
	w.Header().Set("Cache-Control", "no-store")
	answer(w, status, sentence)
}

func answer(w http.ResponseWriter, status int, sentence string) {
	h := w.Header()
	h["X-Content-Type-Options"] = nosniff
	h.Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, sentence+"\n") //nolint:gosec // plain text, and nosniff keeps it so
}

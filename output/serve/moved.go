package serve

import (
	"net/http"
	"strings"
)

// movedTo is where a path below a feed's old key lies now, empty when it is below none. A feed whose key is longer than
// the old one has the path for itself.
func (s *Server) movedTo(path, owner string) string {
	keys := s.moved.Load()
	if keys == nil {
		return ""
	}
	for end := len(path); end > len(owner); end-- {
		if end < len(path) && path[end] != '/' && path[end] != '.' {
			continue
		}
		to, moved := (*keys)[path[:end]]
		switch rest := path[end:]; {
		case !moved:
		case rest == "": // its page, as one may type it
			return to + "/"
		default:
			return to + rest
		}
	}
	return ""
}

// leadTo sends a subscriber to where his feed is now. Of a private feed he takes along what he has behind the ?: without
// his token he would be shut out there. Nobody else is told it, nor any cache.
func (s *Server) leadTo(w http.ResponseWriter, r *http.Request, t *table, to string) {
	terms, address := t.find(to).terms, s.address(to)
	h := w.Header()
	h.Set("Location", address)
	h["Cache-Control"] = terms.pages
	if terms.private() {
		h.Set("Location", address+question(r))
		h["Vary"] = privateVary
	}
	answer(w, http.StatusMovedPermanently, "The document is at "+address)
}

// question is the query of a request as it came.
func question(r *http.Request) string {
	if strings.ContainsAny(r.URL.RawQuery, "\r\n \"<>") || r.URL.RawQuery == "" {
		return ""
	}
	return "?" + r.URL.RawQuery
}

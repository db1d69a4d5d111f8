package serve

import (
	"net/http"
	"strings"
)

// known reports whether the reader has the document already (RFC 9110 section 13.2.2), and in which coding: If-None-Match
// decides when it is there, whatever it says; only without it does If-Modified-Since count. A tag of any coding that the
// reader takes will do, so that nobody fetches a document again because it can be had compressed in another way by now. best
// is the coding it would be sent in.
func (doc *document) known(h http.Header, a *acceptance, best coding) (coding, bool) {
	if fields, ok := h["If-None-Match"]; ok {
		return doc.matches(fields, a, best)
	}
	since := h["If-Modified-Since"]
	if len(since) != 1 || doc.lastModified == nil {
		return best, false
	}
	if since[0] == doc.lastModified[0] {
		return best, true // what a reader sends back as it got it needs no parsing
	}
	t, err := http.ParseTime(since[0])
	return best, err == nil && !doc.modified.After(t)
}

// matches reports whether the fields of an If-None-Match name a tag of the document, by weak comparison: intermediaries that
// change the coding on the way weaken our tags. What follows the first thing that is no entity tag is not looked at.
func (doc *document) matches(fields []string, a *acceptance, best coding) (coding, bool) {
	for _, field := range fields {
		if strings.Trim(field, " \t") == "*" {
			return best, true
		}
		rest := field
		for {
			tag, after, ok := cutETag(strings.TrimLeft(rest, " \t,"))
			if !ok {
				break
			}
			for c := range doc.tags {
				if a[c] > 0 && doc.tags[c] != nil && tag == doc.tags[c][0] {
					return coding(c), true
				}
			}
			rest = after
		}
	}
	return best, false
}

// cutETag takes the entity tag at the beginning of s, without its mark of weakness.
func cutETag(s string) (tag, rest string, ok bool) {
	s = strings.TrimPrefix(s, "W/")
	if s == "" || s[0] != '"' {
		return "", "", false
	}
	end := strings.IndexByte(s[1:], '"')
	if end < 0 {
		return "", "", false
	}
	return s[:end+2], s[end+2:], true
}

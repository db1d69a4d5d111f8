package serve

import (
	"net/http"
	"strings"
)

// notModified reports whether the reader has this variant already (RFC 9110 section 13.2.2): If-None-Match decides
// when it is there, whatever it says; only without it does If-Modified-Since count.
func notModified(h http.Header, etag string, doc *document) bool {
	if fields, ok := h["If-None-Match"]; ok {
		return matches(fields, etag)
	}
	since := h["If-Modified-Since"]
	if len(since) != 1 || doc.lastModified == nil {
		return false
	}
	if since[0] == doc.lastModified[0] {
		return true // what a reader sends back as it got it needs no parsing
	}
	t, err := http.ParseTime(since[0])
	return err == nil && !doc.modified.After(t)
}

// matches reports whether the fields of an If-None-Match name the tag, by weak comparison: intermediaries that change
// the coding on the way weaken our tags. What follows the first thing that is no entity tag is not looked at.
func matches(fields []string, etag string) bool {
	for _, field := range fields {
		if strings.Trim(field, " \t") == "*" {
			return true
		}
		rest := field
		for {
			tag, after, ok := cutETag(strings.TrimLeft(rest, " \t,"))
			if !ok {
				break
			}
			if tag == etag {
				return true
			}
			rest = after
		}
	}
	return false
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

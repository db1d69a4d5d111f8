package doctor

import (
	"bytes"
	"context"
	"net/http"
)

// validated asks again, as readers do that know the document: nearly all requests are of this sort.
func (v *visit) validated(ctx context.Context, s subject, first answer) {
	etag, modified := first.Header.Get("Etag"), first.Header.Get("Last-Modified")
	switch {
	case etag == "" && modified == "":
		v.fault(s.address, &fault{"validators", Warning, "Comes without ETag and Last-Modified, so that every poll takes the whole document.",
			"See what in your CDN or proxy drops these headers, such as a rule that rewrites bodies, and turn it off for the feeds' addresses."})
		return
	case etag == "":
		v.fault(s.address, &fault{"etag", Warning, "Comes without an ETag.",
			"See what in your CDN or proxy drops it: often packing or rewriting there, which you can turn off for the feeds' addresses."})
	}
	second, ok := v.ask(ctx, s.address, first.reader)
	if !ok || second.Status != http.StatusOK || !bytes.Equal(first.Body, second.Body) {
		return
	}
	if steady := second.Header.Get("Etag") == etag && second.Header.Get("Last-Modified") == modified; !steady {
		v.fault(s.address, &fault{"unsteady", Warning, "Has another ETag or Last-Modified on each request, though it is the same.",
			"Let the servers behind one address make them of the same bytes, not of a file's date or number: else every poll takes the whole document."})
		return
	}
	if etag != "" && !v.unchanged(ctx, s, first.reader.with("If-None-Match", etag), "its own ETag") {
		return
	}
	if modified != "" {
		v.unchanged(ctx, s, first.reader.with("If-Modified-Since", modified), "its own Last-Modified")
	}
}

// unchanged asks whether there is anything new.
func (v *visit) unchanged(ctx context.Context, s subject, r reader, with string) bool {
	a, ok := v.ask(ctx, s.address, r)
	switch {
	case !ok:
		return false
	case a.Status != http.StatusNotModified:
		v.fault(s.address, &fault{"whole", Warning, "Answers " + a.status() + " to " + with + ", not 304: every poll takes the whole document.",
			"Let your CDN or proxy pass on If-None-Match and If-Modified-Since, or answer them itself."})
		return false
	}
	v.fault(s.address, cookie(a))
	return true
}

package serve

import (
	"context"
	"net/http"
)

// Who clicks on the address of a feed in a browser, which says so in Sec-Fetch-Dest (Fetch Metadata, section 2.1), is shown
// the feed's page at that address; feed readers, scripts and whoever says nothing get the feed.

func clicked(r *http.Request) bool {
	dest := r.Header["Sec-Fetch-Dest"]
	return len(dest) == 1 && dest[0] == "document"
}

// show answers with a document of a release.
func (s *Server) show(w http.ResponseWriter, r *http.Request, t *table, at finding) {
	if at.doc.feed && clicked(r) {
		at = t.pageOf(at)
	}
	if !s.send(w, r, at.doc, at) {
		s.onRequest(w, r, inquiry{path: at.doc.path, kind: released, at: at})
	}
}

// pageOf is the page of the feed that was found: its own, such as an edition's, or that of the feed it belongs to; the feed
// itself when it has none. It is shown to those who were let in at the feed's address: one with other readers is not for them.
func (t *table) pageOf(at finding) finding {
	for _, path := range [...]string{stem(at.doc.path) + "/", at.key + "/"} {
		page := t.find(path)
		if page.doc != nil && page.doc.html && (page.terms == at.terms || !page.terms.private()) {
			page.terms, page.clicked = at.terms, true
			return page
		}
	}
	return at
}

// ended answers for a document of a feed that has ended. Who clicks on its address is led to what stayed, the feed's page.
func (s *Server) ended(w http.ResponseWriter, r *http.Request, t *table, at finding) {
	at.terms.vary(w.Header(), true)
	page := at.key + "/"
	if clicked(r) && t.find(page).doc != nil {
		w.Header().Set("Location", s.address(page))
		refuse(w, http.StatusFound, "This feed has ended. What stayed is at "+s.address(page))
		return
	}
	refuse(w, http.StatusGone, "This feed has ended.")
}

// pageOnRequest is [table.pageOf] for a feed that no release holds: that of a tag may have a page.
func (s *Server) pageOnRequest(ctx context.Context, t *table, q inquiry, doc *document) (*document, finding) {
	if q.kind == askedFacet {
		page, err := s.fetch(ctx, inquiry{path: stem(q.name()), kind: q.kind, at: q.at})
		if err == nil && page.html {
			q.at.clicked = true
			return page, q.at
		}
	}
	q.at.doc = doc
	at := t.pageOf(q.at)
	if at.doc.isHeld() {
		return at.doc, at
	}
	return doc, q.at
}

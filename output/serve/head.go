package serve

import (
	"bytes"
	"net/http"
)

// head is the fields of an answer as HTTP/1 sends them, which are the same for every reader: writing them anew would take
// net/http longer than finding the answer takes us. Only Date and Connection are not in it.
type head struct {
	terms *terms
	lines []byte
}

// fields writes what an answer says of a document in a coding; a reader who has it hears less.
func (at finding) fields(h http.Header, doc *document, c coding, known bool) {
	at.terms.validate(h, doc, c, at.readable(doc))
	if known {
		return
	}
	h["Content-Type"] = doc.contentType
	h["X-Content-Type-Options"] = nosniff
	at.terms.dress(h, doc)
	if c != codingIdentity {
		h["Content-Encoding"] = codingFields[c]
	}
	if doc.large == nil {
		h["Content-Length"] = doc.lengthIn(c)
	}
}

// readable reports whether there is also a page at the address of a document.
func (at finding) readable(doc *document) bool { return doc.feed || at.clicked }

// head is those fields as they are sent.
func (at finding) head(doc *document, c coding, known bool) *head {
	place := &doc.heads[c][toInt(known)][toInt(at.readable(doc))]
	ready := place.Load()
	if ready == nil || ready.terms != at.terms {
		h := http.Header{}
		at.fields(h, doc, c, known)
		var lines bytes.Buffer
		_ = h.Write(&lines) // a buffer takes everything
		ready = &head{at.terms, lines.Bytes()}
		place.Store(ready)
	}
	return ready
}

// notModified answers one who has the document.
func (at finding) notModified(w http.ResponseWriter, r *http.Request, doc *document, c coding) {
	if conn := connOf(r); conn != nil {
		conn.answer(at.head(doc, c, true), nil, false)
	} else {
		at.fields(w.Header(), doc, c, true)
	}
	w.WriteHeader(http.StatusNotModified)
}

// deliver answers with the document in a coding; f is nil when only the head is asked for. To net/http an answer that the
// connection sends is one without a body, which spares it from looking at what there is to say of one.
func (s *Server) deliver(w http.ResponseWriter, r *http.Request, doc *document, at finding, c coding, f *form) {
	if conn := connOf(r); conn != nil && (f == nil || len(f.body) <= atOnce) {
		conn.answer(at.head(doc, c, false), f, true)
		w.WriteHeader(http.StatusNotModified)
		return
	}
	at.fields(w.Header(), doc, c, false)
	if f != nil {
		s.write(w, f.body)
	}
}

func toInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

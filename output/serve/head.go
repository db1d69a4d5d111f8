package serve

import (
	"bytes"
	"net/http"
)

// head is the fields of an answer as HTTP/1 sends them, which are the same for every reader: writing them anew would take
// net/http longer than finding the answer takes us. Only Date, Connection, and what it looks at in a body's answer are not
// in it: Content-Type and Content-Length.
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
	h["X-Content-Type-Options"] = nosniff
	at.terms.dress(h, doc)
	if c != codingIdentity {
		h["Content-Encoding"] = codingFields[c]
	}
}

// readable reports whether there is also a page at the address of a document.
func (at finding) readable(doc *document) bool { return doc.feed || at.clicked }

// begin says those fields: with the head of the answer that w writes next, if the connection can.
func (at finding) begin(w http.ResponseWriter, c *conn, doc *document, coding coding, known bool) {
	if c == nil {
		at.fields(w.Header(), doc, coding, known)
		return
	}
	place := &doc.heads[coding][toInt(known)][toInt(at.readable(doc))]
	ready := place.Load()
	if ready == nil || ready.terms != at.terms {
		h := http.Header{}
		at.fields(h, doc, coding, known)
		var lines bytes.Buffer
		_ = h.Write(&lines) // a buffer takes everything
		ready = &head{at.terms, lines.Bytes()}
		place.Store(ready)
	}
	c.fields = ready.lines
}

func toInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

package serve

import (
	"fmt"
	"net/http"
	"runtime"
	"weak"

	"github.com/klauspost/compress/zstd"
)

// plain is the document as it is. Nearly all readers take it compressed, so that its bytes are let go as soon as it is: for
// one who wants them they are unpacked, and shared by all who do until the collector finds that nobody has them any more.
// Of what the documents of a newsroom would take in memory, that is more than half; 240 KB are unpacked in 0.3 ms. Who has
// the form needs to keep it as long as he uses its body, or the next one unpacks it again.
func (s *Server) plain(doc *document) (*form, error) {
	if f := doc.forms[codingIdentity].Load(); f != nil {
		return f, nil
	}
	doc.unpacking.Lock()
	defer doc.unpacking.Unlock()
	if f := doc.unpacked.Value(); f != nil {
		return f, nil
	}
	f, err := s.unpack(doc)
	if err != nil {
		return nil, fmt.Errorf("unpack %q: %w", doc.path, err)
	}
	doc.unpacked = weak.Make(f)
	return f, nil
}

// sendPlain answers with the document as it is.
func (s *Server) sendPlain(w http.ResponseWriter, r *http.Request, doc *document, at finding) {
	var f *form
	if r.Method != http.MethodHead {
		var err error
		if f, err = s.plain(doc); err != nil {
			s.log.Error("document not unpacked", "path", doc.path, "err", err)
			later(w)
			return
		}
	}
	s.deliver(w, r, doc, at, codingIdentity, f)
	runtime.KeepAlive(f) // whoever asks meanwhile is given the same
}

func (s *Server) unpack(doc *document) (*form, error) {
	z, ok := s.unpackers.Get().(*zstd.Decoder)
	if !ok {
		var err error
		if z, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true)); err != nil {
			return nil, err
		}
	}
	defer s.unpackers.Put(z)
	body, err := z.DecodeAll(doc.forms[codingZstd].Load().body, make([]byte, 0, doc.size))
	if err != nil {
		return nil, err
	}
	return &form{body, doc.length}, nil
}

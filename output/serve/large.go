package serve

import (
	"io"
	"net/http"
	"time"
)

const (
	// mostHeld is the size of the largest document that is held in memory.
	mostHeld = 8 << 20
	// largeAtOnce bounds how many answers with larger ones are under way at once, each with a piece of its document in memory.
	largeAtOnce = 64
	// mediaAtOnce is the same for the files that articles show.
	mediaAtOnce = 1024
)

// large is a document that is read for each answer.
type large struct {
	open    func() (io.ReadSeekCloser, error)
	turns   chan struct{}
	slowest time.Duration
}

// send answers with the document, or with the ranges of it that are asked for (RFC 9110 section 14). The headers are set.
func (l *large) send(w http.ResponseWriter, r *http.Request, modified time.Time) {
	select {
	case l.turns <- struct{}{}:
		defer func() { <-l.turns }()
	default:
		busy(w)
		return
	}
	body, err := l.open()
	if err != nil {
		busy(w)
		return
	}
	defer body.Close()
	if r.Method != http.MethodHead {
		// A document that was replaced lately may be gone: nothing is promised before it begins.
		if _, err = body.Read(make([]byte, 1)); err == nil {
			_, err = body.Seek(0, io.SeekStart)
		}
		if err != nil {
			busy(w)
			return
		}
	}
	http.ServeContent(w, r, "", modified, &paced{body, http.NewResponseController(w), l.slowest})
}

// busy asks the reader to come back, as [later] does, and takes back what was said of the document.
func busy(w http.ResponseWriter) {
	h := w.Header()
	for _, name := range []string{"Etag", "Last-Modified", "Link"} {
		h.Del(name)
	}
	later(w)
}

// atOnce is how much of a held document is sent within the time a reader may take: a reader may be as slow as 4 KB a second.
const atOnce = 256 << 10

// write sends a body. A failed write is a reader who went away.
func (s *Server) write(w http.ResponseWriter, body []byte) {
	for len(body) > atOnce {
		if _, err := w.Write(body[:atOnce]); err != nil {
			return
		}
		body = body[atOnce:]
		// One that knows no deadlines needs none.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.slowest))
	}
	_, _ = w.Write(body)
}

// paced lets an answer take as long as it needs, as long as every part of it gets on its way in time.
type paced struct {
	io.ReadSeeker
	answer  *http.ResponseController
	slowest time.Duration
}

func (p *paced) Read(b []byte) (int, error) {
	// One that knows no deadlines needs none.
	_ = p.answer.SetWriteDeadline(time.Now().Add(p.slowest))
	return p.ReadSeeker.Read(b)
}

package serve

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"testing"

	"feedmill/feed"
)

// TestDrainOverHTTP2 stops the server while one connection waits, and another one has half of an answer: both are told which
// requests will be answered still, the answer under way is finished, and no other begins.
func TestDrainOverHTTP2(t *testing.T) {
	server := worldly(t, "")
	large := bytes.Repeat([]byte("0123456789abcdef"), 4<<20/16)
	publish(t, server, feed.Release{Feed: "world", Documents: []feed.Document{feed.NewDocument("world.rss", feed.TypeRSS, modified, large), feed.NewDocument("world.atom", feed.TypeAtom, modified, body)}})
	address, client, stop, done := startTLS(t, server)
	idle, busy := speak(t, address, client, 1<<20), speak(t, address, client, 16<<10)
	if h := idle.hear(idle.get("/world.atom")); h.status != "200" || h.away {
		t.Fatalf("before the end it is %s, and away is %v", h.status, h.away)
	}
	answer := busy.get("/world.rss", "accept-encoding", "identity")
	got := heard{header: http.Header{}}
	for got.status == "" {
		f, err := busy.framer.ReadFrame()
		busy.must(err)
		got.of(f)
	}
	stop()

	if h := idle.hear(0); !h.away || h.refuse || h.last != 1 {
		t.Errorf("a connection that waits is told %v", h)
	}
	if _, err := io.Copy(io.Discard, idle.conn); err != nil {
		t.Errorf("a connection that waits is not closed: %v", err)
	}
	bye := busy.hear(0)
	if !bye.away || bye.refuse || bye.last != answer {
		t.Errorf("a connection with an answer under way is told %v", bye)
	}
	select {
	case err := <-done:
		t.Fatalf("it ended under an answer: %v", err)
	default:
	}
	late := busy.get("/world.atom")
	got.body = append(got.body, bye.body...)
	busy.finish(&got, answer, late)
	if got.status != "200" || !bytes.Equal(got.body, large) {
		t.Errorf("the answer under way is %s with %d bytes of %d", got.status, len(got.body), len(large))
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := busy.framer.ReadFrame(); !errors.Is(err, io.EOF) {
		t.Errorf("after the end something comes: %v", err)
	}
}

// finish reads the rest of an answer as it comes, and nothing of a request that came too late.
func (s *speaker) finish(h *heard, stream, late uint32) {
	s.Helper()
	for granted := 0; ; {
		if n := len(h.body) - granted; n > 0 {
			s.must(s.framer.WriteWindowUpdate(0, uint32(n)))
			s.must(s.framer.WriteWindowUpdate(stream, uint32(n)))
			granted += n
		}
		f, err := s.framer.ReadFrame()
		s.must(err)
		if f.Header().StreamID == late {
			s.Errorf("a request that came too late is answered: %v", f)
		}
		if f.Header().StreamID == stream && h.of(f) {
			return
		}
	}
}

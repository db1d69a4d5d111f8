package serve

import (
	"context"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/andybalholm/brotli"
)

const (
	// standing is how long a document must have stood until it is worth being compressed with brotli.
	standing = 5 * time.Minute
	// rounds is how often documents are looked for that have stood so long.
	rounds = 30 * time.Second
)

// compressLater compresses what was published without: the documents of the last run, which are shown at once after a start,
// with gzip and zstd, those first that readers ask for; and with brotli what has stood for some minutes. It takes half of
// one core for the first and a fifth for the second until ctx ends. Of several calls one is at work.
func (s *Server) compressLater(ctx context.Context) {
	select {
	case s.worker <- struct{}{}:
		defer func() { <-s.worker }()
	case <-ctx.Done():
		return
	}
	tick := time.NewTicker(rounds)
	defer tick.Stop()
	for {
		s.round(ctx)
		select {
		case <-ctx.Done():
			return
		case doc := <-s.wanted:
			s.now(ctx, doc)
		case <-s.bare:
		case <-tick.C:
		}
	}
}

// round compresses everything that is to be compressed by now.
func (s *Server) round(ctx context.Context) {
	bare := s.lacking(codingZstd, 0)
	for _, doc := range bare {
		for asked := true; asked && ctx.Err() == nil; {
			select {
			case wanted := <-s.wanted:
				s.now(ctx, wanted)
			default:
				asked = false
			}
		}
		s.now(ctx, doc)
	}
	if len(bare) > 0 {
		giveBack()
	}
	stood := s.lacking(codingBrotli, s.standing)
	if len(stood) == 0 {
		return
	}
	hard := brotli.NewWriterLevel(nil, brotliLevel)
	for _, doc := range stood {
		if len(s.bare) > 0 || len(s.wanted) > 0 {
			return // the others come first; the rest of these in the next round
		}
		begun := time.Now()
		if err := s.squeezeHard(ctx, hard, doc); err != nil && ctx.Err() == nil {
			s.log.Error("document not compressed", "path", doc.path, "err", err)
		}
		rest(ctx, 4*time.Since(begun))
	}
	giveBack()
}

// now compresses a document with gzip and zstd.
func (s *Server) now(ctx context.Context, doc *document) {
	if ctx.Err() != nil || doc.forms[codingZstd].Load() != nil {
		return
	}
	begun := time.Now()
	if err := s.squeezeInTurn(ctx, doc); err != nil && ctx.Err() == nil {
		s.log.Error("document not compressed", "path", doc.path, "err", err)
	}
	rest(ctx, time.Since(begun))
}

// giveBack returns to the system what much work at once has taken and what is not needed again soon. What pools keep is found
// to be of no use in the second collection only.
func giveBack() {
	runtime.GC()
	debug.FreeOSMemory()
	leaveProgram()
}

// lacking are the documents that are not there in a coding and have been held for as long.
func (s *Server) lacking(c coding, since time.Duration) (docs []*document) {
	for _, place := range s.table.Load().feeds {
		for _, doc := range place.Load().docs {
			if doc.isHeld() && doc.forms[c].Load() == nil && time.Since(doc.since) >= since {
				docs = append(docs, doc)
			}
		}
	}
	return docs
}

func rest(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

package serve

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"feedmill/feed/turns"
)

// form is a document in one content coding. It is never changed.
type form struct {
	body   []byte
	length []string
}

func newForm(body []byte) *form { return &form{body, []string{strconv.Itoa(len(body))}} }

// suffixes are what sets the entity tags of a document's forms apart (RFC 9110 section 8.8.3.3).
var suffixes = [codings]string{codingGzip: "-gzip", codingZstd: "-zstd", codingBrotli: "-br"}

// codingFields are the values of Content-Encoding.
var codingFields = [codings][]string{codingGzip: {"gzip"}, codingZstd: {"zstd"}, codingBrotli: {"br"}}

// brotliLevel takes 4 times as long as gzip, and saves a tenth to a fifth. The two levels above it save another hundredth for
// two to four times the memory, which is 8 MB, and twice the time; the last two take far longer still.
const brotliLevel = 7

// zstdWindow is what readers are sure to take (RFC 9659 section 3), and no more memory than most documents need.
const zstdWindow = 1 << 20

// squeezer makes the forms that are ready at once. It is used again and again, by one goroutine at a time.
type squeezer struct {
	gzip *gzip.Writer
	zstd *zstd.Encoder
}

func newSqueezer() (*squeezer, error) {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(zstdWindow))
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	return &squeezer{gzip: gzip.NewWriter(nil), zstd: z}, nil
}

// squeezeInTurn compresses a document that no reader waits for. It gives up when ctx ends before its turn comes.
func (s *Server) squeezeInTurn(ctx context.Context, doc *document) error {
	turn, err := s.processors.Take(ctx)
	if err != nil {
		return err
	}
	defer turn.End()
	return s.squeeze(doc)
}

// squeeze compresses a document with gzip and zstd, if it is not yet, and lets go of it as it is.
func (s *Server) squeeze(doc *document) error {
	if doc.forms[codingZstd].Load() != nil {
		return nil
	}
	q, ok := s.squeezers.Get().(*squeezer)
	if !ok {
		var err error
		if q, err = newSqueezer(); err != nil {
			return err
		}
	}
	defer s.squeezers.Put(q)
	whole := doc.forms[codingIdentity].Load()
	if whole == nil {
		return nil // another one did it meanwhile
	}
	body := whole.body
	var out bytes.Buffer
	q.gzip.Reset(&out)
	defer q.gzip.Reset(nil)
	if err := compress(context.Background(), nil, q.gzip, body); err != nil {
		return err
	}
	doc.forms[codingGzip].Store(newForm(bytes.Clone(out.Bytes())))
	// The zipped one is the space for the other: they are of about one size.
	doc.forms[codingZstd].Store(newForm(bytes.Clone(q.zstd.EncodeAll(body, out.AvailableBuffer()[:0]))))
	doc.forms[codingIdentity].Store(nil)
	return nil
}

// squeezeHard compresses a document with brotli by means of w, which is used again. It gives up when ctx ends.
func (s *Server) squeezeHard(ctx context.Context, w *brotli.Writer, doc *document) error {
	whole, err := s.plain(doc)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	w.Reset(&out)
	if err := compress(ctx, s.processors, w, whole.body); err != nil {
		return err
	}
	doc.forms[codingBrotli].Store(newForm(bytes.Clone(out.Bytes())))
	return nil
}

// piece is how much is compressed in one turn, and between two looks at whether it is still wanted.
const piece = 64 << 10

// compress writes a document to w and closes it, each piece in a turn of its own.
func compress(ctx context.Context, turns *turns.Turns, w io.WriteCloser, body []byte) error {
	for {
		turn, err := turns.Take(ctx)
		if err != nil {
			return err
		}
		n := min(len(body), piece)
		_, err = w.Write(body[:n])
		if body = body[n:]; err == nil && len(body) == 0 {
			err = w.Close()
		}
		turn.End()
		if err != nil {
			return fmt.Errorf("compress: %w", err)
		}
		if len(body) == 0 {
			return nil
		}
	}
}

package fetch

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"feedmill/feed"
)

// encodings are what we take; see [bodies.decoded].
const encodings = "gzip, br, zstd"

// largestWindow bounds what a zstd frame may make the decoder keep (RFC 8878 section 3.1.1.1.2 asks for 8 MB).
const largestWindow = 8 << 20

// bodies reads bodies under caps. Decoders and first chunks are used again.
type bodies struct {
	chunks, gzips, brotlis, zstds sync.Pool

	large chan struct{} // holds a token for each large body being read
}

func newBodies() *bodies { return &bodies{large: make(chan struct{}, largeAtOnce)} }

// read returns the whole decoded body, at most limit bytes; anything short of whole is a [*failure] or what the
// connection said.
func (b *bodies) read(ctx context.Context, answer *http.Response, limit int64) ([]byte, error) {
	if answer.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	out := b.pile(ctx)
	defer b.empty(out)
	wire := &capReader{from: answer.Body, left: limit, limit: limit, wire: true}
	if err := b.decoded(out, wire, answer.Header.Get("Content-Encoding"), limit); err != nil {
		return nil, unread(err)
	}
	if h := holderOf(ctx); h != nil && out.grown {
		out.grown = false // the holder gives it back
		h.keep(func() { <-b.large })
	}
	return out.join(), nil
}

// start returns the beginning of a body, for a look at what it is; errors do not matter.
func (b *bodies) start(ctx context.Context, answer *http.Response, most int64) []byte {
	out := b.pile(ctx)
	defer b.empty(out)
	wire := &capReader{from: answer.Body, left: most, limit: most, wire: true}
	if b.decoded(out, wire, answer.Header.Get("Content-Encoding"), most) != nil && out.size == 0 {
		return nil
	}
	return out.join()
}

// decoded writes the decoded body to out, and reads the wire to its end: only there it shows that a body was cut.
func (b *bodies) decoded(out *pile, wire io.Reader, encoding string, limit int64) error {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return out.readFrom(wire)
	case "gzip", "x-gzip":
		return b.gzip(out, wire, limit)
	case "br":
		return b.brotli(out, wire, limit)
	case "zstd":
		return b.zstd(out, wire, limit)
	}
	return &failure{class: feed.Unreadable, text: "its answer is packed in a way feedmill did not offer to take (Content-Encoding is none of " + encodings + ")"}
}

func (b *bodies) gzip(out *pile, wire io.Reader, limit int64) (err error) {
	reader, ok := b.gzips.Get().(*gzip.Reader)
	if ok {
		err = reader.Reset(wire)
	} else {
		reader, err = gzip.NewReader(wire)
	}
	if err != nil {
		return packed("gzip", err)
	}
	defer b.gzips.Put(reader)
	return b.unpack(out, reader, wire, "gzip", limit)
}

func (b *bodies) brotli(out *pile, wire io.Reader, limit int64) error {
	reader, ok := b.brotlis.Get().(*brotli.Reader)
	if !ok {
		reader = brotli.NewReader(wire)
	} else if err := reader.Reset(wire); err != nil {
		return packed("brotli", err)
	}
	defer b.brotlis.Put(reader)
	return b.unpack(out, reader, wire, "brotli", limit)
}

func (b *bodies) zstd(out *pile, wire io.Reader, limit int64) error {
	reader, ok := b.zstds.Get().(*zstd.Decoder)
	if !ok {
		var err error
		// One worker: it decodes in our goroutine and starts none.
		if reader, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(largestWindow)); err != nil {
			return fmt.Errorf("make zstd decoder: %w", err)
		}
	}
	if err := reader.Reset(wire); err != nil {
		return packed("zstd", err)
	}
	defer func() {
		if reader.Reset(nil) == nil {
			b.zstds.Put(reader)
		}
	}()
	return b.unpack(out, reader, wire, "zstd", limit)
}

func (b *bodies) unpack(out *pile, from, wire io.Reader, name string, limit int64) error {
	if err := out.readFrom(&capReader{from: from, left: limit, limit: limit}); err != nil {
		return packed(name, err)
	}
	rest, err := io.CopyN(io.Discard, wire, 1)
	switch {
	case rest > 0:
		return packed(name, errors.New("there is more after its end"))
	case !errors.Is(err, io.EOF):
		return err
	}
	return nil
}

// packed says that a packed body cannot be unpacked. What the wire itself said goes through.
func packed(name string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return io.ErrUnexpectedEOF
	}
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	if _, ok := errors.AsType[*wireError](err); ok {
		return err
	}
	return &failure{class: feed.Unreadable, text: "its " + name + " body is broken and cannot be unpacked; whoever runs the address must mend it", cause: err}
}

// unread explains why a body was not read to its end.
func unread(err error) error {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return &failure{class: feed.Unavailable, text: "its answer broke off before it was whole; feedmill asks again later", cause: err}
	}
	return err
}

func tooLarge(limit int64) *failure {
	return &failure{
		class: feed.Refused,
		text:  fmt.Sprintf("its answer is larger than %s; if it is meant to be, write a larger max_body under fetch:", sizeWords(limit)),
	}
}

func sizeWords(n int64) string {
	for i, unit := range []string{"GB", "MB", "KB"} {
		if shift := 30 - 10*i; n >= 1<<shift && n%(1<<shift) == 0 {
			return fmt.Sprintf("%d%s", n>>shift, unit)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}

// wireError is an error of the connection, as against one of a decoder.
type wireError struct{ err error }

func (w *wireError) Error() string { return w.err.Error() }
func (w *wireError) Unwrap() error { return w.err }

// capReader fails when more than limit bytes are read, instead of ending there.
type capReader struct {
	from        io.Reader
	left, limit int64
	wire        bool // its errors are the connection's
}

func (c *capReader) Read(p []byte) (int, error) {
	if c.left < 0 {
		return 0, tooLarge(c.limit)
	}
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1] // one more tells the end from the cap
	}
	n, err := c.from.Read(p)
	c.left -= int64(n)
	if c.left < 0 {
		return n + int(c.left), tooLarge(c.limit)
	}
	if c.wire && err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		err = &wireError{err}
	}
	return n, err
}

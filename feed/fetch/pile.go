package fetch

import (
	"context"
	"errors"
	"io"
)

// A body above largeBody bytes is read only while fewer than largeAtOnce others are being read or worked on (see [Hold]), so
// that hostile origins that answer at once cost a bounded memory, and small feeds never wait for them.
const (
	largeBody    = 1 << 20
	largeAtOnce  = 2
	firstChunk   = 32 << 10
	largestChunk = 1 << 20
)

// pile collects a body in chunks: it never holds more than was read, and grows without copying.
type pile struct {
	chunks [][]byte
	size   int
	grown  bool // a token of bodies.large is held
	grow   func() error
}

func (b *bodies) pile(ctx context.Context) *pile {
	first, ok := b.chunks.Get().(*[firstChunk]byte)
	if !ok {
		first = new([firstChunk]byte)
	}
	return &pile{chunks: [][]byte{first[:0]}, grow: func() error {
		select {
		case b.large <- struct{}{}:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}
}

// empty gives back what the pile holds; it must not be used afterwards.
func (b *bodies) empty(p *pile) {
	b.chunks.Put((*[firstChunk]byte)(p.chunks[0][:firstChunk]))
	if p.grown {
		<-b.large
	}
}

func (p *pile) readFrom(r io.Reader) error {
	for idle := 0; ; {
		last := &p.chunks[len(p.chunks)-1]
		if len(*last) == cap(*last) {
			if p.size >= largeBody && !p.grown {
				if err := p.grow(); err != nil {
					return err
				}
				p.grown = true
			}
			p.chunks = append(p.chunks, make([]byte, 0, min(max(p.size, firstChunk), largestChunk)))
			continue
		}
		n, err := r.Read((*last)[len(*last):cap(*last)])
		*last = (*last)[:len(*last)+n]
		p.size += n
		switch {
		case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return err
		case n > 0:
			idle = 0
		case idle == 100:
			return io.ErrNoProgress
		default:
			idle++
		}
	}
}

// join returns the body in one piece.
func (p *pile) join() []byte {
	whole := make([]byte, 0, p.size)
	for _, chunk := range p.chunks {
		whole = append(whole, chunk...)
	}
	return whole
}

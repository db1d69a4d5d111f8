package render

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"feedmill/feed"
)

// Version names one state of an article. Documents of one channel show equal versions with equal bytes.
type Version struct{ Position, Revision int64 }

// Made is a finished document that another one can be made from.
type Made struct {
	feed.Document
	Body  []byte // nil: it is not in memory, and Open reads it
	Parts Parts
}

// Parts tells where the articles stand in a document, in their order.
type Parts []Part

// Part is the place of an article's bytes in a document, with a digest of them.
type Part struct {
	Version
	Start, End int
	Sum        Sum
}

// Sum is a digest of an article's bytes. A document's entity tag is made of those of its articles, so that the ones that
// stay are not read for it.
type Sum [12]byte

func sum(b []byte) Sum {
	all := sha256.Sum256(b)
	return Sum(all[:])
}

// Has reports whether an article stands in the document in that version.
func (p Parts) Has(v Version) bool {
	for i := range p {
		if p[i].Version == v {
			return true
		}
	}
	return false
}

// leastPart is about how many bytes a part takes when it is written.
const leastPart = 4 + len(Sum{}) + 2

// MarshalBinary writes the parts in a few bytes each. It never fails.
func (p Parts) MarshalBinary() ([]byte, error) {
	var out []byte
	end := 0
	for _, one := range p {
		out = binary.AppendVarint(out, one.Position)
		out = binary.AppendVarint(out, one.Revision)
		out = binary.AppendUvarint(out, uint64(one.Start-end))
		out = binary.AppendUvarint(out, uint64(one.End-one.Start))
		out = append(out, one.Sum[:]...)
		end = one.End
	}
	return out, nil
}

// UnmarshalBinary reads what MarshalBinary wrote.
func (p *Parts) UnmarshalBinary(data []byte) error {
	*p = make(Parts, 0, len(data)/leastPart)
	r := bytes.NewReader(data)
	end := uint64(0)
	for r.Len() > 0 {
		position, err1 := binary.ReadVarint(r)
		revision, err2 := binary.ReadVarint(r)
		gap, err3 := binary.ReadUvarint(r)
		length, err4 := binary.ReadUvarint(r)
		one := Part{Version: Version{position, revision}}
		_, err5 := io.ReadFull(r, one.Sum[:])
		start := end + gap
		end = start + length
		if err := errors.Join(err1, err2, err3, err4, err5); err != nil || gap > math.MaxInt32 || length > math.MaxInt32 {
			return fmt.Errorf("read the places of articles in a document: they are damaged: %w", cmp.Or(err, io.ErrUnexpectedEOF))
		}
		one.Start, one.End = int(start), int(end)
		*p = append(*p, one)
	}
	return nil
}

// earlier is a document made before from which articles are taken, mostly in the order in which they stand there.
type earlier struct {
	Made
	next   int     // the part that was asked for last
	sorted []int32 // the parts in the order of their versions, once one was not the next
	reader io.ReadSeekCloser
}

func (v Version) compare(w Version) int {
	return cmp.Or(cmp.Compare(v.Position, w.Position), cmp.Compare(v.Revision, w.Revision))
}

// find returns the place of an article, nil when it does not stand in the document in that version.
func (e *earlier) find(v Version) *Part {
	for n := e.next; n < min(e.next+2, len(e.Parts)); n++ {
		if e.Parts[n].Version == v {
			e.next = n
			return &e.Parts[n]
		}
	}
	if e.sorted == nil {
		e.sorted = make([]int32, len(e.Parts))
		for i := range e.sorted {
			e.sorted[i] = int32(i)
		}
		slices.SortFunc(e.sorted, func(a, b int32) int { return e.Parts[a].compare(e.Parts[b].Version) })
	}
	at, ok := slices.BinarySearchFunc(e.sorted, v, func(i int32, v Version) int { return e.Parts[i].compare(v) })
	if !ok {
		return nil
	}
	e.next = int(e.sorted[at])
	return &e.Parts[e.next]
}

// read returns an article's bytes, in buffer if they are not in memory.
func (e *earlier) read(p *Part, buffer []byte) ([]byte, error) {
	if p.Start < 0 || p.Start > p.End || int64(p.End) > e.Size {
		return nil, fmt.Errorf("document %s ends before an article in it", e.Path)
	}
	if e.Body != nil {
		return e.Body[p.Start:p.End], nil
	}
	if e.reader == nil {
		var err error
		if e.reader, err = e.Open(); err != nil {
			return nil, err
		}
	}
	if _, err := e.reader.Seek(int64(p.Start), io.SeekStart); err != nil {
		return nil, err
	}
	buffer = slices.Grow(buffer[:0], p.End-p.Start)[:p.End-p.Start]
	if _, err := io.ReadFull(e.reader, buffer); err != nil {
		return nil, fmt.Errorf("read document %s: %w", e.Path, err)
	}
	return buffer, nil
}

func (e *earlier) close() error {
	if e.reader == nil {
		return nil
	}
	return e.reader.Close()
}

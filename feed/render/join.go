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
	"time"

	"feedmill/feed"
)

// Version names one state of an article. Documents of one channel show equal versions with equal bytes.
type Version struct{ Position, Revision int64 }

// Made is a finished document that another one can be made from.
type Made struct {
	feed.Document
	Body  []byte
	Parts Parts
	// Fresh is the document with those articles only that were encoded anew: the others have been read back before.
	Fresh feed.Document
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
	*p = nil
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

// form is how a document is put together of articles that were encoded one by one.
type form interface {
	// shell is the document around its articles; empty says that there are none.
	shell(c channel, modified time.Time, empty bool) (shell, error)
	// fragments are the articles, encoded.
	fragments(c channel, es []entry) ([][]byte, error)
}

// shell is a document without its articles: they stand, with between among them, between open and close.
type shell struct{ open, between, close string }

// press makes one document.
type press struct {
	form
	path, mediaType string
	limit           int64 // in bytes; 0 is none
}

// make joins the articles that were encoded before with the others.
func (p press) make(c channel, es []entry, modified time.Time, before []Made) (Made, error) {
	around, err := p.shell(c, modified, len(es) == 0)
	if err != nil {
		return Made{}, err
	}
	bodies, fresh, err := p.encode(c, es, before)
	if err != nil {
		return Made{}, err
	}
	n, err := p.fit(around, bodies)
	if err != nil {
		return Made{}, err
	}
	made := p.join(around, modified, bodies[:n])
	made.Fresh = made.Document
	if len(fresh) == len(es) {
		return made, nil
	}
	fresh = fresh[:freshAmong(es[:n])]
	if len(fresh) == 0 {
		if around, err = p.shell(c, modified, true); err != nil {
			return Made{}, err
		}
	}
	made.Fresh = p.join(around, modified, fresh).Document
	return made, nil
}

// encoded is an article's bytes.
type encoded struct {
	version Version
	bytes   []byte
	sum     Sum
}

// encode finds each entry's bytes: those in a document before, or new ones, which are returned by themselves as well.
func (p press) encode(c channel, es []entry, before []Made) (all, fresh []encoded, err error) {
	var unknown []entry
	for i := range es {
		if !es[i].kept {
			unknown = append(unknown, es[i])
		}
	}
	bodies, err := p.fragments(c, unknown)
	if err != nil {
		return nil, nil, err
	}
	for i, b := range bodies {
		fresh = append(fresh, encoded{unknown[i].version, b, sum(b)})
	}
	if len(fresh) == len(es) {
		return fresh, fresh, nil
	}
	known := knownBytes(before)
	all = make([]encoded, len(es))
	next := 0
	for i := range es {
		if !es[i].kept {
			all[i] = fresh[next]
			next++
			continue
		}
		old, ok := known[es[i].version]
		if !ok {
			return nil, nil, fmt.Errorf("article %q is to be taken from the document before, which does not hold it", es[i].id)
		}
		all[i] = old
	}
	return all, fresh, nil
}

// knownBytes are the articles in documents made before.
func knownBytes(before []Made) map[Version]encoded {
	known := map[Version]encoded{}
	for _, made := range before {
		for _, part := range made.Parts {
			if part.End <= len(made.Body) {
				known[part.Version] = encoded{part.Version, made.Body[part.Start:part.End], part.Sum}
			}
		}
	}
	return known
}

func freshAmong(es []entry) int {
	n := 0
	for i := range es {
		if !es[i].kept {
			n++
		}
	}
	return n
}

// fit is how many of the newest articles the limit allows.
func (p press) fit(around shell, articles []encoded) (int, error) {
	size := int64(len(around.open) + len(around.close))
	for i, a := range articles {
		if i > 0 {
			size += int64(len(around.between))
		}
		size += int64(len(a.bytes))
		if p.limit <= 0 || size <= p.limit {
			continue
		}
		if i == 0 {
			return 0, feed.Classify(feed.Refused, fmt.Errorf(
				"not even the newest article fits into %d bytes; raise limit.size or set content: teaser", p.limit))
		}
		return i, nil
	}
	return len(articles), nil
}

func (p press) join(around shell, modified time.Time, articles []encoded) Made {
	pieces := make([][]byte, 0, 2*len(articles)+2)
	pieces = append(pieces, []byte(around.open))
	parts := make(Parts, len(articles))
	tag, between, end := sha256.New(), []byte(around.between), len(around.open)
	for i, a := range articles {
		if i > 0 {
			pieces, end = append(pieces, between), end+len(between)
		}
		parts[i] = Part{a.version, end, end + len(a.bytes), a.sum}
		pieces, end = append(pieces, a.bytes), end+len(a.bytes)
		tag.Write(a.sum[:])
	}
	fmt.Fprint(tag, around)
	body := bytes.Join(append(pieces, []byte(around.close)), nil)
	return Made{
		Document: feed.NewTagged(p.path, p.mediaType, feed.Tag(tag.Sum(nil)), modified, body),
		Body:     body, Parts: parts,
	}
}

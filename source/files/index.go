package files

import (
	"encoding/binary"
	"errors"
	"strings"
)

// index is what is remembered of every file between fetches, by key.
type index map[string]record

// record is what is remembered of one file: how it was when it was read, and a digest of its content, by which a file
// that was only touched is told from one that was edited.
type record struct {
	seen
	sum [16]byte // the first half of the content's SHA-256; zero when the file was too large to be read
	bad bool     // no article could be made of it
}

// indexKey is where the index lies in the source's memory; the first byte of its encoding tells which encoding it is. An
// encoding that is not known counts as no index: every file is read again, and nothing is lost.
const (
	indexKey     = "index"
	indexVersion = 1
)

// encode writes the index as version, folders and records. Keys are all of its keys in order: of each only what differs
// from the one before is written, and a record takes about 40 bytes.
func (x index) encode(keys []string) []byte {
	var folders []identity
	numbers := map[identity]int{}
	for _, key := range keys {
		id := x[key].folder
		if _, ok := numbers[id]; !ok {
			numbers[id] = len(folders)
			folders = append(folders, id)
		}
	}
	b := make([]byte, 0, 64+len(x)*48)
	b = append(b, indexVersion)
	b = binary.AppendUvarint(b, uint64(len(folders)))
	for _, id := range folders {
		b = binary.AppendUvarint(b, id.device)
		b = binary.AppendUvarint(b, id.inode)
	}
	before := ""
	for _, key := range keys {
		r := x[key]
		b = appendKey(b, before, key)
		b = binary.AppendUvarint(b, uint64(r.size))
		b = binary.AppendVarint(b, r.modified)
		b = binary.AppendUvarint(b, uint64(numbers[r.folder]))
		if r.bad {
			b = append(b, 1)
		} else {
			b = append(b, 0)
		}
		b = append(b, r.sum[:]...)
		before = key
	}
	return b
}

func appendKey(b []byte, before, key string) []byte {
	shared := 0
	for shared < len(before) && shared < len(key) && before[shared] == key[shared] {
		shared++
	}
	b = binary.AppendUvarint(b, uint64(shared))
	b = binary.AppendUvarint(b, uint64(len(key)-shared))
	return append(b, key[shared:]...)
}

var errIndex = errors.New("the index of files is damaged or from another version")

// decodeIndex reads what encode wrote, and returns the keys in order too.
func decodeIndex(blob []byte) (index, []string, error) {
	d := decoder{rest: blob}
	if d.byte() != indexVersion {
		return nil, nil, errIndex
	}
	var folders []identity
	for n := d.uvarint(); n > 0 && !d.failed; n-- {
		folders = append(folders, identity{device: d.uvarint(), inode: d.uvarint()})
	}
	x := make(index, len(blob)/40)
	keys := make([]string, 0, len(blob)/40)
	for key := ""; len(d.rest) > 0 && !d.failed; {
		next := d.key(key)
		r := record{seen: seen{stamp: stamp{size: int64(d.uvarint()), modified: d.varint()}}}
		if folder := d.uvarint(); folder < uint64(len(folders)) {
			r.folder = folders[folder]
		} else {
			d.failed = true
		}
		r.bad = d.byte() == 1
		copy(r.sum[:], d.take(uint64(len(r.sum))))
		d.failed = d.failed || next <= key
		x[next], key = r, next
		keys = append(keys, next)
	}
	if d.failed {
		return nil, nil, errIndex
	}
	return x, keys, nil
}

// decoder takes values off the front of a blob; after the first that is not there, failed is set and all are zero.
type decoder struct {
	rest   []byte
	failed bool
}

func (d *decoder) take(n uint64) []byte {
	if d.failed || n > uint64(len(d.rest)) {
		d.failed = true
		return nil
	}
	taken := d.rest[:n]
	d.rest = d.rest[n:]
	return taken
}

func (d *decoder) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.rest)
	if n <= 0 {
		d.failed = true
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.rest)
	if n <= 0 {
		d.failed = true
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

// key reads what appendKey wrote after the key before.
func (d *decoder) key(before string) string {
	shared := d.uvarint()
	rest := d.take(d.uvarint())
	if shared > uint64(len(before)) {
		d.failed = true
		return ""
	}
	var b strings.Builder
	b.WriteString(before[:shared])
	b.Write(rest)
	return b.String()
}

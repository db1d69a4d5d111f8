package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"feedmill/feed"
)

// knownKey is where the articles that were seen are remembered: those met last at the end, 16 bytes each.
const knownKey = "page.known"

// mostKnown bounds how many are, unless one fetch gave more.
const mostKnown = 2000

// known are the articles that were seen on the page.
type known struct {
	before map[mark]int64 // when it was first dated, in seconds, if it is dated relative to the moment; else 0
	met    map[mark]int64
	order  []mark // all that were known before
	fresh  []mark // all that were met
	saved  []byte
}

// mark tells an article from others.
type mark [8]byte

func recall(m feed.Memory) *known {
	k := &known{before: map[mark]int64{}, met: map[mark]int64{}, saved: m.Get(knownKey)}
	for rest := k.saved; len(rest) >= 16; rest = rest[16:] {
		at := mark(rest[:8])
		k.before[at] = int64(binary.BigEndian.Uint64(rest[8:16]))
		k.order = append(k.order, at)
	}
	return k
}

// meet takes down an article and reports whether it was known before. One whose date is relative to the moment keeps the
// date that it was first seen with.
func (k *known) meet(name string, a *feed.Article, relative bool) bool {
	sum := sha256.Sum256([]byte(name))
	at := mark(sum[:8])
	date, isKnown := k.before[at]
	if relative && date == 0 {
		date = a.Published.Unix()
	}
	if relative {
		a.Published = time.Unix(date, 0).In(a.Published.Location())
	}
	if _, again := k.met[at]; !again {
		k.met[at] = date
		k.fresh = append(k.fresh, at)
	}
	return isKnown
}

// save remembers the articles met, and as many of the others as there is room for.
func (k *known) save(m feed.Memory) {
	var out []byte
	put := func(at mark, date int64) {
		out = binary.BigEndian.AppendUint64(append(out, at[:]...), uint64(date))
	}
	var old []mark
	for _, at := range k.order {
		if _, met := k.met[at]; !met {
			old = append(old, at)
		}
	}
	room := max(0, mostKnown-len(k.met))
	for _, at := range old[max(0, len(old)-room):] {
		put(at, k.before[at])
	}
	for _, at := range k.fresh {
		put(at, k.met[at])
	}
	if !bytes.Equal(out, k.saved) {
		m.Put(knownKey, out)
	}
}

// nameOf is what an article is told from others by.
func nameOf(a *feed.Article) string {
	switch {
	case a.Key != "":
		return "key " + a.Key
	case a.ID != "":
		return "id " + a.ID
	}
	return "link " + a.Link
}

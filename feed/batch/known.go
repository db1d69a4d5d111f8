package batch

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"feedmill/feed"
)

// mostKnown bounds how many articles are remembered.
const mostKnown = 2000

// Known are the articles that a source has seen: those met last at the end, 16 bytes each.
type Known struct {
	key    string
	before map[mark]int64 // when it was first dated, in seconds, if it is dated relative to the moment; else 0
	met    map[mark]int64
	order  []mark // all that were known before
	fresh  []mark // those met
	saved  []byte
}

// mark tells an article from others.
type mark [8]byte

// Recall reads from m what was kept there under key.
func Recall(m feed.Memory, key string) *Known {
	k := &Known{key: key, before: map[mark]int64{}, met: map[mark]int64{}, saved: m.Get(key)}
	for rest := k.saved; len(rest) >= 16; rest = rest[16:] {
		at := mark(rest[:8])
		k.before[at] = int64(binary.BigEndian.Uint64(rest[8:16]))
		k.order = append(k.order, at)
	}
	return k
}

// Meet takes down an article and reports whether it was known before. One whose date is relative to the moment keeps the
// date that it was first seen with.
func (k *Known) Meet(a *feed.Article, relative bool) bool {
	sum := sha256.Sum256([]byte(Name(a)))
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

// Save puts into m the articles met, and as many of the others as there is room for.
func (k *Known) Save(m feed.Memory) {
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
	for _, at := range old[max(0, min(len(old), len(old)+len(k.met)-mostKnown)):] {
		put(at, k.before[at])
	}
	for _, at := range k.fresh {
		put(at, k.met[at])
	}
	if !bytes.Equal(out, k.saved) {
		m.Put(k.key, out)
	}
}

// Name is what an article is told from others of its source by.
func Name(a *feed.Article) string {
	switch {
	case a.Key != "":
		return "key " + a.Key
	case a.ID != "":
		return "id " + a.ID
	}
	return "link " + a.Link
}

package mailbox

import (
	"crypto/sha256"
	"encoding/json"
	"slices"

	"feedmill/feed"
)

// Where it is remembered how far a folder was read, and which messages were told.
const (
	placeKey = "mailbox.place"
	toldKey  = "mailbox.told"
)

// mostTold bounds how many messages are remembered as told; a look sees fewer.
const mostTold = 2 * mostSeen

// reached is how far a folder was read.
type reached struct {
	Validity uint32 `json:"validity,omitempty"` // of the UIDs
	Next     uint32 `json:"next,omitempty"`     // the first UID that was not looked at
	// Floor is when the oldest message that was told arrived, in seconds, if the first look left older ones out.
	Floor int64  `json:"floor,omitempty"`
	Files uint64 `json:"files,omitempty"` // sum of the names in a Maildir
	Begun bool   `json:"begun"`
}

// mark tells a message, or a file, from others.
type mark [8]byte

func markOf(name string) mark {
	sum := sha256.Sum256([]byte(name))
	return mark(sum[:8])
}

// told are the messages that were told, those met last at the end.
type told struct {
	known map[mark]bool
	order []mark
	fresh bool
}

func recallReached(mem feed.Memory) reached {
	var r reached
	if json.Unmarshal(mem.Get(placeKey), &r) != nil {
		return reached{}
	}
	return r
}

func (r reached) save(mem feed.Memory) {
	if text, err := json.Marshal(r); err == nil && string(text) != string(mem.Get(placeKey)) {
		mem.Put(placeKey, text)
	}
}

func recallMarks(mem feed.Memory, key string) *told {
	saved := mem.Get(key)
	t := &told{known: make(map[mark]bool, len(saved)/len(mark{}))}
	for one := range slices.Chunk(saved, len(mark{})) {
		if len(one) == len(mark{}) {
			t.known[mark(one)] = true
			t.order = append(t.order, mark(one))
		}
	}
	return t
}

func (t *told) add(m mark) {
	if !t.known[m] {
		t.known[m], t.fresh = true, true
		t.order = append(t.order, m)
	}
}

// save remembers the messages, the last ones if there are too many.
func (t *told) save(mem feed.Memory, key string) {
	if !t.fresh {
		return
	}
	last := t.order[max(0, len(t.order)-mostTold):]
	out := make([]byte, 0, len(last)*len(mark{}))
	for _, m := range last {
		out = append(out, m[:]...)
	}
	mem.Put(key, out)
}

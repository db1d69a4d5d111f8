package sql

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"slices"
	"time"

	"feedmill/feed"
)

// overlap is how far behind the newest updated that was seen rows are looked for again: a transaction that set its updated
// and commits within that time is not missed.
const overlap = 15 * time.Minute

// strayZone is how far ahead of this machine's clock an updated may be and still be believed: a day for zones that are
// not named, and some. One that somebody typed wrongly must not take :since along.
const strayZone = 26 * time.Hour

// mostSeen bounds how many rows of the overlap are remembered. Rows beyond it are told again, which changes nothing.
const mostSeen = 200_000

// The keys of what is remembered.
const (
	stateKey    = "sql.state"
	seenKey     = "sql.seen"
	problemsKey = "sql.problems"
)

// rowMark tells a row, with all that is in it, from others.
type rowMark [12]byte

func markOf(cells []cell) rowMark {
	h := sha256.New()
	var length [9]byte
	for _, c := range cells {
		binary.BigEndian.PutUint64(length[:], uint64(len(c.text)))
		length[8] = 0
		if c.null {
			length[8] = 1
		}
		h.Write(length[:])
		h.Write([]byte(c.text))
	}
	return rowMark(h.Sum(nil)[:len(rowMark{})])
}

// state is what is remembered of the fetch before.
type state struct {
	// Since is what the query is asked with next, as the database wrote it: an updated that was seen, more than the overlap
	// older than the newest. Nil: everything.
	Since *value `json:"since,omitempty"`
	// Words are those that the columns bore.
	Words []string `json:"words,omitempty"`
	// Rows is a digest of all rows, for queries without :since.
	Rows []byte `json:"rows,omitempty"`

	seen  map[rowMark]bool
	order []rowMark
	saved []byte
}

// value is a cell as it is remembered.
type value struct {
	Text   string `json:"text"`
	Number bool   `json:"number,omitempty"`
	// At is the moment that it stands for.
	At time.Time `json:"at"`
}

func (v value) cell() cell { return cell{text: v.Text, number: v.Number} }

func recall(m feed.Memory) *state {
	s := &state{saved: m.Get(stateKey), seen: map[rowMark]bool{}}
	if json.Unmarshal(s.saved, s) != nil { // also when there is nothing yet
		s.Since, s.Words, s.Rows = nil, nil, nil
		return s
	}
	const size = len(rowMark{})
	for rest := m.Get(seenKey); len(rest) >= size; rest = rest[size:] {
		mark := rowMark(rest[:size])
		s.seen[mark] = true
		s.order = append(s.order, mark)
	}
	return s
}

// save remembers the state, and the rows that may come again.
func (s *state) save(m feed.Memory, seen []rowMark) {
	text, err := json.Marshal(s)
	if err == nil && !bytes.Equal(text, s.saved) {
		m.Put(stateKey, text)
	}
	if seen = seen[max(0, len(seen)-mostSeen):]; slices.Equal(seen, s.order) {
		return
	}
	var out []byte
	for _, mark := range seen {
		out = append(out, mark[:]...)
	}
	m.Put(seenKey, out)
}

// advance moves Since on after a fetch that saw values, and returns the rows that it may bring again. whole says that
// everything from Since on was read, or in the order of updated up to some moment.
func (s *state) advance(rows []taken, whole, ended bool, now time.Time) []rowMark {
	var newest time.Time
	for _, r := range rows {
		if r.at.After(newest) && r.at.Before(now.Add(strayZone)) {
			newest = r.at
		}
	}
	if whole && !newest.IsZero() {
		for _, r := range rows {
			if !r.at.IsZero() && r.at.Before(newest.Add(-overlap)) && (s.Since == nil || r.at.After(s.Since.At)) {
				s.Since = &value{r.updated.text, r.updated.number, r.at}
			}
		}
	}
	var again []rowMark
	if !ended {
		read := map[rowMark]bool{}
		for _, r := range rows {
			read[r.mark] = true
		}
		again = slices.DeleteFunc(slices.Clone(s.order), func(mark rowMark) bool { return read[mark] })
	}
	for _, r := range slices.SortedStableFunc(slices.Values(rows), func(a, b taken) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) }) {
		if s.Since == nil || r.at.IsZero() || !r.at.Before(s.Since.At) {
			again = append(again, r.mark)
		}
	}
	return again
}

// digest is one of all rows, in whatever order they came.
func digest(rows []taken) []byte {
	marks := make([]rowMark, len(rows))
	for i, r := range rows {
		marks[i] = r.mark
	}
	slices.SortFunc(marks, func(a, b rowMark) int { return bytes.Compare(a[:], b[:]) })
	h := sha256.New()
	for _, mark := range marks {
		h.Write(mark[:])
	}
	return h.Sum(nil)[:16]
}

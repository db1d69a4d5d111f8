package sitemap

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"feedmill/feed"
	"feedmill/feed/parse"
)

// Where a source remembers: what it is, of each file what it said, the articles that were taken of it and which addresses were seen in it, and what was told.
// Behind all but the first stands the mark of the file.
const (
	stateKey  = "sitemap.state"
	recordKey = "sitemap.file."
	takenKey  = "sitemap.taken."
	seenKey   = "sitemap.seen."
	toldKey   = "sitemap.told."
	batchKey  = "sitemap.articles" // digest of the last batch
)

// state is what is remembered of the whole.
type state struct {
	Site  bool     `json:"site,omitempty"`  // the address is that of a site
	Moved string   `json:"moved,omitempty"` // told
	Files []string `json:"files"`           // marks of the files
	Floor int64    `json:"floor,omitempty"` // the date of the last article, if there are as many as are taken
	Late  []string `json:"late,omitempty"`  // marks of files that were not asked for, for others came first
}

func recallState(m feed.Memory) (s state) {
	_ = json.Unmarshal(m.Get(stateKey), &s) // what cannot be read is as good as nothing
	return s
}

// record is what is remembered of one file.
type record struct {
	IsIndex  bool    `json:"is_index,omitempty"`
	Index    []child `json:"index,omitempty"`
	Guess    bool    `json:"guess,omitempty"`    // nobody named the file in the index
	Young    bool    `json:"young,omitempty"`    // some of its articles have a date that has not come to rest
	Count    int     `json:"count,omitempty"`    // addresses in it
	Redated  bool    `json:"redated,omitempty"`  // its dates say when it was written
	Modified int64   `json:"modified,omitempty"` // by its index, when it was read
	Checked  int64   `json:"checked,omitempty"`  // when it was last asked for, if its index says when it was modified
}

// child is a sitemap that an index names.
type child struct {
	URL      string `json:"url"`
	Modified int64  `json:"modified,omitempty"` // in seconds, 0 when unknown
	Day      bool   `json:"day,omitempty"`
	New      bool   `json:"new,omitempty"` // the index did not name it at first
}

// latest is the last moment that the date of the sitemap may mean.
func (c child) latest() int64 {
	if c.Modified != 0 && c.Day {
		return c.Modified + int64((48 * time.Hour).Seconds()) // somewhere it is still that day
	}
	return c.Modified
}

// checkedFor is how long a file is believed to be unchanged because its index says so.
const checkedFor = 12 * time.Hour

// holds reports that the file need not be asked for: its index gives it the date of before, which lay well back then.
func (r *record) holds(c child, at time.Time) bool {
	if c.Modified == 0 || c.Modified != r.Modified || r.Checked < c.latest()+int64(time.Hour.Seconds()) {
		return false
	}
	age := at.Sub(time.Unix(r.Checked, 0))
	return age >= 0 && age < checkedFor && !r.Young
}

// name takes the sitemaps that an index names, of too many the newest.
func (r *record) name(entries []parse.Entry, old *record) (problems []error) {
	before := map[string]child{}
	if old != nil {
		for _, c := range old.Index {
			before[c.URL] = c
		}
	}
	for _, e := range entries {
		c := child{URL: e.URL, Modified: seconds(e.Modified), Day: e.Day}
		known, was := before[e.URL]
		c.New = known.New || old != nil && !was
		r.Index = append(r.Index, c)
	}
	slices.SortStableFunc(r.Index, func(a, b child) int { return cmp.Compare(b.Modified, a.Modified) })
	if len(r.Index) > mostFiles {
		problems = append(problems, fmt.Errorf("it names %d sitemaps; the newest %d are read", len(r.Index), mostFiles))
		r.Index = r.Index[:mostFiles:mostFiles]
	}
	return problems
}

func recallRecord(m feed.Memory, address string) *record {
	value := m.Get(recordKey + markOf(address).String())
	var r record
	if len(value) == 0 || json.Unmarshal(value, &r) != nil {
		return nil
	}
	return &r
}

// recallArticles are those that were taken of a file.
func recallArticles(m feed.Memory, address string) (all []candidate) {
	if json.Unmarshal(m.Get(takenKey+markOf(address).String()), &all) != nil {
		return nil
	}
	return all
}

// put keeps a value unless it is kept already.
func put(m feed.Memory, key string, value []byte) {
	if !bytes.Equal(m.Get(key), value) {
		m.Put(key, value)
	}
}

func putJSON(m feed.Memory, key string, value any) {
	text, err := json.Marshal(value)
	if err == nil { // strings, numbers and times of this age only: there is no error
		put(m, key, text)
	}
}

// mark tells an address from others.
type mark [8]byte

func markOf(address string) mark {
	sum := sha256.Sum256([]byte(address))
	return mark(sum[:8])
}

func (m mark) String() string { return base64.RawURLEncoding.EncodeToString(m[:]) }

func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

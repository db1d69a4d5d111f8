package fetch

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"time"

	"feedmill/feed"
)

// record is what a source remembers about one address, as JSON in its memory.
type record struct {
	// Words is a short hash of the request and its configuration. Another one means that an operator changed something:
	// nothing remembered holds. It is too short to find a password by.
	Words string `json:"words"`

	ETag     string `json:"etag,omitempty"`
	Modified string `json:"modified,omitempty"` // Last-Modified, as it came
	From     string `json:"from,omitempty"`     // the address that gave the validators, when a redirect led there
	Body     string `json:"body,omitempty"`     // hash of the body
	Asked    int64  `json:"asked,omitempty"`    // when the body was last asked for without conditions

	MovedTo string `json:"moved_to,omitempty"`
	Moves   int    `json:"moves,omitempty"` // answers in a row that said so, counted to seen

	Failures int        `json:"failures,omitempty"`
	Gone     int        `json:"gone,omitempty"`   // 410s in a row
	Unread   int        `json:"unread,omitempty"` // new answers in a row that could not be read
	Until    int64      `json:"until,omitempty"`  // ask nothing before
	Class    feed.Class `json:"class,omitempty"`
	Text     string     `json:"text,omitempty"`
	Host     string     `json:"host,omitempty"` // the host and port that asked to wait until then
}

// The pace of failures.
const (
	firstBackoff  = 5 * time.Minute
	longestOff    = 6 * time.Hour
	longestUnread = time.Hour // after answers that are whole but cannot be read: who mends them wants to see it
	restRefused   = time.Hour // the least after 401 and 403: an operator must act
	goneAfter     = 2         // 410s in a row
	movedAfter    = 3         // permanent redirects in a row
	wholeAfter    = 24 * time.Hour
	longestHeader = 1 << 10 // of a validator worth keeping
)

// recordKey is the key under which a source's memory holds the record of an address.
func recordKey(method, url string, body []byte) string {
	h := sha256.New()
	h.Write([]byte(method + " " + url + "\n"))
	h.Write(body)
	return "fetch." + hex.EncodeToString(h.Sum(nil)[:8])
}

// recall reads a record. What was remembered under other words is forgotten, and so is what cannot be read.
func recall(m feed.Memory, key, words string) record {
	fresh := record{Words: words}
	if m == nil {
		return fresh
	}
	value := m.Get(key)
	if value == nil {
		return fresh
	}
	var r record
	if json.Unmarshal(value, &r) != nil || r.Words != words {
		return fresh
	}
	return r
}

func (r record) save(m feed.Memory, key string) {
	if m == nil {
		return
	}
	value, err := json.Marshal(r)
	if err != nil {
		return // strings and numbers only: it cannot be
	}
	m.Put(key, value)
}

// waits returns the failure that still holds, nil when the address may be asked.
func (r record) waits(now time.Time) *failure {
	until := time.Unix(r.Until, 0)
	if r.Gone < goneAfter && (!until.After(now) || until.Sub(now) > longestWait+time.Hour) { // else the clock was set back
		return nil
	}
	return &failure{class: r.Class, text: r.Text}
}

// failed notes a failure and when to ask again.
func (r record) failed(f *failure, now time.Time) record {
	r.Failures++
	if f.gone {
		r.Gone++
	} else {
		r.Gone = 0
	}
	wait := f.wait
	if wait == 0 {
		wait = max(backoff(r.Words, r.Failures), f.rest)
	}
	r.Until = now.Add(wait).Unix()
	r.Class, r.Text, r.Host = f.class, f.text, f.closes
	return r
}

// rejected notes that the last answer could not be read and when to ask again; within the pause only the words change.
func (r record) rejected(class feed.Class, text string, now time.Time) record {
	if r.waits(now) == nil {
		r.Unread++
		r.Until, r.Host = now.Add(min(backoff(r.Words, r.Unread), longestUnread)).Unix(), ""
	}
	r.Class, r.Text = class, text
	return r
}

// healed forgets failures to answer.
func (r record) healed() record {
	r.Failures, r.Gone, r.Until, r.Class, r.Text, r.Host = 0, 0, 0, "", "", ""
	return r
}

// backoff is the pause after so many failures in a row: doubling, up to a bound, and up to a fifth shorter by a hash, so
// that sources which failed together do not come back together.
func backoff(seed string, failures int) time.Duration {
	wait := longestOff
	if doublings := failures - 1; doublings < 7 {
		wait = min(firstBackoff<<doublings, longestOff)
	}
	return wait - time.Duration(float64(wait)/5*fraction(seed, uint64(failures)))
}

// fraction is a number in [0,1) that seed and n decide.
func fraction(seed string, n uint64) float64 {
	sum := sha256.Sum256(binary.LittleEndian.AppendUint64([]byte(seed), n))
	return float64(binary.LittleEndian.Uint32(sum[:])) / (1 << 32)
}

// conditional reports whether to ask with validators. Once a day or so it asks without: some origins repeat an ETag
// for ever.
func (r record) conditional(now time.Time) bool {
	if r.ETag == "" && r.Modified == "" || r.Body == "" {
		return false
	}
	spread := time.Duration(float64(wholeAfter) / 8 * fraction(r.Words, 0))
	age := now.Sub(time.Unix(r.Asked, 0))
	return age >= 0 && age < wholeAfter-spread
}

// answered notes the validators and the body of a whole answer.
func (r record) answered(a *reply, asked string, now time.Time) record {
	r.ETag, r.Modified, r.From = a.etag, a.modified, ""
	if a.url != asked {
		r.From = a.url
	}
	r.Body = base64.RawStdEncoding.EncodeToString(a.sum[:16])
	r.Unread = 0
	age := now.Sub(time.Unix(r.Asked, 0))
	switch {
	case r.ETag == "" && r.Modified == "":
		r.Asked = 0 // nothing to be conditional with
	case age < 0 || age >= wholeAfter/2: // not each time: an unchanged record is not written
		r.Asked = now.Unix()
	}
	return r
}

// led notes where permanent redirects lead.
func (r record) led(to string) record {
	switch {
	case to == "":
		r.MovedTo, r.Moves = "", 0
	case to != r.MovedTo:
		r.MovedTo, r.Moves = to, 1
	case r.Moves < movedAfter:
		r.Moves++
	}
	return r
}

// moved is the address to tell the operator, once it is certain.
func (r record) moved() string {
	if r.Moves < movedAfter {
		return ""
	}
	return r.MovedTo
}

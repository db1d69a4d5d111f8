package mill

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/store"
)

// Guard says what is not believed of a feed's sources, besides what never is. Each source is judged for itself, before
// filters, and never when it is read for the first time. What is not believed is held: the feed stays as it was, and so
// does what the source remembers, so that it is read again in full. The zero value of a number turns its rule off.
type Guard struct {
	MinArticles  int           // a listing with fewer articles
	MaxNew       int           // a listing with more new ones
	Shrink       float64       // a listing, or a folder, with less than this share of what it had last time, or a listing with nothing
	MaxSilence   time.Duration // no new article in that time: nothing is held then, but the refresh says so
	ReleaseAfter int           // the same batch that often in a row is believed
	// Apart is how far apart looks at a source are at least that count as two, for they do not all keep to the schedule.
	Apart time.Duration
}

// Held is a batch that a refresh did not believe.
type Held struct {
	Source   string   // as in [SourceError]
	Articles []string // what some of its articles are called; when articles are missing, those
}

// verdict is what the guard says of a batch.
type verdict struct {
	released bool // an operator believes it
	rule     rule // the rule that it broke before it was released
	spared   bool // the articles whose origin has vanished stay as they are
}

// habits are what the guard remembers of an origin: how it was when it was last believed, and what is usual for it. They
// lie in its memory.
type habits struct {
	First  int64 `json:"first"`            // when it was first read
	Size   int   `json:"size,omitempty"`   // articles in the last listing
	Newest int64 `json:"newest,omitempty"` // the latest date, of those that were not in the future
	// Titled are the articles with a title among those Judged: the last batch of more than a few.
	Titled int    `json:"titled,omitempty"`
	Judged int    `json:"judged,omitempty"`
	Host   string `json:"host,omitempty"`  // of most links
	Title  string `json:"title,omitempty"` // of the feed
	// Usual says when a rule was last broken in a way that had been believed.
	Usual map[rule]int64 `json:"usual,omitempty"`

	Held   string `json:"held,omitempty"`   // hash of the batch that is held
	Reason string `json:"reason,omitempty"` // why
	Lost   bool   `json:"lost,omitempty"`   // because articles are missing
	Doubt  int64  `json:"doubt,omitempty"`  // since when they seem to be there again
}

const habitsKey = "mill.guard"

func recallHabits(m *memory) (h habits, known bool) {
	err := json.Unmarshal(m.Get(habitsKey), &h)
	return h, err == nil // what cannot be read is as good as nothing
}

func (h habits) save(m *memory) {
	value, err := json.Marshal(h)
	if err == nil && !bytes.Equal(value, m.Get(habitsKey)) { // numbers and strings only: there is no error
		m.Put(habitsKey, value)
	}
}

// settled are the habits of an origin of which nothing is held any more.
func (h habits) settled() habits {
	h.Held, h.Reason, h.Lost, h.Doubt = "", "", false, 0
	return h
}

// habitual is how long something is usual that has not happened again.
const habitual = 30 * 24 * time.Hour

func (h habits) usual(broken rule, at time.Time) bool {
	last, was := h.Usual[broken]
	return was && at.Sub(time.Unix(last, 0)) < habitual
}

// guard judges each batch by itself and holds those that are not to be believed.
func (r *refresh) guard(ctx context.Context) error {
	for i := range r.batches {
		b := &r.batches[i]
		if !b.answered || b.of.From != "" || b.Source == (still{}) {
			continue // what a feed of ours published has been judged there
		}
		if err := r.weigh(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

func (r *refresh) weigh(ctx context.Context, b *batch) error {
	if b.Extent == feed.Unchanged && !b.released && !bytes.Contains(b.memory.Get(habitsKey), []byte(`"held":`)) {
		return nil // nearly always
	}
	h, known := recallHabits(b.memory)
	if b.Extent == feed.Unchanged && !b.released {
		r.unchanged(b, h)
		return nil
	}
	switch {
	case b.released:
	case !known: // the first look is always believed
		if datesNow(b.Articles, r.at) {
			b.rule = redated
		}
	default:
		d, err := r.doubt(ctx, b, h)
		if err != nil {
			return err
		}
		if d.text != "" {
			held, err := r.hold(ctx, b, h, d)
			if held || err != nil {
				return err
			}
		}
		b.rule = d.rule
	}
	r.believe(b, h)
	return nil
}

// believe remembers how a good batch was.
func (r *refresh) believe(b *batch, h habits) {
	h.First = cmp.Or(h.First, r.at.Unix())
	if b.rule != "" && (b.rule.forgives(b.released) || h.usual(b.rule, r.at)) {
		usual := map[rule]int64{b.rule: r.at.Truncate(24 * time.Hour).Unix()} // to the day: it is not written each time
		for name, last := range h.Usual {
			if name != b.rule && h.usual(name, r.at) {
				usual[name] = last
			}
		}
		h.Usual = usual
	}
	h.observe(b, r.at)
	if h.Held != "" && r.recovers(b, &h) {
		r.holding.Settled = append(r.holding.Settled, b.digest)
		h = h.settled()
	}
	h.save(b.memory)
}

// observe takes in how a batch is.
func (h *habits) observe(b *batch, at time.Time) {
	n := len(b.Articles)
	if b.Extent == feed.Listing {
		h.Size = n
	}
	if n > 0 && (b.Extent == feed.Listing || n >= few || h.Judged == 0) {
		h.Titled, h.Judged = titled(b.Articles), n
		h.Host, h.Title = siteOf(sample(b.Articles))
	}
	for _, a := range b.Articles {
		if !a.Published.After(at) && !a.Published.IsZero() {
			h.Newest = max(h.Newest, a.Published.Unix())
		}
	}
}

// recovers reports whether nothing is held any more of an origin that gave a good batch, or said that all is as it was. A
// folder that is watched takes two looks to see that a file is gone: it is well again when it has been so for a while.
func (r *refresh) recovers(b *batch, h *habits) bool {
	apart := r.feed.Guard.Apart
	if !h.Lost || b.released || b.rule == lost || apart == 0 {
		return true
	}
	if h.Doubt == 0 {
		h.Doubt = r.at.Unix()
	}
	if r.at.Sub(time.Unix(h.Doubt, 0)) >= apart {
		return true
	}
	r.reject(b, h.Reason)
	return false
}

// unchanged takes note of an origin that says it is as it was when it was last believed.
func (r *refresh) unchanged(b *batch, h habits) {
	if h.Held == "" {
		return
	}
	if r.recovers(b, &h) {
		r.holding.Settled = append(r.holding.Settled, b.digest)
		h = h.settled()
	}
	h.save(b.memory)
}

// hold keeps a batch from the feed, unless it has been there often enough. Of one in which only articles are missing the
// others are taken.
func (r *refresh) hold(ctx context.Context, b *batch, h habits, d doubt) (bool, error) {
	p := store.Held{Source: b.digest, Name: b.name, Hash: hashOf(b, d.rule), Reason: d.text, First: r.at}
	again := h.Held == p.Hash
	if again {
		before, err := r.ledger.Looks(ctx, r.state.Serial, p.Source, p.Hash)
		if err != nil {
			return false, err
		}
		if before.Times > 0 {
			p.Times, p.First, p.Last = before.Times, before.First, before.Last
		}
	}
	counts := p.Times == 0 || r.at.Sub(p.Last) >= r.feed.Guard.Apart
	if counts {
		p.Times, p.Last = p.Times+1, r.at
	}
	if enough := r.feed.Guard.ReleaseAfter; enough > 0 && p.Times >= enough {
		return false, nil
	}
	if counts {
		batch, err := pack(b, d.rule)
		if err != nil {
			return false, err
		}
		p.Batch = batch
		r.holding.Held = append(r.holding.Held, p)
	}
	h.Held, h.Reason, h.Lost, h.Doubt = p.Hash, p.Reason, d.rule == lost, 0
	clear(b.memory.put)
	h.save(b.memory)
	r.report.Held = append(r.report.Held, Held{b.name, callThem(b, d.rule)})
	r.reject(b, d.text)
	switch {
	case d.rule == lost:
		b.spared = true
	case again: // its problems have been told
		b.Batch = feed.Batch{Extent: feed.Unchanged}
	default:
		b.Batch = feed.Batch{Extent: feed.Unchanged, Problems: b.Problems, Notes: b.Notes}
	}
	return true, nil
}

// reject makes the batch one that its source has not given.
func (r *refresh) reject(b *batch, reason string) {
	b.answered = false
	r.report.Answered = slices.DeleteFunc(r.report.Answered, func(name string) bool { return name == b.name })
	remedy := "feedmill accept " + r.feed.Name
	if len(r.batches) > 1 {
		remedy += " " + quoted(b.name)
	}
	text := fmt.Errorf("%s; the feed stays as it was. If that is right: %s", reason, remedy)
	r.doubts = append(r.doubts, wrapSource(b.name, feed.Classify(feed.Suspicious, text)))
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	if strings.ContainsAny(word, " \t'\"$&;|<>()*?[]#~`\\") {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}

package serve

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// maxClaims bounds how many counts of aggregators are held of a feed: one for each aggregator and each document or feed-id
// that it asks for. Of more than these, those that have not come since [Server.Visits] was last asked give way.
const maxClaims = 64

// Examining is the header of those who only look whether all is well, as `feedmill doctor` does. They are not counted: anybody
// may leave himself out.
const Examining = "X-Feedmill-Doctor"

func examining(r *http.Request) bool { return len(r.Header[Examining]) > 0 }

// Visits are what was counted at one address that a feed is served at.
type Visits struct {
	// Address is a key of [Server.SetFeeds].
	Address string
	// Pollers is how many different readers and aggregators asked for its documents since the day began: different
	// networks (an address of IPv4, the first 64 bits of IPv6) or programs. The standard error is 3.3 %.
	Pollers int
	// Claims are what aggregators said of themselves since the last time.
	Claims []Claim
	// Readers are the names of those who were let in by their tokens since the last time, in order.
	Readers []string
}

// Claim is what an aggregator says in its User-Agent: how many subscribers it asks for. Anybody may claim anything.
type Claim struct {
	Aggregator  string // the name of the program: letters, digits and " . _ -", at most 40
	Of          string // the feed-id by which it knows the feed, or the path that it asked for
	Subscribers int
}

// audience counts who reads what, feed by feed, without keeping who it was.
type audience struct {
	mu      sync.Mutex
	tallies map[string]*tally
}

// of returns the tally of an address, the same as long as there is one.
func (a *audience) of(address string) *tally {
	a.mu.Lock()
	defer a.mu.Unlock()
	if t := a.tallies[address]; t != nil {
		return t
	}
	if a.tallies == nil {
		a.tallies = map[string]*tally{}
	}
	t := &tally{claims: map[claimed]*counted{}, readers: map[string]bool{}}
	a.tallies[address] = t
	return t
}

// tally is what was counted at one address. Safe for concurrent use.
type tally struct {
	pollers atomic.Pointer[sketch] // nil: nobody came today

	mu      sync.Mutex
	claims  map[claimed]*counted
	readers map[string]bool // who came since somebody looked
}

// claimed is what a claim is about: the newest of the same takes the place of the one before.
type claimed struct{ aggregator, of string }

type counted struct {
	subscribers int
	fresh       bool // it came since somebody looked
}

// polled counts a request for a document of a feed. Once a poller is known it costs a hash and makes no garbage.
func (s *Server) polled(r *http.Request, of *terms, doc *document) {
	t := of.tally
	if t == nil || !doc.feed || doc.kind == askedArchive || examining(r) {
		return // pages are for people
	}
	agent := ""
	if field := r.Header["User-Agent"]; len(field) > 0 {
		agent = field[0]
	}
	pollers := t.pollers.Load()
	if pollers == nil {
		t.pollers.CompareAndSwap(nil, newSketch())
		if pollers = t.pollers.Load(); pollers == nil {
			return // the day ended at this moment
		}
	}
	pollers.add(network(s.client(r)), agent)
	if c, ok := subscribers(agent); ok {
		t.claim(c, r.URL.Path)
	}
}

func (t *tally) claim(c claim, path string) {
	about := claimed{c.product, c.feedID}
	if about.of == "" {
		about.of = path
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	known := t.claims[about]
	if known == nil {
		if len(t.claims) >= maxClaims && !t.makeRoom() {
			return
		}
		known = new(counted)
		t.claims[claimed{strings.Clone(about.aggregator), strings.Clone(about.of)}] = known
	}
	known.subscribers, known.fresh = c.subscribers, true
}

// makeRoom forgets a claim that was looked at, if there is one.
func (t *tally) makeRoom() bool {
	for about, known := range t.claims {
		if !known.fresh {
			delete(t.claims, about)
			return true
		}
	}
	return false
}

// saw notes that a reader was let in.
func (t *tally) saw(reader string) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.readers[reader] = true
}

// Visits returns what was counted at those addresses where anything new was, in their order. With endDay the pollers are
// counted anew from now on, under hashes of which none is like one of before.
func (s *Server) Visits(endDay bool) []Visits {
	s.audience.mu.Lock()
	tallies := maps.Clone(s.audience.tallies)
	served := s.table.Load().feeds
	maps.DeleteFunc(s.audience.tallies, func(address string, _ *tally) bool { return served[address] == nil })
	s.audience.mu.Unlock()
	var all []Visits
	for _, address := range slices.Sorted(maps.Keys(tallies)) {
		if v, fresh := tallies[address].visits(endDay); fresh {
			v.Address = address
			all = append(all, v)
		}
	}
	return all
}

func (t *tally) visits(endDay bool) (v Visits, fresh bool) {
	pollers := t.pollers.Load()
	if endDay {
		t.pollers.Store(nil)
	}
	if pollers != nil {
		fresh = pollers.changed.Swap(false)
		v.Pollers = pollers.count()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for about, known := range t.claims {
		if known.fresh {
			known.fresh = false
			v.Claims = append(v.Claims, Claim{about.aggregator, about.of, known.subscribers})
		}
	}
	slices.SortFunc(v.Claims, func(a, b Claim) int {
		return strings.Compare(a.Aggregator+" "+a.Of, b.Aggregator+" "+b.Of)
	})
	v.Readers = slices.Sorted(maps.Keys(t.readers))
	clear(t.readers)
	return v, fresh || len(v.Claims)+len(v.Readers) > 0
}

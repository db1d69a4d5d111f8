package serve

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

// What somebody may get wrong: failuresAtOnce tokens at once, and one more every failureInterval.
const (
	failuresAtOnce  = 10
	failureInterval = 6 * time.Second
	// offenderSets of offendersInSet are remembered: 128 KB, made at the first failure.
	offenderSets   = 2048
	offendersInSet = 4
)

// failures counts wrong tokens by the network that they come from. What it holds is bounded: of more offenders than it has
// room for, it forgets those who failed least. No address is kept, only a hash of it under a seed of this process.
type failures struct {
	mu   sync.Mutex
	seed maphash.Seed
	sets []offenders
}

type offenders [offendersInSet]struct {
	who   uint64
	clear int64 // when all is forgiven, in nanoseconds since 1970
}

// note counts a failure, and returns how long whoever failed is to wait; 0: it was not one too many.
func (f *failures) note(from netip.Addr, now time.Time) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.sets == nil {
		f.sets, f.seed = make([]offenders, offenderSets), maphash.MakeSeed()
	}
	bytes := from.As16()
	who := maphash.Bytes(f.seed, bytes[:])
	set := &f.sets[who%offenderSets]
	found := &set[0]
	for i := range set {
		if set[i].who == who {
			found = &set[i]
			break
		}
		if set[i].clear < found.clear {
			found = &set[i]
		}
	}
	forgiven := now.UnixNano()
	if found.who == who {
		forgiven = max(forgiven, found.clear)
	}
	forgiven += int64(failureInterval)
	if over := time.Duration(forgiven-now.UnixNano()) - failuresAtOnce*failureInterval; over > 0 {
		return over
	}
	found.who, found.clear = who, forgiven
	return 0
}

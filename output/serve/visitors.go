package serve

import (
	"hash/maphash"
	"math"
	"math/bits"
	"net/netip"
	"sync/atomic"
)

// registers is how many values a sketch holds. It takes 1 KB and is wrong by 1.04/√1024, 3.3 %, as the standard error;
// below some dozens it counts exactly.
const (
	registerBits = 10
	registers    = 1 << registerBits
	mostRank     = 64 - registerBits + 1
)

// sketch counts different visitors without keeping any of them (HyperLogLog): of the hash of each only the number of its
// leading zeros is noted, in one of the registers. The hash is made with a seed that is nowhere but here, so that nobody who
// got hold of the registers could try addresses on them once the sketch is gone. Safe for concurrent use.
type sketch struct {
	seed    maphash.Seed
	changed atomic.Bool // since somebody looked
	words   [registers / 4]atomic.Uint32
}

func newSketch() *sketch { return &sketch{seed: maphash.MakeSeed()} }

// add counts a visitor, nearly always without writing anything. It makes no garbage.
func (s *sketch) add(from netip.Addr, agent string) {
	address := from.As16()
	hash := maphash.Bytes(s.seed, address[:])*0x9e3779b97f4a7c15 ^ maphash.String(s.seed, agent)
	register := hash >> (64 - registerBits)
	rank := uint32(bits.LeadingZeros64(hash<<registerBits|1<<(registerBits-1))) + 1
	word, shift := &s.words[register/4], register%4*8
	for {
		old := word.Load()
		if old>>shift&0xff >= rank {
			return
		}
		if word.CompareAndSwap(old, old&^(0xff<<shift)|rank<<shift) {
			s.changed.Store(true)
			return
		}
	}
}

// count is how many were added, by Ertl's improved estimator, which needs no table and no change of method between few and
// many (O. Ertl, New cardinality estimation algorithms for HyperLogLog sketches, 2017, algorithm 6).
func (s *sketch) count() int {
	var ranks [mostRank + 1]float64
	for i := range s.words {
		word := s.words[i].Load()
		for range 4 {
			ranks[word&0xff]++
			word >>= 8
		}
	}
	z := registers * tau(1-ranks[mostRank]/registers)
	for rank := mostRank - 1; rank >= 1; rank-- {
		z = (z + ranks[rank]) / 2
	}
	z += registers * sigma(ranks[0]/registers)
	return int(math.Round(registers * registers / (2 * math.Ln2 * z)))
}

func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	y, z := 1.0, x
	for {
		x *= x
		before := z
		z += x * y
		y += y
		if z == before {
			return z
		}
	}
}

func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	y, z := 1.0, 1-x
	for {
		x = math.Sqrt(x)
		before := z
		y /= 2
		z -= (1 - x) * (1 - x) * y
		if z == before {
			return z / 3
		}
	}
}

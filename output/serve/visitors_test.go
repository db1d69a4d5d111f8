package serve

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"sync"
	"testing"
)

func someone(i int) netip.Addr {
	var a [4]byte
	binary.BigEndian.PutUint32(a[:], uint32(i))
	return netip.AddrFrom4(a)
}

// TestSketch counts from none to 300,000. Seeds differ from run to run: five standard errors are never passed, and of few at
// most three look like others.
func TestSketch(t *testing.T) {
	for _, n := range []int{0, 1, 2, 10, 40, 100, 1000, 3000, 10_000, 300_000} {
		s := newSketch()
		for i := range n {
			s.add(someone(i), "newsboat/2.38")
			s.add(someone(i), "newsboat/2.38")
		}
		off := math.Abs(float64(s.count() - n))
		if off > max(5*0.0325*float64(n), min(3, float64(n/2))) {
			t.Errorf("%d are counted as %d", n, s.count())
		}
	}
}

// TestSketchTellsApart counts programs at one address, and addresses of one program.
func TestSketchTellsApart(t *testing.T) {
	s := newSketch()
	for i := range 20 {
		s.add(someone(1), fmt.Sprint("reader/", i))
		s.add(someone(i), "reader/0")
	}
	if got := s.count(); got < 33 || got > 45 {
		t.Errorf("39 are counted as %d", got)
	}
}

func TestSketchIsSafe(t *testing.T) {
	s := newSketch()
	var adding sync.WaitGroup
	for part := range 8 {
		adding.Go(func() {
			for i := range 2000 {
				s.add(someone(i*4+part%4), "x")
			}
		})
	}
	adding.Wait()
	if got := s.count(); got < 7000 || got > 9000 {
		t.Errorf("8000 are counted as %d", got)
	}
}

package serve

import (
	"net/http"
	"testing"
)

// TestLeaveProgram answers after the program's file was let go of.
func TestLeaveProgram(t *testing.T) {
	s := start(t, worldly(t, ""))
	s.get(t, "/world.rss").wants(t, http.StatusOK)
	resident := func() (sum int) {
		for _, m := range programMappings() {
			sum += m.resident
		}
		return sum
	}
	before := resident()
	leaveProgram()
	after := resident()
	if before < 4<<10 || after > before/2 {
		t.Errorf("%d KB of the program are mapped, and before were %d KB", after, before)
	}
	s.get(t, "/world.rss").wants(t, http.StatusOK)
}

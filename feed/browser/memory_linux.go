package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// memory is what the processes of a group take for themselves, in bytes: what they share is not counted.
func memory(group int) int64 {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0
	}
	var sum int64
	for _, stat := range stats {
		text, err := os.ReadFile(stat)
		if err != nil {
			continue // it has ended
		}
		_, after, _ := strings.Cut(string(text), ") ") // state, parent, group
		fields := strings.Fields(after)
		if len(fields) < 3 || fields[2] != strconv.Itoa(group) {
			continue
		}
		pages, err := os.ReadFile(filepath.Join(filepath.Dir(stat), "statm"))
		if err != nil {
			continue
		}
		var size, resident, shared int64
		if _, err := fmt.Sscan(string(pages), &size, &resident, &shared); err != nil {
			continue
		}
		sum += (resident - shared) * int64(os.Getpagesize())
	}
	return sum
}

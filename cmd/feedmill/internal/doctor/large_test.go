//go:build !race

package doctor_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestSizeIsTold has a feed of more than some take; the race detector takes too long for it.
func TestSizeIsTold(t *testing.T) {
	t.Parallel()
	n := open(t, "")
	text := strings.Repeat("It has a paragraph of its own, which ends with a full stop. ", 19_000)
	write(t, filepath.Join(n.config.Dir, "articles", "c.txt"), "Third article\nDate: 2026-11-22 06:00\n\n"+text)
	n.appears(t, "Third article")
	same(t, lines(n, n.examine(t, nil, "world")), []string{"note /world.atom /world.json /world.rss /world/full.atom: Has more than 1 MB: SmartNews takes no more."})
	write(t, filepath.Join(n.config.Dir, "articles", "c.txt"), "Third article, changed\nDate: 2026-11-22 06:00\n\n"+text+text)
	n.appears(t, "Third article, changed")
	same(t, lines(n, n.examine(t, nil, "world")), []string{"warning /world.atom /world.json /world.rss /world/full.atom: Has more than 2 MB: many aggregators take no more."})
}

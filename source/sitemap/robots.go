package sitemap

import (
	"bytes"
	"strings"

	"feedmill/feed/clean"
)

// Bounds of robots.txt (RFC 9309, section 2.5, asks for 500 KB at least).
const (
	mostRobots = 512 << 10
	mostNamed  = 100
)

// robotsLines are the sitemaps that a robots.txt at base names.
func robotsLines(body []byte, base string) []child {
	var found []child
	named := map[string]bool{}
	for line := range bytes.Lines(body[:min(len(body), mostRobots)]) {
		word, rest, ok := strings.Cut(string(bytes.TrimPrefix(line, []byte("\ufeff"))), ":")
		if !ok || !strings.EqualFold(strings.TrimSpace(word), "sitemap") {
			continue
		}
		rest, _, _ = strings.Cut(rest, " #")
		address, err := clean.URL(rest, base)
		if err == nil && !named[address] && len(found) < mostNamed {
			named[address] = true
			found = append(found, child{URL: address})
		}
	}
	return found
}

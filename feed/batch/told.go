package batch

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"

	"feedmill/feed"
)

// News returns the problems of a document that the one before did not have, so that each is told once. Their marks are
// kept in m under key, a line each.
func News(m feed.Memory, key string, problems []error) []error {
	before := string(m.Get(key))
	known := map[string]bool{}
	for mark := range strings.SplitSeq(before, "\n") {
		known[mark] = true
	}
	var fresh []error
	var now []string
	for _, problem := range problems {
		mark := markOf(problem)
		if !known[mark] {
			fresh = append(fresh, problem)
		}
		known[mark] = true
		now = append(now, mark)
	}
	if told := strings.Join(now, "\n"); told != before {
		m.Put(key, []byte(told))
	}
	return fresh
}

// markOf tells a problem from others. Numbers of items and lines do not count: they shift with every new item.
func markOf(problem error) string {
	text := problem.Error()
	if p, ok := errors.AsType[*feed.Problem](problem); ok {
		_, title, _ := strings.Cut(p.Where, "(")
		text = title + "\n" + p.Err.Error()
	}
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

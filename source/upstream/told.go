package upstream

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"feedmill/feed"
	"feedmill/feed/parse"
)

// toldKey is where the problems are remembered that the last document had: their marks, a line each.
const toldKey = "upstream.told"

// mostTold bounds the problems of one document that are told.
const mostTold = 20

// news returns the problems of a document that the one before did not have.
func (u *Upstream) news(m feed.Memory, document parse.Feed) []error {
	before := string(m.Get(toldKey))
	known := map[string]bool{}
	for mark := range strings.SplitSeq(before, "\n") {
		known[mark] = true
	}
	var fresh []error
	var now []string
	for _, problem := range u.problems(document) {
		mark := markOf(problem)
		if !known[mark] {
			fresh = append(fresh, problem)
		}
		known[mark] = true
		now = append(now, mark)
	}
	if told := strings.Join(now, "\n"); told != before {
		m.Put(toldKey, []byte(told))
	}
	return fresh
}

// problems are all that the document has, up to a bound, with the feed in front of their places.
func (u *Upstream) problems(document parse.Feed) []error {
	var all []error
	if document.Lenient {
		all = append(all, &feed.Problem{Where: shown(u.config.URL), Err: errBroken})
	}
	for i, problem := range document.Problems {
		if i == mostTold {
			all = append(all, &feed.Problem{Where: shown(u.config.URL), Err: errMore})
			break
		}
		if p, ok := errors.AsType[*feed.Problem](problem); ok {
			problem = &feed.Problem{Where: shown(u.config.URL) + ": " + p.Where, Line: p.Line, Err: p.Err}
		}
		all = append(all, problem)
	}
	return all
}

var (
	errBroken = errors.New("the document breaks the rules of XML and was read by mending it; its publisher should mend it before it cannot be read any more")
	errMore   = fmt.Errorf("more than %d of its items have problems; the others are not listed", mostTold)
)

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

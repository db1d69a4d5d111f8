package upstream

import (
	"errors"
	"fmt"

	"feedmill/feed"
	"feedmill/feed/parse"
)

// toldKey is where the problems are remembered that the last document had: their marks, a line each.
const toldKey = "upstream.told"

// mostTold bounds the problems of one document that are told.
const mostTold = 20

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

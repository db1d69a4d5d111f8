package upstream

import (
	"errors"
	"fmt"

	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/parse"
)

// unreadable says of an answer that is no feed what it is and what to do.
func (u *Upstream) unreadable(err error, answer fetch.Answer) error {
	class := feed.ClassOf(err)
	if other, ok := errors.AsType[*parse.NotFeed](err); ok {
		switch {
		case other.Kind == parse.Page && answer.Wall != "":
			class = feed.Refused
			err = &blocked{answer.Wall}
		case other.Kind == parse.Login, other.Kind == parse.Challenge:
			class = feed.Refused
		}
	}
	where := shown(u.config.URL)
	if came := shown(answer.URL); came != where {
		where += " (which leads to " + came + ")"
	}
	return feed.Classify(class, fmt.Errorf("read %s: %w", where, err))
}

// blocked is the error of a page that stands before the feed.
type blocked struct{ wall string }

func (b *blocked) Error() string {
	return "it shows " + b.wall + " instead of the feed: it keeps programs out; ask whoever runs it to let the user_agent of feedmill in, " +
		"try cookies or headers under fetch:, or look for another address"
}

func (u *Upstream) quarantined() error {
	return feed.Classify(feed.Internal, fmt.Errorf("read %s: reading this answer ended feedmill %d times; it is left alone until the address "+
		"gives another one; write a smaller max_body under fetch: if memory is short, and report it", shown(u.config.URL), deadly))
}

// hasMoved shows the new address whole unless its query may be the operator's own, which can hold a key.
func (u *Upstream) hasMoved(to string) string {
	if !isPublic(u.config.URL) {
		to = shown(to)
	}
	return fmt.Sprintf("%s has moved to %s; change url, for the old address may end", shown(u.config.URL), to)
}

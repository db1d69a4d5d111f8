package mailbox

import (
	"errors"
	"fmt"

	"github.com/emersion/go-imap/v2"

	"feedmill/feed"
	"feedmill/feed/fetch"
)

// Why a server refuses.
var (
	errLogin  = errors.New("the server does not let this user in with this password; see user and password, many services want a password made for programs (an app password)")
	errFolder = errors.New("the server has no such folder, or does not let this user read it; see the part of url behind the host")
)

// refusal tells what a command that failed means: why, if the server said no.
func (s *session) refusal(err, why error) error {
	said, ok := errors.AsType[*imap.Error](err)
	if !ok {
		return s.broken(err)
	}
	switch said.Code {
	case imap.ResponseCodeUnavailable, imap.ResponseCodeServerBug, imap.ResponseCodeContactAdmin:
		return feed.Classify(feed.Unavailable, errors.New("the server is not able to answer now; feedmill asks again later"))
	case imap.ResponseCodeInUse, imap.ResponseCodeLimit:
		return feed.Classify(feed.Throttled, errors.New("the server is asked too often, or has too many connections of this user; feedmill asks again later"))
	}
	return feed.Classify(feed.Refused, why)
}

// broken is what went wrong on the connection, which the library does not always tell.
func (s *session) broken(err error) error {
	if said, ok := errors.AsType[*imap.Error](err); ok {
		return feed.Classify(feed.Unavailable, fmt.Errorf("the server answers %s to an ordinary question; feedmill asks again later", said.Type))
	}
	if trouble := s.wire.trouble(); trouble != nil {
		return trouble
	}
	return feed.Classify(feed.Unreadable, errRules)
}

var errRules = errors.New("its answers break the rules of IMAP; whoever runs the server must mend it")

// explain puts an error into words, with a class.
func (m *Mailbox) explain(err error) error {
	switch {
	case feed.ClassOf(err) != feed.Internal:
		return err
	case errors.Is(err, errEndless), errors.Is(err, errLine):
		return feed.Classify(feed.Unreadable, err)
	}
	if told := fetch.Explain(err, m.place.url, m.config.Fetch); told != nil {
		return told
	}
	return feed.Classify(feed.Unreadable, errRules)
}

// class is what follows from an error of the connection.
func (m *Mailbox) class(err error) feed.Class { return feed.ClassOf(m.explain(err)) }

func (m *Mailbox) isRefusal(err error) bool { return m.class(err) == feed.Refused }

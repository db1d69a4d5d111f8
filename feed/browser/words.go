package browser

import (
	"errors"
	"fmt"
	"strings"

	"feedmill/feed"
)

// apart marks errors that say nothing about the address asked for; see [fetch.Client.Visit].
type apart struct{ error }

func (a apart) Unwrap() error { return a.error }

// Passing reports that the error is not the address's.
func (a apart) Passing() bool { return true }

// ours is an error of the browser, which the next page may not meet.
func ours(class feed.Class, format string, args ...any) error {
	return feed.Classify(class, apart{fmt.Errorf(format, args...)})
}

// theirs is an error of the page.
func theirs(class feed.Class, text string) error { return feed.Classify(class, errors.New(text)) }

var (
	errCrashed   = theirs(feed.Unavailable, "makes the browser crash; feedmill tries again later. If it always does, look for a feed or another page, or take render: true away")
	errDied      = theirs(feed.Unavailable, "could not be rendered: the browser ended meanwhile, perhaps for want of memory; feedmill starts it anew and tries again later")
	errHung      = theirs(feed.Unavailable, "has scripts that keep the browser busy without end, so its HTML cannot be read; look for a feed or another page, or take render: true away")
	errEndless   = theirs(feed.Unavailable, "does not come to an end within the timeout; if it is always so slow, write a longer timeout under fetch:")
	errMemory    = theirs(feed.Refused, "takes more than 1GB of the browser's memory; look for a feed or another page, or take render: true away")
	errLoads     = theirs(feed.Refused, "loads too much; if it is meant to, write a larger max_body under fetch: (a page and all it loads may take four times as much), or take render: true away")
	errTooMany   = theirs(feed.Refused, "asks for more than 500 things; look for a feed or another page, or take render: true away")
	errWanders   = theirs(feed.Unavailable, "leads on and on to other pages; whoever runs the address must mend it")
	errLarge     = theirs(feed.Refused, "its HTML is larger than max_body once its scripts have run; if it is meant to be, write a larger max_body under fetch:")
	errDownload  = theirs(feed.Unreadable, "is a file to download and no page; see whether the address is right, or take render: true away")
	errNoAddress = theirs(feed.Unreadable, "its scripts lead to something that is no web page; look for a feed or another page, or take render: true away")
)

// noPage says that an address gives something else than HTML.
func noPage(mediaType string) error {
	return theirs(feed.Unreadable, "answers "+mediaType+", which is no page to render; take render: true away, or see whether the address is right")
}

// causes are the browser's names for what it met, by their beginnings.
var causes = []struct {
	name  string
	class feed.Class
	text  string
}{
	{"ERR_CERT_DATE_INVALID", feed.Refused, "its certificate has expired or is not yet valid; whoever runs it must mend it (or this machine's clock is wrong)"},
	{"ERR_CERT_COMMON_NAME_INVALID", feed.Refused, "its certificate is for another name; see whether the address is spelled right"},
	{"ERR_CERT_AUTHORITY_INVALID", feed.Refused, "its certificate is signed by nobody the browser trusts; whoever runs it must mend it. The browser has a list of authorities of its own"},
	{"ERR_CERT", feed.Refused, "its certificate is not valid; whoever runs it must mend it"},
	{"ERR_SSL", feed.Refused, "refuses the TLS handshake, or does not speak TLS on this port; see whether the address should begin with http://"},
	{"ERR_BAD_SSL", feed.Refused, "refuses the TLS handshake; it may want a client certificate"},
	{"ERR_UNSAFE_PORT", feed.Refused, "its port is one that browsers do not ask; take render: true away"},
	{"ERR_TOO_MANY_REDIRECTS", feed.Unavailable, "is redirected too many times; whoever runs the address must mend it"},
	{"ERR_PROXY_CONNECTION_FAILED", feed.Unavailable, "the browser cannot reach feedmill, through which it must ask; a browser at browser.url needs a network in which it can connect to feedmill"},
	{"ERR_EMPTY_RESPONSE", feed.Unavailable, "closed the connection before its answer was whole; feedmill asks again later"},
	{"ERR_CONNECTION", feed.Unavailable, "broke the connection; feedmill asks again later"},
	{"ERR_INCOMPLETE", feed.Unavailable, "closed the connection before its answer was whole; feedmill asks again later"},
	{"ERR_TIMED_OUT", feed.Unavailable, "does not answer at all; feedmill asks again later"},
}

// notLoaded puts the browser's name for what it met, such as net::ERR_CERT_DATE_INVALID, into words.
func notLoaded(name string) error {
	name = strings.TrimPrefix(name, "net::")
	for _, c := range causes {
		if strings.HasPrefix(name, c.name) {
			return theirs(c.class, c.text)
		}
	}
	return theirs(feed.Unavailable, "the browser could not load it ("+name+"); feedmill asks again later")
}

package fetch

import (
	"net/url"
	"strings"

	"golang.org/x/net/idna"

	"feedmill/feed"
)

// HostIn reports whether a host is among patterns: a host as it is, or *. and a host for all below it.
func HostIn(host string, patterns []string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii
	}
	for _, p := range patterns {
		if below, wild := strings.CutPrefix(p, "*"); wild && strings.HasSuffix(host, below) && host != below[1:] || host == p {
			return true
		}
	}
	return false
}

// mayAsk refuses a host that the asker may not ask, wherever the address came from.
func (c Config) mayAsk(u *url.URL) error {
	if c.Only == nil || HostIn(u.Hostname(), c.Only) {
		return nil
	}
	return &failure{class: feed.Refused, text: "lies on " + u.Hostname() + ", which the file with this feed may not ask; add it to hosts: of include if it is meant"}
}

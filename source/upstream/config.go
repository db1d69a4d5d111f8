package upstream

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"feedmill/feed/fetch"
)

// Config names a feed on the web.
type Config struct {
	// URL is the http or https address of an RSS, Atom or JSON feed. A user and password belong under fetch:  auth:, a
	// key under fetch:  headers:.
	URL string `yaml:"url"`
	// Fetch overrides the manners on the web for this source.
	Fetch fetch.Config `yaml:"fetch"`
}

// Default returns the configuration that holds where nothing is written.
func Default() Config { return Config{Fetch: fetch.Default()} }

// Validate reports in one sentence what is wrong with the address. [fetch.Config.Validate] judges Fetch.
func (c Config) Validate() error {
	const example = "https://alice.example/feed.xml"
	if strings.TrimSpace(c.URL) == "" {
		return errors.New("url is empty; write the address of a feed, such as " + example)
	}
	u, err := url.Parse(c.URL)
	switch {
	case err != nil:
		return errors.New("url is no address; write one such as " + example) // the cause would repeat what may hold a key
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("url %s is no http or https address; write one such as %s", shown(c.URL), example)
	case u.Hostname() == "":
		return errors.New("url names no host; write an address such as " + example)
	case u.User != nil:
		return errors.New("url holds a user or password, which logs would show; write them under fetch, as auth: {user, password}")
	}
	return nil
}

// At returns the configuration for another address that the one of c led to: with the same manners, but with its
// headers, cookies and password only for the same scheme, host and port.
func (c Config) At(address string) Config {
	there := Config{URL: address, Fetch: c.Fetch.Clone()}
	if !sameOrigin(c.URL, address) {
		there.Fetch.Headers, there.Fetch.Cookies, there.Fetch.Auth = nil, nil, fetch.Auth{}
	}
	return there
}

func sameOrigin(a, b string) bool {
	first, err := url.Parse(a)
	if err != nil {
		return false
	}
	second, err := url.Parse(b)
	return err == nil && first.Host != "" && strings.EqualFold(first.Scheme, second.Scheme) && strings.EqualFold(first.Host, second.Host)
}

// shown is an address as operators may see it: values of its query can be keys.
func shown(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the address"
	}
	query := u.RawQuery != ""
	u.User, u.RawQuery, u.Fragment, u.RawFragment = nil, "", "", ""
	if query {
		return u.String() + "?…"
	}
	return u.String()
}

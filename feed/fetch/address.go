package fetch

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Shown is an address as operators may see it: without user, fragment and the values of its query, which can be keys.
func Shown(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the address"
	}
	query := u.RawQuery != ""
	u.User, u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = nil, "", false, "", ""
	if query {
		return u.String() + "?…"
	}
	return u.String()
}

// For returns the manners for another address that the one they were written for led to: the same, but with the headers,
// cookies and password only for the same scheme, host and port.
func (c Config) For(written, other string) Config {
	there := c.Clone()
	from, err := url.Parse(written)
	to, wrong := url.Parse(other)
	if err != nil || wrong != nil || from.Host == "" || !sameOrigin(from, to) {
		there.Headers, there.Cookies, there.Auth = nil, nil, Auth{}
	}
	return there
}

// CheckURL reports in one sentence, which begins with the word url, what is wrong with an address that an operator wrote; example is a right one.
func CheckURL(address, what, example string) error {
	if strings.TrimSpace(address) == "" {
		return fmt.Errorf("url is empty; write the address of %s, such as %s", what, example)
	}
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return errors.New("url is no address; write one such as " + example) // the cause would repeat what may hold a key
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("url %s is no http or https address; write one such as %s", Shown(address), example)
	case u.Hostname() == "":
		return errors.New("url names no host; write an address such as " + example)
	case u.User != nil:
		return errors.New("url holds a user or password, which logs would show; write them under fetch, as auth: {user, password}")
	}
	return nil
}

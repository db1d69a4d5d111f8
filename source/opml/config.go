package opml

import (
	"errors"
	"net/url"
	"strings"

	"feedmill/feed/fetch"
)

// Config names a list of feeds.
type Config struct {
	// Path is an OPML file, relative to the folder of the configuration, or the http or https address of one.
	Path string `yaml:"path"`
	// Fetch overrides the manners on the web for the list and the feeds it names. Headers, cookies and password are sent
	// only to the scheme, host and port of the list.
	Fetch fetch.Config `yaml:"fetch"`
}

// Default returns the configuration that holds where nothing is written.
func Default() Config { return Config{Fetch: fetch.Default()} }

// Validate reports in one sentence what is wrong with the path. [fetch.Config.Validate] judges Fetch.
func (c Config) Validate() error {
	const example = "friends.opml or https://alice.example/blogroll.opml"
	if strings.TrimSpace(c.Path) == "" {
		return errors.New("path is empty; write an OPML file or address, such as " + example)
	}
	if !strings.Contains(c.Path, "://") {
		if strings.HasSuffix(c.Path, "/") {
			return errors.New("path names a folder; write an OPML file, such as " + example)
		}
		return nil
	}
	u, err := url.Parse(c.Path)
	switch {
	case err != nil || u.Hostname() == "":
		return errors.New("path is no address; write one such as " + example) // the cause would repeat what may hold a key
	case u.Scheme != "http" && u.Scheme != "https":
		return errors.New("path is no http or https address; write one such as " + example)
	case u.User != nil:
		return errors.New("path holds a user or password, which logs would show; write them under fetch, as auth: {user, password}")
	}
	return nil
}

// onWeb reports whether the list is asked for on the web.
func (c Config) onWeb() bool { return strings.Contains(c.Path, "://") }

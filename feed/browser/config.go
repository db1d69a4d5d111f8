package browser

import (
	"errors"
	"net/url"

	"feedmill/feed/setting"
)

// Config says which browser renders pages.
type Config struct {
	// Path is the program of a Chromium or Chrome, absolute or to be found in PATH; when empty, one is looked for under
	// the usual names.
	Path string `yaml:"path"`
	// URL is the DevTools address of one that runs elsewhere, such as ws://browser:9222. It takes the place of Path. It
	// may hold a password, so it never shows.
	URL setting.Secret `yaml:"url"`
}

// Validate reports in one sentence what is wrong with the configuration.
func (c Config) Validate() error {
	if c.URL == "" {
		return nil
	}
	if c.Path != "" {
		return errors.New("url is written as well as path; write path for a program on this machine, or url for a browser that runs elsewhere")
	}
	u, err := url.Parse(c.URL.Reveal())
	if err != nil || u.Scheme != "ws" && u.Scheme != "wss" || u.Hostname() == "" || u.Fragment != "" {
		return errors.New("url is not the address of a browser; write one such as ws://browser:9222")
	}
	return nil
}

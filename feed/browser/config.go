package browser

import (
	"errors"
	"net/url"
)

// Config says which browser renders pages.
type Config struct {
	// Path is the program of a Chromium or Chrome, absolute or to be found in PATH; when empty, one is looked for under
	// the usual names.
	Path string `yaml:"path"`
	// URL is the DevTools address of one that runs elsewhere, such as ws://browser:9222. It takes the place of Path.
	URL string `yaml:"url"`
}

// Validate reports in one sentence what is wrong with the configuration.
func (c Config) Validate() error {
	if c.URL == "" {
		return nil
	}
	if c.Path != "" {
		return errors.New("path and url are both written; write path for a program on this machine, or url for a browser that runs elsewhere")
	}
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "ws" && u.Scheme != "wss" || u.Hostname() == "" || u.Fragment != "" {
		return errors.New("url is not the address of a browser; write one such as ws://browser:9222")
	}
	return nil
}

package upstream

import "feedmill/feed/fetch"

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
	return fetch.CheckURL(c.URL, "a feed", "https://alice.example/feed.xml")
}

// At returns the configuration for another address that the one of c led to: with the same manners, but with its
// headers, cookies and password only for the same scheme, host and port.
func (c Config) At(address string) Config {
	return Config{URL: address, Fetch: c.Fetch.For(c.URL, address)}
}

// shown is an address as operators may see it: values of its query can be keys.
func shown(address string) string { return fetch.Shown(address) }

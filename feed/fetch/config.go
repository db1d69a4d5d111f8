package fetch

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"feedmill/feed/setting"
)

// Config is the manners on the web. The `fetch:` of a source is decoded over a [Config.Clone] of the global one, so that
// each word it names replaces that word and no other.
type Config struct {
	// UserAgent tells origins who asks; it should name an address where the operator can be found.
	UserAgent string `yaml:"user_agent"`
	// Timeout is for one request with its redirects and its whole body; waiting for the host's turn does not count.
	Timeout setting.Duration `yaml:"timeout"`
	// MaxBody is the largest body taken, both as it comes over the wire and decoded. A larger one is an error.
	MaxBody setting.Size `yaml:"max_body"`
	// PerHost keeps a host from being asked too much at once.
	PerHost PerHost `yaml:"per_host"`
	// AllowPrivate lists host:port that may lie in a private network: the host as the address names it, or the IP
	// address it stands for. All other addresses that are not public are refused.
	AllowPrivate []string `yaml:"allow_private"`
	// Robots obeys robots.txt for links that feedmill finds, never for addresses the configuration names.
	Robots bool `yaml:"robots"`
	// Headers are sent along, to the scheme, host and port of the configured address only.
	Headers map[string]setting.Secret `yaml:"headers"`
	// Cookies are sent along like Headers, by name.
	Cookies map[string]setting.Secret `yaml:"cookies"`
	// Auth is a user and password for HTTP Basic authentication, sent like Headers.
	Auth Auth `yaml:"auth"`
	// Proxy is the http, https or socks5 proxy to ask through; empty asks directly. It may hold a password, so it never
	// shows. The variables HTTP_PROXY and the like are not read.
	Proxy setting.Secret `yaml:"proxy"`
	// Only are the hosts that may be asked, redirects included; see [HostIn]. Nil: all. No word of a source says so, but what
	// the file with the source is allowed.
	Only []string `yaml:"-"`
}

// PerHost bounds the requests to one host and port.
type PerHost struct {
	// Concurrency is how many requests run at once.
	Concurrency int `yaml:"concurrency"`
	// Interval is the least time between the beginnings of two requests; 0 is none.
	Interval setting.Duration `yaml:"interval"`
}

// Auth is a user and password; an empty user sends none.
type Auth struct {
	User     string         `yaml:"user"`
	Password setting.Secret `yaml:"password"`
}

// Default returns the configuration that holds where nothing is written.
func Default() Config {
	return Config{
		UserAgent: "feedmill",
		Timeout:   setting.Duration(30 * time.Second),
		MaxBody:   16 << 20,
		PerHost:   PerHost{Concurrency: 2, Interval: setting.Duration(time.Second)},
		Robots:    true,
	}
}

// Clone returns a copy that shares nothing with c.
func (c Config) Clone() Config {
	c.AllowPrivate = slices.Clone(c.AllowPrivate)
	c.Only = slices.Clone(c.Only)
	c.Headers = maps.Clone(c.Headers)
	c.Cookies = maps.Clone(c.Cookies)
	return c
}

// The bounds of what an operator may write.
const (
	longestTimeout  = 10 * time.Minute
	longestInterval = time.Hour
	smallestBody    = setting.Size(1 << 10)
	largestBody     = setting.Size(1 << 30)
)

// Validate reports in one sentence what is wrong with the configuration. It never repeats a secret.
func (c Config) Validate() error {
	switch {
	case strings.TrimSpace(c.UserAgent) == "" || !httpguts.ValidHeaderFieldValue(c.UserAgent):
		return errors.New(`user_agent is empty or holds a control character; write who asks, such as "feedmill (+https://feeds.example.org)"`)
	case c.Timeout <= 0 || time.Duration(c.Timeout) > longestTimeout:
		return fmt.Errorf("timeout %v is out of range; write one up to %v, such as 30s", c.Timeout, longestTimeout)
	case c.MaxBody < smallestBody || c.MaxBody > largestBody:
		return errors.New("max_body is out of range; write a size from 1KB to 1GB, such as 16MB")
	}
	for _, check := range []func() error{c.PerHost.Validate, c.validateAllowed, c.validateHeaders, c.validateCookies, c.Auth.Validate, c.validateProxy} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// Validate reports in one sentence what is wrong with the bounds.
func (p PerHost) Validate() error {
	if p.Concurrency < 1 || p.Concurrency > 64 {
		return fmt.Errorf("concurrency %d is out of range; write a number from 1 to 64", p.Concurrency)
	}
	if p.Interval < 0 || time.Duration(p.Interval) > longestInterval {
		return fmt.Errorf("interval %v is out of range; write one up to %v, such as 1s", p.Interval, longestInterval)
	}
	return nil
}

// Validate reports in one sentence what is wrong with the user.
func (a Auth) Validate() error {
	if strings.Contains(a.User, ":") {
		return errors.New("user holds a colon, which HTTP Basic authentication cannot send; write the password under password")
	}
	if a.User == "" && a.Password != "" {
		return errors.New("user is empty, but a password is written; write the user too")
	}
	return nil
}

func (c Config) validateAllowed() error {
	for _, entry := range c.AllowPrivate {
		host, port, err := net.SplitHostPort(entry)
		if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || n == 0 || host == "" || strings.ContainsAny(host, "/@* ") {
			return fmt.Errorf("allow_private holds %q, which is no host:port; write one such as intranet.example:8080 or [fd00::1]:80", entry)
		}
	}
	return nil
}

// ownHeaders are headers that the client itself sets, with the word that an operator should use instead.
var ownHeaders = map[string]string{
	"User-Agent": "write user_agent instead", "Cookie": "write cookies instead", "Host": "", "Content-Length": "",
	"Transfer-Encoding": "", "Connection": "", "Upgrade": "", "Te": "", "Trailer": "", "Accept-Encoding": "", "If-None-Match": "",
	"If-Modified-Since": "", "If-Match": "", "If-Range": "", "If-Unmodified-Since": "", "Range": "", "Referer": "",
	"Proxy-Authorization": "write user and password into proxy instead", "Proxy-Connection": "", "Keep-Alive": "",
}

func (c Config) validateHeaders() error {
	for _, name := range slices.Sorted(maps.Keys(c.Headers)) {
		canonical := canonicalHeader(name)
		instead, own := ownHeaders[canonical]
		switch {
		case !httpguts.ValidHeaderFieldName(name):
			return fmt.Errorf("headers holds %q, which is no name of a header; write one such as X-Api-Key", name)
		case own && instead == "":
			return fmt.Errorf("headers holds %s, which feedmill sets itself; leave it out", canonical)
		case own:
			return fmt.Errorf("headers holds %s; %s", canonical, instead)
		case !httpguts.ValidHeaderFieldValue(c.Headers[name].Reveal()):
			return fmt.Errorf("headers: the value of %s holds a line break or another control character; write it on one line", canonical)
		case canonical == "Authorization" && c.Auth.User != "":
			return errors.New("headers holds Authorization, and auth names a user too; write one of them")
		}
	}
	return nil
}

func (c Config) validateCookies() error {
	for _, name := range slices.Sorted(maps.Keys(c.Cookies)) {
		if !httpguts.ValidHeaderFieldName(name) {
			return fmt.Errorf("cookies holds %q, which is no name of a cookie; write name: value, a line each", name)
		}
		value := c.Cookies[name].Reveal()
		if !httpguts.ValidHeaderFieldValue(value) || strings.ContainsAny(value, "; \t") {
			return fmt.Errorf("cookies: the value of %s holds a semicolon, a space or a control character; write the bare value of one cookie", name)
		}
	}
	return nil
}

func (c Config) validateProxy() error {
	if c.Proxy == "" {
		return nil
	}
	u, err := url.Parse(c.Proxy.Reveal())
	if err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https", "socks5"}, u.Scheme) || u.Path != "" && u.Path != "/" {
		return errors.New("proxy is not the address of a proxy; write http://host:port, https://host:port or socks5://host:port")
	}
	return nil
}

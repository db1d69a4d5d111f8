package sitemap

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"regexp/syntax"
	"strings"
	"time"

	"feedmill/feed/fetch"
	"feedmill/feed/setting"
)

// Config names a sitemap and says which of its pages are articles.
type Config struct {
	// URL is the http or https address of a sitemap or an index of sitemaps, or of a site: then the sitemaps that its
	// robots.txt names are read, else /sitemap.xml.
	URL string `yaml:"url"`
	// Only is a regular expression; only addresses in which it is found are taken. See [Expression].
	Only Expression `yaml:"only"`
	// Except is a regular expression; addresses in which it is found are left out.
	Except Expression `yaml:"except"`
	// MaxAge leaves out pages that had not changed for longer when they were first seen; 0 leaves out none. An article once
	// taken stays.
	MaxAge setting.Duration `yaml:"max_age"`
	// Fetch overrides the manners on the web for this source.
	Fetch fetch.Config `yaml:"fetch"`
}

// Default returns the configuration that holds where nothing is written.
func Default() Config { return Config{Fetch: fetch.Default()} }

// Validate reports in one sentence what is wrong with the words. [fetch.Config.Validate] judges Fetch.
func (c Config) Validate() error {
	if err := fetch.CheckURL(c.URL, "a sitemap or a site", "https://docs.example.org/sitemap.xml"); err != nil {
		return err
	}
	if age := time.Duration(c.MaxAge); age > 0 && age < time.Hour {
		return errors.New("max_age is shorter than an hour, and sitemaps are not read that often; write one such as 30d")
	}
	return nil
}

// Expression is a regular expression of RE2, bare, such as ^/guide/ or (?i)/news/. It looks at the path of an address with
// its query, or, when :// stands in it, at the whole address; escaped characters may be written as they are. The zero
// value finds nothing.
type Expression struct {
	text string
	re   *regexp.Regexp
}

// longestExpression bounds, in bytes, what has to be compiled.
const longestExpression = 4000

// UnmarshalText reads an expression.
func (e *Expression) UnmarshalText(text []byte) error {
	read := Expression{text: string(text)}
	if len(text) > longestExpression {
		return fmt.Errorf("the regular expression has %d bytes; %d are the most", len(text), longestExpression)
	}
	if read.text != "" {
		var err error
		if read.re, err = regexp.Compile(read.text); err != nil {
			what := err.Error()
			if wrong, ok := errors.AsType[*syntax.Error](err); ok {
				what = wrong.Code.String() + ": " + wrong.Expr
			}
			return fmt.Errorf("the regular expression %s is not understood: %s; write one such as ^/guide/", read.text, what)
		}
	}
	*e = read
	return nil
}

// MarshalText returns the expression as written.
func (e Expression) MarshalText() ([]byte, error) { return []byte(e.text), nil }

// IsZero reports whether no expression was written.
func (e Expression) IsZero() bool { return e.text == "" }

// String returns the expression as written.
func (e Expression) String() string { return e.text }

// namesHosts reports whether the expression looks at the whole address.
func (e Expression) namesHosts() bool { return strings.Contains(e.text, "://") }

// finds reports whether the expression is found in an absolute address.
func (e Expression) finds(address string) bool {
	if e.re == nil {
		return false
	}
	if !e.namesHosts() {
		_, rest, _ := strings.Cut(address, "://")
		address = "/"
		if at := strings.IndexAny(rest, "/?"); at >= 0 {
			address = rest[at:]
		}
	}
	if e.re.MatchString(address) {
		return true
	}
	plain, err := url.PathUnescape(address)
	return err == nil && plain != address && e.re.MatchString(plain)
}

package json

import (
	"errors"
	"fmt"
	"net/http"

	"feedmill/feed/fetch"
	"feedmill/feed/record"
)

// Config names a JSON API and says where in its answers the articles are.
type Config struct {
	// URL is the http or https address. A user and password belong under fetch:  auth:, a key under fetch:  headers:.
	URL string `yaml:"url"`
	// Method is GET or POST.
	Method string `yaml:"method"`
	// Body is what POST sends, as JSON unless the headers under fetch name another Content-Type.
	Body string `yaml:"body"`
	// Items finds the articles, in jq or as a dotted path: see [record.Selector]. Without it the likeliest list is taken.
	Items record.Selector `yaml:"items"`
	// Fields are the words of an article, each found within its item. Without any they are found by the names of its members.
	Fields record.Fields `yaml:"fields"`
	// Next finds what leads to the page with older articles, which is followed until a page ends with a known article: an
	// address; a cursor or a number, put where the address or the body has one already, else under the name it has in the
	// answer; or an object whose members are put into the query, of POST into the body.
	Next record.Selector `yaml:"next"`
	// Pages bounds how many pages are read, the first one included.
	Pages int `yaml:"pages"`
	// Fetch overrides the manners on the web for this source.
	Fetch fetch.Config `yaml:"fetch"`
}

const (
	defaultPages = 5
	mostPages    = 100
	largestBody  = 1 << 20 // of what is sent
)

// Default returns the configuration that holds where nothing is written.
func Default() Config {
	return Config{Method: http.MethodGet, Pages: defaultPages, Fetch: fetch.Default()}
}

// Validate reports in one sentence what of the words does not go together. [fetch.Config.Validate] judges Fetch.
func (c Config) Validate() error {
	if err := fetch.CheckURL(c.URL, "a JSON API", "https://api.example.org/v1/releases"); err != nil {
		return err
	}
	switch {
	case c.Method != http.MethodGet && c.Method != http.MethodPost:
		return fmt.Errorf("method %q is not known; write GET or POST", c.Method)
	case c.Body != "" && c.Method == http.MethodGet:
		return errors.New("body is sent with POST only; write method: POST, or put it into the address")
	case len(c.Body) > largestBody:
		return fmt.Errorf("body has more than %d MB", largestBody>>20)
	case c.Pages < 1 || c.Pages > mostPages:
		return fmt.Errorf("pages %d is out of range; write a number from 1 to %d", c.Pages, mostPages)
	}
	return nil
}

package page

import (
	"errors"
	"fmt"

	"feedmill/feed/fetch"
	"feedmill/feed/listing"
	"feedmill/feed/markup"
)

// Config names a web page and says where its articles are.
type Config struct {
	// URL is the http or https address of the page. A user and password belong under fetch:  auth:, a key under fetch:  headers:.
	URL string `yaml:"url"`
	// Items finds the articles, one item each, by a CSS selector or an XPath expression, or by jq in the JSON of the page: see
	// [markup.Selector]. Without it they are found by themselves.
	Items markup.Selector `yaml:"items"`
	// Fields are the words of an article, each found within its item.
	Fields listing.Fields `yaml:"fields"`
	// Next finds the link to the page with older articles, which is followed until a page ends with a known article.
	Next markup.Selector `yaml:"next"`
	// Pages bounds how many pages are read, the first one included.
	Pages int `yaml:"pages"`
	// Follow fetches the page of each new article for its content. Nil: it stays as it is listed.
	Follow *Follow `yaml:"follow"`
	// Render loads the page in a browser, for pages that scripts fill.
	Render bool `yaml:"render"`
	// Fetch overrides the manners on the web for this source.
	Fetch fetch.Config `yaml:"fetch"`
}

// Follow says what of an article's own page is its content.
type Follow struct {
	// Content finds it; the first that finds anything counts. Without it the article is found by itself.
	Content []markup.Selector `yaml:"content" words:"single"`
	// Remove finds what is taken out of it.
	Remove []markup.Selector `yaml:"remove" words:"single"`
}

const (
	defaultPages = 5
	mostPages    = 100
)

// Default returns the configuration that holds where nothing is written.
func Default() Config { return Config{Pages: defaultPages, Fetch: fetch.Default()} }

// Validate reports in one sentence what of the words does not go together. [fetch.Config.Validate] judges Fetch.
func (c Config) Validate() error {
	if err := fetch.CheckURL(c.URL, "a page", "https://council.example/minutes"); err != nil {
		return err
	}
	switch {
	case c.Pages < 1 || c.Pages > mostPages:
		return fmt.Errorf("pages %d is out of range; write a number from 1 to %d", c.Pages, mostPages)
	case c.Items.IsZero() && !c.Fields.IsZero():
		return errors.New("fields are written, but no items; write the selector that finds one element for each article, such as  items: article")
	case !c.Items.IsZero() && c.Fields.IsZero():
		return errors.New("items are written, but no fields; write where in an item the words of an article are, such as  fields: {title: h2, link: h2 a@href}")
	}
	return nil
}

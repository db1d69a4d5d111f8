package config

import (
	"errors"
	"net/http"
	"strings"

	"feedmill/feed/fetch"
	"feedmill/feed/record"
	"feedmill/source/each"
	"feedmill/source/files"
	"feedmill/source/json"
	"feedmill/source/sql"
)

// EachKinds is the table of where the rows of a block come from, in the shape of [Kinds].
type EachKinds struct {
	// CSV reads a file with comma-separated values.
	CSV *each.Config `yaml:"csv"`
	// Files reads the front matter of files.
	Files *EachFiles `yaml:"files"`
	// JSON reads the items of a JSON API or file.
	JSON *EachJSON `yaml:"json"`
	// SQL reads the rows of a query.
	SQL *sql.Config `yaml:"sql"`
}

func (EachKinds) defaults(web fetch.Config) any {
	rows := sql.Default()
	return EachKinds{CSV: &each.Config{}, Files: &EachFiles{}, JSON: &EachJSON{Pages: json.Default().Pages, Fetch: web.Clone()}, SQL: &rows}
}

// EachFiles names files each of which is a row, by its front matter. As articles they have more words, so these stand here.
type EachFiles struct {
	// Path is a pattern of files as a source of files has it.
	Path string `yaml:"path"`
}

// Files is the same pattern in the words of a source.
func (c EachFiles) Files() files.Config { return files.Config{Path: c.Path} }

// Validate reports in one sentence what is wrong with the pattern.
func (c EachFiles) Validate() error { return c.Files().Validate() }

// EachJSON names JSON whose items are rows. As articles they have more words, so these stand here.
type EachJSON struct {
	// URL is the http or https address, or a file, relative to the folder of the configuration.
	URL string `yaml:"url"`
	// Items finds the rows, in jq or as a dotted path: see [record.Selector]. Without it the longest list of objects is taken.
	Items record.Selector `yaml:"items"`
	// Next finds what leads to the next page, as that of a source does. All pages are read.
	Next record.Selector `yaml:"next"`
	// Pages bounds how many pages are read, the first one included. No feed retires while there are more.
	Pages int `yaml:"pages"`
	// Fetch overrides the manners on the web for this list.
	Fetch fetch.Config `yaml:"fetch"`
}

// JSON is the same in the words of a source.
func (c EachJSON) JSON() json.Config {
	return json.Config{URL: c.URL, Method: http.MethodGet, Items: c.Items, Next: c.Next, Pages: c.Pages, Fetch: c.Fetch}
}

// Validate reports in one sentence what of the words does not go together. [fetch.Config.Validate] judges Fetch.
func (c EachJSON) Validate() error {
	inFile := !strings.Contains(c.URL, "://")
	switch {
	case strings.TrimSpace(c.URL) == "" || inFile && strings.HasSuffix(c.URL, "/"):
		return errors.New("url names neither an address nor a file; write one such as https://api.example.org/teams or teams.json")
	case inFile && !c.Next.IsZero():
		return errors.New("next leads from page to page of an address; a file has one page only")
	case inFile:
		return nil
	}
	return c.JSON().Validate()
}

package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/field"
	"feedmill/feed/parse"
	"feedmill/feed/record"
	"feedmill/feed/table"
)

// take takes the articles of what was printed, whatever it is. Problems are lines that could not be read.
func (c *Command) take(ctx context.Context, printed []byte, words *record.Finder) (t record.Taken, problems []error, err error) {
	begin := bytes.TrimLeft(bytes.TrimPrefix(printed, []byte("\ufeff")), " \t\r\n")
	env := field.Env{Location: c.loc, Now: c.now()}
	var document any
	switch {
	case len(begin) == 0:
		return record.Taken{}, nil, nil
	case begin[0] == '<' || c.isJSONFeed(begin):
		return c.takeFeed(printed)
	case begin[0] == '{' || begin[0] == '[':
		document, problems, err = record.ReadStream(printed, "")
		if err == nil && c.isLine(document) {
			document = []any{document}
		}
	default:
		var read table.Table
		if read, err = table.Read(printed, ""); err == nil {
			document, problems = record.FromTable(read), read.Problems
			err = c.tabular(read, begin)
		}
	}
	if err != nil {
		return record.Taken{}, nil, err
	}
	t, err = words.Take(ctx, document, env)
	return t, problems, err
}

// isLine reports whether a document is a line of JSON, the only one: an article itself, not what lists articles.
func (c *Command) isLine(document any) bool {
	object, ok := document.(map[string]any)
	switch {
	case !ok:
		return false
	case c.config.Items.IsZero():
		return record.IsRecord(object)
	case c.config.Items.String() != ".[]":
		return false
	}
	for _, v := range object {
		if _, ok := v.(map[string]any); !ok {
			return true
		}
	}
	return false
}

// isJSONFeed reports whether JSON is a feed (JSON Feed 1.1), unless the words say where its articles are.
func (c *Command) isJSONFeed(begin []byte) bool {
	const within = 4 << 10
	return begin[0] == '{' && c.config.Items.IsZero() && c.config.Fields.IsZero() &&
		bytes.Contains(begin[:min(len(begin), within)], []byte("jsonfeed.org/version/"))
}

func (c *Command) takeFeed(printed []byte) (record.Taken, []error, error) {
	read, err := parse.Own(printed, "", "", c.loc, c.now())
	if err != nil {
		return record.Taken{}, nil, err
	}
	return record.Taken{Articles: read.Articles, Problems: read.Problems}, nil, nil
}

// tabular refuses a text that is no table: one column, of which nothing is known.
func (c *Command) tabular(t table.Table, begin []byte) error {
	if len(t.Header) > 1 || !c.config.Fields.IsZero() {
		return nil
	}
	if _, ok := record.FindFields([]any{map[string]any{t.Header[0]: "a text"}}); ok {
		return nil
	}
	first, _, _ := strings.Cut(string(begin[:min(len(begin), 200)]), "\n")
	return feed.Classify(feed.Unreadable, fmt.Errorf("it is neither JSON, nor lines of JSON, nor a table with a header, nor a feed; it begins with “%s”", clean.Summary(first, 60)))
}

// mostTold bounds the problems of one fetch that are told.
const mostTold = 20

// placed puts the program in front of problems.
func (c *Command) placed(problems []error) []error {
	var all []error
	for _, err := range problems[:min(len(problems), mostTold)] {
		p := feed.Problem{Where: c.name(), Err: err}
		if item, ok := errors.AsType[*feed.Problem](err); ok {
			p.Line, p.Err = item.Line, item.Err
			if item.Line == 0 {
				p.Where += " " + item.Where
			}
		}
		all = append(all, &p)
	}
	return all
}

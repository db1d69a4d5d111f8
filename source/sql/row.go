package sql

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/field"
	"feedmill/feed/markup"
)

// cell is a value of a row as the database writes it.
type cell struct {
	text   string
	null   bool
	number bool // it is not a text for SQLite, which compares numbers and texts in ways of its own
}

// row is a row while an article is made of it.
type row struct {
	*table
	cells []cell
	loc   *time.Location
}

// cell is the one under a word; false when it is NULL or not there.
func (r row) cell(word string) (cell, column, bool) {
	i, ok := r.at[word]
	if !ok || r.cells[i].null {
		return cell{}, column{}, false
	}
	return r.cells[i], r.columns[i], true
}

// name tells people which row it is.
func (r row) name(number int) string {
	for _, word := range []string{"id", "link", "title"} {
		if c, _, ok := r.cell(word); ok {
			name := []rune(clean.Line(c.text))
			return fmt.Sprintf("row %d (%s %s)", number, word, string(name[:min(len(name), 60)]))
		}
	}
	return fmt.Sprintf("row %d", number)
}

// find is what a rule finds in the row.
func (r row) find(at place, _ string) ([]markup.Match, error) {
	c, col, ok := r.cell(string(at))
	if !ok {
		return nil, nil
	}
	switch at {
	case "tags", "author", "authors", "audio", "image":
		if list := listOf(c.text, col.kind); list != nil {
			return []markup.Match{markup.JSONMatch(nil, list)}, nil
		}
	case "published", "updated", "expires":
		if strings.HasPrefix(c.text, "0000-00-00") { // how MySQL writes that there is none
			return nil, nil
		}
		if t, ok := dateOf(c.text, col.kind, r.loc); ok {
			return []markup.Match{markup.TextMatch(t.Format(time.RFC3339Nano))}, nil
		}
	case "minor", "pin":
		if is, ok := boolOf(c.text); ok {
			return []markup.Match{markup.TextMatch(strconv.FormatBool(is))}, nil
		}
	}
	return []markup.Match{markup.TextMatch(c.text)}, nil
}

// careful are the words that decide whether and when an article appears. Of a row in which one cannot be read nothing is
// published.
var careful = map[string]bool{"published": true, "expires": true, "status": true}

// article makes the article. An error means that there is none; problems are words that it lacks.
func (r row) article(ctx context.Context, now time.Time) (a feed.Article, problems []error, err error) {
	fields := r.fields
	if fields.Content, err = r.content(); err != nil {
		return a, nil, err
	}
	a, problems = fields.Article(ctx, r.find, field.Env{Location: r.loc, Now: now})
	for _, problem := range problems {
		if p, ok := errors.AsType[*field.Problem](problem); ok && careful[p.Word] {
			return a, nil, fmt.Errorf("%w; it is left as it was until that is corrected", problem)
		}
	}
	if c, _, ok := r.cell(slugWord); ok {
		a.Slug = clean.Slug(c.text)
	}
	if err := r.withdraw(&a); err != nil {
		return a, nil, err
	}
	switch {
	case a.ID == "" && a.Link == "":
		return a, nil, errors.New("it has neither id nor link, one of which it takes to know it again")
	case a.Status == feed.Ready && a.Title == "" && a.Content == "" && a.Markdown == "" && a.Summary == "":
		return a, nil, errors.New("it has no title, content or summary")
	}
	return a, problems, nil
}

// content are the rules of the content in the language that the row says it is in.
func (r row) content() (field.Rules[place], error) {
	rules := r.fields.Content
	c, _, ok := r.cell(asWord)
	if !ok || len(rules) == 0 {
		return rules, nil
	}
	rule := rules[0]
	if err := rule.As.UnmarshalText([]byte(strings.ToLower(strings.TrimSpace(c.text)))); err != nil {
		return nil, fmt.Errorf("%s: %w", asWord, err)
	}
	return field.Rules[place]{rule}, nil
}

// withdraw takes the column withdrawn: a truth, or the moment since when.
func (r row) withdraw(a *feed.Article) error {
	c, col, ok := r.cell(withdrawnWord)
	if !ok {
		return nil
	}
	is, ok := boolOf(c.text)
	if !ok {
		if _, ok = dateOf(c.text, col.kind, r.loc); !ok {
			return fmt.Errorf("%s: %.40q is neither true nor false nor a date; it is left as it was until that is corrected", withdrawnWord, c.text)
		}
		is = true
	}
	if is {
		a.Status = feed.Withdrawn
	}
	return nil
}

// boolOf reads a truth as databases write it; MySQL writes a bit as a byte.
func boolOf(s string) (is, ok bool) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "1", "t", "true", "y", "yes", "on", "\x01":
		return true, true
	case "0", "f", "false", "n", "no", "off", "", "\x00":
		return false, true
	}
	return false, false
}

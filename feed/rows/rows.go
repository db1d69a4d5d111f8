// Package rows owns the rows that one block of a configuration makes many feeds of: what a row is, what a list of them may
// hold, and whether a new list is believed (judge.go).
//
// Where rows come from is the business of the kinds below source, each of which gives a [Reader], and shares [File]; what a row
// becomes is that of package config. Values are data: nothing here or behind it reads them as anything else.
package rows

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// The bounds of a list.
const (
	MaxRows    = 50_000
	MaxColumns = 200
	MaxValue   = 16 << 10 // bytes
)

// Row is one row: the values by column, and where it stands, for messages ("line 7 of teams.csv").
type Row struct {
	Place  string            `json:"place"`
	Values map[string]string `json:"values"`
}

// Table is a list as it was read. Problems are rows that cannot be taken, each named; the others are there.
type Table struct {
	Rows     []Row
	Problems []error
	// Unchanged says that the list is the one that was read last; then it stands here without its rows.
	Unchanged bool
}

// Reader reads a list. An error means that there is none: nothing is known of any row.
type Reader interface {
	Rows(ctx context.Context) (Table, error)
}

var column = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

// Column reports whether a name can be a column: {name} can stand for it.
func Column(name string) bool { return column.MatchString(name) }

// Columns reports in one sentence what is wrong with the columns of a list: none, too many, a name twice. Columns with
// names that no placeholder can have are none of its business: nothing can refer to them.
func Columns(names []string) error {
	switch {
	case !slices.ContainsFunc(names, Column):
		return errors.New("it names no column; the first line takes names of letters, digits, - and _, such as team,title,url")
	case len(names) > MaxColumns:
		return fmt.Errorf("it has %d columns; there may be %d", len(names), MaxColumns)
	}
	for i, name := range names {
		if Column(name) && slices.Contains(names[:i], name) {
			return fmt.Errorf("the column %s stands there twice", name)
		}
	}
	return nil
}

// Add takes a row, or names what is wrong with it.
func (t *Table) Add(r Row) {
	if problem := r.problem(); problem != nil {
		t.Problems = append(t.Problems, fmt.Errorf("%s: %w", r.Place, problem))
		return
	}
	t.Rows = append(t.Rows, r)
}

func (r Row) problem() error {
	for name, value := range r.Values {
		switch {
		case len(value) > MaxValue:
			return fmt.Errorf("%s is longer than %d KB", name, MaxValue>>10)
		case !utf8.ValidString(value) || strings.ContainsRune(value, 0):
			return fmt.Errorf("%s is no text in UTF-8", name)
		}
	}
	return nil
}

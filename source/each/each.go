// Package each reads the rows of a block that makes many feeds from a table in a file (package feed/table). Rows that are
// articles are not its business, and neither is what a row becomes.
package each

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"feedmill/feed"
	"feedmill/feed/rows"
	"feedmill/feed/table"
)

// Config names a file with a header and a row in each line.
type Config struct {
	// Path is the file, relative to the folder of the configuration. Its first line names the columns. What stands between
	// values is told from it: commas, semicolons, tabs or |.
	Path string `yaml:"path"`
}

// Validate reports in one sentence what is wrong with the words.
func (c Config) Validate() error {
	if strings.TrimSpace(c.Path) == "" || strings.HasSuffix(c.Path, "/") {
		return errors.New("path names no file; write one such as teams.csv")
	}
	return nil
}

// Reader reads the rows of one file.
type Reader struct{ path, dir string }

var _ rows.Reader = (*Reader)(nil)

// New returns a reader. Relative paths begin at dir.
func New(c Config, dir string) *Reader { return &Reader{c.Path, dir} }

// Rows reads the file. A line that is no row is a problem of the table; a file that is away or no table is an error.
func (r *Reader) Rows(ctx context.Context) (rows.Table, error) {
	data, err := rows.File(r.path, r.dir)
	if err != nil {
		return rows.Table{}, err
	}
	read, err := table.Read(data, "")
	if err == nil {
		err = feed.Classify(feed.Unreadable, rows.Columns(read.Header))
	}
	if err == nil && len(read.Rows) > rows.MaxRows {
		err = feed.Classify(feed.Unreadable, fmt.Errorf("it has more than %d rows", rows.MaxRows))
	}
	if err != nil {
		return rows.Table{}, fmt.Errorf("read %s: %w", r.path, err)
	}
	var t rows.Table
	for _, problem := range read.Problems {
		if at, ok := errors.AsType[*feed.Problem](problem); ok {
			problem = fmt.Errorf("%s: %w", r.place(at.Line), at.Err)
		}
		t.Problems = append(t.Problems, problem)
	}
	for _, line := range read.Rows {
		row := rows.Row{Place: r.place(line.Line), Values: map[string]string{}}
		for i, name := range read.Header {
			if rows.Column(name) {
				row.Values[name] = strings.TrimSpace(line.Cells[i])
			}
		}
		t.Add(row)
	}
	return t, ctx.Err()
}

func (r *Reader) place(line int) string { return fmt.Sprintf("line %d of %s", line, r.path) }

// Package each reads the rows of a block that makes many feeds from a file with comma-separated values (RFC 4180). Rows
// that are articles are not its business, and neither is what a row becomes.
package each

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"feedmill/feed"
	"feedmill/feed/rows"
)

// maxFile bounds the file, in bytes.
const maxFile = 32 << 20

// Config names a file with a header and a row in each line.
type Config struct {
	// Path is the file, relative to the folder of the configuration. Its first line names the columns. Values stand
	// between commas, or semicolons when the first line has more of them.
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
type Reader struct {
	shown, path string
}

var _ rows.Reader = (*Reader)(nil)

// New returns a reader. Relative paths begin at dir.
func New(c Config, dir string) *Reader {
	path := filepath.FromSlash(c.Path)
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	return &Reader{shown: c.Path, path: path}
}

// Rows reads the file. A line that is no row is a problem of the table; a file that is away or no text is an error.
func (r *Reader) Rows(ctx context.Context) (rows.Table, error) {
	data, err := r.read()
	if err != nil {
		return rows.Table{}, err
	}
	return r.table(ctx, data)
}

func (r *Reader) read() ([]byte, error) {
	info, err := os.Stat(r.path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, feed.Classify(feed.Refused, fmt.Errorf("%s is no file; write a CSV file under each", r.shown))
	}
	var file *os.File
	if err == nil {
		file, err = os.Open(r.path)
	}
	if err != nil {
		if p, ok := errors.AsType[*fs.PathError](err); ok {
			err = p.Err
		}
		return nil, feed.Classify(feed.Unavailable, fmt.Errorf("%s cannot be read: %w", r.shown, err))
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	switch {
	case err != nil:
		return nil, feed.Classify(feed.Unavailable, fmt.Errorf("%s cannot be read: %w", r.shown, err))
	case len(data) > maxFile:
		return nil, feed.Classify(feed.Unreadable, fmt.Errorf("%s is larger than %d MB", r.shown, maxFile>>20))
	case !utf8.Valid(data):
		return nil, feed.Classify(feed.Unreadable, fmt.Errorf("%s is no UTF-8 text; save it as UTF-8", r.shown))
	}
	return bytes.TrimPrefix(data, []byte("\uFEFF")), nil
}

func (r *Reader) table(ctx context.Context, data []byte) (rows.Table, error) {
	lines := csv.NewReader(bytes.NewReader(data))
	lines.Comma = comma(data)
	lines.FieldsPerRecord = -1
	names, err := lines.Read()
	if err != nil {
		return rows.Table{}, feed.Classify(feed.Unreadable, fmt.Errorf("%s has no first line with the names of columns", r.shown))
	}
	for i, name := range names {
		names[i] = strings.TrimSpace(name)
	}
	if err := rows.Columns(names); err != nil {
		return rows.Table{}, feed.Classify(feed.Unreadable, fmt.Errorf("%s: %w", r.shown, err))
	}
	var t rows.Table
	for ctx.Err() == nil {
		record, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
			// What follows a quote that is not closed cannot be told apart: it would all be one value.
			t.Problems = append(t.Problems, fmt.Errorf("line %d of %s: %w; write a quote inside a value twice", wrong.StartLine, r.shown, wrong.Err))
			continue
		}
		if err != nil {
			return rows.Table{}, feed.Classify(feed.Unreadable, fmt.Errorf("%s cannot be read: %w", r.shown, err))
		}
		line, _ := lines.FieldPos(0)
		if len(t.Rows)+len(t.Problems) == rows.MaxRows {
			return rows.Table{}, feed.Classify(feed.Unreadable, fmt.Errorf("%s has more than %d rows", r.shown, rows.MaxRows))
		}
		r.add(&t, names, record, line)
	}
	return rows.Table{}, ctx.Err()
}

func (r *Reader) add(t *rows.Table, names, record []string, line int) {
	place := fmt.Sprintf("line %d of %s", line, r.shown)
	if len(record) != len(names) {
		t.Problems = append(t.Problems, fmt.Errorf("%s: it has %d values for %d columns; put a value with a comma into double quotes", place, len(record), len(names)))
		return
	}
	row := rows.Row{Place: place, Values: map[string]string{}}
	for i, name := range names {
		if rows.Column(name) {
			row.Values[name] = strings.TrimSpace(record[i])
		}
	}
	t.Add(row)
}

// comma is what stands between the names of the first line.
func comma(data []byte) rune {
	first, _, _ := bytes.Cut(data, []byte("\n"))
	best, most := ',', bytes.Count(first, []byte(","))
	for _, c := range ";\t" {
		if n := bytes.Count(first, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	return best
}

package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"feedmill/feed"
	"feedmill/feed/rows"
)

// Rows reads the front matter of files as rows: a column for each word with a single value, a list as its values with
// commas between them. The column file is the name of the file without its extension.
type Rows struct{ files *Files }

var _ rows.Reader = (*Rows)(nil)

// NewRows makes a reader of the files that fit the path of a valid configuration, of which nothing else counts. Relative
// paths begin at dir.
func NewRows(c Config, dir string) *Rows { return &Rows{New(c, dir, nil, nil, nil)} }

// Rows reads every file that fits, in the order of their names. One that cannot be read, or has front matter that is none,
// is a problem of the table; a folder that is away is an error.
func (r *Rows) Rows(ctx context.Context) (rows.Table, error) {
	all, err := r.files.walk(ctx)
	if err != nil {
		return rows.Table{}, err
	}
	if len(all.files) > rows.MaxRows {
		return rows.Table{}, feed.Classify(feed.Unreadable, fmt.Errorf("%s fits more than %d files", r.files.config.Path, rows.MaxRows))
	}
	slices.SortFunc(all.files, func(a, b found) int { return strings.Compare(a.key, b.key) })
	var t rows.Table
	for key, err := range all.blocked {
		t.Problems = append(t.Problems, &feed.Problem{Where: key, Err: err})
	}
	slices.SortFunc(t.Problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	for _, f := range all.files {
		if err := ctx.Err(); err != nil {
			return rows.Table{}, err
		}
		r.add(&t, f)
	}
	return t, nil
}

func (r *Rows) add(t *rows.Table, f found) {
	m, err := r.matter(f)
	if err != nil {
		at := &feed.Problem{Where: f.key, Err: err}
		if inside, ok := errors.AsType[*feed.Problem](err); ok { // it knows the line
			at.Line, at.Err = inside.Line, inside.Err
		}
		t.Problems = append(t.Problems, at)
		return
	}
	name := path.Base(f.key)
	values := map[string]string{"file": strings.TrimSuffix(name, path.Ext(name))}
	for _, p := range m.pairs {
		if text, ok := p.value.row(); ok && rows.Column(p.word) {
			values[p.word] = text
		}
	}
	t.Add(rows.Row{Place: f.key, Values: values})
}

func (r *Rows) matter(f found) (matter, error) {
	if f.size > maxSize {
		return matter{}, fmt.Errorf("the file is larger than %d MB", maxSize>>20)
	}
	data, err := readWhole(r.files.file(f.key), r.files.config.Within, f.stamp)
	if err != nil {
		return matter{}, readError(err)
	}
	if !utf8.Valid(data) {
		return matter{}, errors.New("the file is no UTF-8 text; save it as UTF-8")
	}
	return splitMatter(strings.ReplaceAll(string(bytes.TrimPrefix(data, []byte("\uFEFF"))), "\r\n", "\n"))
}

// row is a value as it stands in a row.
func (v value) row() (string, bool) {
	var parts []string
	for _, one := range v.oneOrMany() {
		if one.kind != scalar {
			return "", false
		}
		parts = append(parts, strings.TrimSpace(one.text))
	}
	return strings.Join(parts, ", "), true
}

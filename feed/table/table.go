package table

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// The bounds of one table.
const (
	largest     = 16 << 20 // bytes
	mostRows    = 100_000
	mostColumns = 500
	mostCells   = 2_000_000
)

// Table is what stands in a text.
type Table struct {
	// Header are the names of the columns, without space around them. A column without a name has "".
	Header []string
	Rows   []Row
	// Problems name the rows that were left out and what else is wrong with the table, each a [*feed.Problem] with its line. Where is "row".
	Problems []error
}

// Row is one row. It has as many cells as the header.
type Row struct {
	Line  int // where it begins, from 1
	Cells []string
}

// Read reads a table. charset is what the surroundings say of it, "" for nothing. A text that is no table is an error of
// class Unreadable.
func Read(body []byte, charset string) (Table, error) {
	t, err := read(body, charset)
	if err != nil {
		return Table{}, feed.Classify(feed.Unreadable, err)
	}
	return t, nil
}

func read(body []byte, charset string) (t Table, err error) {
	if len(body) > largest {
		return t, fmt.Errorf("the table has %d MB; %d MB are the most", len(body)>>20, largest>>20)
	}
	text, err := clean.Decode(body, charset)
	if err != nil {
		return t, fmt.Errorf("the table %w", err)
	}
	separator, text, skipped := separatorOf(text)
	rows := csv.NewReader(strings.NewReader(text))
	rows.Comma, rows.FieldsPerRecord = separator, -1
	header, err := rows.Read()
	switch {
	case errors.Is(err, io.EOF):
		return t, errors.New("the table is empty; its first line names the columns")
	case err != nil:
		return t, fmt.Errorf("the header of the table %w", explain(err))
	case len(header) > mostColumns:
		return t, fmt.Errorf("the table has %d columns; %d are the most", len(header), mostColumns)
	}
	for i := range header {
		header[i] = clean.Line(header[i])
	}
	t.Header = header
	t.twice(skipped + 1)
	t.read(rows, skipped)
	return t, nil
}

// read takes the rows behind the header. skipped is how many lines stand before what is read.
func (t *Table) read(rows *csv.Reader, skipped int) {
	for {
		cells, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
			t.wrong(wrong.StartLine+skipped, explain(err))
			continue
		}
		if err != nil {
			t.wrong(skipped+1, err)
			return
		}
		line, _ := rows.FieldPos(0)
		line += skipped
		if most := min(mostRows, mostCells/len(t.Header)); len(t.Rows) == most {
			t.wrong(line, fmt.Errorf("the table has more than %d rows; the others are left out", most))
			return
		}
		cells, err = fitting(cells, len(t.Header))
		if err != nil {
			t.wrong(line, err)
			continue
		}
		t.Rows = append(t.Rows, Row{line, cells})
	}
}

// mostProblems bounds how many rows are named.
const mostProblems = 100

func (t *Table) wrong(line int, err error) {
	if len(t.Problems) < mostProblems {
		t.Problems = append(t.Problems, &feed.Problem{Where: "row", Line: line, Err: err})
	}
}

// twice reports columns that have one name.
func (t *Table) twice(line int) {
	for i, name := range t.Header {
		if name != "" && slices.Index(t.Header, name) != i {
			t.wrong(line, fmt.Errorf("two columns are called %s; the first of them counts", name))
		}
	}
}

// fitting are the cells of a row that fit the header. Empty cells behind the last one do not count.
func fitting(cells []string, columns int) ([]string, error) {
	for len(cells) > columns && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) != columns {
		return nil, fmt.Errorf("it has %d cells, but the header has %d; put a cell that holds a separator in quotation marks", len(cells), columns)
	}
	return cells, nil
}

// explain says what is wrong with the quotation marks of a row.
func explain(err error) error {
	switch {
	case errors.Is(err, csv.ErrBareQuote):
		return errors.New(`holds a quotation mark within a cell; write it twice, and put the cell in quotation marks: "a ""word"" here"`)
	case errors.Is(err, csv.ErrQuote):
		return errors.New(`holds a quotation mark that is not closed, or closed too early; what follows it up to the next one is left out`)
	}
	return err
}

// Column returns the place of a column in the rows, -1 when no column has that name.
func (t *Table) Column(name string) int {
	if name == "" {
		return -1
	}
	return slices.Index(t.Header, name)
}

package sql

import (
	"context"
	"errors"
	"fmt"

	"feedmill/feed"
	"feedmill/feed/rows"
)

// Rows reads the rows of a query as they are: a list of which feeds are made, not articles. NULL is an empty value.
type Rows struct{ source *Source }

var _ rows.Reader = (*Rows)(nil)

// NewRows makes a reader of the rows that the query of c gives. folder is where a relative file of SQLite lies.
func NewRows(c Config, folder string, pools *Pools) *Rows {
	return &Rows{&Source{config: c, folder: folder, pools: pools}}
}

// Rows reads the whole list, in one transaction. One that comes to no end is an error: of a part nobody could tell which
// rows are gone.
func (r *Rows) Rows(ctx context.Context) (rows.Table, error) {
	var t rows.Table
	err := r.source.session(ctx, func(db session) error {
		q, err := readQuery(r.source.config.Query, r.source.config.DSN.driver)
		switch {
		case err != nil:
			return refused(fmt.Errorf("the query %w", err))
		case q.uses > 0:
			return refused(errors.New("the query of each uses :since, but the list is read as a whole; take it out"))
		}
		ctx, stop := context.WithTimeout(ctx, r.source.timeout())
		defer stop()
		shape, err := db.describe(ctx, q)
		if err != nil {
			return err
		}
		names := make([]string, len(shape.columns))
		for i, c := range shape.columns {
			names[i] = c.name
		}
		if err := rows.Columns(names); err != nil {
			return refused(fmt.Errorf("the query of each: %w", err))
		}
		t, err = list(ctx, db, q.sql(r.source.config.DSN.driver, q.limit), shape, names)
		return err
	})
	if err != nil {
		return rows.Table{}, r.source.trouble(ctx, err)
	}
	return t, nil
}

func list(ctx context.Context, db session, text string, shape shape, names []string) (t rows.Table, err error) {
	number, size := 0, 0
	err = db.rows(ctx, text, shape, nil, func(cells []cell) error {
		if number++; number > rows.MaxRows {
			return feed.Classify(feed.Unreadable, fmt.Errorf("the query gives more than %d rows", rows.MaxRows))
		}
		if len(cells) != len(names) {
			return feed.Classify(feed.Unreadable, fmt.Errorf("a row has %d columns, the query said %d", len(cells), len(names)))
		}
		row := rows.Row{Place: fmt.Sprintf("row %d of the query", number), Values: map[string]string{}}
		for i, c := range cells {
			if size += len(c.text); size > mostBytes {
				return feed.Classify(feed.Unreadable, fmt.Errorf("the rows hold more than %d MB", mostBytes>>20))
			}
			if rows.Column(names[i]) {
				row.Values[names[i]] = c.text
			}
		}
		t.Add(row)
		return nil
	})
	return t, err
}

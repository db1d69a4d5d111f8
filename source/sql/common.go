package sql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// common is what sessions share that speak through database/sql.
type common struct{ tx *sql.Tx }

// types are the columns that a query gives. It is asked for nothing but them.
func (s common) types(ctx context.Context, d driver, q query, from []cell) ([]*sql.ColumnType, error) {
	rows, err := s.tx.QueryContext(ctx, "SELECT * FROM (\n"+q.sql(d, q.limit)+"\n) AS articles LIMIT 0", arguments(from)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	return types, errors.Join(err, rows.Err())
}

func (s common) rows(ctx context.Context, text string, _ shape, from []cell, each func([]cell) error) error {
	rows, err := s.tx.QueryContext(ctx, text, arguments(from)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	values, into := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		cells := make([]cell, len(values))
		for i, value := range values {
			cells[i] = cellOf(value)
		}
		if err := each(cells); err != nil {
			return err
		}
	}
	return rows.Err()
}

func cellOf(value any) cell {
	switch v := value.(type) {
	case nil:
		return cell{null: true}
	case []byte:
		return cell{text: string(v)}
	case string:
		return cell{text: v}
	case int64:
		return cell{text: strconv.FormatInt(v, 10), number: true}
	case float64:
		return cell{text: strconv.FormatFloat(v, 'f', -1, 64), number: true}
	case float32:
		return cell{text: strconv.FormatFloat(float64(v), 'f', -1, 32), number: true}
	case time.Time:
		return cell{text: v.Format(time.RFC3339Nano)}
	default:
		return cell{text: fmt.Sprint(v)}
	}
}

func arguments(from []cell) []any {
	all := make([]any, len(from))
	for i, c := range from {
		all[i] = c.text
		if !c.number {
			continue
		}
		if n, err := strconv.ParseInt(c.text, 10, 64); err == nil {
			all[i] = n
		} else if f, err := strconv.ParseFloat(c.text, 64); err == nil {
			all[i] = f
		}
	}
	return all
}

// mysqlSession is one of MySQL or MariaDB.
type mysqlSession struct{ common }

// limitTime lets the server end a query that takes too long, whose client it may not miss for hours.
func limitTime(ctx context.Context, tx *sql.Tx, timeout time.Duration) error {
	_, err := tx.ExecContext(ctx, fmt.Sprintf("SET SESSION max_statement_time = %d", int(timeout.Seconds())))
	const unknownVariable = 1193
	if failure, ok := errors.AsType[*mysql.MySQLError](err); ok && failure.Number == unknownVariable { // it is no MariaDB
		_, err = tx.ExecContext(ctx, fmt.Sprintf("SET SESSION max_execution_time = %d", timeout.Milliseconds()))
	}
	return err
}

func (s mysqlSession) describe(ctx context.Context, q query) (shape, error) {
	beginning := same(cell{text: "1000-01-01 00:00:00"}, q.uses) // the first that MySQL has; to numbers it is 1000
	types, err := s.types(ctx, mariadb, q, beginning)
	if err != nil {
		return shape{}, err
	}
	found := shape{beginnings: [][]cell{beginning}}
	for _, t := range types {
		c := column{name: t.Name()}
		switch t.DatabaseTypeName() {
		case "TIMESTAMP":
			c.kind = utc
		case "DATETIME", "DATE":
			c.kind = local
		}
		found.columns = append(found.columns, c)
	}
	return found, nil
}

// sqliteSession is one of SQLite.
type sqliteSession struct{ common }

func (s sqliteSession) describe(ctx context.Context, q query) (shape, error) {
	// To SQLite every text comes after every number; a text is for those who call functions of dates.
	first := same(cell{text: "-62135596800", number: true}, q.uses)
	found := shape{beginnings: [][]cell{first, same(cell{text: "0001-01-01 00:00:00"}, q.uses)}}
	types, err := s.types(ctx, sqlite, q, first)
	if err != nil {
		return shape{}, err
	}
	for _, t := range types {
		c := column{name: t.Name()}
		switch t.DatabaseTypeName() {
		case "DATE", "DATETIME", "TIMESTAMP":
			c.kind = declared
		}
		found.columns = append(found.columns, c)
	}
	return found, nil
}

// rows reads dates as they are written. The driver would make times of those in columns that are declared as such, and
// :since has to be in the very form that the column is in.
func (s sqliteSession) rows(ctx context.Context, text string, found shape, from []cell, each func([]cell) error) error {
	var b strings.Builder
	wrapped := false
	for i, c := range found.columns {
		name := `"` + strings.ReplaceAll(c.name, `"`, `""`) + `"`
		if i > 0 {
			b.WriteString(", ")
		}
		if c.kind == declared {
			wrapped = true
			fmt.Fprintf(&b, `CASE typeof(%[1]s) WHEN 'text' THEN %[1]s || '' ELSE %[1]s END AS %[1]s`, name)
			continue
		}
		b.WriteString(name)
	}
	if wrapped {
		text = "SELECT " + b.String() + " FROM (\n" + text + "\n)"
	}
	return s.common.rows(ctx, text, found, from, each)
}

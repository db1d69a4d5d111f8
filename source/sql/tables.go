package sql

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"feedmill/feed/setting"
)

// Table is a table or view of a database, with the names of its columns in their order.
type Table struct {
	Name    string
	Columns []string
}

// mostColumns bounds the columns of all tables that are looked at.
const mostColumns = 5000

// tableQueries tell the columns of all tables that the user may see, by database.
var tableQueries = map[driver]string{
	sqlite:   `SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY m.name, c.cid`,
	postgres: `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position`,
	mariadb:  `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = database() ORDER BY table_name, ordinal_position`,
}

// Tables are those of a database. folder is where a relative file of SQLite lies. Errors are as those of [Source.Check].
func Tables(ctx context.Context, pools *Pools, d DSN, folder string) ([]Table, error) {
	s := New(Config{DSN: d, Timeout: setting.Duration(defaultTimeout)}, folder, pools, nil, time.Now)
	var tables []Table
	err := s.session(ctx, func(session) error { return nil }) // it says what is wrong
	if err == nil {
		tables, err = s.tables(ctx)
	}
	return tables, s.trouble(ctx, err)
}

func (s *Source) tables(ctx context.Context) (tables []Table, err error) {
	db, err := s.pools.get(s.config.DSN, s.folder)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithTimeout(ctx, s.timeout())
	defer stop()
	rows, err := db.QueryContext(ctx, tableQueries[s.config.DSN.driver])
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for n := 0; rows.Next() && n < mostColumns; n++ {
		var table, column sql.NullString
		if err := rows.Scan(&table, &column); err != nil {
			return nil, err
		}
		if len(tables) == 0 || tables[len(tables)-1].Name != table.String {
			tables = append(tables, Table{Name: table.String})
		}
		last := &tables[len(tables)-1]
		last.Columns = append(last.Columns, column.String)
	}
	return tables, rows.Err()
}

// Kind is the word that the address begins with: postgres, mysql or sqlite.
func (d DSN) Kind() string { return string(d.driver) }

// HasSecrets reports whether the address holds what may not be shown.
func (d DSN) HasSecrets() bool { return len(d.secrets()) > 1 }

package sql

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
)

// rollbackTime is how long the end of a transaction may take.
const rollbackTime = 5 * time.Second

func beginPostgres(ctx context.Context, db *sql.DB, timeout time.Duration, do func(session) error) error {
	connection, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close() }() // it goes back into the pool
	return connection.Raw(func(raw any) error {
		c := raw.(*stdlib.Conn).Conn()
		tx, err := c.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly, IsoLevel: pgx.RepeatableRead})
		if err != nil {
			return err
		}
		defer func() {
			ending, stop := context.WithTimeout(context.WithoutCancel(ctx), rollbackTime)
			defer stop()
			_ = tx.Rollback(ending) // nothing was written
		}()
		if _, err := tx.Exec(ctx, fmt.Sprintf("SET LOCAL statement_timeout = %d", timeout.Milliseconds())); err != nil {
			return err
		}
		return do(postgresSession{c.PgConn(), c.TypeMap()})
	})
}

// postgresSession speaks to the server below database/sql: values come and go as the texts that Postgres itself writes, so
// that none is too odd to be read, and :since is to the microsecond what the column said.
type postgresSession struct {
	connection *pgconn.PgConn
	types      *pgtype.Map
}

func (s postgresSession) describe(ctx context.Context, q query) (shape, error) {
	described, err := s.connection.Prepare(ctx, "", q.sql(postgres, q.limit), nil)
	if err != nil {
		return shape{}, err
	}
	var found shape
	for _, f := range described.Fields {
		found.columns = append(found.columns, column{f.Name, s.kind(f.DataTypeOID)})
	}
	beginning := []cell{}
	for _, oid := range described.ParamOIDs {
		beginning = append(beginning, cell{text: s.beginning(oid)})
	}
	found.beginnings = [][]cell{beginning}
	return found, nil
}

func (s postgresSession) typeName(oid uint32) string {
	if t, ok := s.types.TypeForOID(oid); ok {
		return t.Name
	}
	return ""
}

func (s postgresSession) kind(oid uint32) columnKind {
	switch name := s.typeName(oid); {
	case name == "timestamptz":
		return moment
	case name == "timestamp" || name == "date":
		return local
	case strings.HasPrefix(name, "_"):
		return array
	}
	return text
}

// beginning is a value of a type that comes before all that articles have.
func (s postgresSession) beginning(oid uint32) string {
	switch s.typeName(oid) {
	case "int2":
		return "-32768"
	case "int4", "int8", "numeric", "float4", "float8":
		return "-2147483648"
	case "timestamptz", "timestamp", "date":
		return "0001-01-01"
	}
	return ""
}

func (s postgresSession) rows(ctx context.Context, text string, _ shape, from []cell, each func([]cell) error) error {
	// A server that is not done with a result would have to be heard to its end.
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if _, err := s.connection.Prepare(ctx, "", text, nil); err != nil {
		return err
	}
	values := make([][]byte, len(from))
	for i, c := range from {
		values[i] = []byte(c.text)
	}
	result := s.connection.ExecPrepared(ctx, "", values, nil, nil)
	for result.NextRow() {
		cells := make([]cell, len(result.Values()))
		for i, value := range result.Values() {
			cells[i] = cell{text: string(value), null: value == nil}
		}
		if err := each(cells); err != nil {
			stop()
			_, _ = result.Close()
			return err
		}
	}
	_, err := result.Close()
	return err
}

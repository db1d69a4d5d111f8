package sql

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// session is a read-only transaction: everything that is read in it was so at one moment.
type session interface {
	// describe says what a query gives, without running it.
	describe(ctx context.Context, q query) (shape, error)
	// rows calls each for every row, until it returns an error, which rows returns. The cells are each's to keep.
	rows(ctx context.Context, text string, shape shape, from []cell, each func([]cell) error) error
}

// shape is what a query takes and gives.
type shape struct {
	columns []column
	// beginnings are what :since can be so that all rows come, a value for each of its uses. Only one of them may be
	// understood by the query.
	beginnings [][]cell
}

// errStop ends the reading of rows when there are enough.
var errStop = errors.New("enough")

// begin opens a session, calls do with it, and ends it.
func begin(ctx context.Context, db *sql.DB, d driver, timeout time.Duration, do func(session) error) error {
	if d == postgres {
		return beginPostgres(ctx, db, timeout, do)
	}
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	if d == mariadb {
		if err := limitTime(ctx, tx, timeout); err != nil {
			return err
		}
		return do(mysqlSession{common{tx}})
	}
	return do(sqliteSession{common{tx}})
}

// same is a value for every use of :since.
func same(c cell, uses int) []cell {
	all := make([]cell, uses)
	for i := range all {
		all[i] = c
	}
	return all
}

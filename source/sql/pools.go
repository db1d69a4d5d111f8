package sql

import (
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // the driver
)

// What is kept of connections. A server on a small machine must not notice that it has a feed.
const (
	mostConnections = 4 // to one database, of all feeds together
	mostIdle        = 1
	idleTime        = 2 * time.Minute
	connectTimeout  = 10 * time.Second
	busyTimeout     = 10 * time.Second // for a database of SQLite that another program writes
)

// Pools are the connections to databases: one pool for each, shared by all sources that read it. It opens nothing before
// it is asked for. The zero value is ready; a Pools must not be copied.
type Pools struct {
	mu   sync.Mutex
	open map[string]*sql.DB
}

// name tells databases apart, and also the same one under another password.
func (p *Pools) name(d DSN, folder string) string {
	if d.driver == sqlite {
		return d.sqlite(folder)
	}
	return d.text
}

// get returns the pool of a database.
func (p *Pools) get(d DSN, folder string) (*sql.DB, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	name := p.name(d, folder)
	if db := p.open[name]; db != nil {
		return db, nil
	}
	db, err := connect(d, folder)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(mostConnections)
	db.SetMaxIdleConns(mostIdle)
	db.SetConnMaxIdleTime(idleTime)
	if p.open == nil {
		p.open = map[string]*sql.DB{}
	}
	p.open[name] = db
	return db, nil
}

func connect(d DSN, folder string) (*sql.DB, error) {
	switch d.driver {
	case postgres:
		c, err := d.postgres()
		if err != nil {
			return nil, err
		}
		return stdlib.OpenDB(*c), nil
	case mariadb:
		c, err := d.mysql()
		if err != nil {
			return nil, err
		}
		connector, err := mysql.NewConnector(c)
		if err != nil {
			return nil, fmt.Errorf("open database: %w", err)
		}
		return sql.OpenDB(connector), nil
	}
	return sql.Open("sqlite", d.sqlite(folder))
}

// Keep closes the pools that none of the configurations uses. Queries that are under way end first.
func (p *Pools) Keep(folder string, used ...Config) {
	p.mu.Lock()
	defer p.mu.Unlock()
	keep := map[string]bool{}
	for _, c := range used {
		keep[p.name(c.DSN, folder)] = true
	}
	for name, db := range p.open {
		if !keep[name] {
			_ = db.Close() // nothing was written
			delete(p.open, name)
		}
	}
}

// Close closes all pools. Sources can be read again after it, which opens them anew.
func (p *Pools) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, db := range p.open {
		errs = append(errs, db.Close())
	}
	p.open = nil
	return errors.Join(errs...)
}

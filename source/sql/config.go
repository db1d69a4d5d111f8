package sql

import (
	"errors"
	"fmt"
	"time"

	"feedmill/feed/setting"
)

// Config names a database and the query whose rows are articles.
type Config struct {
	// DSN is the database: postgres://user:password@host/name, mysql://user:password@host/name (MariaDB too), or
	// sqlite:file, which begins at the folder of the configuration.
	DSN DSN `yaml:"dsn"`
	// Query is one SELECT. Its columns bear the words of an article. :since stands for the moment from which on rows are
	// wanted; a query without it gives all articles there are.
	Query string `yaml:"query"`
	// Timeout is how long the database may take for the query, each time that it is asked.
	Timeout setting.Duration `yaml:"timeout"`
}

const (
	defaultTimeout = 30 * time.Second
	mostTimeout    = time.Hour
)

// Default returns the configuration that holds where nothing is written.
func Default() Config { return Config{Timeout: setting.Duration(defaultTimeout)} }

// Validate reports in one sentence what of the words does not go together.
func (c Config) Validate() error {
	switch {
	case c.DSN.IsZero():
		return errors.New("dsn is missing; write the database, such as postgres://user@host/name, mysql://user@host/name or sqlite:file.db")
	case c.Query == "":
		return errors.New("query is missing; write a SELECT whose columns bear the words of an article, such as  SELECT id, title, url AS link, body AS content FROM news")
	}
	if d := time.Duration(c.Timeout); d < time.Second || d > mostTimeout {
		return fmt.Errorf("timeout %s is out of range; write 1s to 1h", c.Timeout)
	}
	if _, err := readQuery(c.Query, c.DSN.driver); err != nil {
		return fmt.Errorf("query %w", err)
	}
	return nil
}

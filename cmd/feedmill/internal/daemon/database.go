package daemon

import (
	"context"
	"fmt"
	"time"

	"feedmill/config"
	"feedmill/feed"
	"feedmill/source/sql"
)

// databases are the databases that sources read.
func databases(c *config.Config) []sql.Config {
	var used []sql.Config
	for _, b := range c.Blocks {
		if b.Each.SQL != nil {
			used = append(used, *b.Each.SQL)
		}
	}
	for _, f := range c.Feeds {
		for _, s := range f.Sources {
			if s.SQL != nil {
				used = append(used, *s.SQL)
			}
		}
	}
	return used
}

// checkTime is how long a database may take to say what a query gives.
const checkTime = 15 * time.Second

// CheckQueries asks the databases of a configuration what its queries give. It runs none of them. Problems are of the
// configuration; warnings say of which databases nothing is known now.
func CheckQueries(ctx context.Context, c *config.Config, now func() time.Time) (problems config.Problems, warnings []string) {
	var pools sql.Pools
	defer func() { _ = pools.Close() }() // nothing was written
	down := map[string]bool{}
	for _, f := range c.Feeds {
		for _, s := range f.Sources {
			if s.SQL == nil || down[s.SQL.DSN.String()] {
				continue
			}
			asking, stop := context.WithTimeout(ctx, checkTime)
			err := sql.New(*s.SQL, c.Dir, &pools, f.Location, now).Check(asking)
			if asking.Err() != nil && err != nil {
				err = feed.Classify(feed.Unavailable, fmt.Errorf("read %s: no answer within %s", s.SQL.DSN, checkTime))
			}
			stop()
			switch {
			case err == nil:
			case feed.ClassOf(err) == feed.Unavailable:
				down[s.SQL.DSN.String()] = true
				warnings = append(warnings, fmt.Sprintf("feed %s: the query of source %s was not checked: %v", f.Key, s.Name, err))
			default:
				problems = append(problems, config.Problem{File: f.File, Line: f.Line, Column: 1, Path: "feeds." + f.Key + ".source." + s.Name, Message: err.Error()})
			}
		}
	}
	return problems, warnings
}

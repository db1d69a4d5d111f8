// Package sql is the source kind sql: it reads articles out of a database, a row each.
//
// A [Source] asks one query of Postgres, MySQL, MariaDB or SQLite, in a read-only transaction that ends before anything is
// made of its rows. Columns bear the words of an article (column.go says which, row.go what becomes of them). A query
// without :since gives all articles there are. One with :since is asked for what is new (since.go): feedmill remembers
// the newest updated and asks from fifteen minutes before it, so that a transaction that commits late is not missed;
// the rows of these minutes are remembered, and told only when something in them has changed. What takes longer than that to
// commit is missed. Pages are followed until empty, and a LIMIT that would lose rows is raised (read.go).
//
// One row that cannot be read is named and stops no other. A server that goes away in the middle of a result, or one that
// gives too much, leaves what came before; with :since the next fetch goes on from there. A column that vanished ends
// the fetch, and what was published stays.
//
// Texts come as the server writes them, also dates, and :since is one of them: what the driver makes of it would be
// another moment in some database. A date that names no zone is in the feed's, but for TIMESTAMP of MySQL, which is asked for
// in UTC. [Pools] are the connections. Passwords are cut out of all that a server says (trouble.go).
//
// 10,000 rows of 2 KB take half a second at the first read, on SQLite and on Postgres. Unchanged
// they take 26 and 13 ms with :since and an index on updated, 0.5 and 0.3 s as a listing (BenchmarkFetch, two busy cores).
//
// Another database is a driver in dsn.go and pools.go and a session of its own.
package sql

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"feedmill/feed"
	"feedmill/feed/batch"
)

var _ feed.Source = (*Source)(nil)

// Source is one query to one database.
type Source struct {
	config Config
	folder string
	pools  *Pools
	loc    *time.Location
	now    func() time.Time
}

// New makes a source of the query that c names. folder is where a relative file of SQLite lies; loc is the zone of dates
// that name none (nil is UTC).
func New(c Config, folder string, pools *Pools, loc *time.Location, now func() time.Time) *Source {
	if loc == nil {
		loc = time.UTC
	}
	return &Source{config: c, folder: folder, pools: pools, loc: loc, now: now}
}

// Fetch reads the rows. The batch is a listing when the query has no :since and everything came, else an increment.
func (s *Source) Fetch(ctx context.Context, m feed.Memory) (feed.Batch, error) {
	r, err := s.read(ctx, recall(m))
	if err != nil {
		return feed.Batch{}, s.trouble(ctx, err)
	}
	if word := r.table.lacks(r.state.Words); word != "" {
		return feed.Batch{}, s.trouble(ctx, refused(fmt.Errorf("the column %s, which the query gave until now, is no longer there; what was published stays; "+
			"bring it back, or change the query", word)))
	}
	r.state.Words = r.table.names()
	b := feed.Batch{Extent: feed.Increment}
	var again []rowMark
	whole := !r.cut && r.broken == nil
	if r.query.uses > 0 {
		again = r.state.advance(r.rows, whole || r.ordered, whole, s.now())
	} else if whole {
		sum := digest(r.rows)
		if bytes.Equal(sum, r.state.Rows) {
			return feed.Batch{Extent: feed.Unchanged}, nil
		}
		r.state.Rows, b.Extent = sum, feed.Listing
	}
	b.Articles, b.Problems = r.articles(ctx)
	if err := ctx.Err(); err != nil {
		return feed.Batch{}, err
	}
	b.Problems = batch.News(m, problemsKey, b.Problems)
	b.Problems = bounded(b.Problems)
	b.Notes = r.notes()
	if r.query.uses > 0 && len(b.Articles)+len(b.Problems)+len(b.Notes) == 0 {
		b.Extent = feed.Unchanged
	}
	r.state.save(m, again)
	return b, nil
}

// read reads what there is.
func (s *Source) read(ctx context.Context, before *state) (*reading, error) {
	r := &reading{Source: s, state: before, met: map[rowMark]bool{}, ordered: true}
	return r, s.session(ctx, func(db session) (err error) {
		if r.query, err = readQuery(s.config.Query, s.config.DSN.driver); err != nil {
			return refused(fmt.Errorf("the query %w", err))
		}
		return r.run(ctx, db)
	})
}

// session opens a transaction.
func (s *Source) session(ctx context.Context, do func(session) error) error {
	if s.config.DSN.driver == sqlite {
		if _, err := os.Stat(s.config.DSN.file(s.folder)); errors.Is(err, fs.ErrNotExist) {
			return feed.Classify(feed.Unavailable, errors.New("there is no such file; see whether dsn is right, which begins in the folder of the configuration"))
		}
	}
	db, err := s.pools.get(s.config.DSN, s.folder)
	if err != nil {
		return refused(err)
	}
	return begin(ctx, db, s.config.DSN.driver, s.timeout(), do)
}

// Check asks the database what the query gives, without running it. What is wrong with the query is returned as an error
// of class refused or unreadable, columns that are no word of an article among it; that it cannot be asked now, as one of
// class unavailable.
func (s *Source) Check(ctx context.Context) error {
	r := &reading{Source: s, state: &state{}}
	err := s.session(ctx, func(db session) (err error) {
		if r.query, err = readQuery(s.config.Query, s.config.DSN.driver); err != nil {
			return refused(fmt.Errorf("the query %w", err))
		}
		if err := r.describe(ctx, db); err != nil {
			return err
		}
		return refused(errors.Join(r.table.unknown...))
	})
	return s.trouble(ctx, err)
}

// articles makes the articles of the rows that are new, each once.
func (r *reading) articles(ctx context.Context) (articles []feed.Article, problems []error) {
	problems = append(problems, r.table.unknown...)
	place := map[string]int{}
	for _, t := range r.rows {
		if t.cells == nil || ctx.Err() != nil {
			continue
		}
		one := row{r.table, t.cells, r.loc}
		name := one.name(t.number)
		a, lacks, err := one.article(ctx, r.now())
		for _, problem := range lacks {
			problems = append(problems, &feed.Problem{Where: name, Err: problem})
		}
		if err != nil {
			problems = append(problems, &feed.Problem{Where: name, Err: err})
			continue
		}
		id := "id " + a.ID
		if a.ID == "" {
			id = "link " + a.Link
		}
		at, twice := place[id]
		switch {
		case !twice:
			place[id] = len(articles)
			articles = append(articles, a)
		case a.Updated.After(articles[at].Updated):
			articles[at] = a
		default:
			problems = append(problems, &feed.Problem{Where: name, Err: errors.New("another row has the same " + id[:min(len(id), 60)] +
				", and only one of them is published; write the query so that it gives one row for each article")})
		}
	}
	return articles, append(problems, r.ends()...)
}

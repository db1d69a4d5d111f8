package sql_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/setting"
	"feedmill/source/sourcetest"
	"feedmill/source/sql"
)

// fails fetches and looks at the error.
func (r reader) fails(class feed.Class, words ...string) {
	r.t.Helper()
	b, err := r.Fetch(r.t.Context(), r.memory)
	if err == nil {
		r.t.Fatalf("no error, but %q %v; want %q", titlesOf(b), b.Problems, words)
	}
	if feed.ClassOf(err) != class {
		r.t.Errorf("%v is %s, want %s", err, feed.ClassOf(err), class)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			r.t.Errorf("%v does not say %q", err, word)
		}
	}
	if strings.Contains(err.Error(), "s3cret-word") {
		r.t.Errorf("the password is shown: %v", err)
	}
	r.memory.Commit()
}

func TestSchemaChanges(t *testing.T) {
	s := sqliteServer(t)
	s.news(t)
	s.put(t, 1, "one", 0)
	r := open(t, s.DSN, "SELECT id, title, body, body AS content, updated_at AS updated FROM news WHERE updated_at >= :since")
	b := r.fetch()
	if len(b.Articles) != 1 || len(b.Problems) != 1 || !strings.Contains(b.Problems[0].Error(), "the column body is no word of an article") {
		t.Errorf("got %q, %v", titlesOf(b), b.Problems)
	}
	r.expect(feed.Unchanged)
	s.Exec(t, "ALTER TABLE news RENAME COLUMN title TO headline")
	r.fails(feed.Unreadable, "title", "correct the query")
	s.Exec(t, "ALTER TABLE news RENAME COLUMN headline TO title")
	s.put(t, 2, "two", 1)
	r.expect(feed.Increment, "two")

	all := open(t, s.DSN, "SELECT * FROM news")
	all.fetch()
	s.Exec(t, "ALTER TABLE news DROP COLUMN title", "ALTER TABLE news ADD COLUMN summary text")
	all.fails(feed.Refused, "the column title, which the query gave until now")
}

// TestServerGoesAway kills Postgres while it sends rows.
func TestServerGoesAway(t *testing.T) {
	s := server{sourcetest.Postgres(t), "postgres", "timestamptz"}
	s.Exec(t, "CREATE TABLE news AS SELECT n AS id, 'Row ' || n AS title, timestamptz '2026-11-01' + n * interval '1 second' AS updated FROM generate_series(1, 4000) AS n")
	r := open(t, s.DSN, "SELECT id, title, updated, CASE WHEN id > 3000 THEN pg_sleep(60)::text END AS summary FROM news WHERE updated >= :since ORDER BY updated")
	var wait sync.WaitGroup
	wait.Go(func() { // until it has sent what it sends at once
		for asleep := 0; asleep == 0 && t.Context().Err() == nil; time.Sleep(20 * time.Millisecond) {
			if err := s.DB.QueryRow("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'").Scan(&asleep); err != nil {
				t.Error(err)
				return
			}
		}
		time.Sleep(200 * time.Millisecond)
		s.Kill()
	})
	b := r.fetch()
	wait.Wait()
	if n := len(b.Articles); n < 1000 || n > 3000 || b.Extent != feed.Increment {
		t.Errorf("%d articles came before the server went, extent %d", n, b.Extent)
	}
	if len(b.Problems) != 1 || !strings.Contains(b.Problems[0].Error(), fmt.Sprintf("row %d: the result ended before it was whole", len(b.Articles)+1)) {
		t.Errorf("problems are %v", b.Problems)
	}
	r.fails(feed.Unavailable, "read postgres://feedmill@127.0.0.1", "see whether the server runs")
}

// TestOneServer runs what takes a server of Postgres and leaves it as it is.
func TestOneServer(t *testing.T) {
	s := sourcetest.Postgres(t)
	t.Run("pools are shared", func(t *testing.T) { poolsAreShared(t, s) }) // first: the server takes its time to notice who left
	t.Run("login refused", func(t *testing.T) { loginRefused(t, s) })
	t.Run("timeout", func(t *testing.T) { timeout(t, s) })
	t.Run("many rows", func(t *testing.T) { manyRows(t, s) })
	t.Run("types", func(t *testing.T) { columnTypes(t, postgresTypes(s.DSN)) })
}

func loginRefused(t *testing.T, s *sourcetest.Database) {
	s.Exec(t, "CREATE ROLE desk LOGIN")
	r := open(t, strings.Replace(s.DSN, "feedmill:", "nobody-known:", 1), "SELECT 1 AS id, 'x' AS title")
	r.fails(feed.Refused, "correct user and password in dsn")
	s.Exec(t, "CREATE TABLE secret (id int, title text)")
	r = open(t, strings.Replace(s.DSN, "feedmill:", "desk:", 1), "SELECT id, title FROM secret")
	r.fails(feed.Refused, "let the user in dsn read")
	r = open(t, strings.Replace(s.DSN, "/postgres?", "/nowhere?", 1), "SELECT id, title FROM secret")
	r.fails(feed.Refused, "correct the name of the database")
	r = open(t, s.DSN, "SELECT 1 AS id, 's3cret-word'::int AS title")
	r.fails(feed.Unreadable, `invalid input syntax for type integer: "***"`)
}

func timeout(t *testing.T, s *sourcetest.Database) {
	c := sql.Default()
	c.Query, c.Timeout = "SELECT 1 AS id, 'x' || pg_sleep(60)::text AS title", setting.Duration(time.Second)
	if err := c.DSN.UnmarshalText([]byte(s.DSN)); err != nil {
		t.Fatal(err)
	}
	pools := new(sql.Pools)
	defer pools.Close()
	r := reader{sql.New(c, "", pools, nil, time.Now), t, sourcetest.NewMemory()}
	begun := time.Now()
	r.fails(feed.Unavailable, "it took longer than timeout, 1s")
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestMissingFile(t *testing.T) {
	open(t, "sqlite:nowhere.db", "SELECT 1 AS id, 'x' AS title").fails(feed.Unavailable, "read sqlite:nowhere.db: there is no such file")
}

// manyRows is an import: more rows than one fetch takes, all with the same date.
func manyRows(t *testing.T, s *sourcetest.Database) {
	s.Exec(t, "CREATE TABLE news AS SELECT n AS id, 'Row ' || n AS title, timestamptz '2026-11-23' AS updated FROM generate_series(1, 20500) AS n")
	r := open(t, s.DSN, "SELECT id, title, updated FROM news WHERE updated >= :since ORDER BY updated LIMIT 1000")
	met := map[string]bool{}
	for _, want := range []int{20_000, 500} {
		b := r.fetch()
		for _, a := range b.Articles {
			met[a.ID] = true
		}
		if len(b.Articles) != want || len(b.Problems) > 0 {
			t.Errorf("%d articles, want %d; %v", len(b.Articles), want, b.Problems)
		}
	}
	if len(met) != 20_500 {
		t.Errorf("%d of 20500 rows came", len(met))
	}
	r.expect(feed.Unchanged)
}

// typed is a query for one row, and what the article says that is made of it.
type typed struct{ dsn, query, want string }

func postgresTypes(dsn string) []typed {
	return []typed{
		{dsn, `SELECT 7 AS id, 'x' AS "Title", ARRAY['a', 'b, c'] AS tags, '["Ann", {"name": "Bob", "email": "bob@example.org"}]'::jsonb AS authors,
			timestamp '2026-11-23 06:00' AS published, timestamptz '2026-11-23 08:00+01' AS updated, true AS pin, 'en_GB' AS language`,
			"7 x [a b, c] Ann,Bob<bob@example.org> 2026-11-23T05:00 2026-11-23T07:00 true en-GB"},
		{dsn, `SELECT 7.0 AS id, 'x' AS title, 'a, b' AS tags, 'Ann' AS author, 1795413600 AS published, 1795413600123 AS updated, 'no' AS pin, NULL AS language`,
			"7.0 x [a b] Ann 2026-11-23T06:00 2026-11-23T06:00 false "},
	}
}

func mariadbTypes(dsn string) []typed {
	return []typed{
		{dsn, `SELECT 7 AS id, 'x' AS title, '["a", "b"]' AS tags, 'Ann' AS author, CAST('2026-11-23 06:00:00.5' AS DATETIME(6)) AS published,
			FROM_UNIXTIME(1795413600) AS updated, b'1' AS pin, 'de' AS language`,
			"7 x [a b] Ann 2026-11-23T05:00 2026-11-23T05:00 true de"},
		{dsn, `SELECT 7 AS id, 'x' AS title, '' AS tags, 'Ann' AS author, '0000-00-00 00:00:00' AS published, NULL AS updated, 0 AS pin, '' AS language`,
			"7 x [] Ann 0001-01-01T00:00 0001-01-01T00:00 false "},
	}
}

// columnTypes reads what databases have types for.
func columnTypes(t *testing.T, tests []typed) {
	for _, test := range tests {
		c := sql.Default()
		c.Query = test.query
		if err := c.DSN.UnmarshalText([]byte(test.dsn)); err != nil {
			t.Fatal(err)
		}
		pools := new(sql.Pools)
		berlin, err := time.LoadLocation("Europe/Berlin")
		if err != nil {
			t.Fatal(err)
		}
		r := reader{sql.New(c, "", pools, berlin, time.Now), t, sourcetest.NewMemory()}
		b := r.fetch()
		if err := pools.Close(); err != nil {
			t.Error(err)
		}
		for _, problem := range b.Problems {
			t.Errorf("problem: %v", problem)
		}
		if len(b.Articles) != 1 {
			t.Errorf("%s: %d articles", test.query, len(b.Articles))
			continue
		}
		a := b.Articles[0]
		var people []string
		for _, p := range a.Authors {
			if p.Email != "" {
				p.Name += "<" + p.Email + ">"
			}
			people = append(people, p.Name)
		}
		day := func(at time.Time) string { return at.UTC().Format("2006-01-02T15:04") }
		got := fmt.Sprint(a.ID, " ", a.Title, " ", a.Tags, " ", strings.Join(people, ","), " ", day(a.Published), " ", day(a.Updated), " ", a.Pin, " ", a.Language)
		if got != test.want {
			t.Errorf("%s:\ngot  %s\nwant %s", test.query, got, test.want)
		}
	}
}

// TestNumbersAsMoments is an updated in seconds, as SQLite has them, and one that only functions of dates understand.
func TestNumbersAsMoments(t *testing.T) {
	s := sqliteServer(t)
	s.Exec(t, "CREATE TABLE news (id, title, updated INTEGER)", "INSERT INTO news VALUES (1, 'one', 1795413600), (2, 'two', 1795420800)")
	for _, query := range []string{
		"SELECT id, title, updated FROM news WHERE updated >= :since ORDER BY updated",
		"SELECT id, title, datetime(updated, 'unixepoch') AS updated FROM news WHERE julianday(updated, 'unixepoch') >= julianday(:since) ORDER BY 3",
	} {
		s.Exec(t, "DELETE FROM news WHERE id = 3")
		r := open(t, s.DSN, query)
		r.expect(feed.Increment, "one", "two")
		r.expect(feed.Unchanged)
		s.Exec(t, "INSERT INTO news VALUES (3, 'three', 1795420801)")
		r.expect(feed.Increment, "three")
	}
}

// poolsAreShared counts the connections that feeds of one database have, and that none is left.
func poolsAreShared(t *testing.T, s *sourcetest.Database) {
	connections := func() (n int) {
		if err := s.DB.QueryRow("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'feedmill'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	pools := new(sql.Pools)
	c := sql.Default()
	c.Query = "SELECT 1 AS id, 'x' AS title"
	if err := c.DSN.UnmarshalText([]byte(s.DSN)); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if _, err := sql.New(c, "", pools, nil, time.Now).Fetch(t.Context(), sourcetest.NewMemory()); err != nil {
			t.Fatal(err)
		}
	}
	if n := connections(); n != 1 {
		t.Errorf("five feeds have %d connections", n)
	}
	pools.Keep("", c)
	if n := connections(); n != 1 {
		t.Errorf("there are %d connections while the database is in use", n)
	}
	pools.Keep("")
	if settle(connections) != 0 {
		t.Error("a connection is left when no feed reads the database")
	}
}

// settle waits for a server that notices the end of a connection a little later.
func settle(count func() int) (n int) {
	for range 40 {
		if n = count(); n == 0 {
			return 0
		}
		time.Sleep(25 * time.Millisecond)
	}
	return n
}

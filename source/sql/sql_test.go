package sql_test

import (
	stdsql "database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/setting"
	"feedmill/source/sourcetest"
	"feedmill/source/sql"
)

// server is a database that tests write and a source reads.
type server struct {
	*sourcetest.Database
	name string
	// stamp is the type of a date with microseconds.
	stamp string
}

// kinds of servers, each started by a function.
var kinds = map[string]func(t testing.TB) server{
	"sqlite":   sqliteServer,
	"postgres": func(t testing.TB) server { return server{sourcetest.Postgres(t), "postgres", "timestamptz"} },
	"mariadb":  func(t testing.TB) server { return server{sourcetest.MariaDB(t), "mariadb", "datetime(6)"} },
}

func sqliteServer(t testing.TB) server {
	t.Helper()
	path := filepath.Join(t.TempDir(), "news.db")
	db, err := stdsql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(wal)&_pragma=synchronous(off)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return server{&sourcetest.Database{DSN: "sqlite:" + path, DB: db}, "sqlite", "datetime"}
}

// reader is a source with its memory.
type reader struct {
	*sql.Source
	t      *testing.T
	memory *sourcetest.Memory
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, dsn, query string) reader {
	t.Helper()
	c := sql.Default()
	c.Query, c.Timeout = query, setting.Duration(20*time.Second)
	if err := c.DSN.UnmarshalText([]byte(dsn)); err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	pools := new(sql.Pools)
	t.Cleanup(func() {
		if err := pools.Close(); err != nil {
			t.Error(err)
		}
	})
	return reader{sql.New(c, t.TempDir(), pools, nil, func() time.Time { return noon }), t, sourcetest.NewMemory()}
}

// fetch fetches and keeps what is to be remembered.
func (r reader) fetch() feed.Batch {
	r.t.Helper()
	b, err := r.Fetch(r.t.Context(), r.memory)
	if err != nil {
		r.t.Fatal(err)
	}
	r.memory.Commit()
	return b
}

// expect fetches and compares the titles, in order, and what is wrong.
func (r reader) expect(extent feed.Extent, titles ...string) feed.Batch {
	r.t.Helper()
	b := r.fetch()
	if got := titlesOf(b); !slices.Equal(got, titles) || b.Extent != extent {
		r.t.Errorf("extent %d with %q, want %d with %q", b.Extent, got, extent, titles)
	}
	for _, problem := range b.Problems {
		r.t.Errorf("problem: %v", problem)
	}
	return b
}

func titlesOf(b feed.Batch) []string {
	var titles []string
	for _, a := range b.Articles {
		title := a.Title
		if a.Status != feed.Ready {
			title += " " + string(a.Status)
		}
		titles = append(titles, title)
	}
	return titles
}

const news = "CREATE TABLE news (id integer PRIMARY KEY, title text, body text, updated_at %s, withdrawn boolean NOT NULL DEFAULT false)"

func (s server) news(t *testing.T) {
	t.Helper()
	s.Exec(t, "DROP TABLE IF EXISTS news", fmt.Sprintf(news, s.stamp))
}

// put writes a row that was last changed some minutes after six.
func (s server) put(t *testing.T, id int, title string, minutes float64) {
	t.Helper()
	at := noon.Add(-6*time.Hour + time.Duration(minutes*float64(time.Minute))).Format("2006-01-02 15:04:05.000000")
	if s.name == "postgres" {
		at += "+00"
	}
	s.Exec(t, fmt.Sprintf("DELETE FROM news WHERE id = %d", id),
		fmt.Sprintf("INSERT INTO news (id, title, body, updated_at) VALUES (%d, '%s', '<p>Text</p>', '%s')", id, title, at))
}

const changed = "SELECT id, title, body AS content, updated_at AS updated, withdrawn FROM news WHERE updated_at >= :since ORDER BY updated_at"

// TestServers runs what must hold for every database.
func TestServers(t *testing.T) {
	for name, start := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			for name, test := range map[string]func(*testing.T, server){
				"since": since, "pages": pages, "late": late, "listing": listing, "bad rows": badRows, "columns": columns,
				"read only": readOnly, "ties": ties, "newest first": newestFirst,
			} {
				t.Run(name, func(t *testing.T) { test(t, s) })
			}
			if name == "mariadb" {
				t.Run("types", func(t *testing.T) { columnTypes(t, mariadbTypes(s.DSN)) })
			}
		})
	}
}

func since(t *testing.T, s server) {
	s.news(t)
	r := open(t, s.DSN, changed)
	r.expect(feed.Unchanged)
	s.put(t, 1, "one", 0)
	s.put(t, 2, "two", 60)
	r.expect(feed.Increment, "one", "two")
	r.expect(feed.Unchanged)
	s.put(t, 1, "one again", 61)
	s.put(t, 3, "three", 62)
	r.expect(feed.Increment, "one again", "three")
	s.Exec(t, "UPDATE news SET withdrawn = true, updated_at = (SELECT u FROM (SELECT updated_at AS u FROM news WHERE id = 3) AS x) WHERE id = 2")
	r.expect(feed.Increment, "two withdrawn")
	r.expect(feed.Unchanged)
}

// late is a transaction that commits after others that began after it.
func late(t *testing.T, s server) {
	s.news(t)
	r := open(t, s.DSN, changed)
	s.put(t, 1, "one", 0)
	s.put(t, 2, "two", 50)
	s.put(t, 3, "three", 60)
	r.expect(feed.Increment, "one", "two", "three")
	s.put(t, 4, "late by 14 minutes", 46)
	r.expect(feed.Increment, "late by 14 minutes")
	r.expect(feed.Unchanged)
}

func pages(t *testing.T, s server) {
	s.news(t)
	r := open(t, s.DSN, changed+" LIMIT 7")
	var want []string
	for i := range 200 {
		s.put(t, i, fmt.Sprint(i), float64(i)/600)
		want = append(want, fmt.Sprint(i))
	}
	r.expect(feed.Increment, want...)
	r.expect(feed.Unchanged)
}

// ties are more rows of one moment than LIMIT lets through.
func ties(t *testing.T, s server) {
	s.news(t)
	for _, query := range []string{changed + " LIMIT 7", strings.Replace(changed, ">=", ">", 1) + " LIMIT 7"} {
		r := open(t, s.DSN, query)
		for i := range 60 {
			s.put(t, i, fmt.Sprint(i), 5*float64(i/30))
		}
		if b := r.fetch(); len(b.Articles) != 60 {
			t.Errorf("%d of 60 articles came by %s", len(b.Articles), query)
		}
		r.expect(feed.Unchanged)
	}
}

func newestFirst(t *testing.T, s server) {
	s.news(t)
	for i := range 60 {
		s.put(t, i, fmt.Sprint(i), float64(i))
	}
	r := open(t, s.DSN, changed+" DESC LIMIT 7")
	if b := r.fetch(); len(b.Articles) != 60 {
		t.Errorf("%d of 60 articles came", len(b.Articles))
	}
	r.expect(feed.Unchanged)
}

func listing(t *testing.T, s server) {
	s.news(t)
	s.put(t, 1, "one", 0)
	s.put(t, 2, "two", 0)
	r := open(t, s.DSN, "SELECT id, title FROM news ORDER BY id; -- all of :since them")
	r.expect(feed.Listing, "one", "two")
	r.expect(feed.Unchanged)
	s.Exec(t, "DELETE FROM news WHERE id = 1")
	r.expect(feed.Listing, "two")
}

func badRows(t *testing.T, s server) {
	s.news(t)
	s.put(t, 1, "good", 0)
	s.put(t, 2, "undated", 1)
	s.put(t, 3, "odd state", 2)
	s.Exec(t, "INSERT INTO news (id) VALUES (4)")
	r := open(t, s.DSN, `SELECT id, title, CASE id WHEN 2 THEN 'soon' END AS published, CASE id WHEN 3 THEN 'lost' END AS status FROM news ORDER BY id`)
	b := r.fetch()
	if got := titlesOf(b); !slices.Equal(got, []string{"good"}) {
		t.Errorf("published are %q", got)
	}
	var told []string
	for _, problem := range b.Problems {
		told = append(told, problem.Error())
	}
	for i, want := range []string{"row 2 (id 2): published: ", "row 3 (id 3): status: ", "row 4 (id 4): it has no title"} {
		if i >= len(told) || !strings.HasPrefix(told[i], want) {
			t.Errorf("told is %q, want %q as number %d", told, want, i)
		}
	}
}

func columns(t *testing.T, s server) {
	s.news(t)
	r := open(t, s.DSN, "SELECT id, title AS titel, body AS content FROM news")
	err := r.Check(t.Context())
	if err == nil || feed.ClassOf(err) != feed.Refused || !strings.Contains(err.Error(), "titel is no word of an article; did you mean title?") {
		t.Errorf("check says %v", err)
	}
	for query, want := range map[string]string{
		"SELECT id, headline AS title FROM news":               "headline",
		"SELECT id, title FROM old_news":                       "old_news",
		"SELECT id, title FRM news":                            "",
		"SELECT id, title, title FROM news":                    "title",
		"SELECT title FROM news":                               "neither a column id nor a column link",
		"SELECT id FROM news":                                  "no column title",
		"SELECT id, title FROM news WHERE updated_at > :since": "no column updated",
	} {
		err := open(t, s.DSN, query).Check(t.Context())
		if err == nil || feed.ClassOf(err) == feed.Unavailable || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: check says %v", query, err)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret-word") {
			t.Errorf("the password is shown: %v", err)
		}
	}
	if err := open(t, s.DSN, changed).Check(t.Context()); err != nil {
		t.Errorf("check says %v", err)
	}
}

func readOnly(t *testing.T, s server) {
	if s.name != "postgres" {
		return // the others take no statement that writes within a SELECT
	}
	s.news(t)
	s.put(t, 1, "one", 0)
	r := open(t, s.DSN, "WITH gone AS (DELETE FROM news RETURNING id) SELECT id, 'x' AS title FROM gone")
	_, err := r.Fetch(t.Context(), r.memory)
	if err == nil || feed.ClassOf(err) != feed.Refused || !strings.Contains(err.Error(), "only reads") {
		t.Errorf("a query that deletes: %v", err)
	}
}

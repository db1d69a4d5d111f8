package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"feedmill/cmd/feedmill/internal/daemon"
	"feedmill/source/sourcetest"
)

// incidents is the table that sql.yaml reads.
var incidents = []string{
	`CREATE TABLE incidents (id int PRIMARY KEY, title text, body text, tags text[], opened_at timestamptz, updated_at timestamptz, closed_at timestamptz, deleted_at timestamptz)`,
	`INSERT INTO incidents VALUES
		(1, 'Mail is slow', '<p>Queues are <b>long</b>.</p>', '{mail,"east, west"}', '2026-11-20 10:00+00', '2026-11-20 11:00+00', '2026-11-20 12:00+00', NULL),
		(2, 'Search is down', 'A < B', NULL, '2026-11-21 10:00+01', '2026-11-21 10:00+00', NULL, NULL),
		(3, 'Planned work', 'Tomorrow.', '{}', '2026-11-30 10:00+00', '2026-11-21 11:00+00', NULL, NULL)`,
}

// TestSQLExample runs config/examples/sql.yaml against a database of Postgres.
func TestSQLExample(t *testing.T) {
	db := sourcetest.Postgres(t)
	db.Exec(t, incidents...)
	file := filepath.Join(root, "config", "examples", "sql.yaml")
	e := runs(t, file, november24, nil, "DATABASE_URL="+db.DSN)
	if problems, warnings := daemon.CheckQueries(t.Context(), e.plan.Config, november24); len(problems)+len(warnings) > 0 {
		t.Errorf("check says %v %v", problems, warnings)
	}
	e.brings("incidents",
		"Mail is slow https://status.example.org/1 2026-11-20T10:00 mail,east, west Queues are <b>long</b>.",
		"Search is down https://status.example.org/2 2026-11-21T09:00  A &lt; B",
	)
	e.brings("open", "Search is down  2026-11-21T09:00  A &lt; B")
	db.Exec(t, `UPDATE incidents SET deleted_at = '2026-11-22', updated_at = '2026-11-22' WHERE id = 1`,
		`UPDATE incidents SET title = 'Search is back', closed_at = '2026-11-22', updated_at = '2026-11-22' WHERE id = 2`)
	e.brings("incidents", "Search is back https://status.example.org/2 2026-11-21T09:00  A &lt; B")
}

// TestCheckAsksDatabases runs feedmill check with a query that names a word wrongly, and with a server that is not there.
func TestCheckAsksDatabases(t *testing.T) {
	db := sourcetest.Postgres(t)
	check := func(query string) (code int, told string) {
		file := filepath.Join(t.TempDir(), "feedmill.yaml")
		words := "server: {}\nfeeds:\n  news: {source: {sql: {dsn: \"" + db.DSN + "\", query: \"" + query + "\"}}}\n"
		if err := os.WriteFile(file, []byte(words), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errs strings.Builder
		code = run(t.Context(), []string{"check", "-c", file}, &out, &errs)
		if strings.Contains(errs.String()+out.String(), "s3cret-word") {
			t.Errorf("the password is shown: %s", errs.String())
		}
		return code, errs.String()
	}
	if code, told := check("SELECT 1 AS id, 'x' AS titel, 'y' AS content"); code != exitUsage ||
		!strings.Contains(told, "feedmill.yaml:3:1: feeds.news.source.sql: read postgres://feedmill@127.0.0.1") || !strings.Contains(told, "did you mean title?") {
		t.Errorf("exit status %d: %s", code, told)
	}
	if code, told := check("SELECT 1 AS id, 'x' AS title"); code != 0 || told != "" {
		t.Errorf("exit status %d: %s", code, told)
	}
	db.Kill()
	if code, told := check("SELECT 1 AS id, 'x' AS title"); code != 0 || !strings.Contains(told, "warning: feed news: the query of source sql was not checked") {
		t.Errorf("exit status %d: %s", code, told)
	}
}

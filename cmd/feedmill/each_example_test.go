package main

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEachExample builds the feeds of config/examples/each.yaml.
func TestEachExample(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, "config", "examples"))); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	for _, args := range [][]string{{"check"}, {"refresh", "teams/{team}"}, {"status"}} {
		if code := run(t.Context(), append(args, "-c", filepath.Join(dir, "each.yaml")), &out, &errs); code != 0 {
			t.Errorf("%v ended with %d: %s", args, code, &errs)
		}
	}
	for _, want := range []string{"2 feeds, 2 of them of rows", "teams/bridges: 1 new", "teams/libraries: 1 new"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
}

// TestEachOfDatabase makes feeds of the rows of a query, and retires one of a row that is gone.
func TestEachOfDatabase(t *testing.T) {
	dir := t.TempDir()
	save := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	save("feedmill.yaml", `server: {}
feeds:
  "teams/{team}":
    each: {sql: {dsn: "sqlite:teams.db", query: "SELECT team, title FROM teams ORDER BY team"}}
    title: "{title}"
    source: {sql: {dsn: "sqlite:teams.db", query: "SELECT id, title FROM news WHERE team = '{team}'"}}
`)
	db := openTeams(t, filepath.Join(dir, "teams.db"))
	for _, statement := range []string{
		`CREATE TABLE teams (team TEXT, title TEXT)`, `CREATE TABLE news (id INTEGER PRIMARY KEY, team TEXT, title TEXT)`,
		`INSERT INTO teams VALUES ('blue', NULL), ('red', 'Red'), ('x'' OR 1=1 --', 'Evil')`,
		`INSERT INTO news VALUES (1, 'red', 'Red wins'), (2, 'blue', 'Blue wins')`,
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	feedmill := func(args ...string) (said string) {
		t.Helper()
		var out, errs bytes.Buffer
		run(t.Context(), append(args, "-c", filepath.Join(dir, "feedmill.yaml")), &out, &errs)
		return out.String() + errs.String()
	}
	has := func(said string, wants ...string) {
		t.Helper()
		for _, want := range wants {
			if !strings.Contains(said, want) {
				t.Errorf("no %q in\n%s", want, said)
			}
		}
	}
	has(feedmill("refresh", "teams/{team}"), "teams/red: 1 new", "teams/blue: 1 new", "row 3 of the query: source.sql.query what {team} stands for has characters")
	if _, err := db.Exec(`DELETE FROM teams WHERE team <> 'red'`); err != nil {
		t.Fatal(err)
	}
	has(feedmill("refresh", "teams/{team}"), "teams/red: nothing new")
	has(feedmill("status"), "retired", "teams/blue")
}

func openTeams(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

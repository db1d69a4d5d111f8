package main

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"feedmill/source/sourcetest"
)

// TestEachExample builds the feeds of config/examples/each.yaml.
func TestEachExample(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, "config", "examples"))); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	for _, args := range [][]string{{"check"}, {"refresh", "teams/{team}"}, {"refresh", "schools/{slug}"}, {"status"}} {
		if code := run(t.Context(), append(args, "-c", filepath.Join(dir, "each.yaml")), &out, &errs); code != 0 {
			t.Errorf("%v ended with %d: %s", args, code, &errs)
		}
	}
	for _, want := range []string{"4 feeds, 4 of them of rows", "teams/bridges: 1 new", "teams/libraries: 1 new", "schools/riverside: 1 new", "schools/oak-hill: 1 new"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
}

// TestEachOfAPI makes feeds of the items of a JSON API with validators: a list that is as it was is not sent again, one that was not
// taken over whole is, and what is no list retires nobody.
func TestEachOfAPI(t *testing.T) {
	answer, whole, known := `{"teams":[{"team":"red","about":1},{"team":"blue","about":1},{"team":"","about":1}]}`, 0, 0
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tag := fmt.Sprintf("%q", fmt.Sprint(len(answer)))
		w.Header().Set("Etag", tag)
		w.Header().Set("Content-Type", "application/json")
		if r.Header.Get("If-None-Match") == tag {
			known++
			w.WriteHeader(http.StatusNotModified)
			return
		}
		whole++
		_, _ = io.WriteString(w, answer)
	}))
	defer api.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "feedmill.yaml")
	text := fmt.Sprintf(`server: {}
feeds:
  "teams/{team}":
    each: {json: {url: "%s/teams", items: .teams, fetch: {allow_private: ["%s"]}}}
    source: {files: "news/{team}/*.md"}
`, api.URL, strings.TrimPrefix(api.URL, "http://"))
	for name, body := range map[string]string{
		file: text, filepath.Join(dir, "news", "red", "a.md"): "# Red wins\n\nIt did.\n", // blue has no folder
	} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(body), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		does, answer  string
		whole, known  int
		says, saysNot string
	}{
		{"refresh", "", 1, 0, "item 3: has no team", ""},
		{"refresh", `{"teams":[{"team":"red"},{"team":"blue"}]}`, 2, 0, "teams/red: nothing new", "item 3"},
		{"refresh", "", 2, 1, "teams/red: nothing new", "rows"},
		{"refresh", `{"teams":[{"team":"red"}, {"team":"green"}]}`, 3, 1, "teams/green", "item"},
		{"status", "", 3, 1, "retired", ""},
		{"refresh", `<html><title>Sign in</title></html>`, 4, 1, "the feeds stay as they are", ""},
		{"status", "", 4, 1, "teams/green", ""},
	} {
		if step.answer != "" {
			answer = step.answer
		}
		args := []string{step.does, "-c", file}
		if step.does == "refresh" {
			args = append(args, "teams/{team}")
		}
		var out, errs bytes.Buffer
		run(t.Context(), args, &out, &errs)
		said := out.String() + errs.String()
		if whole != step.whole || known != step.known {
			t.Errorf("%s of %s: the list was sent %d times and known %d times, want %d and %d", step.does, answer, whole, known, step.whole, step.known)
		}
		if !strings.Contains(said, step.says) || step.saysNot != "" && strings.Contains(said, step.saysNot) {
			t.Errorf("%s of %s: want %q, not %q, in\n%s", step.does, answer, step.says, step.saysNot, said)
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

// TestEachOfServers makes feeds of the rows of real servers, whose address with its password is a variable; a server that goes
// away retires nobody.
func TestEachOfServers(t *testing.T) {
	for name, start := range map[string]func(testing.TB) *sourcetest.Database{"postgres": sourcetest.Postgres, "mariadb": sourcetest.MariaDB} {
		t.Run(name, func(t *testing.T) {
			d := start(t)
			d.Exec(t, `CREATE TABLE teams (team varchar(40), title varchar(200))`, `CREATE TABLE news (id integer PRIMARY KEY, team varchar(40), title varchar(200))`,
				`INSERT INTO teams VALUES ('blue', NULL), ('red', 'Red & co'), ('green', 'Green')`,
				`INSERT INTO news VALUES (1, 'red', 'Red wins'), (2, 'blue', 'Blue wins'), (3, 'green', 'Green wins')`)
			t.Setenv("TEAMS_DB", d.DSN)
			file := filepath.Join(t.TempDir(), "feedmill.yaml")
			if err := os.WriteFile(file, []byte(`server: {}
feeds:
  "teams/{team}":
    each: {sql: {dsn: "${TEAMS_DB}", query: "SELECT team, title FROM teams ORDER BY team"}}
    title: "{title}"
    source: {sql: {dsn: "${TEAMS_DB}", query: "SELECT id, title FROM news WHERE team = '{team}'"}}
`), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, step := range []struct {
				does  func()
				args  []string
				wants []string
			}{
				{nil, []string{"refresh", "teams/{team}"}, []string{"teams/red: 1 new", "teams/blue: 1 new", "teams/green: 1 new"}},
				{func() { d.Exec(t, `DELETE FROM teams WHERE team = 'blue'`) }, []string{"refresh", "teams/{team}"}, []string{"teams/red: nothing new"}},
				{nil, []string{"status"}, []string{"retired"}},
				{d.Kill, []string{"refresh", "teams/{team}"}, []string{"the feeds stay as they are"}},
			} {
				if step.does != nil {
					step.does()
				}
				var out, errs bytes.Buffer
				run(t.Context(), append(step.args, "-c", file), &out, &errs)
				for _, want := range step.wants {
					if said := out.String() + errs.String(); !strings.Contains(said, want) || strings.Contains(said, "s3cret") {
						t.Errorf("%v: no %q in\n%s", step.args, want, said)
					}
				}
			}
		})
	}
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

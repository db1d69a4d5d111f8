package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/cmd/feedmill/internal/daemon"
	"feedmill/config"
	"feedmill/feed/fetch"
	"feedmill/feed/mill"
	"feedmill/feed/store/sqlite"
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
	c, err := config.Load(file, config.Options{Env: []string{"DATABASE_URL=" + db.DSN}})
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return time.Date(2026, time.November, 24, 6, 0, 0, 0, time.UTC) }
	if problems, warnings := daemon.CheckQueries(t.Context(), c, now); len(problems)+len(warnings) > 0 {
		t.Errorf("check says %v %v", problems, warnings)
	}
	log := slog.New(slog.DiscardHandler)
	plan, err := daemon.Open(c, fetch.New(now, log), now, log)
	if err != nil {
		t.Fatal(err)
	}
	defer plan.Close()
	state, err := sqlite.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close()
	m := mill.New(state, state, now)
	expect := func(name string, want ...string) {
		t.Helper()
		if _, err := m.Refresh(context.Background(), &plan.Feed(name).Feed); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := published(t, state, name); !slices.Equal(got, want) {
			t.Errorf("%s holds\n%s, want\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	expect("incidents",
		"Mail is slow https://status.example.org/1 2026-11-20T10:00 mail,east, west Queues are <b>long</b>.",
		"Search is down https://status.example.org/2 2026-11-21T09:00  A &lt; B",
	)
	expect("open", "Search is down  2026-11-21T09:00  A &lt; B")
	db.Exec(t, `UPDATE incidents SET deleted_at = '2026-11-22', updated_at = '2026-11-22' WHERE id = 1`,
		`UPDATE incidents SET title = 'Search is back', closed_at = '2026-11-22', updated_at = '2026-11-22' WHERE id = 2`)
	expect("incidents", "Search is back https://status.example.org/2 2026-11-21T09:00  A &lt; B")
}

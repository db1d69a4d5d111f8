package sql_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/rows"
	"feedmill/feed/setting"
	"feedmill/source/sql"
)

// rowsOf reads the rows of a query.
func rowsOf(t *testing.T, dsn, query string) (rows.Table, error) {
	t.Helper()
	c := sql.Default()
	c.Query, c.Timeout = query, setting.Duration(20*time.Second)
	if err := c.DSN.UnmarshalText([]byte(dsn)); err != nil {
		t.Fatal(err)
	}
	var pools sql.Pools
	defer pools.Close()
	return sql.NewRows(c, t.TempDir(), &pools).Rows(t.Context())
}

// TestRows reads the list of a block from each database: types as texts, NULL as nothing; what is no list is an error, and
// gives no row at all.
func TestRows(t *testing.T) {
	for name, start := range kinds {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			s.Exec(t, `CREATE TABLE teams (team varchar(40), title varchar(200), size integer, share numeric(6,2))`,
				`INSERT INTO teams VALUES ('blue', NULL, 7, 0.25), ('red', 'Rot & Weiß', NULL, 12.5)`)
			got, err := rowsOf(t, s.DSN, "SELECT team, title, size, share FROM teams ORDER BY team")
			var shown []string
			for _, r := range got.Rows {
				shown = append(shown, fmt.Sprint(r.Place, " ", r.Values))
			}
			last := "12.50"
			if name == "sqlite" {
				last = "12.5" // it has no such type
			}
			want := "row 1 of the query map[share:0.25 size:7 team:blue title:]\nrow 2 of the query map[share:" + last + " size: team:red title:Rot & Weiß]"
			if err != nil || strings.Join(shown, "\n") != want || len(got.Problems) > 0 {
				t.Errorf("%s, %v, %v; want\n%s", strings.Join(shown, "\n"), got.Problems, err, want)
			}
			if got, err := rowsOf(t, s.DSN, "SELECT team FROM teams WHERE team = 'none'"); err != nil || len(got.Rows)+len(got.Problems) > 0 {
				t.Errorf("no rows gave %+v, %v", got, err)
			}
			digits := "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8)"
			many := "SELECT a.d AS team FROM " + digits + " a, " + digits + " b, " + digits + " c, " + digits + " d, " + digits + " e" // 59,049
			for _, query := range []string{"SELECT team, title AS team FROM teams", "SELECT team FROM teams WHERE size > :since", "SELECT team FROM nowhere", many} {
				if name == "sqlite" && strings.Contains(query, "AS team FROM teams") {
					continue // it gives the second one another name
				}
				got, err := rowsOf(t, s.DSN, query)
				if class := feed.ClassOf(err); class != feed.Refused && class != feed.Unreadable || len(got.Rows) > 0 || strings.Contains(fmt.Sprint(err), "s3cret") {
					t.Errorf("%s gave %d rows, %v (%s)", query, len(got.Rows), err, feed.ClassOf(err))
				}
			}
			if name == "sqlite" {
				return
			}
			s.Kill()
			if got, err := rowsOf(t, s.DSN, "SELECT team FROM teams"); feed.ClassOf(err) != feed.Unavailable || len(got.Rows) > 0 {
				t.Errorf("a server that is away gave %d rows, %v", len(got.Rows), err)
			}
		})
	}
}

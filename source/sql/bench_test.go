package sql_test

import (
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/source/sourcetest"
	"feedmill/source/sql"
)

// The figures are in the comment of the package.
func BenchmarkFetch(b *testing.B) {
	const rows = 10_000
	fill := map[string]string{
		"sqlite": `WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 10000)
			INSERT INTO news (id, title, body, updated_at) SELECT n, 'Row ' || n, ?, strftime('%Y-%m-%d %H:%M:%S', 1795000000 + n, 'unixepoch') FROM n`,
		"postgres": `INSERT INTO news (id, title, body, updated_at) SELECT n, 'Row ' || n, $1, to_timestamp(1795000000 + n) FROM generate_series(1, 10000) AS n`,
	}
	for _, name := range []string{"sqlite", "postgres"} {
		s := kinds[name](b)
		s.Exec(b, strings.Replace(news, "%s", s.stamp, 1), "CREATE INDEX by_updated ON news (updated_at)")
		if _, err := s.DB.Exec(fill[name], strings.Repeat("<p>Two kilobytes of text.</p>", 70)); err != nil {
			b.Fatal(err)
		}
		for kind, query := range map[string]string{"since": changed, "listing": strings.Replace(changed, ">= :since", "IS NOT NULL", 1)} {
			c := sql.Default()
			c.Query = query
			if err := c.DSN.UnmarshalText([]byte(s.DSN)); err != nil {
				b.Fatal(err)
			}
			pools := new(sql.Pools)
			source := sql.New(c, "", pools, nil, func() time.Time { return noon })
			memory := sourcetest.NewMemory()
			fetch := func(b *testing.B, m feed.Memory, want int) {
				batch, err := source.Fetch(b.Context(), m)
				if err != nil || len(batch.Articles) != want {
					b.Fatalf("%d articles, %v", len(batch.Articles), err)
				}
			}
			b.Run(name+"/"+kind+"/first", func(b *testing.B) {
				for b.Loop() {
					fetch(b, sourcetest.NewMemory(), rows)
				}
			})
			fetch(b, memory, rows)
			memory.Commit()
			b.Run(name+"/"+kind+"/unchanged", func(b *testing.B) {
				for b.Loop() {
					fetch(b, memory, 0)
				}
			})
			if err := pools.Close(); err != nil {
				b.Error(err)
			}
		}
	}
}

package sql

import (
	"strings"
	"testing"
)

// TestQuery shows each query with its placeholders, and the LIMIT that was found in it.
func TestQuery(t *testing.T) {
	tests := []struct {
		driver      driver
		query, want string
		limit       int
	}{
		{postgres, "SELECT 1 WHERE a > :since AND b > :since", "SELECT 1 WHERE a > $1 AND b > $2", 0},
		{sqlite, "SELECT 1 WHERE a > :since AND b > :since;", "SELECT 1 WHERE a > ? AND b > ?", 0},
		{postgres, "SELECT :since::timestamptz, a::date, ':since', \":since\", 'it''s :since'", "SELECT $1::timestamptz, a::date, ':since', \":since\", 'it''s :since'", 0},
		{postgres, "SELECT 1 -- :since\n, /* /* :since */ :since */ :since", "SELECT 1 -- :since\n, /* /* :since */ :since */ $1", 0},
		{mariadb, "SELECT 1 -- :since\n, /* :since */ :since # :since\n, 2--1", "SELECT 1 -- :since\n, /* :since */ ? # :since\n, 2--1", 0},
		{postgres, `SELECT E'\':since', '\', :since`, `SELECT E'\':since', '\', $1`, 0},
		{mariadb, `SELECT '\':since', "\":since", :since`, `SELECT '\':since', "\":since", ?`, 0},
		{postgres, "SELECT $$ :since $$, $a$ $$ :since $a$, :since", "SELECT $$ :since $$, $a$ $$ :since $a$, $1", 0},
		{postgres, "SELECT :sincerely, a::since", "SELECT :sincerely, a::since", 0},
		{sqlite, "SELECT `a :since`, :since", "SELECT `a :since`, ?", 0},
		{postgres, "SELECT 1 WHERE a > :since LIMIT 50", "SELECT 1 WHERE a > $1 LIMIT 700", 50},
		{postgres, "SELECT 1 FETCH FIRST 50 ROWS ONLY", "SELECT 1 FETCH FIRST 700 ROWS ONLY", 50},
		{sqlite, "(SELECT 1 LIMIT 3) LIMIT ALL", "(SELECT 1 LIMIT 3) LIMIT ALL", 0},
		{mariadb, "SELECT 1 LIMIT 20, 50", "SELECT 1 LIMIT 20, 700", 50},
		{sqlite, "WITH a AS (SELECT 1 LIMIT 3) SELECT * FROM a LIMIT 4 -- LIMIT 5", "WITH a AS (SELECT 1 LIMIT 3) SELECT * FROM a LIMIT 700 -- LIMIT 5", 4},
	}
	for _, test := range tests {
		q, err := readQuery(test.query, test.driver)
		if err != nil {
			t.Errorf("%s: %v", test.query, err)
			continue
		}
		if got := q.sql(test.driver, 700); got != test.want || q.limit != test.limit {
			t.Errorf("%s:\ngot  %s with LIMIT %d\nwant %s with LIMIT %d", test.query, got, q.limit, test.want, test.limit)
		}
	}
}

func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"SELECT :since, ':since' -- :since\n LIMIT 5, 6;", "SELECT $a$ $$ $a$ /* /* */ */", `VALUES (E'\'', "a", 'b''') FETCH NEXT 7 ROWS ONLY`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, d := range []driver{postgres, mariadb, sqlite} {
			q, err := readQuery(text, d)
			if err != nil {
				continue
			}
			var written strings.Builder
			for _, p := range q.parts {
				written.WriteString(p.text)
			}
			if !strings.HasPrefix(text, written.String()) {
				t.Errorf("%q became %q", text, written.String())
			}
		}
	})
}

func TestArray(t *testing.T) {
	for text, want := range map[string][]any{
		"{}": {}, `{a,b}`: {"a", "b"}, `{"a, b",c}`: {"a, b", "c"}, `{NULL,"NULL",""}`: {"NULL", ""},
		`{"say \"x\"","\\"}`: {`say "x"`, `\`}, "[0:1]={a,b}": {"a", "b"}, "a": nil, "": nil, "{": nil,
	} {
		got := arrayOf(text)
		if len(got) != len(want) || (got == nil) != (want == nil) {
			t.Errorf("%s is %q, want %q", text, got, want)
			continue
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%s is %q, want %q", text, got, want)
			}
		}
	}
}

func FuzzArray(f *testing.F) {
	f.Add(`{"a, b",c,NULL}`)
	f.Add(`[1:2]={{a},{"\"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		if list := arrayOf(text); len(list) > len(text) {
			t.Errorf("%q gives %d elements", text, len(list))
		}
	})
}

func TestDSNShowsNoSecret(t *testing.T) {
	for text, want := range map[string]string{
		"postgres://desk:hunter2@db.example/news?sslmode=require": "postgres://desk@db.example/news?sslmode=require",
		"postgres://desk@db.example/news?password=hunter2":        "postgres://desk@db.example/news?password=%2A%2A%2A",
		"mysql://desk:hunter%402@db.example:3307/news":            "mysql://desk@db.example:3307/news",
		"sqlite:///var/lib/news.db":                               "sqlite:///var/lib/news.db",
	} {
		var d DSN
		if err := d.UnmarshalText([]byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		marshalled, _ := d.MarshalText()
		if d.String() != want || string(marshalled) != want || d.GoString() != want {
			t.Errorf("%s shows as %s, %s, %#v; want %s", text, d, marshalled, d, want)
		}
	}
}

package draft

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"feedmill/feed/parse"
)

func TestRows(t *testing.T) {
	news := Table{"news", []string{"id", "headline", "body", "desc", "created_at"}}
	people := Table{"people", []string{"id", "name"}}
	for _, test := range []struct {
		name   string
		from   Database
		tables []Table
		says   string
	}{
		{"the best table", Database{Kind: "postgres", Name: "desk", DSN: "postgres://desk@db/desk"}, []Table{people, news}, "SELECT id, headline AS title, body AS content, created_at AS published\n    FROM news\n    ORDER BY created_at DESC\n    LIMIT 100\n"},
		{"a password", Database{Kind: "postgres", DSN: "postgres://desk@db/desk", Secret: true}, []Table{news}, `dsn: "${DATABASE_URL}"`},
		{"what changed", Database{Kind: "mysql", DSN: "mysql://db/desk"}, []Table{{"Order", []string{"guid", "title", "Modified"}}}, "SELECT guid AS id, title, `Modified` AS updated\n    FROM `Order`\n    WHERE `Modified` >= :since\n    ORDER BY `Modified`\n"},
		{"marks in names", Database{Kind: "sqlite", DSN: "sqlite:x"}, []Table{{`a"b`, []string{"id", "title"}}}, `FROM "a""b"`},
		{"nothing like articles", Database{Kind: "sqlite"}, []Table{{"phones", []string{"phone"}}}, "none of the tables (phones)"},
		{"no table", Database{Kind: "sqlite"}, nil, "no table that the user may read"},
	} {
		d, err := Rows(test.from, test.tables)
		got := d.Source
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, test.says) {
			t.Errorf("%s: %s", test.name, got)
		}
	}
}

func TestSitemap(t *testing.T) {
	now := time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)
	day := func(n int) time.Time { return now.AddDate(0, 0, -n) }
	entry := func(path string, at time.Time) parse.Entry {
		return parse.Entry{URL: "https://a.example" + path, Modified: at}
	}
	for name, test := range map[string]struct {
		list      parse.List
		says, not string
	}{
		"an index":      {parse.List{Index: true, Entries: []parse.Entry{entry("/1.xml", day(1))}}, "an index of 1 sitemap", "\n        max_age"},
		"nothing young": {parse.List{Entries: []parse.Entry{entry("/a/1", day(90)), entry("/b/1", day(80)), entry("/b/2", day(70))}}, "# only: '^/b/'    # 2 of 3", "max_age"},
		"all young":     {parse.List{Entries: []parse.Entry{entry("/a/1", day(1)), entry("/a/2", day(2))}}, "the newest: https://a.example/a/1 of 2026-11-22", "max_age"},
		"news":          {parse.List{Entries: []parse.Entry{{URL: "https://a.example/x", Name: "A", Title: "T", Published: now}}}, "1 are news", "only"},
	} {
		got := Sitemap(test.list, "https://a.example/sitemap.xml", now).String("a")
		if !strings.Contains(got, test.says) || strings.Contains(got, test.not) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestFolder(t *testing.T) {
	folder := fstest.MapFS{"a.md": {}, ".git/b.md": {}, "_feedmill.txt": {}, "c.pdf": {}}
	d, err := Folder(folder, "news")
	if err != nil || !strings.Contains(d.Source, "path: "+"'news/*.md'\n") {
		t.Errorf("%s, %v", d.Source, err)
	}
}

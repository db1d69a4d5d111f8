package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"feedmill/feed/fetch"
	"feedmill/source/sourcetest"
)

// TestInitOfRealDatabases looks at Postgres and MariaDB, whose password is not written.
func TestInitOfRealDatabases(t *testing.T) {
	for name, start := range map[string]func(testing.TB) *sourcetest.Database{"postgres": sourcetest.Postgres, "mariadb": sourcetest.MariaDB} {
		t.Run(name, func(t *testing.T) {
			d := start(t)
			d.Exec(t, `CREATE TABLE people (id integer PRIMARY KEY, phone varchar(20))`,
				`CREATE TABLE desk_news (id integer PRIMARY KEY, headline varchar(200), body text, url varchar(200), created_at timestamp NULL, updated_at timestamp NULL)`,
				`INSERT INTO desk_news VALUES (1, 'A call', '<p>They spoke.</p>', 'https://a.example/1', '2026-11-20 10:00:00', '2026-11-20 11:00:00')`)
			t.Setenv("DATABASE_URL", d.DSN)
			folder := t.TempDir()
			drafts(t, folder, d.DSN, []string{"the table desk_news, of 2 tables", `dsn: "${DATABASE_URL}"`, "headline AS title", "updated_at >= :since"}, "A call", "They spoke", "https://a.example/1", "2026-11-20")
			if text, err := os.ReadFile(filepath.Join(folder, "feedmill.yaml")); err != nil || strings.Contains(string(text), "s3cret") {
				t.Errorf("the password is written: %s, %v", text, err)
			}
		})
	}
}

const digest = "From: The Digest <Digest@Sender.example>\r\nTo: anna@example.org\r\nDate: Fri, 20 Nov 2026 06:00:00 +0000\r\nList-Id: News <news.sender.example>\r\n" +
	"Subject: Issue 1\r\nMessage-ID: <1@a>\r\n\r\nA new version is out.\r\n"

func TestInitOfAMaildir(t *testing.T) {
	mail := sourcetest.NewMaildir(t)
	mail.Deliver(digest)
	mail.Deliver(strings.ReplaceAll(digest, "1", "2"))
	mail.Deliver("From: somebody@else.example\r\nSubject: Private\r\n\r\nDear Anna\r\n")
	t.Setenv("READER_TOKEN", "0123456789abcdef")
	for _, what := range []string{mail.Dir, "maildir:" + mail.Dir} {
		drafts(t, filepath.Dir(mail.Dir), what, []string{
			"holds 3 messages", "of the newest 3, 2 are from digest@sender.example", "# sender: 'digest@sender.example'", "# list_id: news.sender.example",
			"url: maildir:" + filepath.Base(mail.Dir) + "\n", "access:",
		}, "Issue 1", "Issue 2", "A new version is out")
		if err := os.Remove(filepath.Join(filepath.Dir(mail.Dir), "feedmill.yaml")); err != nil {
			t.Fatal(err)
		}
	}
	empty := sourcetest.NewMaildir(t)
	if got, code := output(t, "init", empty.Dir, "-c", filepath.Join(t.TempDir(), "x.yaml")); code != 0 || !strings.Contains(got, "holds 0 messages") {
		t.Errorf("exit %d: %s", code, got)
	}
}

// TestInitOfATable writes a feed of each row of one table, and one of the rows of another.
func TestInitOfATable(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "feedmill.yaml")
	write := func(name, text string) string {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(folder, name)
	}
	printed, code := output(t, "init", write("Our teams.csv", "Name;team;site;feed\nTeam Red;red;https://red.example/;https://red.example/feed\nTeam Blue;blue;https://blue.example/;https://blue.example/feed\n"), "-c", file)
	for _, want := range []string{
		"has 2 rows; its columns: Name, team, site, feed", `"our-teams/{team}":`, "each: {csv: Our teams.csv}", `title: "{Name}"`, `source: "{feed}"`,
	} {
		if code != 0 || !strings.Contains(printed, want) {
			t.Errorf("exit %d: %s does not say %q", code, printed, want)
		}
	}
	write("feedmill.yaml", printed)
	web := friends{"red.example": func(r *http.Request) (string, string) {
		return "application/rss+xml", rss("Red", item("red.example", 1, "News of "+r.URL.Path, ""))
	}}
	a := &app{out: io.Discard, errs: io.Discard, now: time.Now, path: file}
	w, err := a.openFresh(t.Context(), io.Discard, fetch.WithTransport(func(http.RoundTripper) http.RoundTripper { return web }))
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	if f := w.plan.Feed("our-teams/red"); f == nil {
		t.Error("there is no feed our-teams/red")
	} else if _, err := w.mill.Refresh(t.Context(), &f.Feed); err != nil || !strings.HasPrefix(strings.Join(published(t, w.store, "our-teams/red"), " "), "News of /feed") {
		t.Errorf("our-teams/red holds %s, %v", published(t, w.store, "our-teams/red"), err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	news := write("news.csv", "number,Headline,text,posted at\n1,A call,They spoke.,2026-11-20\n2,An answer,\"They spoke, again.\",2026-11-21\n")
	drafts(t, folder, news, []string{"each row is an article", "run: [cat, news.csv]", "title: .Headline"}, "A call", "They spoke, again", "2026-11-21")
	for text, want := range map[string]string{"a,b\n1,2\n": "neither does a column hold addresses", "": "the table is empty"} {
		if got, code := output(t, "init", write("x.csv", text), "-c", filepath.Join(t.TempDir(), "x.yaml")); code != exitFailed || !strings.Contains(got, want) {
			t.Errorf("%q: exit %d: %s", text, code, got)
		}
	}
}

// TestInitOfPages follows what leads to older articles, however a service says so.
func TestInitOfPages(t *testing.T) {
	item := func(n string) string {
		return `{"id": ` + n + `, "title": "Call ` + n + `", "url": "https://a.example/` + n + `"}`
	}
	for name, test := range map[string]struct{ first, second, next string }{
		"address": {`{"items": [%s], "links": {"self": "/", "next": "/address?page=2"}}`, `{"items": [%s], "links": {}}`, "next: .links.next  "},
		"hal":     {`{"items": [%s], "_links": {"next": {"href": "?page=2"}}}`, `{"items": [%s]}`, "next: '._links.next.href'  "},
		"number":  {`{"items": [%s], "meta": {"current_page": 1, "next_page": 2}}`, `{"items": [%s], "meta": {"next_page": null}}`, "next: .meta.next_page  "},
		"cursor":  {`{"items": [%s], "nextCursor": "2", "next": ""}`, `{"items": [%s], "nextCursor": null}`, "next: .nextCursor  "},
		"graphql": {`{"data": {"items": [%s], "pageInfo": {"hasNextPage": true, "endCursor": "2"}}}`, `{"data": {"items": [%s], "pageInfo": {"hasNextPage": false, "endCursor": "9"}}}`, "if .data.pageInfo.hasNextPage then"},
	} {
		t.Run(name, func(t *testing.T) {
			site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				for _, v := range r.URL.Query() {
					if v[0] == "2" {
						fmt.Fprintf(w, test.second, item("2"))
						return
					}
				}
				fmt.Fprintf(w, test.first, item("1"))
			}))
			defer site.Close()
			drafts(t, t.TempDir(), site.URL+"/"+name, []string{test.next, "pages: 5"}, "Call 1", "Call 2")
		})
	}
}

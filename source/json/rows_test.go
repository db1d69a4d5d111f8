package json_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/rows"
	"feedmill/source/json"
	"feedmill/source/sourcetest"
)

// list reads the rows of the desk's API.
func (d *desk) list(change func(*json.Config)) (rows.Table, error) {
	d.Helper()
	d.Now = d.Now.Add(7 * time.Hour)
	c := json.Default()
	c.URL, c.Fetch = d.URL, sourcetest.Manners()
	if change != nil {
		change(&c)
	}
	t, err := json.NewRows(c, "", d.Client, d.Memory, func() time.Time { return d.Now }).Rows(d.Context())
	d.Memory.Commit()
	return t, err
}

// shownRows is a table as one text.
func shownRows(t rows.Table) string {
	var all []string
	for _, r := range t.Rows {
		all = append(all, fmt.Sprint(r.Place, " ", r.Values))
	}
	for _, p := range t.Problems {
		all = append(all, "! "+p.Error())
	}
	return strings.Join(all, "\n")
}

func TestRowsOfItems(t *testing.T) {
	for _, test := range []struct{ name, items, answer, want string }{
		{"values", "teams", `{"teams":[{"team":" red ","size":12,"id":12345678901234567890,"share":0.5,"open":true,"none":null,"tags":["a","b",3],"owner":{"name":"x"},"grid":[[1]],"no column":1}]}`,
			"item 1 map[id:12345678901234567890 none: open:true share:0.5 size:12 tags:a, b, 3 team:red]"},
		{"jq", ".teams[] | {team: .slug, owner: .owner.name}", `{"teams":[{"slug":"red","owner":{"name":"Ann"}}]}`, "item 1 map[owner:Ann team:red]"},
		{"the longest list", "", `{"links":[{"rel":"self"}],"data":{"teams":[{"team":"red"},{"team":"blue"}]}}`, "item 1 map[team:red]\nitem 2 map[team:blue]"},
		{"a list", "", `[{"team":"red"}]`, "item 1 map[team:red]"},
		{"no rows", "", `{"teams":[]}`, ""},
		{"no objects", ".", `["red",{"team":"blue"}]`, "item 2 map[team:blue]\n! item 1: it is no object; items chooses objects, whose members are the columns"},
		{"a long value", ".", `[{"team":"` + strings.Repeat("x", rows.MaxValue+1) + `"}]`, "! item 1: team is longer than 16 KB"},
	} {
		d := newDesk(t)
		d.Site.Script("/v1/releases", sourcetest.Body(mimeJSON, test.answer))
		got, err := d.list(func(c *json.Config) {
			if test.items != "" {
				c.Items = d.selector(test.items)
			}
		})
		if err != nil || shownRows(got) != test.want {
			t.Errorf("%s:\ngot  %s, %v\nwant %s", test.name, shownRows(got), err, test.want)
		}
	}
}

// TestRowsAreConditional asks for what is new only, after a list that had no problem.
func TestRowsAreConditional(t *testing.T) {
	d := newDesk(t)
	whole := func(c *json.Config) { c.Items = d.selector(".") }
	d.Site.Script("/v1/releases", sourcetest.Conditional(mimeJSON, `[{"team":"red"}, 1]`))
	for range 2 {
		if got, err := d.list(whole); err != nil || got.Unchanged || len(got.Problems) != 1 {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	d.Site.Script("/v1/releases", sourcetest.Conditional(mimeJSON, `[{"team":"red"}]`))
	if got, err := d.list(whole); err != nil || shownRows(got) != "item 1 map[team:red]" {
		t.Fatalf("%+v, %v", got, err)
	}
	if got, err := d.list(whole); err != nil || !got.Unchanged || len(got.Rows) > 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	if visits := d.Site.Visits("/v1/releases"); !visits[len(visits)-1].Conditional {
		t.Error("asked without validators")
	}
}

// TestRowsOfPages takes all pages, whatever is known of the first. When there are more than may be read, or they go in a ring,
// the list has a problem: nobody can tell whose row is gone.
func TestRowsOfPages(t *testing.T) {
	d := newDesk(t)
	d.URL = home + "/v1/releases?limit=2"
	d.Site.Script("/v1/releases", pages(4, query("page"), func(n int) string { return fmt.Sprint(n) }))
	follow := func(most int) func(*json.Config) {
		return func(c *json.Config) { c.Items, c.Next, c.Pages = d.selector("items"), d.selector("next"), most }
	}
	for range 2 {
		got, err := d.list(follow(9))
		if err != nil || len(got.Rows) != 8 || len(got.Problems) > 0 || got.Rows[7].Place != "page 4, item 2" {
			t.Fatalf("%s, %v", shownRows(got), err)
		}
	}
	if got, err := d.list(follow(3)); err != nil || len(got.Rows) != 6 || !strings.Contains(shownRows(got), "more than 3 pages; the rows of the others are not known; raise pages") {
		t.Errorf("%s, %v", shownRows(got), err)
	}
	d.Site.Script("/v1/releases", pages(4, query("page"), func(int) string { return "1" }))
	if got, err := d.list(follow(9)); err != nil || !strings.Contains(shownRows(got), "leads to one that was read already") {
		t.Errorf("%s, %v", shownRows(got), err)
	}
	d.Site.Script("/v1/releases", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("page") == "2" {
			http.Error(w, "no", http.StatusInternalServerError)
			return
		}
		pages(4, query("page"), func(n int) string { return fmt.Sprint(n) })(w, r)
	})
	if got, err := d.list(follow(9)); feed.ClassOf(err) != feed.Unavailable || len(got.Rows) > 0 || !strings.Contains(err.Error(), "page 2") {
		t.Errorf("a page that is away gave %s, %v", shownRows(got), err)
	}
}

// TestNoListOfRows reads what has no rows: nothing is known of any then.
func TestNoListOfRows(t *testing.T) {
	for answer, want := range map[string]string{
		`{"status":"ok"}`:                               "no list of objects was found in it; write items",
		`[{"team":"red"}`:                               "ends too early",
		`<html><p>Down</p></html>`:                      "it is a web page",
		"[" + strings.Repeat("1,", rows.MaxRows) + "1]": "more than 50000 rows",
	} {
		d := newDesk(t)
		d.Site.Script("/v1/releases", sourcetest.Body(mimeJSON, answer))
		got, err := d.list(func(c *json.Config) {
			if strings.HasPrefix(answer, "[1") {
				c.Items = d.selector(".")
			}
		})
		if feed.ClassOf(err) != feed.Unreadable || !strings.Contains(fmt.Sprint(err), want) || len(got.Rows)+len(got.Problems) > 0 {
			t.Errorf("%.30s gave %d rows, %v", answer, len(got.Rows), err)
		}
	}
}

func TestRowsOfFile(t *testing.T) {
	dir := t.TempDir()
	c := json.Default()
	c.URL = "teams.json"
	reader := json.NewRows(c, dir, nil, nil, time.Now)
	if _, err := reader.Rows(t.Context()); feed.ClassOf(err) != feed.Unavailable || !strings.HasPrefix(err.Error(), "teams.json cannot be read") {
		t.Errorf("no file gave %v", err)
	}
	for text, want := range map[string]string{`{"teams":[{"team":"red"}]}`: "item 1 map[team:red]", "\ufeff[{\"team\":\"blue\"}]": "item 1 map[team:blue]"} {
		if err := os.WriteFile(filepath.Join(dir, "teams.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := reader.Rows(t.Context()); err != nil || shownRows(got) != want {
			t.Errorf("%s gave %s, %v", text, shownRows(got), err)
		}
	}
}

func FuzzRows(f *testing.F) {
	for _, seed := range []string{`[{"a":1}]`, `{"x":[{"a":[1,"b",null]},2]}`, `[[[{"a":{}}]]]`, `{"a":[]}`, `[{"a":"\u0000"}]`} {
		f.Add(seed)
	}
	dir := f.TempDir()
	c := json.Default()
	c.URL = "rows.json"
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(filepath.Join(dir, c.URL), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := json.NewRows(c, dir, nil, nil, time.Now).Rows(t.Context())
		if err != nil && len(got.Rows)+len(got.Problems) > 0 {
			t.Fatal("an error and rows")
		}
		for _, r := range got.Rows {
			for name, value := range r.Values {
				if !rows.Column(name) || slices.Contains([]byte(value), 0) {
					t.Fatalf("the column %q with %q", name, value)
				}
			}
		}
	})
}

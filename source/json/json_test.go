package json_test

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"feedmill/feed"
	"feedmill/feed/field"
	"feedmill/feed/record"
	"feedmill/source/json"
	"feedmill/source/sourcetest"
)

const (
	home     = "http://api.example"
	mimeJSON = "application/json"
)

// desk is a json source with its site, its memory and its clock.
type desk struct {
	*sourcetest.Desk
	json.Config
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	d := &desk{}
	d.Desk = sourcetest.NewDesk(t, func() feed.Source { return json.New(d.Config, d.Client, nil, d.Clock) })
	d.Config = json.Default()
	d.URL, d.Fetch = home+"/v1/releases", sourcetest.Manners()
	return d
}

func (d *desk) selector(s string) record.Selector {
	d.Helper()
	return sourcetest.Selector(d, record.Compile, s)
}

func (d *desk) rules(selectors ...string) field.Rules[record.Selector] {
	d.Helper()
	return sourcetest.Rules(d, record.Compile, selectors...)
}

func (d *desk) says(problems []error, words ...string) {
	d.Helper()
	var all strings.Builder
	for _, p := range problems {
		fmt.Fprintln(&all, p)
	}
	for _, w := range words {
		if !strings.Contains(all.String(), w) {
			d.Errorf("no problem says %q: %s", w, all.String())
		}
	}
}

func titles(b feed.Batch) string {
	var all []string
	for _, a := range b.Articles {
		all = append(all, a.Title)
	}
	return strings.Join(all, " ")
}

// notes are the note(s) of a batch as one text.
func notes(b feed.Batch) string { return strings.Join(b.Notes, "\n") }

const releases = `{"meta":{"nextUrl":null},"data":{"releases":[
 {"id":7,"name":"Mill","tag":"v2","htmlUrl":"/r/7","publishedAt":1795500000,"changed":1795500000123,"notes":"# Big\n\nText","by":{"name":"Ann","email":"ann@api.example"},"labels":[{"name":"new"},{"name":"big"}],"lang":null,"cover":{"url":"/c.png"}},
 {"id":6,"name":"Mill","tag":"v1","htmlUrl":"https://other.example/r/6","publishedAt":"2026-12-24T08:00:00+01:00","notes":null,"by":null,"labels":[]}]}}`

func TestFieldsInJQAndAsPaths(t *testing.T) {
	for name, in := range map[string]func(jq, path string) string{
		"jq": func(jq, _ string) string { return jq }, "paths": func(_, path string) string { return path },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.Site.Script("/v1/releases", sourcetest.Conditional(mimeJSON, releases))
			d.Items = d.selector(in(".data.releases[]", "data.releases"))
			d.Fields = record.Fields{
				ID: d.rules(in(".id", "id")), Title: d.rules(`.name + " " + .tag`), Link: d.rules(in(".htmlUrl", "htmlUrl")),
				Published: d.rules(in(".publishedAt", "publishedAt")), Updated: d.rules(in(".changed", "changed")),
				Author: d.rules(in(".by", "by.name")), Tags: d.rules(in(".labels", "labels.name")), Image: d.rules(in(".cover.url", "cover.url")),
				Content: field.Rules[record.Selector]{{Select: d.selector(in(".notes", "notes")), As: field.Markdown}},
			}
			b := d.MustRead()
			if len(b.Problems) > 0 || len(b.Articles) != 2 || b.Extent != feed.Listing || b.Foreign {
				t.Fatalf("%+v", b)
			}
			a := b.Articles[0]
			if a.ID != "7" || a.Title != "Mill v2" || a.Link != home+"/r/7" || a.Markdown != "# Big\n\nText" || a.Image.URL != home+"/c.png" {
				t.Errorf("%+v", a)
			}
			if a.Published.Unix() != 1795500000 || a.Updated.UnixMilli() != 1795500000123 || strings.Join(a.Tags, ",") != "new,big" || a.Authors[0].Name != "Ann" {
				t.Errorf("%+v", a)
			}
			if !strings.Contains(string(a.Trace), "title "+`.name + " " + .tag`) || !strings.Contains(string(a.Trace), "published "+in(".publishedAt", "publishedAt")) {
				t.Errorf("trace %q", a.Trace)
			}
			if other := b.Articles[1]; !other.Published.After(d.Now) || len(other.Authors) > 0 || other.Content+other.Markdown != "" {
				t.Errorf("%+v", other)
			}
			if again := d.MustRead(); again.Extent != feed.Unchanged || len(again.Articles) > 0 {
				t.Errorf("the same again: %+v", again)
			}
			if visits := d.Site.Visits("/v1/releases"); !visits[1].Conditional {
				t.Error("asked without validators")
			}
			d.Site.Script("/v1/releases", sourcetest.Body(mimeJSON, strings.Replace(releases, `"meta"`, `"now":"13:05","meta"`, 1)))
			if again := d.MustRead(); again.Extent != feed.Unchanged {
				t.Errorf("equal articles in another answer: %+v", again)
			}
		})
	}
}

func TestWithoutItemsAndFields(t *testing.T) {
	for name, test := range map[string]struct{ answer, note, titles string }{
		"envelope":  {`{"status":"ok","tags":[{"name":"x"}],"articles":[{"title":"One","url":"https://a.example/1","publishedAt":"2026-11-01T00:00:00Z","description":"d"},{"title":"Two","url":"https://a.example/2"}]}`, `items: ".articles[]", fields: {title: .title, link: .url, published: .publishedAt, summary: .description}`, "One Two"},
		"list":      {`[{"Headline":"One","web_url":"/1"},{"Headline":"Two","web_url":"/2"}]`, `items: ".[]", fields: {title: .Headline, link: .web_url}`, "One Two"},
		"wordpress": {`[{"id":1,"date_gmt":"2026-11-01T00:00:00","title":{"rendered":"One"},"link":"https://a.example/1","content":{"rendered":"<p>x</p>","protected":false},"tags":[3,4]}]`, `title: .title.rendered, link: .link, published: .date_gmt, content: .content.rendered`, "One"},
		"wrapped":   {`{"data":{"posts":{"edges":[{"cursor":"a","node":{"title":"One","url":"/1","user":{"login":"ann"}}}]}}}`, `items: ".data.posts.edges[].node", fields: {title: .title, link: .url, author: .user.login}`, "One"},
		"odd names": {`{"my list":[{"Published At":"2026-11-01","title":"One","text":"no markup"}]}`, `items: ".[\"my list\"][]", fields: {title: .title, published: .["Published At"], content: {select: .text, as: text}}`, "One"},
		"feed":      {`{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"One","content_html":"<p>x</p>","url":"https://a.example/1"}]}`, `content: .content_html`, "One"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.Site.Script("/v1/releases", sourcetest.Body(mimeJSON, test.answer))
			b := d.MustRead()
			if titles(b) != test.titles || len(b.Problems) > 0 || !strings.Contains(notes(b), test.note) {
				t.Errorf("%s, problems %v, notes %v", titles(b), b.Problems, b.Notes)
			}
		})
	}
}

func TestWhatWasFoundStays(t *testing.T) {
	d := newDesk(t)
	d.Site.Script("/v1/releases", sourcetest.Body(mimeJSON, `{"posts":[{"name":"One","url":"/1"}]}`),
		sourcetest.Body(mimeJSON, `{"better":[{"title":"X","url":"/x","date":"2026-11-01"}],"posts":[{"name":"Two","title":"no","url":"/2"}]}`),
		sourcetest.Body(mimeJSON, `{"better":[{"title":"X","url":"/x","date":"2026-11-01"}]}`))
	if b := d.MustRead(); titles(b) != "One" || len(b.Notes) != 1 {
		t.Errorf("%s %v", titles(b), b.Notes)
	}
	if b := d.MustRead(); titles(b) != "Two" || len(b.Notes) != 0 {
		t.Errorf("what was found changed: %s %v", titles(b), b.Notes)
	}
	if b := d.MustRead(); titles(b) != "X" || len(b.Notes) != 1 {
		t.Errorf("what no longer fits was not found anew: %s %v", titles(b), b.Notes)
	}
}

// pages serves pages of two articles, 1 to last, by what a request says is wanted.
func pages(last int, wanted func(*http.Request) int, next func(n int) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n := wanted(r)
		w.Header().Set("Content-Type", mimeJSON)
		if n > last {
			_, _ = io.WriteString(w, `{"items":[],"next":null}`)
			return
		}
		follows := "null"
		if n < last {
			follows = next(n + 1)
		}
		_, _ = fmt.Fprintf(w, `{"page":%d,"next":%s,"items":[{"id":"%d","title":"%d"},{"id":"%d","title":"%d"}]}`, n, follows, 2*n-1, 2*n-1, 2*n, 2*n)
	}
}

func query(name string) func(*http.Request) int {
	return func(r *http.Request) int {
		n, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Query().Get(name), "c"))
		if r.URL.Query().Get("limit") != "2" {
			return 99
		}
		return max(n, 1)
	}
}

func TestNext(t *testing.T) {
	address := func(n int) string { return fmt.Sprintf(`"/v1/releases?limit=2&page=%d"`, n) }
	cursor := func(n int) string { return fmt.Sprintf(`"c%d"`, n) }
	number := strconv.Itoa
	body := func(r *http.Request) int {
		text, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPost || !strings.Contains(string(text), `"query":"{posts}"`) {
			return 99
		}
		_, after, _ := strings.Cut(string(text), `"after":"c`)
		cursor, _, _ := strings.Cut(after, `"`)
		n, _ := strconv.Atoi(cursor)
		return max(n, 1)
	}
	for name, test := range map[string]struct {
		url, body, next string
		wanted          func(*http.Request) int
		gives           func(int) string
	}{
		"an address":                    {"?limit=2", "", ".next", query("page"), address},
		"a cursor":                      {"?limit=2", "", ".next", query("cursor"), cursor},
		"a cursor under its name":       {"?limit=2&after=", "", ".next", query("after"), cursor},
		"a number":                      {"?limit=2", "", "next", query("page"), number},
		"a number counted":              {"?limit=2", "", ".page + 1", query("page"), number},
		"a query":                       {"?limit=2", "", `"?p=\(.page + 1)"`, query("p"), number},
		"an object":                     {"?limit=2", "", `{skip: .next}`, query("skip"), number},
		"a cursor in a body":            {"", `{"query":"{posts}","variables":{"after":null}}`, ".next", body, cursor},
		"an object in a body":           {"", `{"query":"{posts}","variables":{}}`, `{after: .next}`, body, cursor},
		"a cursor, and then none of it": {"?limit=2", "", `.next // empty`, query("cursor"), cursor},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.URL += test.url
			if test.body != "" {
				d.Method, d.Body = http.MethodPost, test.body
			}
			d.Items, d.Next = d.selector(".items[]"), d.selector(test.next)
			d.Fields = record.Fields{ID: d.rules(".id"), Title: d.rules(".title")}
			d.Site.Script("/v1/releases", pages(3, test.wanted, test.gives))
			if b := d.MustRead(); titles(b) != "1 2 3 4 5 6" || b.Extent != feed.Listing || len(b.Problems) > 0 {
				t.Fatalf("%s, extent %v, problems %v", titles(b), b.Extent, b.Problems)
			}
		})
	}
}

func TestPagesAreReadUntilAKnownArticle(t *testing.T) {
	d := newDesk(t)
	d.URL += "?limit=2"
	d.Items, d.Next, d.Pages = d.selector(".items[]"), d.selector(".next"), 4
	d.Fields = record.Fields{ID: d.rules(".id"), Title: d.rules(".title")}
	d.Site.Script("/v1/releases", pages(9, query("page"), strconv.Itoa))
	if b := d.MustRead(); titles(b) != "1 2 3 4 5 6 7 8" || b.Extent != feed.Increment {
		t.Errorf("%s, extent %v", titles(b), b.Extent)
	}
	d.Site.ForgetVisits()
	d.Site.Script("/v1/releases", sourcetest.Body(mimeJSON, `{"page":1,"next":2,"items":[{"id":"0","title":"0"},{"id":"1","title":"1"}]}`))
	if b := d.MustRead(); titles(b) != "0 1" || b.Extent != feed.Increment || len(d.Site.Visits("/v1/releases")) != 1 {
		t.Errorf("%s, extent %v, %d visits", titles(b), b.Extent, len(d.Site.Visits("/v1/releases")))
	}
}

func TestPagesThatGoWrong(t *testing.T) {
	first := sourcetest.Body(mimeJSON, `{"next":2,"items":[{"id":"1","title":"1"}]}`)
	for name, test := range map[string]struct {
		second http.HandlerFunc
		words  string
	}{
		"goes away":   {sourcetest.Status(http.StatusBadGateway), "page 2 could not be read and is tried again"},
		"turns":       {sourcetest.Page("<title>Oops</title>", "x"), "it is a web page (“Oops”), not JSON"},
		"cut":         {sourcetest.Body(mimeJSON, `{"next":3,"items":[{"id":"2"`), "ends too early"},
		"in a circle": {first, "page 2 leads to articles that were read already"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.Items, d.Next = d.selector(".items[]"), d.selector(".next")
			d.Fields = record.Fields{ID: d.rules(".id"), Title: d.rules(".title")}
			d.Site.Script("/v1/releases", first, test.second)
			b := d.MustRead()
			if titles(b) != "1" || b.Extent != feed.Increment {
				t.Errorf("%s, extent %v", titles(b), b.Extent)
			}
			d.says(b.Problems, test.words)
		})
	}
}

package files

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"feedmill/feed"
)

func TestReport(t *testing.T) {
	d := newDesk(t, func(c *Config) { c.Report = true })
	for _, name := range []string{"a.txt", "b.md", "sub/c.md", "d: e.md", "odd\nname.md", `"q.md`} {
		d.write("articles/"+name, story, old)
	}
	file := d.path("articles/_feedmill.txt")
	report := func(want string, outcomes ...feed.Outcome) {
		t.Helper()
		d.must(d.source.Report(t.Context(), outcomes))
		got, err := os.ReadFile(file)
		d.must(err)
		if string(got) != want {
			t.Errorf("report is\n%swant\n%s", got, want)
		}
	}
	d.must(d.source.Report(t.Context(), nil))
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Error("a report about nothing")
	}
	report("a.txt: published, 18 paragraphs, 5 headings\nb.md: failed, line 3: the date is unreadable\n",
		feed.Outcome{Key: "articles/b.md", State: "failed", Err: &feed.Problem{Where: "articles/b.md", Line: 3, Err: errors.New("the date\nis unreadable")}},
		feed.Outcome{Key: "articles/a.txt", State: "published", Details: []string{"18 paragraphs", "5 headings"}})
	report("a.txt: published, 18 paragraphs, 5 headings\nb.md: published\nsub/c.md: failed, disk: on fire\n",
		feed.Outcome{Key: "articles/b.md", State: "published"},
		feed.Outcome{Key: "articles/sub/c.md", State: "failed", Err: errors.New("disk: on fire")})
	report(`"\"q.md": waiting`+"\nb.md: published\n"+`"d: e.md": published`+"\n"+`"odd\nname.md": published`+"\nsub/c.md: failed, disk: on fire\nz.md: withdrawn\n",
		feed.Outcome{Key: "articles/d: e.md", State: "published"}, feed.Outcome{Key: "articles/odd\nname.md", State: "published"},
		feed.Outcome{Key: `articles/"q.md`, State: "waiting"}, feed.Outcome{Key: "articles/z.md", State: "withdrawn"}, d.gone("a.txt"))
	d.write("articles/_feedmill.txt", readAll(t, file), old)
	was, err := os.Stat(file)
	d.must(err)
	report(`"\"q.md": waiting`+"\nb.md: published\n"+`"d: e.md": published`+"\n"+`"odd\nname.md": published`+"\nsub/c.md: failed, disk: on fire\nz.md: withdrawn\n",
		feed.Outcome{Key: "articles/d: e.md", State: "published"}, feed.Outcome{Key: "articles/z.md", State: "withdrawn"})
	if is, err := os.Stat(file); err != nil || !is.ModTime().Equal(was.ModTime()) {
		t.Error("a report that says the same was written again")
	}
	if left, _ := filepath.Glob(d.path("articles/.*")); left != nil {
		t.Errorf("left behind: %v", left)
	}
	d.refresh(`listing +"q.md +b.md +d: e.md +odd` + "\n" + `name.md +sub/c.md`)
}

// gone removes a file, whose line is then dropped, and gives an outcome that says what the report says already.
func (d *desk) gone(name string) feed.Outcome {
	d.remove("articles/" + name)
	return feed.Outcome{Key: "articles/b.md", State: "published"}
}

func readAll(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestReportOnlyWhenAsked(t *testing.T) {
	d := newDesk(t)
	d.must(d.source.Report(t.Context(), []feed.Outcome{{Key: "articles/a.md", State: "published"}}))
	if _, err := os.Stat(d.path("articles/_feedmill.txt")); err == nil {
		t.Error("a report was written")
	}
}

func TestReportThatCannotBeWritten(t *testing.T) {
	d := newDesk(t, func(c *Config) { c.Report = true })
	d.must(os.MkdirAll(d.path("articles/_feedmill.txt"), 0o755))
	err := d.source.Report(t.Context(), []feed.Outcome{{Key: "articles/a.md", State: "published"}})
	if err == nil || feed.ClassOf(err) != feed.Unavailable {
		t.Errorf("error is %v", err)
	}
	d.remove("articles")
	err = d.source.Report(t.Context(), []feed.Outcome{{Key: "articles/a.md", State: "published"}})
	if err == nil || feed.ClassOf(err) != feed.Unavailable {
		t.Errorf("error is %v", err)
	}
}

func FuzzReportLines(f *testing.F) {
	f.Add("a.md", "published, 3 paragraphs")
	f.Add("a: b.md", "failed, line 3: odd")
	f.Add("\"a\n", "waiting")
	f.Fuzz(func(t *testing.T, key, said string) {
		said = describe(feed.Outcome{State: said})
		if key == "" {
			return
		}
		line := reportKey(key) + ": " + said + "\n"
		if got, ok := reportLines(line)[key]; !ok || got != said {
			t.Errorf("%q read as %q", line, reportLines(line))
		}
	})
}

package files

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"feedmill/feed"
)

func TestReport(t *testing.T) {
	d := newDesk(t, func(c *Config) { c.Report = true })
	for _, name := range []string{"a.txt", "b.md", "sub/c.md", "d · e.md", "odd\nname.md", `"q.md`} {
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
	now := time.Now()
	d.source.now = func() time.Time { return now }
	clock := now.UTC().Format("15:04")
	d.must(d.source.Report(t.Context(), nil))
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Error("a report about nothing")
	}
	report("a.txt · live "+clock+" · https://news.example.org/a · 18 paragraphs, 5 headings\nb.md · not read: date is unreadable, line 3; write one\n",
		feed.Outcome{Key: "articles/b.md", State: "failed", Err: &feed.Problem{Where: "articles/b.md", Line: 3, Err: errors.New("date\nis unreadable; write one")}},
		feed.Outcome{Key: "articles/a.txt", State: "published", Link: "https://news.example.org/a", At: now, Details: []string{"18 paragraphs", "5 headings"}})
	report("a.txt · live "+clock+" · https://news.example.org/a · 18 paragraphs, 5 headings\nb.md · waits: it is a draft\nsub/c.md · not read: disk: on fire\n",
		feed.Outcome{Key: "articles/b.md", State: "waiting", Details: []string{"it is a draft"}},
		feed.Outcome{Key: "articles/sub/c.md", State: "failed", Err: errors.New("disk: on fire")})
	rest := `"d · e.md" · withdrawn` + "\n" + `"odd\nname.md" · withdrawn` + "\nsub/c.md · not read: disk: on fire\nz.md · withdrawn\n"
	report(`"\"q.md" · waiting`+"\nb.md · waits: it is a draft\n"+rest,
		feed.Outcome{Key: "articles/d · e.md", State: "withdrawn"}, feed.Outcome{Key: "articles/odd\nname.md", State: "withdrawn"},
		feed.Outcome{Key: `articles/"q.md`, State: "waiting"}, feed.Outcome{Key: "articles/z.md", State: "withdrawn"}, d.gone("a.txt"))
	d.write("articles/_feedmill.txt", readAll(t, file), old)
	was, err := os.Stat(file)
	d.must(err)
	report(`"\"q.md" · waiting`+"\nb.md · waits: it is a draft\n"+rest,
		feed.Outcome{Key: "articles/d · e.md", State: "withdrawn"}, feed.Outcome{Key: "articles/z.md", State: "withdrawn"})
	if is, err := os.Stat(file); err != nil || !is.ModTime().Equal(was.ModTime()) {
		t.Error("a report that says the same was written again")
	}
	if left, _ := filepath.Glob(d.path("articles/.*")); left != nil {
		t.Errorf("left behind: %v", left)
	}
	d.refresh(`listing +"q.md +b.md +d · e.md +odd` + "\n" + `name.md +sub/c.md`)
}

// gone removes a file, whose line is then dropped, and gives an outcome that says what the report says already.
func (d *desk) gone(name string) feed.Outcome {
	d.remove("articles/" + name)
	return feed.Outcome{Key: "articles/b.md", State: "waiting", Details: []string{"it is a draft"}}
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

// The lines that a newsroom reads, on a Sunday afternoon.
func TestReportWords(t *testing.T) {
	zone := time.FixedZone("EET", 2*3600)
	now := time.Date(2026, 11, 22, 17, 30, 0, 0, zone)
	const link = "https://news.example.org/a"
	for want, o := range map[string]feed.Outcome{
		"live 16:04 · " + link:             {State: "published", Link: link, At: time.Date(2026, 11, 22, 14, 4, 0, 0, time.UTC)},
		"live 21 Nov 2026 16:04 · " + link: {State: "unchanged", Link: link, At: time.Date(2026, 11, 21, 14, 4, 0, 0, time.UTC)},
		"live 16:04, changed 17:30 · " + link + " · 2 paragraphs": {
			State: "changed", Link: link, At: time.Date(2026, 11, 22, 14, 4, 0, 0, time.UTC), Details: []string{"2 paragraphs"},
		},
		"live 16:04, changed 17:30 · " + link + " · claims an address": {
			State: "changed", Link: link, At: time.Date(2026, 11, 22, 14, 4, 0, 0, time.UTC), Err: errors.New("claims an address"),
		},
		"waits until 23:00":                   {State: "waiting", At: time.Date(2026, 11, 22, 21, 0, 0, 0, time.UTC), Details: []string{"until 2026-11-22 23:00 EET"}},
		"waits until Mon 06:00 · 1 heading":   {State: "waiting", At: time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC), Details: []string{"until 2026-11-23 06:00 EET", "1 heading"}},
		"waits until Sat 06:00":               {State: "waiting", At: time.Date(2026, 11, 28, 4, 0, 0, 0, time.UTC)},
		"waits until 29 Nov 2026 06:00":       {State: "waiting", At: time.Date(2026, 11, 29, 4, 0, 0, 0, time.UTC)},
		"waits: claims the address https://x": {State: "waiting", Err: errors.New("claims the address https://x")},
		"not read: date '32 Nov', line 2":     {State: "failed", Err: &feed.Problem{Where: "sport.txt", Line: 2, Err: errors.New("date '32 Nov'")}},
		"withdrawn · it is no longer there":   {State: "withdrawn", Details: []string{"it is no longer there"}},
	} {
		if got := describe(o, now); got != want {
			t.Errorf("%+v is told as\n%s, want\n%s", o, got, want)
		}
	}
}

// A time without a day is of the day on which the report was written, and gets it when that is over.
func TestReportOfAnotherDay(t *testing.T) {
	d := newDesk(t, func(c *Config) { c.Report = true })
	now := time.Date(2026, 11, 20, 16, 4, 0, 0, time.UTC)
	d.source.now = func() time.Time { return now }
	file := d.path("articles/_feedmill.txt")
	for _, name := range []string{"a.md", "b.md", "c.md", "d.md"} {
		d.write("articles/"+name, story, old)
	}
	live := func(name, state string) feed.Outcome {
		return feed.Outcome{Key: "articles/" + name, State: state, Link: "https://x/" + name, At: time.Date(2026, 11, 20, 16, 0, 0, 0, time.UTC)}
	}
	d.must(d.source.Report(t.Context(), []feed.Outcome{
		live("a.md", "published"), live("b.md", "found again"), {Key: "articles/d.md", State: "waiting", At: now.AddDate(0, 0, 3)},
	}))
	for range 2 {
		d.must(os.Chtimes(file, now, now))
		now = now.AddDate(0, 0, 1)
		d.must(d.source.Report(t.Context(), []feed.Outcome{live("c.md", "changed")}))
	}
	want := "a.md · live 20 Nov 2026 16:00 · https://x/a.md\n" +
		"b.md · live 20 Nov 2026 16:00, found again 20 Nov 2026 16:04 · https://x/b.md\n" +
		"c.md · live 20 Nov 2026 16:00, changed 16:04 · https://x/c.md\n" +
		"d.md · waits until Mon 16:04\n"
	if got := readAll(t, file); got != want {
		t.Errorf("the report is\n%swant\n%s", got, want)
	}
}

func FuzzReportLines(f *testing.F) {
	f.Add("a.md", "published, 3 paragraphs")
	f.Add("a · b.md", "failed, line 3: odd")
	f.Add("\"a\n", "waiting")
	f.Fuzz(func(t *testing.T, key, said string) {
		said = describe(feed.Outcome{State: said}, time.Now())
		if key == "" {
			return
		}
		line := reportKey(key) + separator + said + "\n"
		if got, ok := reportLines(line)[key]; !ok || got != said {
			t.Errorf("%q read as %q", line, reportLines(line))
		}
	})
}

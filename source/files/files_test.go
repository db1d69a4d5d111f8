package files

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"feedmill/feed"
	"feedmill/feed/setting"
)

// desk is a newsroom's folder with a source on it and the memory that a mill would keep.
type desk struct {
	t      testing.TB
	dir    string
	source *Files
	memory memory
}

// memory keeps what is put until it is committed or dropped, and the files of articles.
type memory struct {
	committed, put []byte
	media          memoryOfMedia
}

func (m *memory) Get(key string) []byte {
	if key == mediaKey {
		return m.media.get()
	}
	if m.put != nil {
		return m.put
	}
	return m.committed
}
func (m *memory) Put(key string, value []byte) {
	if key == mediaKey {
		m.media.put = bytes.Clone(value)
	} else {
		m.put = bytes.Clone(value)
	}
}
func (m *memory) commit() {
	m.media.commit()
	if m.put != nil {
		m.committed, m.put = m.put, nil
	}
}

func newDesk(t testing.TB, change ...func(*Config)) *desk {
	d := &desk{t: t, dir: t.TempDir()}
	d.restart(change...)
	return d
}

// restart opens the source anew, as a new process would.
func (d *desk) restart(change ...func(*Config)) {
	c := Default()
	c.Path = "articles/**/*.{md,txt}"
	for _, f := range change {
		f(&c)
	}
	if err := c.Validate(); err != nil {
		d.t.Fatal(err)
	}
	if err := os.MkdirAll(d.path("articles"), 0o755); err != nil {
		d.t.Fatal(err)
	}
	d.source = New(c, d.dir, time.UTC, time.Now, slog.New(slog.NewTextHandler(io.Discard, nil)))
}

func (d *desk) path(name string) string { return filepath.Join(d.dir, filepath.FromSlash(name)) }

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

const old = time.Hour

// write saves a file as if age had passed since.
func (d *desk) write(name, text string, age time.Duration) {
	d.t.Helper()
	d.must(os.MkdirAll(filepath.Dir(d.path(name)), 0o755))
	d.must(os.WriteFile(d.path(name), []byte(text), 0o644))
	d.age(name, age)
}

func (d *desk) age(name string, age time.Duration) {
	d.t.Helper()
	at := time.Now().Add(-age)
	d.must(os.Chtimes(d.path(name), at, at))
}

func (d *desk) remove(name string) {
	d.t.Helper()
	d.must(os.RemoveAll(d.path(name)))
}

func (d *desk) rename(from, to string) {
	d.t.Helper()
	d.must(os.Rename(d.path(from), d.path(to)))
}

// fetch fetches without committing.
func (d *desk) fetch() feed.Batch {
	d.t.Helper()
	b, err := d.source.Fetch(context.Background(), &d.memory)
	d.must(err)
	return b
}

// refresh fetches and commits, and checks the batch against a short form: the extent, then +key for articles, -key for
// gone ones, !place for problems.
func (d *desk) refresh(want string) feed.Batch {
	d.t.Helper()
	b := d.fetch()
	d.memory.commit()
	if got := short(b); got != want {
		d.t.Errorf("batch is %q, want %q; problems: %v", got, want, b.Problems)
	}
	return b
}

func short(b feed.Batch) string {
	words := []string{[]string{"listing", "increment", "unchanged"}[b.Extent]}
	cut := func(key string) string { return strings.TrimPrefix(key, "articles/") }
	for _, a := range b.Articles {
		words = append(words, "+"+cut(a.Key))
	}
	for _, key := range b.Gone {
		words = append(words, "-"+cut(key))
	}
	for _, err := range b.Problems {
		where := err.Error()
		if problem, ok := errors.AsType[*feed.Problem](err); ok {
			where = problem.Where
		}
		words = append(words, "!"+cut(where))
	}
	return strings.Join(words, " ")
}

// took checks how long something took on the bubble's clock.
func (d *desk) took(want time.Duration, f func()) {
	d.t.Helper()
	start := time.Now()
	f()
	if got := time.Since(start); got != want {
		d.t.Errorf("took %v, want %v", got, want)
	}
}

const story = "# A headline\n\nThe first paragraph of an article that somebody wrote.\n"

func TestFetchTellsWhatChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		d.write("articles/b.md", story, old)
		d.write("articles/a.txt", strings.TrimPrefix(story, "# "), old)
		d.write("articles/2026/c.md", story, old)
		b := d.refresh("listing +2026/c.md +a.txt +b.md")
		if a := b.Articles[1]; a.Key != "articles/a.txt" || a.Title != "A headline" || a.Slug != "a" || time.Since(a.Modified).Round(time.Minute) != old {
			t.Errorf("article is %+v", a)
		}
		d.refresh("unchanged")
		if d.memory.put != nil {
			t.Error("an unchanged folder put something")
		}
		d.write("articles/a.txt", story+"\nMore.\n", old-time.Minute)
		d.write("articles/d.md", story, old)
		d.age("articles/d.md", old)
		d.refresh("increment +a.txt +d.md")
		d.refresh("unchanged")
		d.restart()
		d.refresh("unchanged")
	})
}

func TestFetchReadsATouchedFileButDoesNotTell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		d.write("articles/a.md", story, old)
		d.refresh("listing +a.md")
		d.age("articles/a.md", time.Minute)
		d.refresh("increment")
		d.refresh("unchanged")
	})
}

func TestFetchOfAnEmptyFolder(t *testing.T) {
	d := newDesk(t)
	d.refresh("listing")
	d.refresh("unchanged")
}

func TestFetchWithoutTheFolder(t *testing.T) {
	d := newDesk(t)
	d.write("articles/a.md", story, old)
	d.refresh("listing +a.md")
	d.rename("articles", "elsewhere")
	_, err := d.source.Fetch(context.Background(), &d.memory)
	if err == nil || feed.ClassOf(err) != feed.Unavailable || !strings.Contains(err.Error(), "does not exist; create or mount it") {
		t.Errorf("error is %v", err)
	}
	d.rename("elsewhere", "articles")
	d.refresh("unchanged")
}

func TestFetchAfterADroppedCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		d.write("articles/a.md", story, old)
		d.write("articles/b.md", story, old)
		drop := func(want string) {
			t.Helper()
			b := d.fetch()
			d.memory.put = nil
			if got := short(b); got != want {
				t.Errorf("batch is %q, want %q", got, want)
			}
		}
		drop("listing +a.md +b.md")
		d.refresh("listing +a.md +b.md")
		d.write("articles/a.md", story+"More.\n", old)
		d.remove("articles/b.md")
		drop("increment +a.md -b.md")
		d.refresh("increment +a.md -b.md")
		d.refresh("unchanged")
	})
}

func TestFetchOfADamagedIndex(t *testing.T) {
	d := newDesk(t)
	d.write("articles/a.md", story, old)
	d.refresh("listing +a.md")
	d.memory.committed = d.memory.committed[:len(d.memory.committed)-1]
	d.refresh("listing +a.md")
	d.refresh("unchanged")
}

func TestFetchHonoursTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		d.write("articles/a.md", story, 0)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		d.took(time.Second, func() {
			if _, err := d.source.Fetch(ctx, &d.memory); err == nil {
				t.Error("no error")
			}
		})
		if d.memory.put != nil {
			t.Error("a fetch that ended early put something")
		}
		d.refresh("listing +a.md")
	})
}

func TestLink(t *testing.T) {
	day := time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC)
	article := feed.Article{Key: "articles/2026/Über uns.md", Slug: "über-uns", Title: "A/B: 100%", ID: "x?y", Published: day}
	for _, c := range []struct{ permalink, want, err string }{
		{"https://news.example/{slug}", "https://news.example/%C3%BCber-uns", ""},
		{"https://news.example/{path}.html", "https://news.example/2026/%C3%9Cber%20uns.html", ""},
		{"https://news.example/{title}/{id}", "https://news.example/A%2FB:%20100%25/x%3Fy", ""},
		{"https://news.example/{published:2006/01/02}/", "https://news.example/2026/11/24/", ""},
	} {
		d := newDesk(t, func(f *Config) {
			if err := f.Permalink.UnmarshalText([]byte(c.permalink)); err != nil {
				t.Fatal(err)
			}
		})
		d.source.loc = time.FixedZone("", 3600)
		b := d.refresh("listing")
		if got, err := b.Link(article); got != c.want || err != nil {
			t.Errorf("%s: %s, %v, want %s", c.permalink, got, err, c.want)
		}
		_, err := b.Link(feed.Article{Key: "articles/.md"})
		if err == nil || !strings.Contains(err.Error(), "make the permalink of articles/.md: {") {
			t.Errorf("%s of an empty article: %v", c.permalink, err)
		}
	}
	if b := newDesk(t).refresh("listing"); b.Link != nil {
		t.Error("a link without a permalink")
	}
}

func TestValidate(t *testing.T) {
	template := func(s string) (p setting.Template) {
		if err := p.UnmarshalText([]byte(s)); err != nil {
			t.Fatal(err)
		}
		return p
	}
	for _, c := range []struct {
		config Config
		want   string
	}{
		{Config{}, "path is empty"},
		{Config{Path: "articles/{a,b"}, "is no pattern"},
		{Config{Path: "articles/[a"}, "is no pattern"},
		{Config{Path: "articles/"}, "names a folder; write a pattern of files such as articles/**/*.{md,html,txt}"},
		{Config{Path: "articles/**/"}, "names a folder"},
		{Config{Path: "articles/*/../b"}, "has .. after a wildcard"},
		{Config{Path: "*.md", Watch: setting.Duration(time.Millisecond)}, "watch 1ms is too short"},
		{Config{Path: "*.md", Permalink: template("/news/{slug}")}, "is no whole address"},
		{Config{Path: "*.md", Permalink: template("https://x.example/news")}, "is the same for every article"},
		{Config{Path: "../a/**/*.{md,html,txt}", Permalink: template("http://x.example/{path}")}, ""},
	} {
		err := c.config.Validate()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.config, err, c.want)
		}
	}
	var g Gone
	if err := g.UnmarshalText([]byte("delete")); err == nil || !strings.Contains(err.Error(), "write keep or withdraw") {
		t.Errorf("gone: delete: %v", err)
	}
	if err := g.UnmarshalText([]byte("withdraw")); err != nil || g != Withdraw {
		t.Errorf("gone: withdraw: %v", err)
	}
}

func TestPattern(t *testing.T) {
	tree := []string{
		"a.md", "b.txt", "news/a.md", "news/2026/a.md", "news/2026/b.txt", "sport/x/y/a.md", ".hidden/a.md", "news/.a.md",
		"~$a.md", ".~lock.a.md#", "._a.md", "a.md.sb-1234-abc/a.md", "b.sb-77.md", "_feedmill.txt", "news/_feedmill.txt", "dir.md/inside.md",
	}
	dir := t.TempDir()
	for _, name := range tree {
		full := filepath.Join(dir, "base", name)
		if err := errorsOf(os.MkdirAll(filepath.Dir(full), 0o755), os.WriteFile(full, []byte(story), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ path, want string }{
		{"base/**/*.md", "base/a.md base/dir.md/inside.md base/news/2026/a.md base/news/a.md base/sport/x/y/a.md"},
		{"base/*.md", "base/a.md"},
		{"base/*.{md,txt}", "base/a.md base/b.txt"},
		{"base/**", "base/a.md base/b.txt base/dir.md/inside.md base/news/2026/a.md base/news/2026/b.txt base/news/a.md base/sport/x/y/a.md"},
		{"base/*/*.md", "base/dir.md/inside.md base/news/a.md"},
		{"base/{news,sport/x}/**/a.md", "base/news/2026/a.md base/news/a.md base/sport/x/y/a.md"},
		{"base/news/20[0-9][0-9]/*", "base/news/2026/a.md base/news/2026/b.txt"},
		{"base/news/**/2026/?.txt", "base/news/2026/b.txt"},
		{"base/a.md", "base/a.md"},
		{"./base/../base/a.md", "base/a.md"},
		{"**/sport/**", "base/sport/x/y/a.md"},
		{"{base,other}/*.txt", "base/b.txt"},
		{"base/.hidden/*.md", "base/.hidden/a.md"},
		{"base/none/*.md", "does not exist"},
	} {
		for _, absolute := range []bool{false, true} {
			config := Default()
			config.Path = c.path
			if absolute {
				config.Path = filepath.ToSlash(dir) + "/" + c.path
			}
			f := New(config, dir, time.UTC, time.Now, slog.New(slog.DiscardHandler))
			var keys []string
			if l, err := f.walk(t.Context()); err != nil {
				keys = []string{"does not exist"}
			} else {
				for _, found := range l.files {
					keys = append(keys, found.key)
				}
			}
			slices.Sort(keys)
			if got := strings.Join(keys, " "); got != c.want {
				t.Errorf("%s: %s, want %s", config.Path, got, c.want)
			}
		}
	}
}

func errorsOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestKeysOutsideTheFolder(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ path, prefix, base string }{
		{"../articles/*.md", "../articles/", filepath.Join(dir, "articles")},
		{filepath.ToSlash(dir) + "/articles/*.md", filepath.ToSlash(dir) + "/articles/", filepath.Join(dir, "articles")},
		{"*.md", "", filepath.Join(dir, "sub")},
		{"/*.md", "/", string(filepath.Separator)},
	} {
		config := Default()
		config.Path = c.path
		f := New(config, filepath.Join(dir, "sub"), time.UTC, time.Now, slog.New(slog.DiscardHandler))
		if f.prefix != c.prefix || f.base != c.base {
			t.Errorf("%s: prefix %s base %s, want %s and %s", c.path, f.prefix, f.base, c.prefix, c.base)
		}
	}
}

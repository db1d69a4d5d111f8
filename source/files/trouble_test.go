package files

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"feedmill/feed"
)

// Each kind of unfit file is named; the others are delivered, and what was published stays.
func TestUnfitFiles(t *testing.T) {
	for _, c := range []struct {
		name  string
		make  func(d *desk)
		where string // the problem's place; none: the file is passed over in silence
		want  string
		class feed.Class
	}{
		{"too large", func(d *desk) {
			d.write("articles/bad.md", "", old)
			d.must(os.Truncate(d.path("articles/bad.md"), 200<<20))
			d.age("articles/bad.md", old)
		}, "bad.md", "the file has 200 MB, an article at most 16 MB", feed.Unreadable},
		{"empty", func(d *desk) { d.write("articles/bad.md", "", old) }, "bad.md", "empty", feed.Unreadable},
		{"binary", func(d *desk) { d.write("articles/bad.txt", "%PDF-1.7\x00\x01", old) }, "bad.txt", "PDF", feed.Unreadable},
		{"broken front matter", func(d *desk) { d.write("articles/bad.md", "---\ntitle: [\n---\n", old) }, "bad.md", "front matter", feed.Unreadable},
		{"a link to nothing", func(d *desk) { d.must(os.Symlink("nowhere", d.path("articles/bad.md"))) }, "bad.md", "leads to no file", feed.Unreadable},
		{"a link to itself", func(d *desk) { d.must(os.Symlink("bad.md", d.path("articles/bad.md"))) }, "bad.md", "cannot be read: too many", feed.Unavailable},
		{"a name in Latin-1", func(d *desk) { d.write("articles/caf\xe9.md", story, old) }, "caf\uFFFD.md", "not valid UTF-8", feed.Unreadable},
		{"a folder in Latin-1", func(d *desk) { d.write("articles/caf\xe9/a.md", story, old) }, "caf\uFFFD", "not valid UTF-8", feed.Unreadable},
		{"a pipe", func(d *desk) { d.must(syscall.Mkfifo(d.path("articles/bad.md"), 0o644)) }, "", "", ""},
		{"a link to a pipe", func(d *desk) {
			d.must(syscall.Mkfifo(d.path("pipe"), 0o644))
			d.must(os.Symlink("../pipe", d.path("articles/bad.md")))
		}, "", "", ""},
		{"a device", func(d *desk) { d.must(os.Symlink("/dev/zero", d.path("articles/bad.md"))) }, "", "", ""},
		{"a folder with a file's name", func(d *desk) { d.must(os.Mkdir(d.path("articles/bad.md"), 0o755)) }, "", "", ""},
		{"a link in a circle", func(d *desk) { d.must(os.Symlink(".", d.path("articles/circle"))) }, "", "", ""},
		{"a link to a folder", func(d *desk) {
			d.write("elsewhere/b.md", story, old)
			d.must(os.Symlink("../elsewhere", d.path("articles/elsewhere")))
		}, "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			d.write("articles/good.md", story, old)
			c.make(d)
			mark := ""
			if c.where != "" {
				mark = " !" + c.where
			}
			b := d.refresh("listing +good.md" + mark)
			for _, err := range b.Problems {
				if !strings.Contains(err.Error(), c.want) || feed.ClassOf(err) != c.class {
					t.Errorf("problem is %v (%s), want %q (%s)", err, feed.ClassOf(err), c.want, c.class)
				}
			}
			d.refresh("unchanged")
			d.restart()
			d.refresh("unchanged" + mark)
		})
	}
}

func TestLinkedFileIsRead(t *testing.T) {
	timed(t, func(d *desk) {
		d.write("elsewhere/a.md", story, old)
		d.must(os.Symlink("../elsewhere/a.md", d.path("articles/linked.md")))
		d.refresh("listing +linked.md")
		d.write("elsewhere/a.md", story+"More.\n", old)
		d.refresh("increment +linked.md")
		d.must(os.Rename(d.path("elsewhere/a.md"), d.path("elsewhere/b.md")))
		d.refresh("unchanged !linked.md") // what was published stays
	})
}

// Who may not be trusted reads nothing by links but what is his own.
func TestLinkOutOfTheFolderIsNotRead(t *testing.T) {
	d := newDesk(t)
	d.restart(func(c *Config) { c.Within = d.path("articles") })
	d.write("elsewhere/secret.md", story, old)
	d.write("articles/good.md", story, old)
	d.must(os.Symlink("../elsewhere/secret.md", d.path("articles/bad.md")))
	d.must(os.Symlink("good.md", d.path("articles/same.md")))
	b := d.refresh("listing +good.md +same.md !bad.md")
	for _, err := range b.Problems {
		if !strings.Contains(err.Error(), "leads out of the folder") {
			t.Errorf("problem is %v", err)
		}
	}
}

func TestBadFileIsReadAgainWhenItChanges(t *testing.T) {
	timed(t, func(d *desk) {
		d.write("articles/a.md", story, old)
		d.refresh("listing +a.md")
		d.write("articles/a.md", "---\ntitle: [\n---\n", old)
		d.refresh("increment !a.md")
		d.refresh("unchanged")
		d.age("articles/a.md", time.Minute)
		d.refresh("increment") // touched: known already
		d.write("articles/a.md", "---\ntitle: [[\n---\n", old)
		d.refresh("increment !a.md")
		d.write("articles/a.md", story, old)
		d.refresh("increment +a.md")
		d.remove("articles/a.md")
		d.refresh("increment -a.md")
	})
}

func TestPathThatNamesAFolder(t *testing.T) {
	d := newDesk(t, func(c *Config) { c.Path = "articles/world" })
	d.write("articles/world/a.md", story, old)
	b := d.refresh("listing !world")
	if !strings.Contains(b.Problems[0].Error(), "write articles/world/**/*.{md,html,txt}") {
		t.Error(b.Problems[0])
	}
}

// A path may be longer than the system takes, and no deeper folder stops the others.
func TestFolderTooDeep(t *testing.T) {
	d := newDesk(t)
	d.write("articles/a.md", story, old)
	folder, err := os.OpenRoot(d.path("articles"))
	d.must(err)
	name := strings.Repeat("d", 250)
	for range 20 {
		d.must(folder.Mkdir(name, 0o755))
		inner, err := folder.OpenRoot(name)
		d.must(err)
		d.must(folder.Close())
		folder = inner
	}
	d.must(folder.WriteFile("deep.md", []byte(story), 0o644))
	d.must(folder.Close())
	b := d.fetch()
	if len(b.Articles) != 1 || len(b.Problems) != 1 || !strings.Contains(b.Problems[0].Error(), "file name too long") {
		t.Errorf("%d articles, problems %v", len(b.Articles), b.Problems)
	}
}

func TestParserPanicIsAProblem(t *testing.T) {
	_, err := newDesk(t).source.guarded("a.md", func() (feed.Article, error) { panic("out of words") })
	if err == nil || !strings.HasPrefix(err.Error(), "a.md: ") || !strings.Contains(err.Error(), "out of words") || feed.ClassOf(err) != feed.Internal {
		t.Error(err)
	}
}

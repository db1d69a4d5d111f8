package command_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/field"
	"feedmill/feed/record"
	"feedmill/feed/setting"
	"feedmill/source/command"
	"feedmill/source/sourcetest"
)

// desk is a command source with its folder, its memory and its clock.
type desk struct {
	*sourcetest.Desk
	dir string
	command.Config
}

// newDesk runs a script in sh.
func newDesk(t testing.TB, script string) *desk {
	t.Helper()
	d := &desk{dir: t.TempDir()}
	d.Desk = sourcetest.NewDesk(t, func() feed.Source { return command.New(d.Config, d.dir, nil, d.Clock) })
	d.Config = command.Default()
	d.Run = []string{"sh", "-c", script}
	return d
}

// prints makes a desk whose program prints a file.
func prints(t testing.TB, text string) *desk {
	d := newDesk(t, "cat printed")
	d.write("printed", text, 0o644)
	return d
}

func (d *desk) write(name, text string, mode os.FileMode) {
	d.Helper()
	if err := os.WriteFile(filepath.Join(d.dir, name), []byte(text), mode); err != nil {
		d.Fatal(err)
	}
}

func (d *desk) selector(s string) record.Selector {
	d.Helper()
	return sourcetest.Selector(d, record.Compile, s)
}

func (d *desk) rules(selectors ...string) field.Rules[record.Selector] {
	d.Helper()
	return sourcetest.Rules(d, record.Compile, selectors...)
}

func titles(b feed.Batch) string {
	var all []string
	for _, a := range b.Articles {
		all = append(all, a.Title)
	}
	return strings.Join(all, " ")
}

func told(b feed.Batch) string { return fmt.Sprint(b.Problems, b.Notes) }

func TestFormats(t *testing.T) {
	const feedText = `<rss version="2.0"><channel><title>x</title><item><title>One</title><link>https://a.example/1</link><pubDate>Thu, 24 Dec 2026 08:00:00 GMT</pubDate></item>` +
		`<item><title>Two</title><link>https://a.example/2</link></item></channel></rss>`
	for name, text := range map[string]string{
		"a list":          `[{"title":"One","url":"https://a.example/1","date":"2026-12-24T08:00:00Z"},{"title":"Two","url":"https://a.example/2"}]`,
		"an envelope":     `{"title":"All","items":[{"title":"One","url":"https://a.example/1","date":"2026-12-24T08:00:00Z"},{"title":"Two","url":"https://a.example/2"}]}`,
		"lines":           `{"title":"One","url":"https://a.example/1","date":1798099200}` + "\n\n" + `{"title":"Two","url":"https://a.example/2"}` + "\n",
		"values":          "{\"title\":\"One\",\"url\":\"https://a.example/1\",\n \"date\":1798099200000}\n{\"title\":\"Two\",\n\"url\":\"https://a.example/2\"}",
		"a table":         "Title,Link,Published\nOne,https://a.example/1,2026-12-24 08:00\nTwo,https://a.example/2,\n",
		"a German table":  "\ufefftitle;url;date\r\nOne;https://a.example/1;24.12.2026 08:00\r\nTwo;https://a.example/2;\r\n",
		"a feed":          feedText,
		"a feed with BOM": "\ufeff\n" + feedText,
		"a JSON feed":     `{"version":"https://jsonfeed.org/version/1.1","title":"x","items":[{"id":"1","title":"One","url":"https://a.example/1","date_published":"2026-12-24T08:00:00Z","content_text":"x"},{"id":"2","title":"Two","url":"https://a.example/2","content_text":"x"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			d := prints(t, text)
			b := d.MustRead()
			if titles(b) != "One Two" || b.Extent != feed.Listing || len(b.Problems) > 0 || b.Foreign {
				t.Fatalf("%s, extent %v, %s", titles(b), b.Extent, told(b))
			}
			if a := b.Articles[0]; a.Link != "https://a.example/1" || a.Published.Unix() != 1798099200 {
				t.Errorf("%+v", a) // an embargo
			}
			if b := d.MustRead(); b.Extent != feed.Unchanged || len(b.Articles)+len(b.Notes) > 0 {
				t.Errorf("the same again: %+v", b)
			}
			d.write("printed", text+"\n", 0o644)
			if b := d.MustRead(); b.Extent != feed.Unchanged {
				t.Errorf("equal articles, printed otherwise: %v", b.Extent)
			}
		})
	}
}

func TestOneLineIsAnArticle(t *testing.T) {
	for name, items := range map[string]string{"without items": "", "with items": ".[]"} {
		t.Run(name, func(t *testing.T) {
			d := prints(t, `{"title":"One","url":"https://a.example/1","date":"2026-11-01","tags":[{"name":"a","url":"/t/a"},{"name":"b"}]}`+"\n")
			if items != "" {
				d.Items, d.Fields.Title, d.Fields.Tags = d.selector(items), d.rules("title"), d.rules("tags")
			}
			if b := d.MustRead(); titles(b) != "One" || len(b.Articles[0].Tags) != 2 {
				t.Errorf("%+v %s", b.Articles, told(b))
			}
		})
	}
}

func TestItemsAndFields(t *testing.T) {
	d := prints(t, `{"backups":[{"name":"db","finished":1795500000,"size":3}]}`)
	d.Items, d.Fields.Title, d.Fields.Published = d.selector(".backups[]"), d.rules(`"\(.name): \(.size) GB"`), d.rules("finished")
	if b := d.MustRead(); titles(b) != "db: 3 GB" || b.Articles[0].Published.Unix() != 1795500000 || b.Articles[0].Key == "" {
		t.Errorf("%+v %s", b.Articles, told(b))
	}
	d = prints(t, "Backup Name,Size\ndb,3\n")
	d.Fields.Title = d.rules("Backup Name")
	if b := d.MustRead(); titles(b) != "db" {
		t.Errorf("%+v %s", b.Articles, told(b))
	}
}

func TestProgram(t *testing.T) {
	t.Setenv("FEEDMILL_TEST_SEEN", "seen")
	t.Setenv("FEEDMILL_TEST_HIDDEN", "hidden")
	d := newDesk(t, "")
	d.write("list", "#!/bin/sh\nprintf 'title,summary\\n\"%s\",\"'\"$1 $FEEDMILL_TEST_SEEN$FEEDMILL_TEST_HIDDEN $(env | wc -l)\"'\"\\n' \"$(pwd)\"; read x || echo muttering >&2", 0o755)
	d.Run, d.Env = []string{"./list", "$HOME; echo *"}, []string{"FEEDMILL_TEST_SEEN", "FEEDMILL_TEST_UNSET"}
	b := d.MustRead()
	dir, err := filepath.EvalSymlinks(d.dir)
	if err != nil {
		t.Fatal(err)
	}
	if titles(b) != dir || b.Articles[0].Summary != "$HOME; echo * seen 3" { // PATH, the one, and PWD of the shell
		t.Errorf("%+v", b.Articles)
	}
	if !strings.Contains(told(b), "list wrote to standard error: muttering") {
		t.Errorf("what it muttered is not told: %s", told(b))
	}
	if b := d.MustRead(); len(b.Notes) > 0 {
		t.Errorf("told again: %v", b.Notes)
	}
}

func TestTimeoutIsValidated(t *testing.T) {
	c := command.Default()
	c.Run = []string{"x"}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	c.Timeout = setting.Duration(2 * time.Hour)
	if err := c.Validate(); err == nil {
		t.Error("two hours are taken")
	}
}

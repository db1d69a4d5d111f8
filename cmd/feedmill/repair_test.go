package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// town is a site whose page can be redesigned, and a folder with a configuration for it.
type town struct {
	*testing.T
	*httptest.Server
	page atomic.Value
	dir  string
}

func newTown(t *testing.T) *town {
	w := &town{T: t, dir: t.TempDir()}
	w.Server = httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = out.Write([]byte(w.page.Load().(string)))
	}))
	t.Cleanup(w.Close)
	w.page.Store(meetings(`<article class="minutes"><h2><a href="/m/%[1]d">Meeting number %[1]d</a></h2><b class="day">%[1]d. November 2026</b><p class="lead">They met for the %[1]dth time.</p></article>`, 1, 8))
	return w
}

// redesign has three new articles and lacks two old ones.
func (w *town) redesign() {
	w.page.Store(meetings(`<li class="css-1x9f2k"><time class="when">%[1]d. November 2026</time><h3 class="headline"><a href="/m/%[1]d">Meeting number %[1]d</a></h3><div class="teaser">They met for the %[1]dth time.</div></li>`, 3, 11))
}

func meetings(item string, first, last int) string {
	var b strings.Builder
	for n := last; n >= first; n-- {
		fmt.Fprintf(&b, item, n)
	}
	return `<!doctype html><title>Minutes</title><nav><ul><li><a href="/">Home page</a></li><li><a href="/about">About the council</a></li></ul></nav><main><ul>` + b.String() + `</ul></main>`
}

func (w *town) write(name, text string) string {
	w.Helper()
	file := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		w.Fatal(err)
	}
	text = strings.NewReplacer("SITE", w.URL, "HOST", strings.TrimPrefix(w.URL, "http://")).Replace(text)
	if err := os.WriteFile(file, []byte(text), 0o640); err != nil {
		w.Fatal(err)
	}
	return text
}

func (w *town) run(args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = run(w.Context(), append(args, "-c", filepath.Join(w.dir, "feedmill.yaml")), &o, &e)
	return code, o.String(), e.String()
}

func (w *town) must(args ...string) string {
	w.Helper()
	code, out, errs := w.run(args...)
	if code != 0 {
		w.Fatalf("feedmill %v: exit %d\n%s%s", args, code, out, errs)
	}
	return out
}

func (w *town) text(name string) string {
	w.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil {
		w.Fatal(err)
	}
	return string(text)
}

const townHead = `# The town's feeds. Ask Jo before changing anything.
base_url: https://feeds.example.org
outputs: [{file: {dir: public}}]
fetch: {allow_private: ["HOST"], robots: false, per_host: {interval: 0s}}
`

// townBlock has comments, order and form of its own, which must stay.
const townBlock = townHead + `feeds:
  council:   # minutes  of the council
    source:
      # their page has no feed
      - page:
          fields:
            link: {attr: href, select: "h2 a"}   # absolute or not
            title:   'h2'
            published:
              # as they write it
              select: .day
              format: "2. January 2006"
              timezone: ${ZONE:-Europe/Berlin}
            summary: [.intro, .lead]
          items: article.minutes # one each
          url: "SITE/minutes"    # ümläute stay
    title: "Minutes – ${NAME:-x}"   # ${NAME} is set at home

  # the end
  other: {source: {files: "articles/*.md"}}
`

func TestRepair(t *testing.T) {
	w := newTown(t)
	before := w.write("feedmill.yaml", townBlock)
	w.must("build", "council")
	if out := w.must("repair", "council"); !strings.Contains(out, "These selectors find 8 articles") || !strings.Contains(out, "Meeting number 8") {
		t.Errorf("a page that is well: %s", out)
	}
	rss := w.text("public/council.rss")
	w.redesign()
	if code, _, errs := w.run("build", "council"); code != exitFailed || !strings.Contains(errs, "finds nothing any more") || strings.Contains(errs, "fields:") {
		t.Errorf("build: exit %d: %s", code, errs)
	}
	if w.text("public/council.rss") != rss {
		t.Error("the feed changed")
	}
	if code, out, _ := w.run("status"); code != exitFailed || !strings.Contains(out, "unreadable") || !strings.Contains(out, "\n      items: ") || !strings.Contains(out, "feedmill repair") {
		t.Errorf("status: exit %d\n%s", code, out)
	}
	out := w.must("repair", "council")
	for _, words := range []string{"items: article.minutes", "finds nothing any more", "find 9 articles, 6 of them known", "h3", "Meeting number 11", w.URL + "/m/3", "feedmill repair council --apply"} {
		if !strings.Contains(out, words) {
			t.Errorf("it does not say %q:\n%s", words, out)
		}
	}
	if w.text("feedmill.yaml") != before {
		t.Fatal("the file changed without --apply")
	}
	out = w.must("repair", "council", "--apply")
	if !strings.Contains(out, "SIGHUP") || !strings.Contains(out, "feedmill.yaml") {
		t.Errorf("apply says:\n%s", out)
	}
	after := w.text("feedmill.yaml")
	was, is := strings.Split(before, "\n"), strings.Split(after, "\n")
	if len(was) != len(is) {
		t.Fatalf("lines came or went:\n%s", after)
	}
	for i := range was {
		if was[i] != is[i] {
			word, _, _ := strings.Cut(strings.TrimSpace(was[i]), ":")
			if !slices.Contains([]string{"link", "title", "select", "summary", "items"}, word) {
				t.Errorf("line %d was %q and is %q", i+1, was[i], is[i])
			}
			if _, comment, ok := strings.Cut(was[i], "# "); ok && !strings.HasSuffix(is[i], "# "+comment) {
				t.Errorf("line %d lost its comment: %q", i+1, is[i])
			}
		}
	}
	if info, err := os.Stat(filepath.Join(w.dir, "feedmill.yaml")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	w.must("build", "council")
	rss = w.text("public/council.rss")
	if strings.Count(rss, "<item>") != 11 {
		t.Errorf("%d articles:\n%s", strings.Count(rss, "<item>"), rss)
	}
	if out := w.must("repair", "council"); !strings.Contains(out, "These selectors find 9 articles") {
		t.Errorf("afterwards: %s", out)
	}
	if left, _ := filepath.Glob(filepath.Join(w.dir, ".feedmill-*")); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

// TestRepairIncluded: the feed stands in another file, in braces.
func TestRepairIncluded(t *testing.T) {
	w := newTown(t)
	main := w.write("feedmill.yaml", townHead+"include: [conf.d/*.yaml]\n")
	w.write("conf.d/real.yaml", "feeds: {council: {source: {page: {url: 'SITE/', items: article, fields: {summary: .lead, title: h2, link: \"h2 a@href\"}}}}} # here\n")
	if err := os.Remove(filepath.Join(w.dir, "conf.d/real.yaml")); err != nil {
		t.Fatal(err)
	}
	w.write("real/council", "feeds: {council: {source: {page: {url: 'SITE/', items: article, fields: {summary: .lead, title: h2, link: \"h2 a@href\"}}}}} # here\n")
	if err := os.Symlink("../real/council", filepath.Join(w.dir, "conf.d/council.yaml")); err != nil {
		t.Fatal(err)
	}
	w.must("build")
	w.redesign()
	w.must("repair", "council", "--apply")
	if text := w.text("real/council"); !strings.Contains(text, "items: main li") || !strings.HasSuffix(text, "}}}}} # here\n") || strings.Count(text, "\n") != 1 {
		t.Errorf("the file is\n%s", text)
	}
	if info, err := os.Lstat(filepath.Join(w.dir, "conf.d/council.yaml")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link is none any more")
	}
	if w.text("feedmill.yaml") != main {
		t.Error("the main file changed")
	}
	w.must("build")
}

// TestRepairTwoPages: one after the other, or one by its name.
func TestRepairTwoPages(t *testing.T) {
	w := newTown(t)
	w.write("feedmill.yaml", townHead+`feeds:
  council:
    source:
      - {name: east, page: {url: "SITE/east", items: article, fields: {title: h2, link: h2 a@href}}}
      - {name: west, page: {url: "SITE/west", items: .minutes, fields: {title: h2 a, link: h2 a@href}}}
`)
	w.must("build")
	w.redesign()
	if out := w.must("repair", "council", "west"); strings.Contains(out, "/east") || !strings.Contains(out, "/west") {
		t.Errorf("west alone: %s", out)
	}
	w.must("repair", "council", "--apply")
	if text := w.text("feedmill.yaml"); strings.Contains(text, "h2") || strings.Contains(text, "article,") || strings.Count(text, "items: main li") != 2 {
		t.Errorf("the file is\n%s", text)
	}
	w.must("build")
}

// TestRepairRefuses: what a program cannot change well, or does not know, it leaves alone.
// TestRepairOfARow shows new selectors for a feed that a row makes, and leaves it to the operator to write them into the block.
func TestRepairOfARow(t *testing.T) {
	w := newTown(t)
	w.write("towns.csv", "town\nash\nelm\n")
	before := w.write("feedmill.yaml", townHead+`feeds:
  "towns/{town}":
    each: {csv: towns.csv}
    source: {page: {url: "SITE/{town}", items: article.minutes, fields: {title: h2, link: h2 a@href}}}
`)
	w.must("build")
	w.redesign()
	out := w.must("repair", "towns/elm")
	for _, words := range []string{"find 9 articles", "h3", "write the selectors into the block towns/{town} (", "line 6)"} {
		if !strings.Contains(out, words) {
			t.Errorf("it does not say %q:\n%s", words, out)
		}
	}
	for args, words := range map[string]string{"towns/elm --apply": "its selectors stand in the block towns/{town}", "towns/{town}": "name the one whose page", "towns/oak": `no feed "towns/oak"`} {
		if code, _, errs := w.run(append([]string{"repair"}, strings.Fields(args)...)...); code != exitUsage || !strings.Contains(errs, words) {
			t.Errorf("%s: exit %d: %s", args, code, errs)
		}
	}
	if w.text("feedmill.yaml") != before {
		t.Error("the file changed")
	}
}

func TestRepairRefuses(t *testing.T) {
	const fields = `fields: {title: h2, link: h2 a@href}`
	for name, test := range map[string]struct{ feeds, says string }{
		"variable": {`feeds: {council: {source: {page: {url: "SITE", items: "${ITEMS:-article}", ` + fields + `}}}}`, "${…}"},
		"alias": {`feeds:
  first: {source: {page: {url: "SITE/1", items: &items article, ` + fields + `}}}
  council: {source: {page: {url: "SITE/", items: *items, ` + fields + `}}}`, "reference"},
		"merge": {`feeds:
  first: {source: {page: &page {url: "SITE/1", items: article, ` + fields + `}}}
  council: {source: {page: {<<: *page, url: "SITE/"}}}`, "items and fields"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTown(t)
			before := w.write("feedmill.yaml", townHead+test.feeds+"\n")
			w.must("build")
			w.redesign()
			code, out, errs := w.run("repair", "council", "--apply")
			if code != exitFailed || !strings.Contains(errs, test.says) || !strings.Contains(errs, "by hand") {
				t.Errorf("exit %d: %s\n%s", code, errs, out)
			}
			if w.text("feedmill.yaml") != before {
				t.Error("the file changed")
			}
		})
	}
	w := newTown(t)
	w.write("feedmill.yaml", townBlock)
	for _, test := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"repair", "nobody"}, exitUsage, `no feed "nobody"`},
		{[]string{"repair", "other"}, exitUsage, "reads no page"},
		{[]string{"repair", "council", "bob"}, exitUsage, "127.0.0.1"},
	} {
		if code, _, errs := w.run(test.args...); code != test.code || !strings.Contains(errs, test.says) {
			t.Errorf("%v: exit %d: %s", test.args, code, errs)
		}
	}
	if out := w.must("repair", "council"); !strings.Contains(out, "not read with these selectors before") {
		t.Errorf("never read: %s", out)
	}
	w.redesign()
	if code, _, errs := w.run("repair", "council"); code != exitFailed || !strings.Contains(errs, "nothing is known") {
		t.Errorf("never read and changed: exit %d: %s", code, errs)
	}
}

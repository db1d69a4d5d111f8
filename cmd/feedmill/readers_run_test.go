package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"
)

// reading is an article as a reader shows it.
type reading struct {
	Title, ID, Link string
	Author          string // several are joined by ", "
	Date            time.Time
	Content         string
}

// feedReaders are programs and libraries that people read feeds with.
var feedReaders = []struct {
	name   string
	needs  func(t *testing.T)
	read   func(t *testing.T, document string) []reading
	cannot map[string]string // by format: why the reader cannot read it
	first  map[string]string // by format: why the reader shows only the first of several authors
}{
	{
		name: "gofeed", needs: func(*testing.T) {}, read: readGofeed,
	},
	{
		name: "feedparser", needs: needFeedparser,
		read: func(t *testing.T, document string) []reading {
			return readLines(t, "/usr/bin/python3", "testdata/readers/read.py", document)
		},
		cannot: map[string]string{"json": "feedparser parses XML only"},
	},
	{
		name: "rss-parser", needs: needNode,
		read: func(t *testing.T, document string) []reading {
			return readLines(t, "node", "testdata/readers/read.mjs", "rss-parser", document)
		},
		cannot: map[string]string{"json": "rss-parser parses XML only"},
		first:  map[string]string{"atom": "rss-parser takes the first author element of an entry"},
	},
	{
		name: "feedsmith", needs: needNode,
		read: func(t *testing.T, document string) []reading {
			return readLines(t, "node", "testdata/readers/read.mjs", "feedsmith", document)
		},
	},
	{
		name: "newsboat", needs: func(t *testing.T) { needProgram(t, "newsboat", "newsboat") }, read: readNewsboat,
		cannot: map[string]string{"json": "newsboat parses XML only"},
	},
}

func readGofeed(t *testing.T, document string) []reading {
	t.Helper()
	f, err := os.Open(document)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	parsed, err := gofeed.NewParser().Parse(f)
	if err != nil {
		t.Fatal(err)
	}
	var out []reading
	for _, item := range parsed.Items {
		r := reading{Title: item.Title, ID: item.GUID, Link: item.Link, Content: item.Content}
		var names []string
		for _, a := range item.Authors {
			names = append(names, a.Name)
		}
		r.Author = strings.Join(names, ", ")
		if item.PublishedParsed != nil {
			r.Date = *item.PublishedParsed
		}
		out = append(out, r)
	}
	return out
}

// readLines runs a script that prints a line of JSON for each article.
func readLines(t *testing.T, program string, args ...string) []reading {
	t.Helper()
	var told bytes.Buffer
	c := exec.Command(program, args...)
	c.Stderr = &told
	text, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", c, err, &told)
	}
	var out []reading
	for lines := json.NewDecoder(bytes.NewReader(text)); ; {
		var r reading
		err := lines.Decode(&r)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("%s: %v\n%s", c, err, text)
		}
		out = append(out, r)
	}
}

// readNewsboat lets newsboat take in the document and looks into its cache. Each document has a cache of its own: in one,
// newsboat keeps an id only once.
func readNewsboat(t *testing.T, document string) []reading {
	t.Helper()
	home := t.TempDir()
	path := func(name string) string { return filepath.Join(home, name) }
	writeText(t, path("urls"), "file://"+document+"\n")
	writeText(t, path("config"), "")
	c := exec.Command("newsboat", "-u", path("urls"), "-C", path("config"), "-c", path("cache.db"), "-x", "reload")
	c.Env = append(os.Environ(), "HOME="+home, "LC_ALL=C.UTF-8")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", c, err, out)
	}
	cache, err := sql.Open("sqlite", path("cache.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer cache.Close()
	rows, err := cache.Query("SELECT title, guid, url, author, pubDate, content FROM rss_item ORDER BY pubDate DESC")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []reading
	for rows.Next() {
		var r reading
		var seconds int64
		if err := rows.Scan(&r.Title, &r.ID, &r.Link, &r.Author, &seconds, &r.Content); err != nil {
			t.Fatal(err)
		}
		r.Date = time.Unix(seconds, 0)
		out = append(out, r)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func needFeedparser(t *testing.T) {
	t.Helper()
	if err := exec.Command("/usr/bin/python3", "-c", "import feedparser").Run(); err != nil {
		missing(t, "feedparser for /usr/bin/python3", "apt-get install python3-feedparser")
	}
}

func needNode(t *testing.T) {
	t.Helper()
	needProgram(t, "node", "nodejs npm")
	for _, module := range []string{"rss-parser", "feedsmith"} {
		if _, err := os.Stat("testdata/readers/node_modules/" + module); errors.Is(err, fs.ErrNotExist) {
			missing(t, module, "npm ci --prefix cmd/feedmill/testdata/readers")
		}
	}
}

func needProgram(t *testing.T, program, debian string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		missing(t, program, "apt-get install "+debian)
	}
}

// missing skips a test that cannot run without what, and says how to get it. Where everything should be installed,
// FEEDMILL_TEST_ALL=1 says so, and it is a failure: nothing goes untested unseen.
func missing(t *testing.T, what, install string) {
	t.Helper()
	message := fmt.Sprintf("NOT TESTED, %s is not installed: %s", what, install)
	if os.Getenv("FEEDMILL_TEST_ALL") == "1" {
		t.Fatal(message)
	}
	t.Skip(message)
}

func writeText(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

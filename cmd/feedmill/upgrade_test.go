package main

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/parse"
	"feedmill/feed/store"
	"feedmill/feed/store/sqlite"
)

var update = flag.Bool("update", false, "keep a state of this program's schema in testdata/upgrade, if there is none")

// upgradeDir holds a newsroom, and in schema-N the state and the documents that a program with schema N made of it.
const upgradeDir = "testdata/upgrade"

// TestUpgrade goes over to this program with the state of every earlier schema: no id, no date and nothing else that a
// subscriber sees changes, and nothing looks new.
func TestUpgrade(t *testing.T) {
	if *update {
		keepState(t)
	}
	folders, err := filepath.Glob(filepath.Join(upgradeDir, "schema-*"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("no earlier state: %v", err)
	}
	for _, kept := range folders {
		t.Run(filepath.Base(kept), func(t *testing.T) {
			dir := t.TempDir()
			config := newsroomIn(t, dir)
			state := filepath.Join(dir, "feedmill.db")
			unzip(t, filepath.Join(kept, "feedmill.db.gz"), state)
			if was := "schema-" + fmt.Sprint(schemaOf(t, state)); was != filepath.Base(kept) {
				t.Fatalf("it is a state of %s", was)
			}
			documents := documentsIn(t, kept)
			before := map[string]string{}
			for _, name := range documents {
				before[name] = whole(t, filepath.Join(kept, name))
			}
			for range 2 {
				for _, name := range []string{"world", "notes"} {
					told := works(t, config, "refresh", name)
					if !strings.Contains(told, "0 new, 0 changed, 0 withdrawn") && !strings.Contains(told, "nothing new") || strings.Contains(told, "published") {
						t.Errorf("something looks new:\n%s", told)
					}
				}
				for _, name := range documents {
					if after := whole(t, filepath.Join(dir, "public", name)); after != before[name] {
						t.Errorf("%s says\n%s\nand said\n%s", name, after, before[name])
					}
				}
			}
			if n := schemaOf(t, state); n != store.Schema() {
				t.Errorf("it has schema %d now, want %d", n, store.Schema())
			}
			if err := sqlite.Check(t.Context(), state); err != nil {
				t.Error(err)
			}
			// Documents are made anew only when there is something to tell.
			for name, folder := range map[string]string{"world": "articles", "notes": "notes"} {
				save(t, filepath.Join(dir, folder, "new.txt"), "A new story\n\nIt is published after the upgrade.\n")
				if told := works(t, config, "refresh", name); !strings.Contains(told, "1 new, 0 changed, 0 withdrawn") {
					t.Errorf("a new article gives\n%s", told)
				}
			}
			for _, name := range documents {
				after := whole(t, filepath.Join(dir, "public", name))
				lines := strings.SplitAfter(after, "\n")
				others := slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return strings.Contains(line, "A new story") })
				if strings.Join(others, "") != before[name] || len(others) != len(lines)-1 {
					t.Errorf("with a new article %s says\n%s\nand said\n%s", name, after, before[name])
				}
			}
		})
	}
}

// newsroomIn puts the newsroom's files into a folder, finished and dated as they always were.
func newsroomIn(t *testing.T, dir string) (config string) {
	t.Helper()
	for _, pattern := range []string{"feedmill.yaml", "articles/*", "notes/*"} {
		names, err := filepath.Glob(filepath.Join(upgradeDir, pattern))
		if err != nil || len(names) == 0 {
			t.Fatalf("%s is missing: %v", pattern, err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			to := filepath.Join(dir, strings.TrimPrefix(name, upgradeDir))
			save(t, to, string(text))
			at := time.Date(2026, 11, 20, 12, 34, 56, 0, time.UTC)
			if err := os.Chtimes(to, at, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	return filepath.Join(dir, "feedmill.yaml")
}

func unzip(t *testing.T, from, to string) {
	t.Helper()
	f, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, body, 0o644); err != nil {
		t.Fatal(err)
	}
}

func schemaOf(t *testing.T, state string) (version int64) {
	t.Helper()
	db, err := sql.Open("sqlite", state)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(`SELECT MAX(version_id) FROM goose_db_version`).Scan(&version); err != nil {
		t.Fatal(err)
	}
	return version
}

// documentsIn are the names of the feed documents in a folder.
func documentsIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	for _, name := range []string{"world", "notes"} {
		for _, format := range []string{"rss", "atom", "json"} {
			if _, err := os.Stat(filepath.Join(dir, name+"."+format)); err != nil {
				t.Fatal(err)
			}
			names = append(names, name+"."+format)
		}
	}
	return names
}

// whole is all that a document tells a reader.
func whole(t *testing.T, path string) string {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	mediaType := map[string]string{".atom": feed.TypeAtom, ".json": feed.TypeJSON, ".rss": feed.TypeRSS}[filepath.Ext(path)]
	parsed, err := parse.Parse(body, mediaType, "https://feeds.example.org/x", time.UTC, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintln(&b, parsed.Title, parsed.Link, parsed.Self)
	for _, a := range parsed.Articles {
		fmt.Fprintf(&b, "%q\n", fmt.Sprintf("%+v", a)) // a line each
	}
	return b.String()
}

// keepState makes the state and documents of this program's schema. One that is kept is never made anew: it would no
// longer be what an old program left.
func keepState(t *testing.T) {
	t.Helper()
	kept := filepath.Join(upgradeDir, fmt.Sprint("schema-", store.Schema()))
	if _, err := os.Stat(kept); err == nil {
		t.Logf("%s stays as it is", kept)
		return
	}
	dir := t.TempDir()
	config := newsroomIn(t, dir)
	recalled := filepath.Join(dir, "articles", "recalled.txt")
	text, err := os.ReadFile(recalled)
	if err != nil {
		t.Fatal(err)
	}
	save(t, recalled, strings.Replace(string(text), "Status: withdrawn\n", "", 1))
	works(t, config, "build")
	save(t, recalled, string(text))
	works(t, config, "build")
	body, err := os.ReadFile(filepath.Join(dir, "feedmill.db"))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	save(t, filepath.Join(kept, "feedmill.db.gz"), b.String())
	for _, name := range documentsIn(t, filepath.Join(dir, "public")) {
		text, err := os.ReadFile(filepath.Join(dir, "public", name))
		if err != nil {
			t.Fatal(err)
		}
		save(t, filepath.Join(kept, name), string(text))
	}
}

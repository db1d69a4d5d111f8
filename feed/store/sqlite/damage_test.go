package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"feedmill/feed"
	"feedmill/feed/store"
	"feedmill/feed/store/sqlite"
)

// full makes a state with n articles in the feed world, and closes it.
func full(t *testing.T, path string, n int64) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	add(t, s, n)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// add puts n more articles into the feed world.
func add(t *testing.T, s *store.Store, n int64) {
	t.Helper()
	f, err := s.Feed(context.Background(), "world", "urn:x:feed")
	if err != nil {
		t.Fatal(err)
	}
	c := store.Commit{Feed: f}
	for range n {
		c.Feed.Position++
		c.Feed.Number++
		c.Articles = append(c.Articles, store.Article{
			Position: c.Feed.Position, Number: c.Feed.Number, State: store.Live, ID: fmt.Sprint("urn:x:", c.Feed.Position),
			Digest: "d", Material: "m", Said: feed.Article{Title: fmt.Sprint("Title ", c.Feed.Position), Content: strings.Repeat("many words ", 300)},
		})
	}
	if err := s.Commit(context.Background(), c); err != nil {
		t.Fatal(err)
	}
}

// count is how many articles the feed world of the state in the file has.
func count(t *testing.T, path string) int64 {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	f, err := s.Feed(t.Context(), "world", "")
	if err != nil {
		t.Fatal(err)
	}
	return f.Number
}

// rewrite changes the bytes of a file.
func rewrite(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// damages are what befalls files. Those that are deep are found by a check only.
var damages = []struct {
	name string
	deep bool
	do   func(*testing.T, string)
}{
	{"cut off", false, func(t *testing.T, path string) {
		rewrite(t, path, func(b []byte) []byte { return b[:len(b)/2] })
	}},
	{"a page of garbage", true, func(t *testing.T, path string) {
		rewrite(t, path, func(b []byte) []byte {
			copy(b[len(b)-30*4096:], strings.Repeat("garbage ", 20*512))
			return b
		})
	}},
	{"no database", false, func(t *testing.T, path string) {
		rewrite(t, path, func([]byte) []byte { return []byte(strings.Repeat("this is a letter, not a database\n", 200)) })
	}},
	{"empty beside a log", false, func(t *testing.T, path string) {
		rewrite(t, path, func(b []byte) []byte {
			if err := os.WriteFile(path+"-wal", b[:8192], 0o644); err != nil {
				t.Fatal(err)
			}
			return nil
		})
	}},
	{"empty beside backups", false, func(t *testing.T, path string) {
		rewrite(t, path, func([]byte) []byte { return nil })
		fakeBackup(t, path)
	}},
	{"gone, beside backups", false, func(t *testing.T, path string) {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		fakeBackup(t, path)
	}},
}

func fakeBackup(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path+".backups", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path+".backups", "2026-11-01.db"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestADamagedFileIsNamedAndLeftAlone(t *testing.T) {
	for _, c := range damages {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state.db")
			full(t, path, 60)
			if err := sqlite.Check(t.Context(), path); err != nil {
				t.Fatalf("a sound state: %v", err)
			}
			c.do(t, path)
			before := files(t, filepath.Dir(path))
			names := func(err error) {
				t.Helper()
				if !errors.Is(err, sqlite.ErrDamaged) || feed.ClassOf(err) != feed.Refused ||
					!strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "feedmill state restore") {
					t.Errorf("the error is %v, of class %s", err, feed.ClassOf(err))
				}
			}
			names(sqlite.Check(t.Context(), path))
			if !c.deep {
				s, err := sqlite.Open(t.Context(), path)
				if err == nil {
					s.Close()
				}
				names(err)
			}
			for name, text := range before {
				if now := files(t, filepath.Dir(path))[name]; now != text {
					t.Errorf("%s was %d bytes, has %d others now", name, len(text), len(now))
				}
			}
		})
	}
}

// files are the files of a folder and their bytes, but for those that are made anew at will.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, e := range entries {
		if e.IsDir() || strings.HasSuffix(e.Name(), "-shm") || strings.HasSuffix(e.Name(), "-lock") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		found[e.Name()] = string(text)
	}
	return found
}

func TestCheckBesideAWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s := open(t, path)
	add(t, s, 50)
	if err := sqlite.Check(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	add(t, s, 50)
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if err := sqlite.Check(stopped, path); err == nil || errors.Is(err, sqlite.ErrDamaged) {
		t.Errorf("a check that was stopped gave %v", err)
	}
}

// What a killed process leaves is no damage.
func TestAStateAfterAKillIsSound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s := open(t, path)
	add(t, s, 50)
	left := filepath.Join(t.TempDir(), "state.db")
	for _, part := range []string{"", "-wal"} {
		text, err := os.ReadFile(path + part)
		if err != nil || len(text) == 0 {
			t.Fatalf("%s%s: %d bytes, %v", path, part, len(text), err)
		}
		if err := os.WriteFile(left+part, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := sqlite.Check(t.Context(), left); err != nil {
		t.Error(err)
	}
	if n := count(t, left); n != 50 {
		t.Errorf("it holds %d articles", n)
	}
}

package sqlite_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/store"
	"feedmill/feed/store/sqlite"
	"feedmill/feed/store/storetest"
)

func TestStore(t *testing.T) {
	folders := map[string]string{}
	storetest.Run(t, func(t *testing.T) *store.Store {
		if folders[t.Name()] == "" {
			folders[t.Name()] = t.TempDir()
		}
		return open(t, filepath.Join(folders[t.Name()], "state #1?.db"))
	})
}

func open(t testing.TB, path string) *store.Store {
	t.Helper()
	s, err := sqlite.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestCopyIntoMemory(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	f, err := s.Feed(t.Context(), "world", "urn:x:feed")
	if err != nil {
		t.Fatal(err)
	}
	f.Position = 1
	a := store.Article{Position: 1, State: store.Waiting, Key: "a.txt", Digest: "d", Material: "m", Said: feed.Article{Title: "A"}}
	memory := map[string]map[string][]byte{"source": {"k": []byte("v")}}
	if err := s.Commit(t.Context(), store.Commit{Feed: f, Articles: []store.Article{a}, Memory: memory}); err != nil {
		t.Fatal(err)
	}
	large := s.NewLarge(t.Context(), f.Serial, 3)
	if _, err := large.Write([]byte("<rss/>…")); err != nil {
		t.Fatal(err)
	}
	if err := large.Close(); err != nil {
		t.Fatal(err)
	}
	f.Revision, f.Release = 1, 1
	d := store.Document{Document: feed.NewTagged("world.rss", feed.TypeRSS, `"tag"`, time.Unix(1, 0), nil), Large: large}
	if err := s.SaveRendering(t.Context(), store.Rendering{Feed: f, Changed: []store.Document{d}}); err != nil {
		t.Fatal(err)
	}
	scratch, err := sqlite.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer scratch.Close()
	if err := s.CopyFeed(t.Context(), scratch, "world"); err != nil {
		t.Fatal(err)
	}
	copied, err := scratch.Feed(t.Context(), "world", "")
	if err != nil || copied.UID != "urn:x:feed" {
		t.Fatalf("the copy is %+v, %v", copied, err)
	}
	got, err := scratch.Find(t.Context(), copied.Serial, store.Lookup{Key: "a.txt"})
	if err != nil || len(got) != 1 || got[0].Said.Title != "A" {
		t.Errorf("the copy holds %+v, %v", got, err)
	}
	if d, err := scratch.Document(t.Context(), copied.Serial, "world.rss"); err != nil || d == nil {
		t.Errorf("the copy has the document %+v, %v", d, err)
	} else if body, err := d.Bytes(); err != nil || string(body) != "<rss/>…" {
		t.Errorf("the copied document says %q, %v", body, err)
	}
	if m, err := scratch.Memory(t.Context(), copied.Serial, "source"); err != nil || string(m["k"]) != "v" {
		t.Errorf("the copy remembers %q, %v", m, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	for name, path := range map[string]func() string{
		"a folder": func() string { return t.TempDir() },
		"no database": func() string {
			path := filepath.Join(t.TempDir(), "state.db")
			if err := os.WriteFile(path, []byte(strings.Repeat("this is a letter, not a database\n", 200)), 0o644); err != nil {
				t.Fatal(err)
			}
			return path
		},
		"a folder that is a file": func() string {
			path := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(path, nil, 0o644); err != nil {
				t.Fatal(err)
			}
			return filepath.Join(path, "state.db")
		},
	} {
		t.Run(name, func(t *testing.T) {
			at := path()
			s, err := sqlite.Open(t.Context(), at)
			if err == nil {
				s.Close()
				t.Fatal("it was opened")
			}
			if feed.ClassOf(err) != feed.Refused || !strings.Contains(err.Error(), filepath.Dir(at)) {
				t.Errorf("the error is %v, of class %s", err, feed.ClassOf(err))
			}
		})
	}
}

func TestANewerSchemaIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	open(t, path)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`); err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Open(t.Context(), path)
	if err == nil {
		s.Close()
		t.Fatal("it was opened")
	}
	if !strings.Contains(err.Error(), "newer feedmill") {
		t.Errorf("the error is %v", err)
	}
}

// TestLocksOfAnotherProcess holds the locks in a child process, then kills it.
func TestLocksOfAnotherProcess(t *testing.T) {
	path := os.Getenv("FEEDMILL_TEST_HOLD")
	if path != "" {
		hold(t, path)
		return
	}
	path = filepath.Join(t.TempDir(), "state.db")
	s := open(t, path)
	child := exec.Command(os.Args[0], "-test.run", "^TestLocksOfAnotherProcess$")
	child.Env = append(os.Environ(), "FEEDMILL_TEST_HOLD="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "held\n" {
		t.Fatalf("the child says %q, %v", line, err)
	}
	if _, err := s.Run(); !errors.Is(err, store.ErrHeld) {
		t.Errorf("a run beside another process gave %v", err)
	}
	if running, err := s.Running(); err != nil || !running {
		t.Errorf("another process that runs is not seen: %v, %v", running, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := s.Lease(ctx, "world"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a lease that another process has gave %v", err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it was killed
	if running, err := s.Running(); err != nil || running {
		t.Errorf("a process that died still runs: %v, %v", running, err)
	}
	release, err := s.Run()
	if err != nil {
		t.Fatalf("after the other process died: %v", err)
	}
	release()
	release, err = s.Lease(t.Context(), "world")
	if err != nil {
		t.Fatalf("after the other process died: %v", err)
	}
	release()
}

func hold(t *testing.T, path string) {
	s := open(t, path)
	if _, err := s.Run(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Lease(t.Context(), "world"); err != nil {
		t.Fatal(err)
	}
	fmt.Println("held")
	time.Sleep(time.Minute)
}

// TestMarksInTheDatabase shows that a state without a place for marks of its own keeps them too.
func TestMarksInTheDatabase(t *testing.T) {
	s, err := sqlite.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for want := range int64(2) {
		if got, err := s.Begin(t.Context(), "w"); err != nil || got != want {
			t.Errorf("begun %d times before, %v; want %d", got, err, want)
		}
	}
	for _, times := range []int64{1, 0} {
		if err := s.End(t.Context(), "w", times); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Begin(t.Context(), "w"); err != nil || got != times {
			t.Errorf("begun %d times before, %v; want %d", got, err, times)
		}
	}
}

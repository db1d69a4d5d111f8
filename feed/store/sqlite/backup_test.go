package sqlite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"feedmill/feed/store/sqlite"
)

var monday = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)

// names are the names of the files beside one another in the folder of backups.
func names(t *testing.T, path string) []string {
	t.Helper()
	entries, err := os.ReadDir(path + ".backups")
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var found []string
	for _, e := range entries {
		found = append(found, e.Name())
	}
	return found
}

func TestOneBackupADay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s := open(t, path)
	daily := func(at time.Time) string {
		t.Helper()
		made, err := sqlite.BackUpDaily(t.Context(), s, path, at)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	if made := daily(monday); made != "" {
		t.Errorf("nothing was backed up in %s", made)
	}
	add(t, s, 1)
	if made := daily(monday); made != path+".backups/2026-11-23.db" {
		t.Errorf("the first backup is %q", made)
	}
	add(t, s, 1)
	if made := daily(monday.Add(20 * time.Hour)); made != "" {
		t.Errorf("a second one of the day is %q", made)
	}
	if n := count(t, path+".backups/2026-11-23.db"); n != 1 {
		t.Errorf("it holds %d articles", n)
	}
	made, err := sqlite.BackUp(t.Context(), s, path, monday.Add(20*time.Hour))
	if err != nil || count(t, made) != 2 {
		t.Errorf("one that was asked for is %q, %v", made, err)
	}
}

func TestSevenBackupsAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s := open(t, path)
	add(t, s, 1)
	fakeBackup(t, path) // an older one
	for _, name := range []string{"before the move.db", "2026-11-02.db.gz", ".unfinished.db", ".unfinished.db-journal"} {
		if err := os.WriteFile(filepath.Join(path+".backups", name), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var want []string
	for day := range 10 {
		at := monday.AddDate(0, 0, day)
		if _, err := sqlite.BackUpDaily(t.Context(), s, path, at); err != nil {
			t.Fatal(err)
		}
		if day >= 3 {
			want = append(want, at.Format(time.DateOnly)+".db")
		}
	}
	want = append([]string{"2026-11-02.db.gz"}, append(want, "before the move.db")...)
	if got := names(t, path); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("kept are %q, want %q", got, want)
	}
	backups, err := sqlite.Backups(path)
	if err != nil || len(backups) != 7 || filepath.Base(backups[0]) != "2026-12-02.db" {
		t.Errorf("the backups are %q, %v", backups, err)
	}
}

// A backup is the state at one moment, whoever writes meanwhile, and keeps nobody from writing.
func TestBackupUnderWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s := open(t, path)
	add(t, s, 300)
	var written atomic.Int64
	done := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				add(t, s, 2) // both or none
				written.Add(1)
			}
		}
	})
	for day := range 3 {
		before := written.Load()
		made, err := sqlite.BackUp(t.Context(), s, path, monday.AddDate(0, 0, day))
		if err != nil {
			t.Fatal(err)
		}
		if n := count(t, made); n < 300+2*before || n%2 != 0 {
			t.Errorf("after %d commits of two the backup holds %d articles", before, n)
		}
	}
	close(done)
	wait.Wait()
	if written.Load() == 0 {
		t.Error("nothing was written meanwhile")
	}
	if err := sqlite.Check(t.Context(), path); err != nil {
		t.Error(err)
	}
}

// Only those who may read the state may read its backup.
func TestABackupIsAsPrivateAsTheState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s := open(t, path)
	add(t, s, 1)
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	made, err := sqlite.BackUp(t.Context(), s, path, monday)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(made); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
}

// A damaged state is not backed up over the good ones.
func TestADamagedStateIsNotBackedUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	full(t, path, 60)
	s := open(t, path)
	if _, err := sqlite.BackUp(t.Context(), s, path, monday); err != nil {
		t.Fatal(err)
	}
	s.Close()
	damages[1].do(t, path) // deep inside
	s = open(t, path)
	_, err := sqlite.BackUpDaily(t.Context(), s, path, monday.AddDate(0, 0, 1))
	if err == nil || !strings.Contains(err.Error(), "older backups stay") || !strings.Contains(err.Error(), "restore") {
		t.Errorf("the error is %v", err)
	}
	if got := names(t, path); fmt.Sprint(got) != "[2026-11-23.db]" {
		t.Errorf("left are %q", got)
	}
}

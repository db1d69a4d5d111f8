package sqlite_test

import (
	"bufio"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"feedmill/feed/store"
	"feedmill/feed/store/sqlite"
)

// backedUp makes a state with a backup of 10 articles, one of 20 the day after, and 25 articles itself.
func backedUp(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "state.db")
	s := open(t, path)
	for day, n := range []int64{10, 10, 5} {
		add(t, s, n)
		if day < 2 {
			if _, err := sqlite.BackUp(t.Context(), s, path, monday.AddDate(0, 0, day)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// restored restores and returns the restoration after its end, and the file that was put aside.
func restored(t *testing.T, path, backup string) (*sqlite.Restoration, string) {
	t.Helper()
	r, err := sqlite.Restore(t.Context(), path, backup)
	if err != nil {
		t.Fatal(err)
	}
	aside, err := r.Finish(monday)
	if err != nil {
		t.Fatal(err)
	}
	return r, aside
}

func TestRestoreTakesTheNewestBackup(t *testing.T) {
	for _, c := range damages {
		t.Run(c.name, func(t *testing.T) {
			path := backedUp(t)
			c.do(t, path)
			damaged := files(t, filepath.Dir(path))
			r, aside := restored(t, path, "")
			if filepath.Base(r.Backup) != "2026-11-24.db" || !errors.Is(r.Found, sqlite.ErrDamaged) {
				t.Errorf("taken was %s because %v", r.Backup, r.Found)
			}
			if n := count(t, path); n != 20 {
				t.Errorf("it holds %d articles", n)
			}
			kept := files(t, filepath.Dir(path))
			for _, part := range []string{"", "-wal"} {
				if before := damaged["state.db"+part]; kept[filepath.Base(aside)+part] != before && before != "" {
					t.Errorf("the damaged file%s was not kept as it was", part)
				}
			}
			for name := range kept {
				if strings.Contains(name, "restoring") {
					t.Errorf("%s is left behind", name)
				}
			}
		})
	}
}

func TestRestorePassesOverADamagedBackup(t *testing.T) {
	path := backedUp(t)
	damages[0].do(t, path)
	damages[1].do(t, filepath.Join(path+".backups", "2026-11-24.db"))
	r, _ := restored(t, path, "")
	if filepath.Base(r.Backup) != "2026-11-23.db" || count(t, path) != 10 {
		t.Errorf("taken was %s", r.Backup)
	}
	if len(r.Passed) != 1 || !errors.Is(r.Passed[0], sqlite.ErrDamaged) || !strings.Contains(r.Passed[0].Error(), "2026-11-24.db") {
		t.Errorf("passed over were %v", r.Passed)
	}
	if n := count(t, filepath.Join(path+".backups", "2026-11-23.db")); n != 10 {
		t.Errorf("the backup itself holds %d articles now", n)
	}
}

func TestRestoreWithoutAGoodBackup(t *testing.T) {
	path := backedUp(t)
	damages[0].do(t, path)
	for _, name := range []string{"2026-11-23.db", "2026-11-24.db"} {
		damages[2].do(t, filepath.Join(path+".backups", name))
	}
	r, aside := restored(t, path, "")
	if r.Backup != "" || len(r.Passed) != 2 || aside == "" {
		t.Errorf("taken was %q, passed over %v, put aside %q", r.Backup, r.Passed, aside)
	}
	if n := count(t, path); n != 0 {
		t.Errorf("a state that began anew holds %d articles", n)
	}
}

func TestASoundStateIsNotRestored(t *testing.T) {
	path := backedUp(t)
	before := files(t, filepath.Dir(path))
	if _, err := sqlite.Restore(t.Context(), path, ""); !errors.Is(err, sqlite.ErrSound) {
		t.Errorf("the error is %v", err)
	}
	r, err := sqlite.Restore(t.Context(), path, filepath.Join(path+".backups", "2026-11-23.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Abandon(); err != nil { // nothing has happened
		t.Fatal(err)
	}
	after := files(t, filepath.Dir(path))
	delete(after, "state.db-wal") // empty: somebody has read
	if len(after) != len(before) || after["state.db"] != before["state.db"] || count(t, path) != 25 {
		t.Error("it was touched")
	}
	_, aside := restored(t, path, filepath.Join(path+".backups", "2026-11-23.db"))
	if count(t, path) != 10 || count(t, aside) != 25 {
		t.Error("the named backup was not taken, or the old state not kept")
	}
	if _, err := sqlite.Restore(t.Context(), path, path+".backups/nothing.db"); err == nil || count(t, path) != 10 {
		t.Errorf("a backup that is not there gave %v", err)
	}
}

// A state of a newer program goes back to what this one knows.
func TestRestoreFromANewerSchema(t *testing.T) {
	path := backedUp(t)
	for _, newer := range []string{path, filepath.Join(path+".backups", "2026-11-24.db")} {
		db, err := sql.Open("sqlite", newer)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`); err != nil {
			t.Fatal(err)
		}
		db.Close()
	}
	_, err := sqlite.Open(t.Context(), path)
	if !errors.Is(err, store.ErrNewer) || !strings.Contains(err.Error(), "schema version 99999") || !strings.Contains(err.Error(), "state restore") {
		t.Fatalf("it was opened: %v", err)
	}
	r, _ := restored(t, path, "")
	if !errors.Is(r.Found, store.ErrNewer) || filepath.Base(r.Backup) != "2026-11-23.db" || count(t, path) != 10 {
		t.Errorf("taken was %s because %v", r.Backup, r.Found)
	}
}

// TestRestoreBesideAnotherProcess holds the state open in a child process.
func TestRestoreBesideAnotherProcess(t *testing.T) {
	if path := os.Getenv("FEEDMILL_TEST_HOLD"); path != "" {
		hold(t, path)
		return
	}
	path := backedUp(t)
	child := exec.Command(os.Args[0], "-test.run", "^TestRestoreBesideAnotherProcess$")
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
	backup := filepath.Join(path+".backups", "2026-11-23.db")
	if _, err := sqlite.Restore(t.Context(), path, backup); !errors.Is(err, store.ErrHeld) {
		t.Errorf("beside a process that has it open: %v", err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it was killed
	restored(t, path, backup)
}

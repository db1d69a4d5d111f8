package sqlite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"feedmill/feed"
	"feedmill/feed/store/sqlite"
)

// A disk without room for a backup costs the backup alone: the state goes on, and no half of a copy takes what is left.
func TestABackupOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2m"); err != nil {
		t.Skipf("cannot mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	path := filepath.Join(dir, "state.db")
	full(t, path, 60)
	s := open(t, path)
	if _, err := sqlite.BackUp(t.Context(), s, path, monday); err != nil {
		t.Fatal(err)
	}
	ballast := filepath.Join(dir, "ballast")
	free := func() int64 {
		var fs syscall.Statfs_t
		if err := syscall.Statfs(dir, &fs); err != nil {
			t.Fatal(err)
		}
		return int64(fs.Bavail) * fs.Bsize
	}
	if err := os.WriteFile(ballast, make([]byte, free()-200<<10), 0o644); err != nil {
		t.Fatal(err)
	}
	before := free()
	_, err := sqlite.BackUpDaily(t.Context(), s, path, monday.AddDate(0, 0, 1))
	if err == nil || feed.ClassOf(err) != feed.Unavailable || !strings.Contains(err.Error(), "make room") {
		t.Errorf("the error is %v, of class %s", err, feed.ClassOf(err))
	}
	if got := names(t, path); fmt.Sprint(got) != "[2026-11-23.db]" || free() < before {
		t.Errorf("left are %q and %d bytes, before %d", got, free(), before)
	}
	add(t, s, 1)
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if made, err := sqlite.BackUpDaily(t.Context(), s, path, monday.AddDate(0, 0, 1)); err != nil || count(t, made) != 61 {
		t.Errorf("after room was made: %q, %v", made, err)
	}
}

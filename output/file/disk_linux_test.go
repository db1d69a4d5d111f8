package file

import (
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"feedmill/feed"
)

// says checks that err is of class unavailable and has all the words.
func says(t *testing.T, err error, words ...string) {
	t.Helper()
	if feed.ClassOf(err) != feed.Unavailable {
		t.Fatalf("error %v is of class %q, want unavailable", err, feed.ClassOf(err))
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
}

// smallDisk mounts a disk of 256 KB.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=256k"); err != nil {
		t.Skipf("cannot mount a small disk (TestFileSizeLimit covers the same path): %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestDiskFull(t *testing.T) {
	dir := smallDisk(t)
	o := open(t, dir)
	publish(t, o, feed.Release{Documents: []feed.Document{rss("world.rss", "old"), rss("small.rss", "old")}})
	write(t, filepath.Join(dir, "ballast"), strings.Repeat("x", 100<<10))
	big := feed.Release{Documents: []feed.Document{rss("world.rss", letters('n')), rss("small.rss", "new")}}
	for range 2 {
		says(t, o.Publish(t.Context(), big), "no space left", filepath.Join(dir, "world.rss"), "make room")
		if got := content(t, filepath.Join(dir, "world.rss")); got != "old" {
			t.Fatalf("the old document became %d bytes", len(got))
		}
		if got := tree(t, dir); !slices.Equal(got, []string{"ballast", "small.rss", "world.rss"}) {
			t.Fatalf("left: %v", got)
		}
	}
	if got := content(t, filepath.Join(dir, "small.rss")); got != "new" {
		t.Errorf("a document that fits was not written: %q", got)
	}
	if err := os.Remove(filepath.Join(dir, "ballast")); err != nil {
		t.Fatal(err)
	}
	publish(t, o, big)
	if got := content(t, filepath.Join(dir, "world.rss")); got != letters('n') {
		t.Errorf("after room was made the document has %d bytes", len(got))
	}
}

func TestReadOnlyDisk(t *testing.T) {
	dir := smallDisk(t)
	o := open(t, dir)
	publish(t, o, feed.Release{Documents: []feed.Document{rss("world.rss", "old")}})
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skip(err)
	}
	r := feed.Release{Documents: []feed.Document{rss("world.rss", "new")}}
	says(t, o.Publish(t.Context(), r), "read-only", filepath.Join(dir, "world.rss"))
	_, err := New(Config{Dir: dir}, "", o.log)
	says(t, err, "read-only", dir)
	says(t, o.Publish(t.Context(), feed.Release{Removed: []string{"world.rss"}}), "delete", "read-only")
	if got := content(t, filepath.Join(dir, "world.rss")); got != "old" {
		t.Errorf("world.rss = %q", got)
	}
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT, ""); err != nil {
		t.Fatal(err)
	}
	publish(t, o, r)
}

// TestFileSizeLimit writes beyond the process's limit on file sizes: a write that fails half way, as on a full disk, for
// those who may mount none.
func TestFileSizeLimit(t *testing.T) {
	dir := t.TempDir()
	publish(t, open(t, dir), feed.Release{Documents: []feed.Document{rss("world.rss", "old")}})
	if out, err := child(t, "TestChildFileSizeLimit", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func TestChildFileSizeLimit(t *testing.T) {
	dir := inChild(t)
	signal.Ignore(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	small := syscall.Rlimit{Cur: 64 << 10, Max: limit.Max}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small); err != nil {
		t.Fatal(err)
	}
	o := open(t, dir)
	big := feed.Release{Documents: []feed.Document{rss("world.rss", letters('n'))}}
	says(t, o.Publish(t.Context(), big), "file too large", "ulimit", filepath.Join(dir, "world.rss"))
	if got := content(t, filepath.Join(dir, "world.rss")); got != "old" {
		t.Fatalf("the old document became %d bytes", len(got))
	}
	if got := tree(t, dir); !slices.Equal(got, []string{"world.rss"}) {
		t.Fatalf("left: %v", got)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	publish(t, o, big)
}

// withoutRights runs f as a user who has no right to write, even when the tests run as root: the file system's user is
// changed for this thread alone, which ends with the goroutine.
func withoutRights(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if os.Getuid() == 0 {
			runtime.LockOSThread()
			const nobody = 65534
			_, _, _ = syscall.RawSyscall(syscall.SYS_SETFSUID, nobody, 0, 0)
		}
		f()
	}()
	<-done
}

func TestUnwritableFolder(t *testing.T) {
	dir := t.TempDir()
	// The folders above are open to their owner only.
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	o := open(t, dir)
	publish(t, o, feed.Release{Documents: []feed.Document{rss("world.rss", "old")}})
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	r := feed.Release{Documents: []feed.Document{rss("world.rss", "new")}}
	withoutRights(func() {
		says(t, o.Publish(t.Context(), r), "permission denied", filepath.Join(dir, "world.rss"), "uid")
		says(t, o.Publish(t.Context(), feed.Release{Removed: []string{"world.rss"}}), "delete", "permission denied")
		_, err := New(Config{Dir: dir}, "", o.log)
		says(t, err, "permission denied", dir, "uid")
		_, err = New(Config{Dir: filepath.Join(dir, "below")}, "", o.log)
		says(t, err, "permission denied", filepath.Join(dir, "below"), "uid")
	})
	if got := content(t, filepath.Join(dir, "world.rss")); got != "old" {
		t.Errorf("world.rss = %q", got)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	publish(t, o, r)
	if got := content(t, filepath.Join(dir, "world.rss")); got != "new" {
		t.Errorf("world.rss = %q", got)
	}
}

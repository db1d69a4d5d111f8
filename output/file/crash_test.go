package file

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
)

// childDir names, in the environment, the folder a test running as a child process works in.
const childDir = "FEEDMILL_FILE_TEST_DIR"

// child runs one test of this binary in a process of its own.
func child(t *testing.T, test, dir string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, "-test.run=^"+test+"$", "-test.v")
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	return cmd
}

func inChild(t *testing.T) string {
	t.Helper()
	dir := os.Getenv(childDir)
	if dir == "" {
		t.Skip("runs only as the child process of another test")
	}
	return dir
}

// letters is a body that shows whether it is whole: one letter, and always as long.
func letters(letter byte) string { return strings.Repeat(string(letter), 240<<10) }

func TestChildWritesForEver(t *testing.T) {
	dir := inChild(t)
	o := open(t, dir)
	for i := 0; ; i++ {
		body := letters(byte('a' + i%26))
		page := feed.NewDocument("world/a/slug", feed.TypeHTML, modified, []byte(body))
		publish(t, o, feed.Release{Documents: []feed.Document{rss("world.rss", body), page}})
		publish(t, o, feed.Release{Documents: []feed.Document{rss("world.rss", body)}, Removed: []string{page.Path}})
	}
}

// TestKill kills a writer at many moments: what is on the disk is whole at each, and the next start tidies up.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	rounds := 8
	if testing.Short() {
		rounds = 2
	}
	for round := range rounds {
		cmd := child(t, "TestChildWritesForEver", dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		until := time.Now().Add(60*time.Millisecond + time.Duration(round)*7*time.Millisecond)
		for time.Now().Before(until) {
			whole(t, dir)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("the writer ended by itself")
		}
		whole(t, dir)
	}
	o := open(t, dir)
	for _, name := range tree(t, dir) {
		if isTemp(filepath.Base(name)) {
			t.Errorf("%s is left", name)
		}
	}
	publish(t, o, feed.Release{Documents: []feed.Document{rss("world.rss", "end")}, Removed: []string{"world/a/slug"}})
	if got := fmt.Sprint(tree(t, dir)); got != "[world.rss]" {
		t.Errorf("left: %s", got)
	}
}

func whole(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"world.rss", "world/a/slug/index.html"} {
		body, err := os.ReadFile(filepath.Join(dir, name))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(body) == 0 || string(body) != letters(body[0]) {
			t.Fatalf("%s is not whole: %d bytes", name, len(body))
		}
	}
}

package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"feedmill/config"
)

const root = "../.."

// blocks returns the fenced blocks of a kind in a Markdown file of the project's root.
func blocks(t *testing.T, file, kind string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, m := range regexp.MustCompile("(?ms)^```"+kind+"\n(.*?)^```$").FindAllSubmatch(text, -1) {
		found = append(found, string(m[1]))
	}
	if len(found) == 0 {
		t.Fatalf("%s has no %s block", file, kind)
	}
	return found
}

func TestReadmeConfigurationsLoad(t *testing.T) {
	for i, text := range blocks(t, "README.md", "yaml") {
		path := filepath.Join(t.TempDir(), "feedmill.yaml")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Load(path, config.Options{Env: []string{"ALICE_TOKEN=" + strings.Repeat("x", 32), "S3_KEY=key", "S3_SECRET=secret"}}); err != nil {
			t.Errorf("block %d: %v", i+1, err)
		}
	}
}

// TestReadmeCommands runs every shell block of the README: the daemon's is stopped when it serves three feeds, the test
// command is the one that runs this test, and the rest runs in a folder with the README's configuration and article.
func TestReadmeCommands(t *testing.T) {
	for _, block := range blocks(t, "README.md", "sh") {
		switch name, _, _ := strings.Cut(block, "\n"); name {
		case "make test":
			ci, err := os.ReadFile(filepath.Join(root, ".ci", "run"))
			if err != nil || !bytes.Contains(ci, []byte("\n"+name+"\n")) {
				t.Errorf(".ci/run does not call %q: %v", name, err)
			}
		case "go run ./cmd/feedmill run -c config/examples/newsroom.yaml":
			t.Run("daemon", func(t *testing.T) { runDaemonBlock(t, block) })
		default:
			t.Run("own newsroom", func(t *testing.T) { runOwnBlock(t, block) })
		}
	}
}

func runDaemonBlock(t *testing.T, block string) {
	public, private := loopback(t), loopback(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "sh", "-c", "exec "+block)
	command.Dir = root
	command.Env = append(os.Environ(), "FEEDMILL_SERVER_LISTEN="+public, "FEEDMILL_ADMIN_LISTEN="+private,
		"FEEDMILL_BASE_URL=http://"+public, "FEEDMILL_STATE="+filepath.Join(t.TempDir(), "state.db"))
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // go run does not pass signals on
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGINT) }
	command.WaitDelay = 20 * time.Second
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"rss", "atom", "json"} {
		for answer := ""; !strings.Contains(answer, "Lindholm"); {
			if ctx.Err() != nil {
				t.Fatalf("world.%s was not served in two minutes: %s\n%s", format, answer, out.String())
			}
			time.Sleep(50 * time.Millisecond)
			answer, _ = ask(fmt.Sprintf("http://%s/world.%s", public, format), "") // not up yet
		}
	}
	cancel()
	_ = command.Wait() // it was interrupted
}

func loopback(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func runOwnBlock(t *testing.T, block string) {
	dir := t.TempDir()
	save := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	save("feedmill.yaml", blocks(t, "README.md", "yaml")[0])
	save("articles/river.txt", blocks(t, "README.md", "text")[0])
	module, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	// The program is built where its source is.
	block = strings.Replace(block, "go build -o feedmill ./cmd/feedmill", fmt.Sprintf("go -C %q build -o %q ./cmd/feedmill", module, filepath.Join(dir, "feedmill")), 1)
	command := exec.CommandContext(t.Context(), "sh", "-e", "-c", block)
	command.Dir = dir
	if out, err := command.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("River rises above the old mark")) {
		t.Fatalf("%v\n%s", err, out)
	}
	feed, err := os.ReadFile(filepath.Join(dir, "public", "world.rss"))
	if err != nil || !bytes.Contains(feed, []byte("<h2>What comes next</h2>")) {
		t.Errorf("the feed is %s, %v", feed, err)
	}
}

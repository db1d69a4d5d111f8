package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// site is a folder with a configuration, and the program.
type site struct {
	t                      *testing.T
	folder, program, state string
	listen                 string
	log                    *os.File
}

func openSite(t *testing.T, seed uint64) *site {
	folder := t.TempDir()
	s := &site{t: t, folder: folder, program: filepath.Join(folder, "feedmill"), state: filepath.Join(folder, "feedmill.db")}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", s.program, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	ports := rand.New(rand.NewPCG(seed, 3))
	s.listen = ownAddress(t, ports)
	words := fmt.Sprintf(`state: ./feedmill.db
server: {listen: %s}
admin: {listen: %s}
outputs: [{file: {dir: ./public}}]
feeds:
  world:
    title: World
    limit: 1000
    source: {files: {path: "articles/**/*.{md,txt}", watch: 1s}}
`, s.listen, ownAddress(t, ports))
	if err := os.WriteFile(filepath.Join(folder, "feedmill.yaml"), []byte(words), 0o644); err != nil {
		t.Fatal(err)
	}
	var err error
	if s.log, err = os.Create(filepath.Join(folder, "log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.log.Close() })
	return s
}

// ownAddress finds a port below those that systems give to outgoing connections: while the daemon is down, one of the
// subscriber's could take its port.
func ownAddress(t *testing.T, dice *rand.Rand) string {
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 20000+dice.IntN(12000))
		if l, err := net.Listen("tcp", address); err == nil {
			_ = l.Close()
			return address
		}
	}
	t.Fatal("no free port")
	return ""
}

func (s *site) command(args ...string) *exec.Cmd {
	c := exec.CommandContext(s.t.Context(), s.program, args...)
	c.Dir, c.Stdout, c.Stderr = s.folder, s.log, s.log
	return c
}

// life is one running daemon.
type life struct {
	site  *site
	run   *exec.Cmd
	ended chan struct{}
	err   error // once ended
}

func (s *site) start() *life {
	l := &life{site: s, run: s.command("run"), ended: make(chan struct{})}
	if err := l.run.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		l.err = l.run.Wait()
		close(l.ended)
	}()
	return l
}

// liveFor reports whether the daemon still lives after d.
func (l *life) liveFor(d time.Duration) bool {
	select {
	case <-l.ended:
		return false
	case <-time.After(d):
		return true
	}
}

// liveUntilCommit waits until the state is written to, most at all, and reports whether the daemon still lives.
func (l *life) liveUntilCommit(most time.Duration) bool {
	first, _ := os.Stat(l.site.state + "-wal") // nil in the first life
	for deadline := time.Now().Add(most); time.Now().Before(deadline); {
		if !l.liveFor(2 * time.Millisecond) {
			return false
		}
		if now, err := os.Stat(l.site.state + "-wal"); err == nil && (first == nil || !now.ModTime().Equal(first.ModTime())) {
			return true
		}
	}
	return true
}

func (l *life) kill() {
	_ = l.run.Process.Kill() // it may have ended by itself
	<-l.ended
}

// awaitListening waits until the daemon answers connections, which it does before its start is over.
func (l *life) awaitListening() {
	for deadline := time.Now().Add(20 * time.Second); ; {
		c, err := net.Dial("tcp", l.site.listen)
		if err == nil {
			_ = c.Close()
			return
		}
		if !l.liveFor(5*time.Millisecond) || time.Now().After(deadline) {
			l.kill()
			l.site.t.Fatalf("the daemon does not listen: %v", err)
		}
	}
}

// stop stops the daemon as an operator does.
func (l *life) stop() {
	defer l.kill()
	if err := l.run.Process.Signal(syscall.SIGTERM); err != nil {
		l.site.t.Error(err)
	}
	if l.liveFor(10 * time.Second) {
		l.site.t.Error("the daemon did not stop within 10 s of SIGTERM")
	} else if l.err != nil {
		l.site.t.Errorf("the daemon stopped by SIGTERM: %v", l.err)
	}
}

func (s *site) build() {
	if err := s.command("build").Run(); err != nil {
		s.t.Errorf("build: %v", err)
	}
}

func (s *site) showLog() {
	log, err := os.ReadFile(s.log.Name())
	if err != nil {
		s.t.Error(err)
	}
	s.t.Logf("log:\n%s", log[max(0, len(log)-8000):])
}

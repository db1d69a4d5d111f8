package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestKilledAtRandomMoments kills the daemon again and again while files are added, edited and renamed, and looks all the
// time at what is published: every document whole at every moment, no article lost, none with a second id, no date moved.
//
// The moments are those of a seed, which KILL_SEED repeats as far as two processes and a disk can be repeated. It takes
// some 75 s, nearly all of it the lives of the daemons; -short kills 5 times.
func TestKilledAtRandomMoments(t *testing.T) {
	t.Parallel()
	kills, started := 50, time.Now()
	if testing.Short() {
		kills = 5
	}
	seed := uint64(started.UnixNano())
	if word := os.Getenv("KILL_SEED"); word != "" {
		var err error
		if seed, err = strconv.ParseUint(word, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("KILL_SEED=%d", seed)
	s := openSite(t, seed)
	n, err := openNewsroom(filepath.Join(s.folder, "articles"), seed, 150)
	if err != nil {
		t.Fatal(err)
	}
	w := newWitness(t, n, filepath.Join(s.folder, "public"))
	reader := newSubscriber(w, "http://"+s.listen)

	ctx, stop := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	wait.Go(func() {
		if err := n.work(ctx); err != nil {
			t.Error(err)
		}
	})
	wait.Go(func() { w.watchDisk(ctx) })
	wait.Go(func() { reader.read(ctx) })
	productive := killAll(t, s, n, w, kills, rand.New(rand.NewPCG(seed, 2)))
	stop()
	wait.Wait()
	published := len(w.known)
	if t.Failed() {
		s.showLog()
		return
	}
	t.Logf("%d of %d lives published something; %d changes of documents seen; %d answers, %d of them 304", productive, kills, w.changes, reader.answers, reader.same)
	t.Logf("%d stories, %d of them published before the last kill; %d edits, %d files renamed", len(n.stories), published, n.edited, n.renamed)
	if productive == 0 || published == 0 || !testing.Short() && (productive < kills/5 || published < len(n.stories)/2) {
		t.Error("hardly anything was published; this proved nothing")
	}
	s.endInPeace()
	s.settleDown(n, w)
	s.checkLog(!testing.Short())
	t.Logf("took %s", time.Since(started).Round(time.Second))
	if t.Failed() {
		s.showLog()
	}
}

// killAll lets one daemon after another live for a while and kills it. It returns how many published something.
func killAll(t *testing.T, s *site, n *newsroom, w *witness, kills int, dice *rand.Rand) (productive int) {
	for i := range kills {
		if i%5 == 3 {
			n.move(1 + dice.IntN(3))
		}
		before := w.changed()
		n.calm.Store(false)
		d := s.start()
		var lived bool
		switch i % 5 {
		case 4: // long enough that young files settle and renamings are understood
			_ = d.liveFor(time.Duration(dice.IntN(800)) * time.Millisecond)
			n.calm.Store(true)
			lived = d.liveFor(time.Duration(2000+dice.IntN(2600)) * time.Millisecond)
		case 1, 3: // the first commit and what follows it
			lived = d.liveUntilCommit(1500*time.Millisecond) && d.liveFor(time.Duration(dice.IntN(150))*time.Millisecond)
		default:
			lived = d.liveFor(time.Duration(20+dice.IntN(1480)) * time.Millisecond)
		}
		if !lived {
			t.Errorf("the daemon of life %d ended by itself: %v", i, d.err)
		}
		d.kill()
		w.look(true)
		if w.changed() != before {
			productive++
		}
		if t.Failed() {
			break
		}
	}
	return productive
}

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

// endInPeace tries a second daemon beside a living one, then stops that one as an operator does.
func (s *site) endInPeace() {
	l := s.start()
	defer l.kill()
	deadline := time.Now().Add(20 * time.Second)
	for {
		c, err := net.Dial("tcp", s.listen)
		if err == nil {
			_ = c.Close()
			break
		}
		if !l.liveFor(20*time.Millisecond) || time.Now().After(deadline) {
			s.t.Fatalf("the last daemon does not listen: %v", err)
		}
	}
	second := s.command("run", "--set", "server.listen=127.0.0.1:0", "--set", "admin.listen=127.0.0.1:0")
	second.Stdout, second.Stderr = nil, nil
	out, err := second.CombinedOutput()
	if second.ProcessState.ExitCode() != exitFailed || !strings.Contains(string(out), s.state) {
		s.t.Errorf("a second run on the same state: %v\n%s", err, out)
	}
	if err := l.run.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	if l.liveFor(10 * time.Second) {
		s.t.Fatal("the daemon did not stop within 10 s")
	}
	if l.err != nil {
		s.t.Errorf("the daemon stopped by SIGTERM: %v", l.err)
	}
}

// settleDown takes up what no daemon lived long enough for, and compares everything with what the newsroom wrote.
func (s *site) settleDown(n *newsroom, w *witness) {
	s.build()
	w.look(true)
	for _, format := range formats {
		shown := w.shown["disk world."+format]
		for _, story := range n.stories {
			if shown[story.number] != story.version {
				s.t.Errorf("world.%s shows version %d of story %d in %s; the last is %d", format, shown[story.number], story.number, story.file, story.version)
			}
		}
	}
	first := s.publicFiles()
	s.build()
	if second := s.publicFiles(); !slices.Equal(first, second) {
		s.t.Errorf("a second build with nothing new wrote anew:\n%v\nthen\n%v", first, second)
	}
	for _, f := range first {
		if strings.HasPrefix(filepath.Base(f.name), ".") {
			s.t.Errorf("%s was left over", f.name)
		}
	}
	s.checkState(len(n.stories))
}

func (s *site) build() {
	if err := s.command("build").Run(); err != nil {
		s.t.Errorf("build: %v", err)
	}
}

// publicFile identifies a file as it was written; a document is never written into an old file.
type publicFile struct {
	name  string
	inode uint64
}

func (s *site) publicFiles() (files []publicFile) {
	err := filepath.WalkDir(filepath.Join(s.folder, "public"), func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		system, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return errors.New("no inode")
		}
		files = append(files, publicFile{name, uint64(system.Ino)})
		return nil
	})
	if err != nil {
		s.t.Error(err)
	}
	return files
}

// checkState reads the state as SQLite sees it.
func (s *site) checkState(stories int) {
	db, err := sql.Open("sqlite", "file:"+s.state+"?mode=ro")
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	var verdict string
	var articles int
	err = errors.Join(db.QueryRow(`PRAGMA integrity_check`).Scan(&verdict), db.QueryRow(`SELECT COUNT(*) FROM article`).Scan(&articles))
	if err != nil || verdict != "ok" || articles != stories {
		s.t.Errorf("the state is %q and has %d articles of %d stories (%v)", verdict, articles, stories, err)
	}
}

// checkLog looks for complaints, and for renamings that were understood.
func (s *site) checkLog(renamings bool) {
	log, err := os.ReadFile(s.log.Name())
	if err != nil {
		s.t.Fatal(err)
	}
	renamed := 0
	for line := range strings.Lines(string(log)) {
		switch {
		case strings.Contains(line, "level=WARN"), strings.Contains(line, "level=ERROR"), strings.Contains(line, "panic"):
			s.t.Errorf("the log complains: %s", line)
		case strings.Contains(line, ": renamed"):
			renamed++
		}
	}
	s.t.Logf("%d renamings told", renamed)
	if renamings && renamed == 0 {
		s.t.Error("no renaming was understood while files were renamed")
	}
}

func (s *site) showLog() {
	log, err := os.ReadFile(s.log.Name())
	if err != nil {
		s.t.Error(err)
	}
	s.t.Logf("log:\n%s", log[max(0, len(log)-8000):])
}

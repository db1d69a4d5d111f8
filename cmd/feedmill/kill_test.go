package main

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
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
	defer wait.Wait()
	defer stop()
	wait.Go(func() {
		if err := n.work(ctx); err != nil {
			t.Error(err)
		}
	})
	wait.Go(func() { w.watchDisk(ctx) })
	wait.Go(func() { reader.read(ctx) })
	dice := rand.New(rand.NewPCG(seed, 2))
	productive := killAll(t, s, n, w, kills, dice)
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
	s.endInPeace(dice)
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
			_ = d.liveFor(time.Duration(dice.IntN(700)) * time.Millisecond)
			n.calm.Store(true)
			lived = d.liveFor(time.Duration(2000+dice.IntN(2200)) * time.Millisecond)
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

// endInPeace stops daemons at random moments of their start and after it, and tries a second one beside a living one.
func (s *site) endInPeace(dice *rand.Rand) {
	for range 5 {
		l := s.start()
		l.awaitListening()
		_ = l.liveFor(time.Duration(dice.IntN(100)) * time.Millisecond)
		l.stop()
	}
	l := s.start()
	l.awaitListening()
	second := s.command("run", "--set", "server.listen=127.0.0.1:0", "--set", "admin.listen=127.0.0.1:0")
	second.Stdout, second.Stderr = nil, nil
	out, err := second.CombinedOutput()
	if second.ProcessState.ExitCode() != exitFailed || !strings.Contains(string(out), s.state) {
		s.t.Errorf("a second run on the same state: %v\n%s", err, out)
	}
	l.stop()
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
	if second := s.publicFiles(); !maps.EqualFunc(first, second, os.SameFile) {
		s.t.Errorf("a second build, with nothing new, wrote documents anew:\n%v\nthen\n%v", first, second)
	}
	for name := range first {
		if strings.HasPrefix(filepath.Base(name), ".") {
			s.t.Errorf("%s was left over", name)
		}
	}
	s.checkState(len(n.stories))
}

// publicFiles are the files of the output; a document that is written anew is another file.
func (s *site) publicFiles() map[string]fs.FileInfo {
	files := map[string]fs.FileInfo{}
	err := filepath.WalkDir(filepath.Join(s.folder, "public"), func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		files[name], err = e.Info()
		return err
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

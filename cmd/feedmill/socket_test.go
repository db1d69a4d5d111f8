package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// service runs the program as systemd does: with sockets that are open already, and a place to tell how it is.
type service struct {
	t       *testing.T
	folder  string
	sockets []*os.File
	names   string
	told    *net.UnixConn
}

// newService makes a service with these words as its configuration. Its socket names are at most as long as the system
// allows, which temporary folders of tests are not.
func newService(t *testing.T, words string, names string, sockets ...net.Listener) *service {
	t.Helper()
	s := &service{t: t, folder: t.TempDir(), names: names}
	for _, l := range sockets {
		file, err := l.(*net.TCPListener).File()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { file.Close() })
		s.sockets = append(s.sockets, file)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(program, filepath.Join(s.folder, "feedmill")); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"feedmill.yaml": words, "a.txt": "River rises\n\nThe river rose by a metre.\n"} {
		if err := os.WriteFile(filepath.Join(s.folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(filepath.Join(s.folder, "a.txt"), old, old); err != nil {
		t.Fatal(err)
	}
	if s.told, err = net.ListenUnixgram("unixgram", &net.UnixAddr{Name: fmt.Sprintf("@feedmill-test-%d-%d", os.Getpid(), time.Now().UnixNano()), Net: "unixgram"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.told.Close() })
	return s
}

// start starts the program in its own process, whose id the shell knows before the program runs.
func (s *service) start() (*exec.Cmd, *strings.Builder) {
	s.t.Helper()
	c := exec.CommandContext(s.t.Context(), "sh", "-c", "LISTEN_PID=$$ exec ./feedmill run")
	log := &strings.Builder{}
	c.Dir, c.ExtraFiles, c.Stderr = s.folder, s.sockets, log
	c.Env = append(os.Environ(), fmt.Sprint("LISTEN_FDS=", len(s.sockets)), "LISTEN_FDNAMES="+s.names, "NOTIFY_SOCKET="+s.told.LocalAddr().String())
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	return c, log
}

// hears waits until the program says how it is.
func (s *service) hears(want string) {
	s.t.Helper()
	if err := s.told.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		s.t.Fatal(err)
	}
	message := make([]byte, 100)
	n, err := s.told.Read(message)
	if got := string(message[:n]); err != nil || got != want {
		s.t.Errorf("told %q %v, want %q", got, err, want)
	}
}

func socket(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// TestRestartRefusesNobody asks without a pause while the program is stopped and started again: with a socket that stays
// open, nobody is refused and everybody gets an answer.
func TestRestartRefusesNobody(t *testing.T) {
	t.Parallel()
	public, admin := socket(t), socket(t)
	s := newService(t, "server: {listen: \"192.0.2.1:9\"}\nbase_url: https://feeds.example.org\nadmin: {listen: \"192.0.2.1:10\", token: 0123456789abcdef}\n"+
		"feeds: {world: {source: {files: \"*.txt\"}}}\n", "server:admin", public, admin) // no machine has these addresses
	run, log := s.start()
	s.hears("READY=1")

	var answers, stopped atomic.Int64
	var asking sync.WaitGroup
	defer asking.Wait()
	defer stopped.Store(1)
	for range 4 {
		asking.Go(func() {
			client := http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
			for stopped.Load() == 0 {
				res, err := client.Get("http://" + public.Addr().String() + "/world.rss")
				if err != nil {
					t.Errorf("after %d answers: %v", answers.Load(), err)
					return
				}
				_, err = io.Copy(io.Discard, res.Body)
				res.Body.Close()
				if err != nil || res.StatusCode != 200 && res.StatusCode != 503 {
					t.Errorf("after %d answers: %s %v", answers.Load(), res.Status, err)
				}
				answers.Add(1)
			}
		})
	}
	for range 2 {
		before := answers.Load()
		for answers.Load() < before+20 && !t.Failed() {
			time.Sleep(5 * time.Millisecond)
		}
		if err := run.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		s.hears("STOPPING=1")
		if err := run.Wait(); err != nil {
			t.Fatalf("%v\n%s", err, log)
		}
		run, log = s.start()
		s.hears("READY=1")
	}
	res, err := http.Get("http://" + admin.Addr().String() + "/health")
	if err != nil {
		t.Fatalf("the admin socket: %v", err)
	}
	defer res.Body.Close()
	if res.StatusCode != 200 {
		t.Errorf("the admin socket: %s", res.Status)
	}
	if err := run.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	s.hears("RELOADING=1")
	s.hears("READY=1")
	stopped.Store(1)
	asking.Wait()
	if err := run.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.hears("STOPPING=1")
	if err := run.Wait(); err != nil {
		t.Errorf("%v\n%s", err, log)
	}
}

// TestSocketsOfNoUse hands over what feedmill cannot use.
func TestSocketsOfNoUse(t *testing.T) {
	t.Parallel()
	everywhere, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer everywhere.Close()
	words := "server: {listen: \"127.0.0.1:0\"}\nadmin: {listen: \"127.0.0.1:0\"}\nbase_url: https://feeds.example.org\nfeeds: {world: {source: {files: \"*.txt\"}}}\n"
	for _, c := range []struct {
		names   string
		sockets []net.Listener
		want    string
	}{
		{"server:sever", []net.Listener{socket(t), socket(t)}, `hands over a socket "sever" that has no use here; FileDescriptorName= may be server, http`},
		{"server:server", []net.Listener{socket(t), socket(t)}, `socket "server" of the systemd unit: there are two of that name`},
		{"server:admin", []net.Listener{socket(t), everywhere}, "can be reached from other machines"},
	} {
		s := newService(t, words, c.names, c.sockets...)
		run, log := s.start()
		if err := run.Wait(); err == nil || !strings.Contains(log.String(), c.want) {
			t.Errorf("%s: %v\n%s", c.names, err, log)
		}
	}
}

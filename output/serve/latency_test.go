package serve

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// What readers notice of a refresh is measured from a process of its own, by as many requests a second at any time, and
// with a priority over everything else: a reader has a machine of his own. What the machine itself costs is seen beside it,
// from a server that does nothing but answer.

// The roles of the test binary in this measurement.
const (
	readerRole = "FEEDMILL_BENCH_READER" // the address, how many feeds, for how long, and the file for the times
	bareRole   = "FEEDMILL_BENCH_BARE"   // the address
)

const (
	readersAtOnce = 8
	requestsEach  = 60 // a second
)

// TestReadersDuringRefresh is that part of make bench-serve alone.
func TestReadersDuringRefresh(t *testing.T) {
	if os.Getenv("FEEDMILL_BENCH_SERVE") == "" {
		t.Skip("it measures for half a minute")
	}
	o := newBenchOrigin(t)
	m := newMill(t, buildProgram(t), o.URL, 1000)
	m.start(t)
	m.fill(t)
	for range 3 {
		m.duringRefresh(t, o)
	}
	m.stop(t)
}

// duringRefresh prints what readers notice while every feed has news.
func (m *mill) duringRefresh(t *testing.T, o *benchOrigin) {
	t.Helper()
	bare := startBare(t)
	idle, idleBare := m.besides(t, bare, 3*time.Second)
	o.edition.Add(1)
	if err := m.cmd.Process.Signal(syscall.SIGHUP); err != nil { // everything is refreshed
		t.Fatal(err)
	}
	busy, busyBare := m.besides(t, bare, 5*time.Second)
	fmt.Fprintf(os.Stdout, "| p99 of a reader, idle and while 1,000 feeds with news are refreshed | %.1f ms, %.1f ms |\n", idle.p99, busy.p99)
	fmt.Fprintf(os.Stdout, "| p99 of a bare server in Go beside it at these times | %.1f ms, %.1f ms |\n", idleBare.p99, busyBare.p99)
	m.settled(t)
}

// besides measures the program and a bare server at the same time.
func (m *mill) besides(t *testing.T, bare string, during time.Duration) (ours, floor figures) {
	t.Helper()
	var wait sync.WaitGroup
	wait.Go(func() { floor = readersOf(t, bare, m.feeds, during) })
	ours = m.readers(t, during)
	wait.Wait()
	return ours, floor
}

// startBare starts a server in Go that answers everything with 3 KB, as large as a feed of the origin is when it is compressed.
func startBare(t *testing.T) (address string) {
	t.Helper()
	address = free(t)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestBareServer$", "-test.timeout", "10m")
	cmd.Env = append(os.Environ(), bareRole+"="+address)
	run(t, cmd)
	for range 300 {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			return address
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the bare server does not start")
	return ""
}

// TestBareServer is that server.
func TestBareServer(t *testing.T) {
	address := os.Getenv(bareRole)
	if address == "" {
		t.Skip("only when readers are measured")
	}
	body := bytes.Repeat([]byte("x"), 3000)
	server := http.Server{Addr: address, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	})}
	ctx, stop := signal.NotifyContext(t.Context(), syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		t.Fatal(err)
	}
}

// readersOf runs the readers and returns what they say.
func readersOf(t *testing.T, address string, feeds int, during time.Duration) (f figures) {
	t.Helper()
	result := filepath.Join(t.TempDir(), "times")
	args := []string{os.Args[0], "-test.run", "^TestBenchReaders$"}
	if _, err := exec.LookPath("chrt"); err == nil && os.Getuid() == 0 {
		args = append([]string{"chrt", "-f", "10"}, args...)
	}
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %d %s", readerRole, address, feeds, during, result))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("readers: %v\n%s", err, out)
		return f
	}
	text, err := os.ReadFile(result)
	if err != nil {
		t.Error(err)
		return f
	}
	if _, err := fmt.Sscan(string(text), &f.p50, &f.p99); err != nil {
		t.Error(err)
	}
	return f
}

// TestBenchReaders are the readers.
func TestBenchReaders(t *testing.T) {
	var address, result string
	var feeds int
	var during time.Duration
	if os.Getenv(readerRole) == "" {
		t.Skip("only when readers are measured")
	}
	if _, err := fmt.Sscan(os.Getenv(readerRole), &address, &feeds, (*int64)(&during), &result); err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var mu sync.Mutex
	var times []time.Duration
	var wait sync.WaitGroup
	end := time.Now().Add(during)
	for n := range readersAtOnce {
		wait.Go(func() {
			own, err := readSteadily(address, n, feeds, end)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			times = append(times, own...)
		})
	}
	wait.Wait()
	if err := os.WriteFile(result, fmt.Appendln(nil, percentile(times, 50), percentile(times, 99)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// readSteadily asks for one feed after the other on one connection, at fixed times, and returns how long each took.
func readSteadily(address string, n, feeds int, end time.Time) (times []time.Duration, err error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	const period = time.Second / requestsEach
	in := textproto.NewReader(bufio.NewReaderSize(conn, 64<<10))
	next := time.Now().Add(time.Duration(n) * period / readersAtOnce)
	for i := n; next.Before(end); i += readersAtOnce {
		time.Sleep(time.Until(next))
		begun := time.Now()
		if _, err := fmt.Fprintf(conn, "GET /f%d.rss HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n", i%feeds); err != nil {
			return times, err
		}
		if line, err := in.ReadLine(); line != "HTTP/1.1 200 OK" {
			return times, errors.Join(fmt.Errorf("feed %d gives %q", i%feeds, line), err)
		}
		header, err := in.ReadMIMEHeader()
		if err != nil {
			return times, err
		}
		size, _ := strconv.ParseInt(header.Get("Content-Length"), 10, 64)
		if _, err := io.CopyN(io.Discard, in.R, size); err != nil {
			return times, err
		}
		times = append(times, time.Since(begun))
		if next = next.Add(period); next.Before(time.Now()) {
			next = time.Now() // who was late does not make up for it by haste
		}
	}
	return times, nil
}

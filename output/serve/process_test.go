package serve

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestWholeProcess measures the program as it is run, with feeds of an origin on loopback (make bench-serve): the time from
// its start to the first feed, what readers notice of a refresh of everything and of slow clients, and memory while idle.
func TestWholeProcess(t *testing.T) {
	if os.Getenv("FEEDMILL_BENCH_SERVE") == "" {
		t.Skip("it measures for a minute: make bench-serve")
	}
	program := buildProgram(t)
	o := newBenchOrigin(t)
	fmt.Fprintf(os.Stdout, "\n%s\n\n| of the whole program | |\n|---|---|\n", machine())

	m := newMill(t, program, o.URL, 1000)
	m.start(t)
	m.fill(t)
	m.duringRefresh(t, o)
	idle := m.readers(t, 3*time.Second)
	crowd := m.crowd(t, 2000)
	slow := m.readers(t, 3*time.Second)
	crowd()
	fmt.Fprintf(os.Stdout, "| p99 of a reader, alone and beside 2,000 slow clients | %.1f ms, %.1f ms |\n", idle.p99, slow.p99)
	m.stop(t)
	best := time.Hour
	for range 5 {
		best = min(best, m.start(t))
		m.stop(t)
	}
	fmt.Fprintf(os.Stdout, "| from the start to the first of 1,000 stored feeds | %d ms |\n", best.Milliseconds())

	m = newMill(t, program, o.URL, 100)
	m.start(t)
	m.fill(t)
	m.stop(t)
	m.start(t)
	time.Sleep(8 * time.Second)
	all, own := m.memory(t)
	fmt.Fprintf(os.Stdout, "| memory with 100 feeds (PSS), of it not the program file | %d MB, %d MB |\n\n", all>>10, own>>10)
	m.stop(t)
}

// buildProgram returns where the program is, as it is shipped.
func buildProgram(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "feedmill")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, "feedmill/cmd/feedmill")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// benchOrigin answers with a feed of 20 articles, one of which is new in each edition.
type benchOrigin struct {
	*httptest.Server
	edition atomic.Int64
}

func newBenchOrigin(t *testing.T) *benchOrigin {
	o := &benchOrigin{}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		edition := o.edition.Load()
		fmt.Fprintf(w, `<rss version="2.0"><channel><title>Feed %s</title><link>http://news.example/</link><description>All</description>`, r.URL.Path)
		for i := edition; i < edition+20; i++ {
			fmt.Fprintf(w, `<item><guid>%d</guid><title>Article %d</title><link>http://news.example/%d</link><description>%s</description></item>`, i, i, i, strings.Repeat("text words ", 90))
		}
		_, _ = io.WriteString(w, "</channel></rss>")
	}))
	t.Cleanup(o.Close)
	return o
}

// mill is a process that serves feeds.
type mill struct {
	program, folder, address string
	feeds                    int
	filled                   bool
	cmd                      *exec.Cmd
}

func newMill(t *testing.T, program, origin string, feeds int) *mill {
	t.Helper()
	m := &mill{program: program, folder: t.TempDir(), feeds: feeds, address: free(t)}
	var c bytes.Buffer
	fmt.Fprintf(&c, "base_url: http://%s\nstate: ./state.db\nserver: {listen: %q}\nadmin: {listen: %q}\n", m.address, m.address, free(t))
	fmt.Fprintf(&c, "fetch: {per_host: {concurrency: 16, interval: 0s}, allow_private: [%q]}\ndefaults: {schedule: \"@every 12h\"}\nfeeds:\n", strings.TrimPrefix(origin, "http://"))
	for i := range feeds {
		fmt.Fprintf(&c, "  f%d: {source: {feed: {url: %q}}}\n", i, fmt.Sprintf("%s/%d", origin, i))
	}
	if err := os.WriteFile(filepath.Join(m.folder, "feedmill.yaml"), c.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return m
}

func free(t *testing.T) string {
	t.Helper()
	l := listen(t)
	defer l.Close()
	return l.Addr().String()
}

// start starts the process, and returns how long it took until a feed was there; before there ever was one, until it was
// said to come.
func (m *mill) start(t *testing.T) time.Duration {
	t.Helper()
	begun := time.Now()
	m.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), m.program, "run", "-c", filepath.Join(m.folder, "feedmill.yaml"))
	if err := m.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	cmd := m.cmd
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	for time.Since(begun) < 30*time.Second {
		if status := m.status(m.feeds / 2); status == http.StatusOK || status != 0 && !m.filled {
			return time.Since(begun)
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("it does not start")
	return 0
}

// status is that of a feed, 0 when nobody answers.
func (m *mill) status(feed int) int {
	res, err := http.DefaultTransport.RoundTrip(httptest.NewRequest(http.MethodGet, fmt.Sprintf("http://%s/f%d.rss", m.address, feed), nil))
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

// fill waits until every feed is there.
func (m *mill) fill(t *testing.T) {
	t.Helper()
	begun := time.Now()
	for i := 0; i < m.feeds; {
		if m.status(i) == http.StatusOK {
			i++
			continue
		}
		if time.Since(begun) > 2*time.Minute {
			t.Fatalf("feed %d is not there", i)
		}
		time.Sleep(100 * time.Millisecond)
	}
	m.filled = true
	m.settled(t)
}

// settled waits until the process has nothing more to do.
func (m *mill) settled(t *testing.T) {
	t.Helper()
	r := rival{pids: []int{m.cmd.Process.Pid}}
	for range 60 {
		before := r.used(t)
		time.Sleep(time.Second)
		if r.used(t)-before < 50*time.Millisecond {
			return
		}
	}
}

func (m *mill) stop(t *testing.T) {
	t.Helper()
	_ = m.cmd.Process.Signal(syscall.SIGTERM)
	_ = m.cmd.Wait()
}

// readers are readers that ask for feeds one after the other.
func (m *mill) readers(t *testing.T, during time.Duration) figures {
	t.Helper()
	return readersOf(t, m.address, m.feeds, during)
}

// crowd opens connections that do next to nothing, and returns what ends them.
func (m *mill) crowd(t *testing.T, count int) func() {
	t.Helper()
	var conns []net.Conn
	for i := range count {
		conn, err := net.Dial("tcp", m.address)
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
		_, _ = io.WriteString(conn, []string{"GET /f1.rss HTTP/1.1\r\nHost: x\r\nX-Slow: ", "GET /f1.rss HTTP/1.1\r\nHost: x\r\n\r\n", ""}[i%3])
	}
	return func() {
		for _, conn := range conns {
			conn.Close()
		}
	}
}

// memory is the share of the process in all memory, in KB, and what of it is not from files.
func (m *mill) memory(t *testing.T) (all, own int) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", m.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		size, _ := strconv.Atoi(fields[1])
		switch fields[0] {
		case "Pss:":
			all = size
		case "Pss_Anon:":
			own = size
		}
	}
	return all, own
}

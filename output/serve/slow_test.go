package serve

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"feedmill/feed"
)

// shelved is a file of the given size for articles to show, with a count of what was read of it.
func shelved(t *testing.T, size int64) (d feed.Document, read *atomic.Int64) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "show.mp3")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(file, size); err != nil { // which takes no room on the disk
		t.Fatal(err)
	}
	read = new(atomic.Int64)
	d = feed.NewDocument("media/0a1b-show.mp3", "audio/mpeg", modified, nil)
	d.Size = size
	d.Open = func() (io.ReadSeekCloser, error) {
		f, err := os.Open(file)
		return &tallied{f, read}, err
	}
	return d, read
}

type tallied struct {
	io.ReadSeekCloser
	read *atomic.Int64
}

func (c *tallied) Read(b []byte) (int, error) {
	n, err := c.ReadSeekCloser.Read(b)
	c.read.Add(int64(n))
	return n, err
}

// TestSlowReadersOfMedia has very many readers ask for a large file and then read nothing of it: neither the process nor the
// kernel holds more for them than a piece of it, whatever its size; others read as before, and who goes on gets all of it.
// With FEEDMILL_BENCH_SERVE there are 2,000.
func TestSlowReadersOfMedia(t *testing.T) {
	const size = 64 << 20
	readers := 200
	if os.Getenv("FEEDMILL_BENCH_SERVE") != "" {
		readers = 2000
	}
	song, read := shelved(t, size)
	server := worldly(t, "")
	server.SetPages(newAttic(song).page)
	s := start(t, server)
	s.get(t, "/world.atom")
	before := inUse()
	var first net.Conn
	for i := range readers {
		conn := s.dial(t)
		if i == 0 {
			first = conn // it goes on
		} else {
			_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
		}
		_, _ = io.WriteString(conn, "GET /media/0a1b-show.mp3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	}
	taken := settled(t, read, int64(min(readers, mediaAtOnce)))
	own := (int64(inUse()) - int64(before)) / int64(readers)
	if own > 128<<10 {
		t.Errorf("a slow reader of %d MB costs %d KB", size>>20, own>>10)
	}
	if runtime.GOOS == "linux" && taken > 512<<10 {
		t.Errorf("of a file that nobody reads the kernel takes %d KB", taken>>10)
	}
	t.Logf("each of %d slow readers of %d MB costs %d KB, and %d KB wait in the kernel", readers, size>>20, own>>10, taken>>10)

	var times []time.Duration
	for range 100 {
		begun := time.Now()
		s.get(t, "/world.atom", "Accept-Encoding", "gzip").wants(t, 200)
		times = append(times, time.Since(begun))
	}
	if p99 := percentile(times, 99); p99 > 500 {
		t.Errorf("beside them p99 is %.1f ms", p99)
	}
	res, err := http.ReadResponse(bufio.NewReader(first), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if n, err := io.Copy(io.Discard, res.Body); res.StatusCode != 200 || n != size || err != nil {
		t.Errorf("who goes on gets %d, %d bytes of %d: %v", res.StatusCode, n, size, err)
	}
}

// settled waits until nothing more is read, and returns how much of it was for each reader.
func settled(t *testing.T, read *atomic.Int64, readers int64) (each int64) {
	t.Helper()
	last := int64(-1)
	for deadline := time.Now().Add(20 * time.Second); read.Load() < readers || read.Load() != last; time.Sleep(100 * time.Millisecond) {
		last = read.Load()
		if time.Now().After(deadline) {
			t.Fatalf("after %s still something is read", 20*time.Second)
		}
	}
	return last / readers
}

package serve

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"feedmill/feed"
)

// The comparison with nginx (make bench-serve): the same bytes with the same headers, each server pinned to the first
// processor and the load to the second. Processor time for a request is what counts; the machine may have other work.

// serverFolder tells the test binary that it is the server of the comparison.
const serverFolder = "FEEDMILL_BENCH_SERVER"

// benchSizes are about the sizes of the documents, in thousands of bytes.
var benchSizes = []int{52, 243}

const (
	benchFor    = time.Second
	benchRounds = 4
)

// TestBenchServer is the server of the comparison, in a process of its own.
func TestBenchServer(t *testing.T) {
	folder := os.Getenv(serverFolder)
	if folder == "" {
		t.Skip("only in the comparison with nginx")
	}
	s := New("", quiet())
	s.SetFeeds(aged(map[string]time.Duration{"world": 5 * time.Minute}))
	var docs []feed.Document
	for _, size := range benchSizes {
		body, err := os.ReadFile(filepath.Join(folder, benchName(size)))
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, feed.NewDocument("world/"+benchName(size), feed.TypeRSS, modified, body))
	}
	publish(t, s, feed.Release{Feed: "world", Documents: docs})
	settle(t, s)
	squeezeAll(t, s)
	for _, doc := range s.table.Load().shelf("world").docs {
		whole, err := s.plain(doc)
		if err != nil {
			t.Fatal(err)
		}
		bodies := [codings][]byte{codingIdentity: whole.body}
		for c := codingGzip; c < codings; c++ {
			bodies[c] = doc.forms[c].Load().body
		}
		for c, body := range bodies {
			name := filepath.Join(folder, filepath.Base(doc.path)+[codings]string{"", ".gz", ".zst", ".br"}[c])
			if err := os.WriteFile(name, body, 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(name, modified, modified); err != nil {
				t.Fatal(err)
			}
		}
	}
	l := listen(t)
	if err := os.WriteFile(filepath.Join(folder, "address.new"), []byte(l.Addr().String()), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(folder, "address.new"), filepath.Join(folder, "address")); err != nil {
		t.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(t.Context(), syscall.SIGTERM)
	defer stop()
	if err := s.Run(ctx, l); err != nil {
		t.Fatal(err)
	}
}

func benchName(size int) string { return fmt.Sprintf("feed-%d.rss", size) }

// benchText is a feed that compresses about as well as articles do.
func benchText(size int) []byte {
	words := strings.Fields(`the minister said on Monday that a new agreement between both countries would be signed before winter while
		observers doubt whether parliament can agree to it at all because opposition leaders have asked for another inquiry`)
	var b bytes.Buffer
	b.WriteString("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>World</title>")
	for i, seed := 0, uint32(7); b.Len() < size*1000; i++ {
		fmt.Fprintf(&b, "<item><title>Report %d</title><link>https://news.example/world/report-%d</link><description>", i, i)
		for range 600 {
			seed = seed*1664525 + 1013904223
			b.WriteString(words[seed>>16%uint32(len(words))])
			fmt.Fprintf(&b, "%x ", seed>>24&7)
		}
		b.WriteString("</description></item>")
	}
	b.WriteString("</channel></rss>")
	return b.Bytes()
}

// rival is one of the servers that are compared.
type rival struct {
	name    string
	address string
	pids    []int
}

func TestBesideNginx(t *testing.T) {
	if os.Getenv("FEEDMILL_BENCH_SERVE") == "" {
		t.Skip("it measures for a minute: make bench-serve")
	}
	for _, program := range []string{"nginx", "wrk", "taskset"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%s is needed: make bench-serve installs it", program)
		}
	}
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, size := range benchSizes {
		if err := os.WriteFile(filepath.Join(folder, benchName(size)), benchText(size), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	ours := startOurs(t, folder)
	nginx := startNginx(t, folder)
	fmt.Fprintf(os.Stdout, "\n%s\n\nProcessor time for a request in µs; p50 and p99 in ms with 64 connections.\n\n", machine())
	fmt.Fprintln(os.Stdout, "| document | request | nginx | feedmill | times | nginx p50 / p99 | feedmill p50 / p99 |\n|---|---|---|---|---|---|---|")
	for _, size := range benchSizes {
		for _, c := range []struct{ name, method, accept, known string }{
			{"304", "GET", "gzip", "known"}, {"gzip", "GET", "gzip", ""}, {"zstd", "GET", "zstd", ""}, {"br", "GET", "br", ""}, {"plain", "GET", "", ""}, {"HEAD", "HEAD", "gzip", ""},
		} {
			var best [2]figures
			for range benchRounds {
				for i, r := range []rival{nginx, ours} {
					if f := r.measure(t, c.method, size, c.accept, c.known != ""); best[i].cpu == 0 || f.cpu < best[i].cpu {
						best[i] = f
					}
				}
			}
			n, o := best[0], best[1]
			fmt.Fprintf(os.Stdout, "| %d KB | %s | %.1f | %.1f | %.2f | %.1f / %.1f | %.1f / %.1f |\n", size, c.name, n.cpu, o.cpu, o.cpu/n.cpu, n.p50, n.p99, o.p50, o.p99)
		}
	}
}

// figures are processor time in µs for a request, and times to the answer in ms.
type figures struct{ cpu, p50, p99 float64 }

// measure asks for one document over and over. Both answer the same to one request before.
func (r rival) measure(t *testing.T, method string, size int, accept string, known bool) figures {
	t.Helper()
	url := "http://" + r.address + "/world/" + benchName(size)
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", cmp.Or(accept, "identity"))
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	res.Body.Close()
	if res.StatusCode != 200 || res.Header.Get("Content-Encoding") != accept {
		t.Fatalf("%s answers %s with %d %s", r.name, url, res.StatusCode, res.Header)
	}
	headers := []string{"Accept-Encoding: " + cmp.Or(accept, "identity")}
	if known {
		headers = append(headers, "If-None-Match: "+res.Header.Get("Etag"))
	}
	before := r.used(t)
	var count int
	var f figures
	if method == http.MethodHead { // whose answers wrk does not understand
		count, f = heads(t, r.address, "/world/"+benchName(size), headers)
	} else {
		count, f = wrk(t, url, headers)
	}
	f.cpu = float64(r.used(t)-before) / float64(time.Microsecond) / float64(count)
	return f
}

func wrk(t *testing.T, url string, headers []string) (count int, f figures) {
	args := []string{"-c", "1", "wrk", "-t1", "-c64", "-d", benchFor.String(), "--latency"}
	for _, h := range headers {
		args = append(args, "-H", h)
	}
	out, err := exec.CommandContext(t.Context(), "taskset", append(args, url)...).CombinedOutput()
	if err != nil {
		t.Fatalf("wrk: %v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		switch {
		case len(fields) > 3 && fields[1] == "requests" && fields[2] == "in":
			count, _ = strconv.Atoi(fields[0])
		case len(fields) == 2 && fields[0] == "50%":
			f.p50 = milliseconds(fields[1])
		case len(fields) == 2 && fields[0] == "99%":
			f.p99 = milliseconds(fields[1])
		}
	}
	if count == 0 {
		t.Fatalf("wrk says\n%s", out)
	}
	return count, f
}

func milliseconds(s string) float64 {
	d, _ := time.ParseDuration(strings.Replace(s, "us", "µs", 1))
	return float64(d) / float64(time.Millisecond)
}

// heads asks with HEAD on 64 connections, from this process.
func heads(t *testing.T, address, path string, headers []string) (int, figures) {
	request := []byte("HEAD " + path + " HTTP/1.1\r\nHost: x\r\n" + strings.Join(headers, "\r\n") + "\r\n\r\n")
	ctx, stop := context.WithTimeout(t.Context(), benchFor)
	defer stop()
	var count atomic.Int64
	var mu sync.Mutex
	var times []time.Duration
	var wait sync.WaitGroup
	for range 64 {
		wait.Go(func() {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			var own []time.Duration
			for in := bufio.NewReader(conn); ctx.Err() == nil; count.Add(1) {
				begun := time.Now()
				if _, err := conn.Write(request); err != nil {
					t.Error(err)
					return
				}
				for {
					line, err := in.ReadSlice('\n')
					if err != nil {
						t.Error(err)
						return
					}
					if len(line) == 2 {
						break
					}
				}
				own = append(own, time.Since(begun))
			}
			mu.Lock()
			defer mu.Unlock()
			times = append(times, own...)
		})
	}
	wait.Wait()
	return int(count.Load()), figures{p50: percentile(times, 50), p99: percentile(times, 99)}
}

// percentile is in milliseconds. It sorts times.
func percentile(times []time.Duration, percent int) float64 {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return float64(times[min(len(times)-1, len(times)*percent/100)]) / float64(time.Millisecond)
}

// used is the processor time of the server so far.
func (r rival) used(t *testing.T) (total time.Duration) {
	t.Helper()
	for _, pid := range r.pids {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			t.Fatal(err)
		}
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+2:]))
		for _, field := range fields[11:13] { // utime and stime, in hundredths of a second
			ticks, err := strconv.Atoi(field)
			if err != nil {
				t.Fatal(err)
			}
			total += time.Duration(ticks) * 10 * time.Millisecond
		}
	}
	return total
}

func startOurs(t *testing.T, folder string) rival {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "taskset", "-c", "0", os.Args[0], "-test.run", "^TestBenchServer$", "-test.timeout", "10m")
	cmd.Env = append(os.Environ(), serverFolder+"="+folder)
	run(t, cmd)
	return rival{"feedmill", await(t, filepath.Join(folder, "address")), []int{cmd.Process.Pid}} // taskset becomes the server
}

func startNginx(t *testing.T, folder string) rival {
	t.Helper()
	l := listen(t)
	address := l.Addr().String()
	l.Close()
	pid := filepath.Join(folder, "nginx.pid")
	user := ""
	if os.Getuid() == 0 { // else its worker may not read the folder
		user = "user root;"
	}
	config := user + strings.NewReplacer("FOLDER", folder, "ADDRESS", address, "PID", pid).Replace(nginxConfig)
	if err := os.WriteFile(filepath.Join(folder, "nginx.conf"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	run(t, exec.CommandContext(t.Context(), "taskset", "-c", "0", "nginx", "-p", folder, "-c", filepath.Join(folder, "nginx.conf"), "-e", filepath.Join(folder, "error.log")))
	master, err := strconv.Atoi(strings.TrimSpace(await(t, pid)))
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", master, master))
		if worker, bad := strconv.Atoi(strings.TrimSpace(string(children))); err == nil && bad == nil {
			return rival{"nginx", address, []int{worker}}
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("nginx does not start")
	return rival{}
}

const nginxConfig = `
daemon off;
worker_processes 1;
pid PID;
error_log FOLDER/error.log;
events { worker_connections 4096; }
http {
	access_log off;
	sendfile on;
	tcp_nopush on;
	keepalive_requests 1000000000;
	open_file_cache max=100 inactive=1h;
	open_file_cache_valid 1h;
	types { application/rss+xml rss br zst; }
	charset utf-8;
	charset_types application/rss+xml;
	gzip_vary on;
	add_header Cache-Control "public, max-age=300, stale-while-revalidate=300, stale-if-error=86400";
	add_header X-Content-Type-Options nosniff;
	add_header Access-Control-Allow-Origin *;
	add_header Access-Control-Expose-Headers "ETag, Link";
	add_header Link '</world/feed.rss>; rel="self"; type="application/rss+xml"';
	map $http_accept_encoding $ending { br .br; zstd .zst; default ""; }
	map $http_accept_encoding $coding { br br; zstd zstd; default ""; }
	client_body_temp_path FOLDER/tmp; proxy_temp_path FOLDER/tmp; fastcgi_temp_path FOLDER/tmp; uwsgi_temp_path FOLDER/tmp; scgi_temp_path FOLDER/tmp;
	server {
		listen ADDRESS;
		location /world/ { alias FOLDER/; gzip_static on; if ($ending) { rewrite ^/world/(.*)$ /packed/$1$ending last; } }
		location /packed/ { alias FOLDER/; add_header Content-Encoding $coding;
			add_header Cache-Control "public, max-age=300, stale-while-revalidate=300, stale-if-error=86400";
			add_header X-Content-Type-Options nosniff; add_header Access-Control-Allow-Origin *; add_header Vary Accept-Encoding;
			add_header Access-Control-Expose-Headers "ETag, Link";
			add_header Link '</world/feed.rss>; rel="self"; type="application/rss+xml"'; }
	}
}
`

// run starts a server and ends it with the test.
func run(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s says\n%s", cmd.Args[3], out.String())
		}
	})
}

// await waits for a file and returns what is in it.
func await(t *testing.T, name string) string {
	t.Helper()
	for range 300 {
		if text, err := os.ReadFile(name); err == nil && len(text) > 0 {
			return string(text)
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("there is no %s", name)
	return ""
}

// machine says what it runs on.
func machine() string {
	model := "an unknown processor"
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			model = strings.TrimSpace(value)
		}
	}
	load, _ := os.ReadFile("/proc/loadavg")
	return fmt.Sprintf("%s, %d processors, load %s", model, strings.Count(string(info), "model name"), strings.Fields(string(load) + " ?")[0])
}

package daemon

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"feedmill/cmd/feedmill/internal/admin"
	"feedmill/config"
	"feedmill/feed/fetch"
	"feedmill/feed/mill"
	"feedmill/feed/store"
	"feedmill/feed/store/sqlite"
	"feedmill/source/sourcetest"
)

// mostHostile is what ten hostile answers may cost above the idle program.
const mostHostile = 256 << 20

// hostiles are the answers of origins that mean harm or are out of their mind, and the words by which the log names the
// remedy.
var hostiles = []struct {
	name   string
	answer func() http.HandlerFunc
	remedy string
}{
	{"bomb", func() http.HandlerFunc { return sourcetest.Bomb(1 << 30) }, "max_body"},
	{"endless", sourcetest.Endless, "max_body"},
	{"drip", drip, "timeout"},
	{"nested", rss(func(w io.Writer) { repeat(w, "<a>", 1_000_000) }), "nested more than"},
	{"items", rss(func(w io.Writer) {
		for n := range 100_000 {
			fmt.Fprintf(w, "<item><title>Number %d of very many articles</title><guid>urn:n:%d</guid></item>", n, n)
		}
	}), "what follows it is left out"},
	{"title", rss(func(w io.Writer) {
		fmt.Fprintf(w, "<item><title>")
		repeat(w, "long ", 10<<20/5)
		fmt.Fprintf(w, "</title></item>")
	}), "<title> holds more than"},
	{"ampersands", rss(func(w io.Writer) {
		fmt.Fprintf(w, "<item><title>Loud</title><description>")
		repeat(w, "&", 15<<20)
		fmt.Fprintf(w, "</description></item>")
	}), "<description> holds more than"},
	{"brackets", rss(func(w io.Writer) {
		fmt.Fprintf(w, "<item><title>Open</title><description>")
		repeat(w, "<", 15<<20)
	}), "a tag of more than"},
	{"laughs", func() http.HandlerFunc {
		return sourcetest.Body(sourcetest.RSS, `<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><rss version="2.0"><channel><item><title>&b;</title></item></channel></rss>`)
	}, "declares entities"},
	{"json", func() http.HandlerFunc {
		return sourcetest.Body("application/feed+json", `{"version":"https://jsonfeed.org/version/1.1","items":`+strings.Repeat("[", 15<<20))
	}, "JSON"},
}

// rss is a document of RSS with an inside of its own, closed as a document must be.
func rss(inside func(io.Writer)) func() http.HandlerFunc {
	return func() http.HandlerFunc {
		var b bytes.Buffer
		fmt.Fprintf(&b, `<?xml version="1.0"?><rss version="2.0"><channel><title>Hostile</title>`)
		inside(&b)
		fmt.Fprintf(&b, `</channel></rss>`)
		return sourcetest.Body(sourcetest.RSS, b.String())
	}
}

func repeat(w io.Writer, word string, n int) { _, _ = io.WriteString(w, strings.Repeat(word, n)) }

// drip answers a byte at a time, and would for hours.
func drip() http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, " "); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
			time.Sleep(50 * time.Millisecond)
		}
	}
}

// TestTenHostileOrigins shows that the whole program stays within 256 MB above idle while ten hostile origins answer at
// once, that a good feed beside them is refreshed on time, that what was published stays, and that the log names each
// hostile source and what to do.
func TestTenHostileOrigins(t *testing.T) {
	if os.Getenv("FEEDMILL_TEST_SOAK") == "" {
		t.Skip("a soak that measures the memory of a whole process: make soak runs it")
	}
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("builds the program, takes half a minute, and reads proc(5)")
	}
	t.Parallel()
	site := sourcetest.NewSite()
	origin := httptest.NewServer(site)
	t.Cleanup(origin.Close)
	good := sourcetest.NewFeed("Good", "https://good.example", 3, 500, time.Now().Add(-time.Hour))
	site.Script("/good.xml", good.ServeHTTP)
	for _, h := range hostiles {
		site.Script("/"+h.name+".xml", sourcetest.NewFeed(h.name, "https://"+h.name+".example", 3, 500, time.Now().Add(-time.Hour)).ServeHTTP)
	}
	p := startProgram(t, origin.URL)
	await(t, 20*time.Second, "the first articles of all feeds", func() bool {
		for _, h := range hostiles {
			if !p.shows(h.name, "Article 3") {
				return false
			}
		}
		return p.shows("good", "Article 3")
	})
	idle := p.settle()

	came, all := new(atomic.Int64), make(chan struct{})
	for _, h := range hostiles {
		answer := h.answer()
		site.Script("/"+h.name+".xml", func(w http.ResponseWriter, r *http.Request) {
			if came.Add(1) == int64(len(hostiles)) {
				close(all)
			}
			select {
			case <-all: // they answer at once
			case <-r.Context().Done():
				return
			}
			answer(w, r)
		})
	}
	good.Edit(func(f *sourcetest.Feed) {
		f.Items = append([]sourcetest.Item{sourcetest.NewItem(f.Link, 4, 500, time.Now())}, f.Items...)
	})
	for _, h := range hostiles {
		p.refresh(h.name)
	}
	select {
	case <-all:
	case <-time.After(20 * time.Second):
		t.Fatalf("only %d of %d feeds are refreshed side by side", came.Load(), len(hostiles))
	}
	p.refresh("good")
	await(t, 5*time.Second, "the new article of the good feed", func() bool { return p.shows("good", "Article 4") })
	await(t, 40*time.Second, "a word on each hostile source", func() bool { return p.unnamed() == "" })
	if t.Failed() {
		t.Log("not named: " + p.unnamed())
	}
	peak := p.status("VmHWM:")
	t.Logf("idle %d MB, peak %d MB", idle>>20, peak>>20)
	if peak-idle > mostHostile {
		t.Errorf("ten hostile origins took %d MB above idle", (peak-idle)>>20)
	}
	for _, h := range hostiles {
		if h.name != "items" && !p.shows(h.name, "Article 3") { // those are good articles, and push the old ones out
			t.Errorf("%s lost its old articles", h.name)
		}
	}
}

func await(t *testing.T, most time.Duration, what string, done func() bool) {
	t.Helper()
	for begun := time.Now(); time.Since(begun) < most; time.Sleep(50 * time.Millisecond) {
		if done() {
			return
		}
	}
	t.Errorf("%s did not come within %v", what, most)
}

// program is a running feedmill.
type program struct {
	t       *testing.T
	address string // of the public server
	admin   string
	log     string
	child   *exec.Cmd
}

// startProgram builds and runs feedmill with a good feed and the hostile ones.
func startProgram(t *testing.T, origin string) *program {
	t.Helper()
	dir := t.TempDir()
	binary := filepath.Join(dir, "feedmill")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "feedmill/cmd/feedmill").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	p := &program{t: t, address: freeAddress(t), admin: freeAddress(t), log: filepath.Join(dir, "log")}
	var words strings.Builder
	fmt.Fprintf(&words, `
server: {listen: %s}
admin: {listen: %s}
fetch: {allow_private: [%q], timeout: 10s, per_host: {concurrency: 16, interval: 0s}}
defaults: {schedule: "@every 1h"}
feeds:
  good: {source: {feed: %s/good.xml}}
`, p.address, p.admin, strings.TrimPrefix(origin, "http://"), origin)
	for _, h := range hostiles {
		fmt.Fprintf(&words, "  %s: {source: {feed: %s/%s.xml}}\n", h.name, origin, h.name)
	}
	if err := os.WriteFile(filepath.Join(dir, "feedmill.yaml"), []byte(words.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(p.log)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	p.child = exec.CommandContext(context.Background(), binary, "run", "-c", filepath.Join(dir, "feedmill.yaml"))
	p.child.Dir, p.child.Stdout, p.child.Stderr = dir, log, log
	if err := p.child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.child.Process.Signal(syscall.SIGTERM) // if it has ended, Wait tells
		if err := p.child.Wait(); err != nil && !t.Failed() {
			t.Errorf("the program ended badly: %v", err)
		}
		if t.Failed() {
			text, _ := os.ReadFile(p.log)
			t.Logf("%s", text)
		}
	})
	return p
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// shows reports whether the RSS document of a feed holds the words.
func (p *program) shows(name, words string) bool {
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, "http://"+p.address+"/"+name+".rss", http.NoBody)
	if err != nil {
		p.t.Fatal(err)
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return err == nil && strings.Contains(string(text), words)
}

// unnamed returns a hostile source of which the log does not name the remedy yet.
func (p *program) unnamed() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		p.t.Fatal(err)
	}
next:
	for _, h := range hostiles {
		for line := range strings.Lines(string(text)) {
			if strings.Contains(line, "feed="+h.name+" ") && strings.Contains(line, h.remedy) {
				continue next
			}
		}
		return h.name
	}
	return ""
}

// settle waits until the program is idle, and returns what it takes in memory; its peak is counted anew from then on.
func (p *program) settle() int64 {
	p.t.Helper()
	time.Sleep(11 * time.Second) // until answers are no longer held for others that ask the same
	idle := p.status("VmRSS:")
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.child.Process.Pid), []byte("5"), 0o200); err != nil {
		p.t.Logf("the peak counts from the start: %v", err)
	}
	return idle
}

// status reads a size in bytes from what Linux knows of the program (proc(5)).
func (p *program) status(word string) int64 {
	p.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.child.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == word {
			kilobytes, err := strconv.ParseInt(fields[1], 10, 64)
			if err != nil {
				p.t.Fatal(err)
			}
			return kilobytes << 10
		}
	}
	p.t.Fatalf("no %s in the status of the program", word)
	return 0
}

// refresh asks for a refresh of a feed.
func (p *program) refresh(name string) {
	p.t.Helper()
	if err := admin.Tell(p.t.Context(), p.admin, "", name); err != nil {
		p.t.Fatal(err)
	}
}

// TestQuarantine shows that a feed whose body ended the process twice is left alone at the third start, by name, while
// others go on, also one that was only at work beside it; and that a new body is read again.
//
// What ends the process is simulated: a ledger that kills its own process once the work on the body is noted.
func TestQuarantine(t *testing.T) {
	if dir := os.Getenv("QUARANTINE_CHILD"); dir != "" {
		refreshOnce(t, dir)
		return
	}
	t.Parallel()
	site := sourcetest.NewSite()
	address, _ := site.Serve(t)
	deadly := sourcetest.NewFeed("Deadly", "https://deadly.example", 3, 500, time.Now().Add(-time.Hour))
	site.Script("/deadly.xml", sourcetest.After(300*time.Millisecond, deadly.ServeHTTP)) // the others have begun then
	for _, name := range []string{"good", "beside"} {
		site.Script("/"+name+".xml", sourcetest.NewFeed(name, "https://"+name+".example", 3, 500, time.Now().Add(-time.Hour)).ServeHTTP)
	}
	dir := t.TempDir()
	words := fmt.Sprintf(`
server: {listen: 127.0.0.1:8080}
fetch: {allow_private: [%q], per_host: {concurrency: 8, interval: 0s}}
feeds:
  planet:
    source:
      - {name: beside, feed: %[2]s/beside.xml}
      - {name: deadly, feed: %[2]s/deadly.xml}
      - {name: good, feed: %[2]s/good.xml}
`, strings.TrimPrefix(address, "http://"), address)
	if err := os.WriteFile(filepath.Join(dir, "feedmill.yaml"), []byte(words), 0o644); err != nil {
		t.Fatal(err)
	}
	for start, environment := range []string{"QUARANTINE_FIRST=1", "QUARANTINE_FIRST="} {
		if out, err := runChild(t, dir, environment); err == nil || !strings.Contains(err.Error(), "killed") {
			t.Fatalf("start %d ends with %v:\n%s", start+1, err, out)
		}
	}
	out, err := runChild(t, dir)
	if err != nil {
		t.Fatalf("the third start: %v\n%s", err, out)
	}
	for _, want := range []string{"source deadly", "ended feedmill 2 times", "/deadly.xml", "max_body", "6 published"} {
		if !strings.Contains(out, want) {
			t.Errorf("the third start does not say %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "source beside") || strings.Contains(out, "source good") {
		t.Errorf("others are left alone too:\n%s", out)
	}
	deadly.Edit(func(f *sourcetest.Feed) { f.Items = f.Items[1:] })
	if out, err = runChild(t, dir, "QUARANTINE_LATER=7h"); err != nil || !strings.Contains(out, "2 published") || strings.Contains(out, "source deadly") {
		t.Errorf("a new body: %v\n%s", err, out)
	}
}

// runChild refreshes once in a process of its own, and returns what it says.
func runChild(t *testing.T, dir string, environment ...string) (string, error) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestQuarantine$", "-test.v")
	child.Env = append(append(os.Environ(), "QUARANTINE_CHILD="+dir), environment...)
	out, err := child.CombinedOutput()
	return string(out), err
}

// refreshOnce is the child of TestQuarantine.
func refreshOnce(t *testing.T, dir string) {
	later, _ := time.ParseDuration(os.Getenv("QUARANTINE_LATER")) // none unless it is set
	now := func() time.Time { return time.Now().Add(later) }
	c, err := config.Load(filepath.Join(dir, "feedmill.yaml"), config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	plan, err := Open(c, fetch.New(now, log), now, log)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Open(t.Context(), filepath.Join(dir, "feedmill.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ledger := &fatalLedger{Store: s, source: plan.Feeds[0].Sources[1].Digest, beside: plan.Feeds[0].Sources[0].Digest, first: os.Getenv("QUARANTINE_FIRST") != ""}
	if later > 0 {
		ledger.source = "none"
	}
	report, err := mill.New(ledger, s, now).Refresh(t.Context(), &plan.Feeds[0].Feed)
	t.Logf("%d published, %v", report.Published, err)
}

// fatalLedger ends the process when a source begins to read a body, as long as it would be let in. The source beside it
// that read for the first time is still at work then.
type fatalLedger struct {
	*store.Store
	source, beside string
	first          bool
}

func (l *fatalLedger) Begin(ctx context.Context, work string) (int64, error) {
	times, err := l.Store.Begin(ctx, work)
	if err == nil && times < 2 && strings.HasPrefix(work, l.source) {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
	return times, err
}

func (l *fatalLedger) End(ctx context.Context, work string, times int64) error {
	if l.first && strings.HasPrefix(work, l.beside) {
		return nil
	}
	return l.Store.End(ctx, work, times)
}

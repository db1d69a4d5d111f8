package browser

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"

	"feedmill/feed"
)

// process is a browser that runs on this machine.
type process struct {
	command *exec.Cmd
	folder  string // of its profile and temporary files
	wire    *wire
	printed *tail
	ended   chan struct{} // closed when it and what it printed have come to an end
}

// startWithin is how long a start may take on a machine that has much else to do.
const startWithin = 30 * time.Second

// start starts the program, with a sandbox if there can be one.
func start(ctx context.Context, path string, log *slog.Logger) (*process, error) {
	p, err := launch(ctx, path, true)
	if noSandbox := (*unsandboxed)(nil); !errors.As(err, &noSandbox) {
		return p, err
	}
	if _, other := servant(); !other {
		return nil, err
	}
	log.Warn("the browser runs without its sandbox, as another user than feedmill: this machine allows none; allow user namespaces, or run the browser elsewhere and write browser: {url: ws://…}")
	return launch(ctx, path, false)
}

// launch starts the program and waits until it answers.
func launch(ctx context.Context, path string, sandboxed bool) (*process, error) {
	folder, err := newFolder()
	if err != nil {
		return nil, ours(feed.Unavailable, "no folder for the browser: %w; see whether %s has room and can be written", err, os.TempDir())
	}
	p := &process{folder: folder, ended: make(chan struct{}), printed: &tail{}}
	if err := p.run(path, sandboxed); err != nil {
		_ = os.RemoveAll(folder)
		return nil, ours(feed.Refused, "start browser %s: %w; see whether it is a Chromium or Chrome that this user may run", path, err)
	}
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	_, err = call(ctx, p.wire, "", browser.GetVersion, cdp.Empty{})
	if err == nil {
		return p, nil
	}
	p.stop()
	said := p.printed.String()
	switch {
	case context.Cause(ctx) != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, ctx.Err()
	case sandboxed && saysNoSandbox(said):
		return nil, feed.Classify(feed.Refused, apart{&unsandboxed{path}})
	case errors.Is(err, context.DeadlineExceeded):
		return nil, ours(feed.Unavailable, "the browser %s does not answer within %v after its start; see whether it is a Chromium or Chrome, and whether this machine is overloaded", path, startWithin)
	}
	return nil, ours(feed.Refused, "the browser %s ends as soon as it is started%s; see whether it is a Chromium or Chrome that runs here", path, lastLine(said))
}

// run starts the process and what listens to it.
func (p *process) run(path string, sandboxed bool) error {
	var open []*os.File
	defer func() {
		for _, f := range open {
			_ = f.Close() // the process has its own
		}
	}()
	pipe := func() (r, w *os.File, err error) {
		r, w, err = os.Pipe()
		return r, w, err
	}
	theirIn, ourOut, err := pipe()
	if err != nil {
		return err
	}
	ourIn, theirOut, err := pipe()
	open = append(open, theirIn, theirOut)
	if err == nil {
		p.command = exec.Command(path, flags(p.folder, sandboxed)...) //nolint:gosec,noctx // the operator's own program; stop ends it, with all it started
		p.command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.folder, "TMPDIR=" + p.folder, "LANG=C.UTF-8"}
		p.command.Dir, p.command.ExtraFiles = p.folder, []*os.File{theirIn, theirOut} // descriptors 3 and 4
		p.command.Stdout, p.command.Stderr = p.printed, p.printed
		p.command.WaitDelay = time.Second // a child that outlives it may hold what it prints
		separate(p.command)
		err = p.command.Start()
	}
	if err != nil {
		_, _ = ourOut.Close(), ourIn.Close()
		return err
	}
	p.wire = newWire(chromedp.NewPipeConn(&bounded{ReadCloser: ourIn}, ourOut))
	go func() {
		_ = p.command.Wait() // why it ended matters to nobody: it is started anew
		killGroup(p.command.Process.Pid)
		p.wire.close()
		close(p.ended)
	}()
	return nil
}

// stop ends the process with all it started, and takes its folder away.
func (p *process) stop() {
	killGroup(p.command.Process.Pid)
	<-p.ended
	for range 20 { // what was killed may still be writing
		if os.RemoveAll(p.folder) == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// newFolder makes a folder that only the browser's user can read.
func newFolder() (string, error) {
	folder, err := os.MkdirTemp(shortTemp(), "feedmill-browser-")
	if err != nil {
		return "", err
	}
	if err := handOver(folder); err != nil {
		_ = os.RemoveAll(folder)
		return "", fmt.Errorf("hand over %s: %w", filepath.Base(folder), err)
	}
	return folder, nil
}

// longestTemp is how long the path of the folder for temporary files may be: what the browser puts below it must fit into
// the address of a socket, of which some systems take 104 bytes.
const longestTemp = 30

// shortTemp is the folder for temporary files, or another when its path is too long.
func shortTemp() string {
	if usual := os.TempDir(); len(usual) <= longestTemp {
		return usual
	}
	if at, err := os.Stat("/tmp"); err == nil && at.IsDir() {
		return "/tmp"
	}
	return os.TempDir()
}

// unsandboxed says that the browser cannot lock its pages in.
type unsandboxed struct{ path string }

func (u *unsandboxed) Error() string {
	return "the browser " + u.path + " cannot make its sandbox on this machine, and without one a page could read what feedmill may read; allow user namespaces (in a container: its security profile), or run the browser elsewhere and write browser: {url: ws://…}"
}

// saysNoSandbox tells it from what the browser prints.
func saysNoSandbox(printed string) bool {
	for _, words := range []string{"usable sandbox", "new namespace", "SUID sandbox"} {
		if strings.Contains(printed, words) {
			return true
		}
	}
	return false
}

// lastLine is the line that says why it ended, or the last one, without what changes from start to start.
func lastLine(printed string) string {
	last := ""
	for line := range strings.Lines(strings.TrimSpace(printed)) {
		last = strings.TrimSpace(line)
		if strings.Contains(last, ":FATAL:") {
			break
		}
	}
	if _, text, stamped := strings.Cut(last, "] "); stamped && strings.HasPrefix(last, "[") {
		last = text
	}
	if last == "" {
		return ""
	}
	return " (it says: " + strings.ToValidUTF8(last[:min(len(last), 200)], "") + ")"
}

// tail keeps the end of what is written to it.
type tail struct {
	mu  sync.Mutex
	end bytes.Buffer
}

const longestTail = 8 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, _ = t.end.Write(p[max(0, len(p)-longestTail):])
	if over := t.end.Len() - longestTail; over > 0 {
		_, _ = io.CopyN(io.Discard, &t.end, int64(over))
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.end.String()
}

package browser

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"feedmill/feed/setting"
)

// manyPages: page after page the browser takes no more memory, and keeps nothing of one for the next.
func manyPages(t *testing.T, d desk) {
	base := site(t, map[string]string{"/": `<ul id=list></ul><script>list.innerHTML = "<li>x</li>".repeat(500)</script>`, "/keep": `<ul id=l></ul><script>
		l.innerHTML = '<li>' + document.cookie + '|' + localStorage.getItem('a') + '</li>'; document.cookie = 'a=1'; localStorage.setItem('a', 1);
		indexedDB.databases().then(async list => { const c = await caches.keys(); l.insertAdjacentHTML('beforeend', '<li>' + list.length + '|' + c.length); indexedDB.open('x'); caches.open('y') })</script>`})
	var first, last int64
	for i := range 20 {
		path, wait := "/", "#list li"
		if i%5 == 4 {
			path, wait = "/keep", "#l li:nth-child(2)"
		}
		answer, err := d.Render(t.Context(), nil, request(base+path), wait)
		if err != nil {
			t.Fatalf("page %d: %v", i+1, err)
		}
		if path == "/keep" && !strings.Contains(string(answer.Body), "<li>|null</li><li>0|0") {
			t.Errorf("page %d knows of one before: %s", i+1, answer.Body)
		}
		last = memory(d.engine.process.command.Process.Pid) >> 20
		if i == 1 {
			first = last
		}
	}
	t.Logf("after 2 pages %d MB, after 20 pages %d MB in %d processes", first, last, len(running(t)))
	if last > 2*first && last > 400 {
		t.Errorf("memory grew from %d MB to %d MB in 18 pages", first, last)
	}
}

// TestOwnerKilled: a feedmill that is killed takes its browser with it.
func TestOwnerKilled(t *testing.T) {
	chromium(t)
	if base := os.Getenv("BROWSERTEST_OWNER"); base != "" {
		d := open(t, Config{})
		if _, err := d.Render(t.Context(), nil, request(base+"/"), "p"); err != nil {
			t.Fatal(err)
		}
		fmt.Println("rendered")
		select {}
	}
	base := site(t, map[string]string{"/": "<p>good"})
	owner := exec.Command(os.Args[0], "-test.run=^TestOwnerKilled$")
	owner.Env = append(os.Environ(), "BROWSERTEST_OWNER="+base, "TMPDIR="+filepath.Dir(os.TempDir()))
	out, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "rendered" {
		continue
	}
	folder := folderOf(owner.Process.Pid)
	if !eventually(func() bool { return strings.Contains(processes(t), folder) }) {
		t.Fatal("the owner runs no browser")
	}
	_ = owner.Process.Kill()
	_ = owner.Wait()
	if !eventually(func() bool { return !strings.Contains(processes(t), folder) }) {
		t.Errorf("after its owner was killed there still runs\n%s", processes(t))
	}
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(os.TempDir()), folder+"*"))
	for _, f := range left {
		os.RemoveAll(f) // nobody was left to do so
	}
}

func processes(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("ps", "-eo", "args=").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func eventually(holds func() bool) bool {
	for range 100 {
		if holds() {
			return true
		}
		time.Sleep(50 * time.Millisecond)
	}
	return false
}

// TestRemote renders with a browser that somebody else has started, through the same gate.
func TestRemote(t *testing.T) {
	address := elsewhere(t)
	h := newHoneypot(t)
	base := site(t, map[string]string{"/": scripted, "/items.json": `["one","two"]`, "/private": fmt.Sprintf(
		`<ul id=l></ul><script>fetch('http://127.0.0.1:%d/', {mode: 'no-cors'}).catch(() => 0).then(() => l.innerHTML = '<li>tried')</script>`, h.port)})
	for _, url := range []string{address, regexp.MustCompile(`/devtools.*`).ReplaceAllString(address, ""), strings.Replace(address, "127.0.0.1", "localhost", 1)} {
		d := open(t, Config{URL: setting.Secret(url)})
		answer, err := d.Render(t.Context(), nil, request(base+"/"), "#list li:nth-child(2)")
		if err != nil || !strings.Contains(string(answer.Body), ">Über two<") {
			t.Errorf("%s: %v %s", url, err, answer.Body)
		}
		if url != address {
			continue
		}
		if answer, err = d.Render(t.Context(), nil, request(base+"/private"), "#l li"); err != nil || !strings.Contains(string(answer.Body), "tried") {
			t.Errorf("%s: %v %s", url, err, answer.Body)
		}
	}
	if hits := h.seen(); len(hits) > 0 {
		t.Errorf("the private host was reached: %q", hits)
	}
}

// elsewhere starts a browser as its operator would, and returns the address of its wire.
func elsewhere(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "elsewhere-") //nolint:usetesting // its path must be short, and another user's
	if err == nil {
		err = handOver(folder)
	}
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(chromium(t), "--headless", "--remote-debugging-port=0", "--user-data-dir="+folder, "--disable-gpu", "--disable-breakpad", "about:blank")
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + folder}
	separate(c)
	out, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		go func() { _ = c.Wait() }()
		killGroup(c.Process.Pid)
		eventually(func() bool { return os.RemoveAll(folder) == nil })
	})
	address := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if _, at, ok := strings.Cut(lines.Text(), "DevTools listening on "); ok {
				address <- at
			}
		}
	}()
	select {
	case at := <-address:
		return at
	case <-time.After(30 * time.Second):
		t.Fatal("the browser does not say where it listens")
		return ""
	}
}

// gateIsLocked: nobody else on this machine can use a page's way to the web.
func gateIsLocked(t *testing.T, d desk) {
	base := site(t, map[string]string{"/": "<p>good"})
	g, err := openGate(t.Context(), d.client, request(base).Config, "127.0.0.1", 1<<20, d.log)
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	for _, ask := range []string{"CONNECT " + strings.TrimPrefix(base, "http://") + " HTTP/1.1\r\nHost: x\r\n\r\n", "GET " + base + "/ HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Basic cGFnZTp4\r\n\r\n"} {
		c, err := net.Dial("tcp", g.address())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = c.Write([]byte(ask))
		line, _ := bufio.NewReader(c).ReadString('\n')
		if !strings.Contains(line, "407") {
			t.Errorf("%q is answered %q", ask, line)
		}
		c.Close()
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		config Config
		good   bool
	}{
		{Config{}, true}, {Config{Path: "/usr/bin/chromium"}, true}, {Config{URL: "ws://browser:9222"}, true}, {Config{URL: "wss://browser/x?token=1"}, true},
		{Config{URL: "http://browser:9222"}, false}, {Config{URL: "ws://"}, false}, {Config{URL: "browser"}, false}, {Config{Path: "x", URL: "ws://browser:9222"}, false},
	} {
		if err := c.config.Validate(); (err == nil) != c.good {
			t.Errorf("%+v: %v", c.config, err)
		}
	}
}

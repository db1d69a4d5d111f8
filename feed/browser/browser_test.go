package browser

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/feed/fetch"
	"feedmill/feed/setting"
)

// chromium returns the path of the real one. Where there is none, tests are skipped aloud, and fail when all must run.
func chromium(tb testing.TB) string {
	tb.Helper()
	for _, name := range usual {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("FEEDMILL_TEST_ALL") == "1" {
		tb.Fatal("there is no Chromium here: make packages installs it")
	}
	tb.Skip("NOT TESTED: there is no Chromium here; make packages installs it")
	return ""
}

// desk is a browser with a client, and what tests say about them.
type desk struct {
	*Browser
	client *fetch.Client
}

func open(tb testing.TB, c Config) desk {
	tb.Helper()
	chromium(tb)
	log := slog.New(slog.NewTextHandler(tb.Output(), &slog.HandlerOptions{Level: slog.LevelInfo}))
	client := fetch.New(time.Now, log)
	d := desk{New(c, client, log), client}
	tb.Cleanup(func() {
		d.Close()
		client.Close()
		if left := running(tb); len(left) > 0 {
			tb.Errorf("after Close there still run %q", left)
		}
	})
	return d
}

// request asks for an address that lies on this machine, which is allowed for its host and port alone.
func request(address string) fetch.Request {
	c := fetch.Default()
	c.AllowPrivate = []string{strings.Split(strings.TrimPrefix(address, "http://"), "/")[0]}
	c.PerHost.Interval = 0
	c.PerHost.Concurrency = 8
	c.Timeout = setting.Duration(20 * time.Second)
	return fetch.Request{URL: address, Config: c}
}

// site serves pages by their paths.
func site(tb testing.TB, pages map[string]string) string {
	tb.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, ok := pages[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, page)
	}))
	tb.Cleanup(s.Close)
	return s.URL
}

// running are the browser's processes that this test started and that still run, as the kernel lists them.
func running(tb testing.TB) []string {
	tb.Helper()
	var list []string
	for range 30 {
		list = list[:0]
		out, err := exec.Command("ps", "-eo", "pid=,ppid=,stat=,args=").Output()
		if err != nil {
			tb.Fatal(err)
		}
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, folderOf(os.Getpid())) && strings.Contains(line, "feedmill-browser-") {
				list = append(list, strings.TrimSpace(line))
			}
		}
		if len(list) == 0 {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return list
}

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", folderOf(os.Getpid()))
	if err != nil {
		panic(err)
	}
	if err := os.Chmod(folder, 0o755); err != nil {
		panic(err)
	}
	os.Setenv("TMPDIR", folder)
	code := m.Run()
	if left, err := os.ReadDir(folder); err != nil || slices.ContainsFunc(left, func(e os.DirEntry) bool { return strings.HasPrefix(e.Name(), "feedmill-") }) {
		fmt.Println("the browser left its folder behind:", left, err)
		code = 1
	}
	os.RemoveAll(folder)
	os.Exit(code)
}

// folderOf is in the name of every folder that the tests of a process make.
func folderOf(pid int) string { return fmt.Sprintf("bt-%d-", pid) }

const scripted = `<!DOCTYPE html><title>News</title><ul id=list></ul><script>
setTimeout(async () => {
  const items = await (await fetch('/items.json')).json();
  for (const i of items) document.getElementById('list').insertAdjacentHTML('beforeend', '<li><a href="/' + i + '">Über ' + i + '</a></li>');
}, 300)</script>`

// TestPages is all that needs a browser and leaves it as it was.
func TestPages(t *testing.T) {
	d := open(t, Config{})
	for _, c := range []struct {
		name string
		test func(*testing.T, desk)
	}{
		{"scripts make the list", scriptsMakeTheList},
		{"private addresses are not reached", privateAddressesAreNotReached},
		{"a private page is refused", aPrivatePageIsRefused},
		{"own headers", ownHeaders},
		{"gate is locked", gateIsLocked},
		{"cancelled", cancelled},
		{"restless", restless},
		{"trouble", troubled},
		{"many pages", manyPages},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, d) })
	}
}

func scriptsMakeTheList(t *testing.T, d desk) {
	base := site(t, map[string]string{"/": scripted, "/items.json": `["one","two","three"]`})
	for _, wait := range []string{"", "#list li a", "//ul[@id='list']/li", "a:contains('nothing a browser knows')"} {
		answer, err := d.Render(t.Context(), nil, request(base+"/"), wait)
		if err != nil {
			t.Fatalf("wait %q: %v", wait, err)
		}
		if n := strings.Count(string(answer.Body), "<li><a href=\"/t") + strings.Count(string(answer.Body), "<li><a href=\"/one"); n != 3 {
			t.Errorf("wait %q: %d items, want 3 in\n%s", wait, n, answer.Body)
		}
		if !strings.Contains(string(answer.Body), "Über one") || answer.Charset() != "utf-8" || answer.URL != base+"/" || answer.Status != 200 {
			t.Errorf("wait %q: %s %d %s\n%s", wait, answer.URL, answer.Status, answer.Type, answer.Body)
		}
	}
}

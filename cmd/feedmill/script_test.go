package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"feedmill": main})
}

// TestScripts runs the sessions in testdata/script: the program as its users see it.
//
// Besides testscript's own commands there are
//
//	port NAME…             sets each variable to a free port on loopback
//	age FILE…              dates files back an hour, so that they count as finished
//	get [HEADER: VALUE] URL  prints status, headers and body of the answer
//	[!] await FILE|URL TEXT  waits until the text is there, or is gone
//	absent FILE|URL TEXT   fails if the text is there
//	damage FILE HOW        cuts the file to a half, or writes garbage into the middle
//	articles N             leaves that many finished articles in the folder articles
//	delete N               deletes all of them but the last ones, so many
//	host PORT DIR          serves a folder on that port of loopback, as a static host does
//	bucket PORT            serves the bucket feeds on that port of loopback, and at /puts what was put there
//	picture FILE…          makes photographs, all the same
//	signal HUP|TERM        signals the programs in the background
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"port": port, "age": age, "get": get, "await": await, "absent": absent, "signal": send, "damage": damage,
			"articles": articles, "delete": deleteAll, "host": host, "bucket": bucket, "picture": picture,
		},
	})
}

func port(ts *testscript.TestScript, _ bool, names []string) {
	for _, name := range names {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		ts.Check(err)
		ts.Setenv(name, fmt.Sprint(l.Addr().(*net.TCPAddr).Port))
		ts.Check(l.Close())
	}
}

func age(ts *testscript.TestScript, _ bool, files []string) {
	for _, f := range files {
		at := time.Now().Add(-time.Hour)
		ts.Check(os.Chtimes(ts.MkAbs(f), at, at))
	}
}

func damage(ts *testscript.TestScript, _ bool, args []string) {
	file := ts.MkAbs(args[0])
	text, err := os.ReadFile(file)
	ts.Check(err)
	switch args[1] {
	case "half":
		text = text[:len(text)/2]
	case "garbage":
		copy(text[len(text)-20*4096:], strings.Repeat("garbage ", 10*512))
	}
	ts.Check(os.WriteFile(file, text, 0o644))
}

func host(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:"+args[0])
	ts.Check(err)
	serve(ts, l, http.FileServer(http.Dir(ts.MkAbs(args[1]))))
}

func get(ts *testscript.TestScript, neg bool, args []string) {
	header := ""
	if len(args) == 2 {
		header, args = args[0], args[1:]
	}
	answer, err := ask(args[0], header)
	if neg != (err != nil) {
		ts.Fatalf("get %s: %v", args[0], err)
	}
	fmt.Fprint(ts.Stdout(), answer)
}

func ask(url, header string) (string, error) {
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	if name, value, ok := strings.Cut(header, ": "); ok {
		request.Header.Set(name, value)
	}
	client := http.Client{Timeout: 5 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintln(&b, response.Status)
	if err := response.Header.Write(&b); err != nil {
		return "", err
	}
	fmt.Fprintf(&b, "\n%s", body)
	return b.String(), nil
}

// look reads a file or an address; what is not there holds nothing.
func look(ts *testscript.TestScript, at string) string {
	if strings.HasPrefix(at, "http:") {
		answer, _ := ask(at, "") // not up yet
		return answer
	}
	text, _ := os.ReadFile(ts.MkAbs(at)) // not there yet
	return string(text)
}

func await(ts *testscript.TestScript, gone bool, args []string) {
	deadline := time.Now().Add(20 * time.Second)
	for strings.Contains(look(ts, args[0]), args[1]) == gone {
		if time.Now().After(deadline) {
			ts.Fatalf("waited for %q in %s (to go: %v), which holds\n%s", args[1], args[0], gone, look(ts, args[0]))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func absent(ts *testscript.TestScript, _ bool, args []string) {
	if text := look(ts, args[0]); strings.Contains(text, args[1]) {
		ts.Fatalf("%s holds %q:\n%s", args[0], args[1], text)
	}
}

func articles(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	ts.Check(os.MkdirAll(ts.MkAbs("articles"), 0o755))
	for i := 1; i <= n; i++ {
		file := fmt.Sprintf("articles/%02d.txt", i)
		ts.Check(os.WriteFile(ts.MkAbs(file), fmt.Appendf(nil, "Title %02d\n\nThe text of article %d goes on.\n", i, i), 0o644))
		age(ts, false, []string{file})
	}
}

func deleteAll(ts *testscript.TestScript, _ bool, args []string) {
	left, err := strconv.Atoi(args[0])
	ts.Check(err)
	files, err := filepath.Glob(ts.MkAbs("articles/*.txt"))
	ts.Check(err)
	for _, file := range files[:len(files)-left] {
		ts.Check(os.Remove(file))
	}
}

func send(ts *testscript.TestScript, _ bool, names []string) {
	sent := map[string]os.Signal{"HUP": syscall.SIGHUP, "TERM": syscall.SIGTERM}[names[0]]
	for _, c := range ts.BackgroundCmds() {
		ts.Check(c.Process.Signal(sent))
	}
}

//go:build unix

package command_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/setting"
	"feedmill/source/command"
	"feedmill/source/sourcetest"
)

func TestBadOutput(t *testing.T) {
	for name, test := range map[string]struct{ printed, words string }{
		"half a list":    {"[\n{\"title\":\"One\"},\n{\"titl", "the JSON ends too early, as if it was cut off"},
		"half an object": {`{"items":[{"title":"One","url":"/1"},`, "ends too early"},
		"text":           {"Segmentation fault\n", "it is neither JSON, nor lines of JSON, nor a table with a header, nor a feed; it begins with “Segmentation fault”"},
		"a page":         {"<!DOCTYPE html><title>Error</title>", "web page (“Error”)"},
		"half a feed":    {"<rss version='2.0'><channel><title>x</title><item><title>One</title>", ""},
		"binary":         {"\x7fELF\x00\x01\x02\x03", "is binary, not text"},
		"other words":    {`[{"a":1}]`, "It is a list of 1"},
		"other columns":  {"a,b\n1,2\n", "It is a list of 1"},
	} {
		t.Run(name, func(t *testing.T) {
			prints(t, test.printed).Refused(feed.Unreadable, "read what sh prints: ", test.words)
		})
	}
}

func TestBadLinesAreNamedAndTheOthersTaken(t *testing.T) {
	for name, test := range map[string]struct{ printed, words string }{
		"JSON":  {"{\"title\":\"One\"}\n{\"title\":\n{\"title\":\"Two\"}\n{\"titl", "sh:2: the JSON ends too early"},
		"table": {"title,date\nOne,\nX,Y,Z\nTwo,\n", "sh:3: it has 3 cells, but the header has 2"},
	} {
		t.Run(name, func(t *testing.T) {
			d := prints(t, test.printed)
			if b := d.MustRead(); titles(b) != "One Two" || b.Extent != feed.Increment || !strings.Contains(told(b), test.words) {
				t.Errorf("%s, extent %v, %s", titles(b), b.Extent, told(b))
			}
		})
	}
}

func TestProgramsThatDoNotEndWell(t *testing.T) {
	for name, test := range map[string]struct {
		script string
		class  feed.Class
		words  string
	}{
		"a status":    {"echo '[]'; echo cannot reach backup1 >&2; exit 3", feed.Unavailable, "run sh: it ended with status 3, after writing to standard error: cannot reach backup1; what it printed does not count"},
		"a signal":    {"kill -9 $$", feed.Unavailable, "it ended by a signal: killed"},
		"for ever":    {"yes", feed.Unreadable, "it printed more than 16 MB and was ended"},
		"mutterings":  {"yes no | head -c 5000000 >&2; echo last words >&2; exit 1", feed.Unavailable, "nolast words; what"},
		"no program":  {"", feed.Refused, "there is no such program"},
		"not allowed": {"", feed.Refused, "this user may not run it"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, test.script)
			switch name {
			case "no program":
				d.Run = []string{"./missing"}
			case "not allowed":
				d.write("plain", "x", 0o644)
				d.Run = []string{"./plain"}
			}
			d.Refused(test.class, test.words)
		})
	}
}

// gone reports whether the processes whose numbers a program wrote into files are no more.
func gone(d *desk, files ...string) {
	d.Helper()
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(d.dir, file))
		if err != nil {
			d.Fatal(err)
		}
		pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			d.Fatal(err)
		}
		for range 100 {
			if stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat"); syscall.Kill(pid, 0) != nil || err == nil && strings.Contains(string(stat), ") Z ") {
				pid = 0
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if pid != 0 {
			d.Errorf("the process of %s is still there", file)
		}
	}
}

// forks is a program that starts others which outlive it, or would.
const forks = "(trap '' TERM; echo $(exec sh -c 'echo $PPID') > child; while :; do sleep 1; done) & trap '' TERM; echo $$ > self; while :; do sleep 1; done"

func TestAProgramThatTakesTooLongIsKilledWithItsChildren(t *testing.T) {
	t.Parallel()
	d := newDesk(t, forks)
	d.Timeout = setting.Duration(300 * time.Millisecond)
	d.Refused(feed.Unavailable, "run sh: it did not end within 300ms and was ended with all it started; make it faster, or write a longer timeout")
	gone(d, "self", "child")
}

func TestAProgramIsKilledWithItsChildrenWhenFeedmillStops(t *testing.T) {
	t.Parallel()
	d := newDesk(t, forks)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	begin := time.Now()
	_, err := command.New(d.Config, d.dir, nil, time.Now).Fetch(ctx, sourcetest.NewMemory())
	if err == nil || ctx.Err() == nil || time.Since(begin) > 10*time.Second {
		t.Errorf("%v after %v", err, time.Since(begin))
	}
	gone(d, "self", "child")
}

func TestAProgramThatLeavesAChildBehind(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "echo '[]'; (echo $(exec sh -c 'echo $PPID') > child; exec sleep 100) & exit 0")
	d.Refused(feed.Unavailable, "something that it started went on and kept what it prints open")
	gone(d, "child")
}

func TestAQuietChildIsKilledToo(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "sh -c 'echo $$ > child; exec sleep 100' >/dev/null 2>&1 & while [ ! -s child ]; do sleep 0.01; done; echo title; echo One")
	if b := d.MustRead(); titles(b) != "One" {
		t.Errorf("%s", titles(b))
	}
	gone(d, "child")
}

func TestWhatWasPrintedBeforeIsNoMatter(t *testing.T) {
	d := prints(t, `[{"title":"One"}]`)
	d.MustRead()
	d.write("printed", "[{", 0o644)
	d.Refused(feed.Unreadable, "ends too early")
	d.write("printed", "", 0o644)
	if b := d.MustRead(); b.Extent != feed.Listing || len(b.Articles) > 0 {
		t.Errorf("%+v", b) // whether nothing is believed is the guard's business
	}
	d.write("printed", `[{"title":"One"}]`, 0o644)
	if b := d.MustRead(); titles(b) != "One" {
		t.Errorf("%+v", b)
	}
}

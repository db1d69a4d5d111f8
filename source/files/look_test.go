package files

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// timed runs a test on a bubble's clock, which begins at midnight of 2000-01-01.
func timed(t *testing.T, run func(d *desk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { run(newDesk(t)) })
}

func TestReady(t *testing.T) {
	for _, c := range []struct {
		name string
		age  time.Duration
		want time.Duration // how long the first fetch of a process takes
	}{
		{"long finished", time.Hour, 0},
		{"just finished", 2 * time.Second, 0},
		{"perhaps being written", 1999 * time.Millisecond, 2 * time.Second},
		{"this moment", 0, 2 * time.Second},
		{"a clock that runs ahead", -time.Hour, 2 * time.Second},
		{"before 1970", 80 * 365 * 24 * time.Hour, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			timed(t, func(d *desk) {
				d.write("articles/a.md", story, c.age)
				d.write("articles/old.md", story, old)
				d.took(c.want, func() { d.refresh("listing +a.md +old.md") })
				d.took(0, func() { d.refresh("unchanged") })
				d.restart()
				d.took(0, func() { d.refresh("unchanged") })
			})
		})
	}
}

// A file that appears while the process runs may come from a machine whose clock is behind.
func TestReadyOfALaterFileDoesNotTrustItsAge(t *testing.T) {
	timed(t, func(d *desk) {
		d.refresh("listing")
		d.write("articles/a.md", story, old)
		d.took(2*time.Second, func() { d.refresh("increment +a.md") })
	})
}

func TestReadyOfAGrowingFile(t *testing.T) {
	timed(t, func(d *desk) {
		d.write("articles/a.md", story, old)
		d.write("articles/grows.md", story, 0)
		stop := time.AfterFunc(5*time.Second, func() { d.write("articles/grows.md", story+"Two.\n", 0) })
		defer stop.Stop()
		time.AfterFunc(3*time.Second, func() { d.write("articles/grows.md", story+"One.\n", 0) })
		time.AfterFunc(time.Second, func() { d.write("articles/grows.md", story+"None.\n", 0) })
		var content string
		d.took(8*time.Second, func() {
			b := d.refresh("listing +a.md +grows.md")
			content = b.Articles[1].Markdown
		})
		if !strings.Contains(content, "Two.") {
			d.t.Errorf("read too early: %s", content)
		}
	})
}

func TestReadyNever(t *testing.T) {
	timed(t, func(d *desk) {
		d.write("articles/a.md", story, old)
		d.write("articles/b.md", story, old)
		d.refresh("listing +a.md +b.md")
		done := make(chan struct{})
		go func() {
			for n := range 12 {
				d.write("articles/b.md", story+strings.Repeat("x", n), 0)
				time.Sleep(time.Second)
			}
			close(done)
		}()
		synctest.Wait()
		d.took(8*time.Second, func() {
			b := d.refresh("unchanged !b.md")
			if !strings.Contains(b.Problems[0].Error(), "still being written") {
				d.t.Error(b.Problems[0])
			}
		})
		<-done
		d.refresh("increment +b.md")
	})
}

func TestReadWholeOfAFileThatChanges(t *testing.T) {
	d := newDesk(t)
	d.write("articles/a.md", story, old)
	info, err := os.Stat(d.path("articles/a.md"))
	d.must(err)
	was := stampOf(info)
	if data, err := readWhole(d.path("articles/a.md"), "", was); err != nil || string(data) != story {
		t.Errorf("%q, %v", data, err)
	}
	for name, change := range map[string]func(){
		"longer":    func() { d.write("articles/a.md", story+"More.\n", old) },
		"later":     func() { d.write("articles/a.md", story, time.Minute) },
		"truncated": func() { d.must(os.Truncate(d.path("articles/a.md"), 3)) },
		"a pipe": func() {
			d.remove("articles/a.md")
			d.must(syscall.Mkfifo(d.path("articles/a.md"), 0o644))
		},
		"vanished": func() { d.remove("articles/a.md") },
	} {
		d.remove("articles/a.md")
		d.write("articles/a.md", story, old)
		change()
		if _, err := readWhole(d.path("articles/a.md"), "", was); !errors.Is(err, errChanged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestGone(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(d *desk)
		want   string
		took   time.Duration
	}{
		{"deleted", func(d *desk) { d.remove("articles/a.md") }, "increment -a.md", 2 * time.Second},
		{"the last of its folder", func(d *desk) { d.remove("articles/sub/c.md") }, "increment -sub/c.md", 2 * time.Second},
		{"renamed", func(d *desk) { d.rename("articles/a.md", "articles/z.md") }, "increment +z.md -a.md", 2 * time.Second},
		{"moved to another folder", func(d *desk) { d.rename("articles/sub/c.md", "articles/c.md") }, "increment +c.md -sub/c.md", 2 * time.Second},
		{"renamed over another", func(d *desk) {
			d.write("articles/a.md", story+"Mine.\n", old)
			d.rename("articles/a.md", "articles/b.md")
		}, "increment +b.md -a.md", 2 * time.Second},
		{"renamed and edited", func(d *desk) {
			d.remove("articles/a.md")
			d.write("articles/z.md", story+"More.\n", 0)
		}, "increment +z.md -a.md", 2 * time.Second},
		{"renamed to a name that does not fit", func(d *desk) { d.rename("articles/a.md", "articles/a.md.bak") }, "increment -a.md", 2 * time.Second},
		{"replaced by a folder", func(d *desk) {
			d.remove("articles/a.md")
			d.must(os.Mkdir(d.path("articles/a.md"), 0o755))
		}, "increment -a.md", 2 * time.Second},
		{"its folder renamed", func(d *desk) { d.rename("articles/sub", "articles/other") }, "increment +other/c.md -sub/c.md", 2 * time.Second},
		{"its folder vanished", func(d *desk) { d.remove("articles/sub") }, "unchanged !sub", 0},
		{"an empty mount point", func(d *desk) {
			d.rename("articles/sub", "elsewhere")
			d.must(os.Mkdir(d.path("articles/sub"), 0o755))
		}, "unchanged !sub", 0},
		{"an empty mount point that somebody writes to", func(d *desk) {
			d.rename("articles/sub", "elsewhere")
			d.write("articles/sub/new.md", story+"New.\n", 0)
		}, "increment +sub/new.md !sub", 2 * time.Second},
		{"moved out of its folder, which was removed then", func(d *desk) {
			d.remove("articles/sub")
			d.write("articles/moved.md", story, 0)
		}, "increment +moved.md -sub/c.md", 2 * time.Second},
		{"the whole share unmounted", func(d *desk) {
			d.rename("articles", "elsewhere")
			d.must(os.Mkdir(d.path("articles"), 0o755))
		}, "unchanged !articles !sub", 0},
		{"gone and back", func(d *desk) {
			d.rename("articles/a.md", "a.md")
			time.AfterFunc(time.Second, func() { d.rename("a.md", "articles/a.md") })
		}, "unchanged", 2 * time.Second},
		{"deleted and written anew", func(d *desk) {
			d.remove("articles/a.md")
			time.AfterFunc(time.Second, func() { d.write("articles/a.md", story+"New.\n", 0) })
		}, "increment +a.md", 4 * time.Second},
		{"deleted and written anew, later than believed", func(d *desk) {
			d.remove("articles/a.md")
			d.write("articles/busy.md", story, 0)
			time.AfterFunc(time.Second, func() { d.write("articles/busy.md", story+"1", 0) })
			time.AfterFunc(3*time.Second, func() { d.write("articles/a.md", story+"New.\n", 0) })
		}, "increment +a.md +busy.md", 6 * time.Second},
	} {
		for _, restarted := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/restarted=%v", c.name, restarted), func(t *testing.T) {
				timed(t, func(d *desk) {
					d.write("articles/a.md", story, old)
					d.write("articles/b.md", story, old)
					d.write("articles/sub/c.md", story, old)
					d.refresh("listing +a.md +b.md +sub/c.md")
					if restarted {
						d.restart()
					}
					c.change(d)
					d.took(c.took, func() { d.refresh(c.want) })
					d.took(0, func() { d.refresh("unchanged") })
				})
			})
		}
	}
}

func TestGoneSaysWhatItMeans(t *testing.T) {
	for word, want := range map[Gone]bool{Keep: false, Withdraw: true, "": false} {
		if b := newDesk(t, func(c *Config) { c.Gone = word }).refresh("listing"); b.WithdrawGone != want {
			t.Errorf("gone: %s: %v", word, b.WithdrawGone)
		}
	}
}

func TestGoneComesBack(t *testing.T) {
	timed(t, func(d *desk) {
		d.write("articles/a.md", story, old)
		d.refresh("listing +a.md")
		d.rename("articles/a.md", "a.md")
		d.refresh("increment -a.md")
		d.rename("a.md", "articles/a.md")
		d.refresh("increment +a.md")
	})
}

// A remounted share has another device number and the same inodes: files that are not there any more are gone, if others
// of the same folder are.
func TestGoneAfterARemount(t *testing.T) {
	for _, kept := range []bool{true, false} {
		timed(t, func(d *desk) {
			d.write("articles/a.md", story, old)
			d.write("articles/b.md", story, old)
			d.refresh("listing +a.md +b.md")
			x, keys, err := decodeIndex(d.memory.committed)
			d.must(err)
			for key, r := range x {
				r.folder.device++
				x[key] = r
			}
			d.memory.committed = x.encode(keys)
			d.restart()
			d.remove("articles/a.md")
			if kept {
				d.refresh("increment -a.md")
			} else {
				d.remove("articles/b.md")
				d.refresh("unchanged !articles")
			}
			d.refresh("unchanged")
		})
	}
}

// A share that comes back brings its files with it, and its problem is told again when it goes once more.
func TestGoneFolderComesBack(t *testing.T) {
	timed(t, func(d *desk) {
		d.write("articles/sub/a.md", story, old)
		d.write("articles/sub/b.md", story, old)
		d.refresh("listing +sub/a.md +sub/b.md")
		for range 2 {
			d.rename("articles/sub", "elsewhere")
			b := d.refresh("unchanged !sub")
			if want := "articles/sub: the folder is gone, or is another than before, and with it 2 files"; !strings.HasPrefix(b.Problems[0].Error(), want) {
				d.t.Error(b.Problems[0])
			}
			d.refresh("unchanged")
			d.rename("elsewhere", "articles/sub")
			d.refresh("unchanged")
		}
		d.remove("articles/sub/a.md")
		d.refresh("increment -sub/a.md")
	})
}

// Somebody who writes all the time does not keep others from being published or withdrawn.
func TestGoneWaitsForNewFilesOnlySoLong(t *testing.T) {
	timed(t, func(d *desk) {
		d.write("articles/a.md", story, old)
		d.refresh("listing +a.md")
		d.remove("articles/a.md")
		done := make(chan struct{})
		go func() {
			for n := range 10 {
				d.write("articles/busy.md", story+strings.Repeat("x", n), 0)
				time.Sleep(time.Second)
			}
			close(done)
		}()
		synctest.Wait()
		d.took(8*time.Second, func() { d.refresh("increment -a.md !busy.md") })
		<-done
		d.refresh("increment +busy.md")
	})
}

// A renamed file is the same article also while others write new ones all the time: both ends come in one batch.
func TestRenamedWhileOthersWrite(t *testing.T) {
	timed(t, func(d *desk) {
		d.write("articles/a.md", story, old)
		d.refresh("listing +a.md")
		d.restart()
		d.source.setWatching(true)
		d.rename("articles/a.md", "articles/b.md")
		var told []string
		for n := range 12 {
			d.write(fmt.Sprintf("articles/new-%d.md", n), story, 0)
			b := d.fetch()
			d.memory.commit()
			if words := short(b); strings.Contains(words, "+b.md") || strings.Contains(words, "-a.md") {
				told = append(told, words)
			}
			time.Sleep(time.Second)
		}
		if len(told) != 1 || !strings.Contains(told[0], "+b.md") || !strings.Contains(told[0], "-a.md") {
			d.t.Errorf("the two names came as %q", told)
		}
	})
}

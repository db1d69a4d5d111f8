package files

import (
	"context"
	"os"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"feedmill/feed/setting"
)

// watched runs a test beside Watch; calls counts how often it announced a change. The first fetch has been made.
func watched(t *testing.T, every time.Duration, before, run func(d *desk), calls *atomic.Int64) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, func(c *Config) { c.Watch = setting.Duration(every) })
		before(d)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- d.source.Watch(ctx, func() { calls.Add(1) }) }()
		synctest.Wait()
		d.took(0, func() { d.fetch() })
		d.memory.commit()
		run(d)
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Watch returned %v", err)
		}
	})
}

func TestWatchAnnounces(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(d *desk)
		within time.Duration // after which the one call has come
		want   string        // what the fetch then gives
	}{
		{"a new file", func(d *desk) { d.write("articles/new.md", story, 0) }, 4 * time.Second, "increment +new.md"},
		{"a new file of another clock", func(d *desk) { d.write("articles/new.md", story, -time.Hour) }, 4 * time.Second, "increment +new.md"},
		{"a file moved here", func(d *desk) { d.write("articles/new.md", story, old) }, 4 * time.Second, "increment +new.md"},
		{"an edited file", func(d *desk) { d.write("articles/a.md", story+"More.\n", 0) }, 4 * time.Second, "increment +a.md"},
		{"a deleted file", func(d *desk) { d.remove("articles/a.md") }, 4 * time.Second, "increment -a.md"},
		{"a renamed file", func(d *desk) { d.rename("articles/a.md", "articles/b.md") }, 4 * time.Second, "increment +b.md -a.md"},
		{"a file renamed, then edited", func(d *desk) {
			d.rename("articles/a.md", "articles/b.md")
			time.Sleep(2 * time.Second)
			d.write("articles/b.md", story+"More.\n", 0)
		}, 4 * time.Second, "increment +b.md -a.md"},
		{"a file that grows for a while", func(d *desk) {
			d.write("articles/new.md", "# Half a headl", 0)
			for range 4 {
				d.append("articles/new.md", "More and more.\n")
				time.Sleep(time.Second)
			}
		}, 3 * time.Second, "increment +new.md"},
		{"saved through a temporary file", func(d *desk) {
			d.write("articles/.a.md.swp", story+"More.\n", 0)
			d.rename("articles/.a.md.swp", "articles/a.md")
		}, 4 * time.Second, "increment +a.md"},
		{"saved with a backup", func(d *desk) {
			d.rename("articles/a.md", "articles/a.md~")
			time.Sleep(2500 * time.Millisecond)
			d.write("articles/a.md", story+"More.\n", 0)
		}, 4 * time.Second, "increment +a.md"},
		{"saved by delete and create", func(d *desk) {
			d.remove("articles/a.md")
			d.write("articles/a.md", story+"More.\n", 0)
		}, 4 * time.Second, "increment +a.md"},
		{"its folder comes later", func(d *desk) {
			d.rename("articles", "elsewhere")
			time.Sleep(10 * time.Second)
			d.write("elsewhere/new.md", story, 0)
			d.rename("elsewhere", "articles")
		}, 4 * time.Second, "increment +new.md"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var calls atomic.Int64
			watched(t, 2*time.Second, func(d *desk) { d.write("articles/a.md", story, old) }, func(d *desk) {
				time.Sleep(8*time.Second + time.Millisecond) // just after a look
				if n := calls.Load(); n != 0 {
					d.t.Errorf("%d calls before anything changed", n)
				}
				c.change(d)
				time.Sleep(c.within)
				synctest.Wait()
				if n := calls.Load(); n != 1 {
					d.t.Errorf("%d calls, want 1", n)
				}
				d.took(0, func() { d.refresh(c.want) })
				time.Sleep(time.Minute)
				d.refresh("unchanged")
				if n := calls.Load(); n != 1 {
					d.t.Errorf("%d calls for one change", n)
				}
			}, &calls)
		})
	}
}

func (d *desk) append(name, text string) {
	d.t.Helper()
	file, err := os.OpenFile(d.path(name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	d.must(err)
	_, err = file.WriteString(text)
	d.must(err)
	d.must(file.Close())
	d.age(name, 0)
}

// What the first fetch found unfinished is announced when it is finished; nothing else is.
func TestWatchAnnouncesWhatWasLeft(t *testing.T) {
	var calls atomic.Int64
	before := func(d *desk) {
		d.write("articles/a.md", story, old)
		d.write("articles/young.md", story, 0)
	}
	watched(t, 2*time.Second, before, func(d *desk) {
		d.refresh("unchanged")
		time.Sleep(4 * time.Second)
		synctest.Wait()
		if n := calls.Load(); n != 1 {
			d.t.Errorf("%d calls, want 1", n)
		}
		d.refresh("increment +young.md")
		time.Sleep(time.Minute)
		if n := calls.Load(); n != 1 {
			d.t.Errorf("%d calls, want 1", n)
		}
	}, &calls)
}

// A fetch at the wrong moment does not tear the two ends of a renaming apart.
func TestWatchKeepsARenamingTogether(t *testing.T) {
	for _, pause := range []time.Duration{0, time.Second, 2 * time.Second, 3 * time.Second} {
		var calls atomic.Int64
		before := func(d *desk) { d.write("articles/a.md", story, old) }
		watched(t, 2*time.Second, before, func(d *desk) {
			d.rename("articles/a.md", "articles/z.md")
			time.Sleep(pause)
			if pause < 2*time.Second {
				d.refresh("unchanged")
			}
			time.Sleep(4*time.Second - pause)
			synctest.Wait()
			d.refresh("increment +z.md -a.md")
			if n := calls.Load(); n != 1 {
				d.t.Errorf("%d calls, want 1", n)
			}
		}, &calls)
	}
}

// A rare watch looks again soon after it has seen a change.
func TestWatchSettlesSoon(t *testing.T) {
	var calls atomic.Int64
	watched(t, time.Minute, func(*desk) {}, func(d *desk) {
		time.Sleep(59 * time.Second)
		d.write("articles/a.md", story, 0)
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if n := calls.Load(); n != 1 {
			d.t.Errorf("%d calls, want 1", n)
		}
		d.refresh("increment +a.md")
	}, &calls)
}

// A file that cannot be read is no reason to call again and again, and is tried at each fetch.
func TestWatchIsQuietAboutProblems(t *testing.T) {
	var calls atomic.Int64
	before := func(d *desk) {
		d.write("articles/bad.md", "---\n", old)
		d.must(os.Symlink("nowhere", d.path("articles/link.md")))
	}
	watched(t, 2*time.Second, before, func(d *desk) {
		time.Sleep(time.Minute)
		if n := calls.Load(); n != 0 {
			d.t.Errorf("%d calls, want none", n)
		}
	}, &calls)
}

func TestWatchOnlyOnSchedule(t *testing.T) {
	var calls atomic.Int64
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, func(c *Config) { c.Watch = 0 })
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		time.AfterFunc(time.Second, func() { d.write("articles/a.md", story, 0) })
		d.took(time.Minute, func() {
			if err := d.source.Watch(ctx, func() { calls.Add(1) }); err != nil {
				t.Error(err)
			}
		})
		d.refresh("listing +a.md")
	})
	if n := calls.Load(); n != 0 {
		t.Errorf("%d calls, want none", n)
	}
}
